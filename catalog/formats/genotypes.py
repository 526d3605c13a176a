"""Signs of genotypes, HLA types and reads in tables and documents, whatever the file is called and however short it is.

A sign is enough to close a file (docs/tiers.md): a false alarm costs an approval, a missed one a donor's privacy.
Signs are the names of columns and members (``rsid``, ``GT``, ``allele1`` with ``allele2``, ``rs4680``), rs numbers as
cells, calls (``AG``, ``0/1``) in number, HLA alleles, STR loci, long sequences of bases, and base64 of any of these.

Facts that every format with such signs gives: ``genotype_like``, and ``hla_like`` where the sign is one of HLA.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence

from catalog.findings import NOWHERE, Level, Place, Rule, Severity
from catalog.formats.protocol import Reading

GENOTYPES = Rule(
    "document-looks-like-genotypes",
    Severity.WARNING,
    Level.BANK,
    "the file looks like genotypes, HLA types or reads and will be controlled: {sign}",
    "give them in their own format, or take them out of the file",
    "docs/tiers.md",
    "Some tens of genotypes are enough to recognise the donor.",
)

#: Names of columns and members, in lower case without marks.
_NAMES = frozenset(
    {
        "rsid", "rsids", "rsnumber", "dbsnp", "dbsnpid", "dbsnprsid", "snp", "snpid", "snpname", "genotype", "genotypes",
        "gt", "gts", "diplotype", "haplotype", "allelecall", "allelecalls", "glstring",
    }
)  # fmt: skip
#: Names that say it together: alleles of both chromosomes, reference and alternative, sequence and quality.
_PAIRS = (
    (
        ("allele1", "allele1top", "allele1forward", "allele1ab"),
        ("allele2", "allele2top", "allele2forward", "allele2ab"),
    ),
    (("allelea",), ("alleleb",)),
    (("ref", "refallele", "referenceallele"), ("alt", "altallele", "alternateallele", "alternativeallele")),
    (("seq", "sequence"), ("qual", "quality", "phred", "qualities", "basequality")),
)
#: ``A1`` and ``A2`` are wells and replicates as well: they are alleles only beside one of these.
_SHORT_PAIR = {"a1", "a2"}
_PLACES = frozenset({"locus", "gene", "marker", "chr", "chrom", "chromosome", "pos", "position", "bp", "iid", "fid"})
_MARKS = re.compile(r"[^a-z0-9]")
_GT_OF_SAMPLE = re.compile(r"(?i:.*[^A-Za-z0-9](?:GT|genotype))")
_RS_NAME = re.compile(r"rs[0-9]{1,12}(?:[_.:|-].*)?")
_RS = re.compile(r"(?:[A-Za-z0-9]{1,12}[-_:])?(?:rs[0-9]{2,12}|(?i:rs)[0-9]{4,12})(?:[^A-Za-z0-9].*)?")
_VARIANT = re.compile(
    r"(?:SNP_A-|AX-|exm|kgp)[0-9]{3,12}|(?:chr)?(?:[0-9]{1,2}|[XYM]|MT)[:_-][0-9]{1,10}[:_-][ACGTN]+[:_/>-][ACGTN]+"
)
_STR_LOCUS = re.compile(r"D[0-9XY]{1,2}S[0-9]{2,4}")
_HLA_ALLELE = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]{0,4}\*[0-9]{2,3}(?::[0-9]{2,3}){1,3}")
_HLA_ONE_FIELD = re.compile(r"(?:HLA-)?(?:A|B|C|E|F|G|DR[AB][1-9]?|DQ[AB]1|DP[AB]1)\*[0-9]{2,3}(?:/.*)?")
_HLA_GENE = re.compile(r"HLA-[A-Z]{1,3}[A-Z0-9]{0,3}")
_HLA_FIELDS = re.compile(r"(?:[A-Z0-9]{1,5}\*)?(?:0[0-9]|[0-9]{2,3}:[0-9]{2,3}(?::[0-9]{2,3}){0,2})[A-Z]?")
_CALL = re.compile(r"[ACGT]{2}|[ACGT][/|][ACGT]|[01.][/|][01.]")
_SAME = {"AA", "CC", "GG", "TT"}
_FEWEST_CALLS = 4
_BASES = re.compile(r"[ACGTNacgtn.]+")
_LONG_READ, _READ, _FEWEST_READS = 50, 25, 3
#: What a row must have for its cells to be looked at one by one.
HINT = re.compile(
    rb"[rR][sS][0-9]|\*[0-9]|HLA-|[ACGTNacgtn]{25}|[ACGT01.][/|][ACGT01.]|S[0-9]{2}|(?:SNP_A|AX)-|exm|kgp|[0-9][:_-][ACGTN]"
    rb"|\b[ACGT]{2}\b|[A-Za-z0-9+/_-]{32}|[0-9]:[0-9]|(?i:rsid|genotyp|snp)"
)

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
_DECODED_CHARACTERS, _MOST_DECODED = 4096, 2000
_BINARY_STARTS = (b"\x1f\x8b", b"BAM\1", b"CRAM", b"BCF", b"PK\3\4", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_URL_SAFE = str.maketrans("-_", "+/")

_CALL_IN_TEXT = (
    rb"(?:[ACGT]{2}|[DI]{2}|--|AB|BB|NoCall|[0-9.][/|][0-9.]|[ACGTDI][ \t,;/|\"]{1,8}[ACGTDI])(?=$|[\s,;\"()\]}.])"
)
#: Signs in running text. A mere mention of a variant, as in an article, is none.
_TEXT_SIGNS = (
    ("an rs number with a call", re.compile(rb"\brs[0-9]{2,12}\b[^\n]{0,200}?[ \t,;:=\"(]" + _CALL_IN_TEXT, re.MULTILINE)),
    ("a call with an rs number", re.compile(rb"(?:^|[ \t,;:=\"(])" + _CALL_IN_TEXT + rb"[^\n]{0,200}?\brs[0-9]{2,12}\b", re.M)),
    ("rows of rs numbers", re.compile(rb"^[\s\"']*rs[0-9]{2,12}[\"']?(?:[\t,;]| +(?=[0-9.]))", re.MULTILINE)),
    ("many alleles in a row", re.compile(rb"(?:[\s,][ACGT]{1,2}){40}")),
    ("genotypes", re.compile(rb"(?i:\b(?:rsid|genotype|gt)\b)[\"']?\s*[:=]\s*[\"']?(?:rs[0-9]|" + _CALL_IN_TEXT + rb")")),
    ("a header of VCF or SAM", re.compile(rb"^[\s#]*(?:##fileformat=VCF|#?CHROM\tPOS\t|@SQ\tSN:)", re.MULTILINE)),
    ("records of FASTQ", re.compile(rb"^@[^\n]{1,250}\n[ACGTNacgtn.]{10,}\r?\n\+", re.MULTILINE)),
    ("sequences of reads", re.compile(rb"(?<![A-Za-z0-9+/_=-])[ACGTNacgtn]{50}[ACGTNacgtn]*(?![A-Za-z0-9+/_=-])")),
)  # fmt: skip
_HLA_IN_TEXT = re.compile(rb"(?<![A-Za-z0-9])[A-Z][A-Z0-9]{0,4}\*[0-9]{2,3}:[0-9]{2,3}")
_SEPARATORS = re.compile(r"[\t,;|]")
_HEADER_SIGNS = 2
_LINE_BYTES = 1 << 20
#: Searching takes up to a second a MiB, and no text for people is as long.
_SEARCHED_BYTES = 8 << 20


def names_variant(cell: str) -> bool:
    """Whether a cell is the name of a variant: an rs number, one of an array, or position and alleles."""
    return _RS.fullmatch(cell) is not None or _VARIANT.fullmatch(cell) is not None


class GenotypeSigns:
    """Takes a file's names, rows and text in, and remembers the first sign.

    Attributes:
        sign: what was seen, in words; empty while nothing was.
        is_hla: whether HLA types were seen, which have an approval scope of their own.
    """

    def __init__(self) -> None:
        self.sign = ""
        self.is_hla = False
        self._calls = 0
        self._same = False
        self._hla_columns = False
        self._reads = 0
        self._decoded = 0
        self._text_bytes = 0

    def _see(self, sign: str) -> None:
        self.sign = self.sign or sign

    def _see_hla(self) -> None:
        self.is_hla = True
        self._see("HLA types")

    def names(self, names: Iterable[str]) -> None:
        """The names of columns, or of the members of an object."""
        variants = 0
        plain = set()
        for name in names:
            plain.add(_MARKS.sub("", name.lower()))
            if _GT_OF_SAMPLE.fullmatch(name):
                self._see("a column of genotypes")
            if _RS_NAME.fullmatch(name) or names_variant(name):
                variants += 1 if len(name) < 6 else 2
            self._hla_columns = self._hla_columns or name.upper().startswith(("HLA-", "HLA_"))
            self._judge_hla(name)
        if variants > 1:
            self._see("columns that are variants")
        if plain & _NAMES:
            self._see(f"the name {min(plain & _NAMES)}")
        if plain >= _SHORT_PAIR and plain & _PLACES:
            self._see("the names a1 and a2")
        for firsts, seconds in _PAIRS:
            if any(self._ends(plain, each) for each in firsts) and any(self._ends(plain, each) for each in seconds):
                self._see(f"the names {firsts[0]} and {seconds[0]}")

    @staticmethod
    def _ends(plain: set[str], word: str) -> bool:
        return word in plain or (word.startswith("allele") and any(name.endswith(word) for name in plain))

    def row(self, cells: Sequence[str]) -> None:
        """The cells of one row, or the scalars of one object."""
        genes = fields = 0
        sequences = []
        for raw in cells:
            cell = raw.strip(" \"'")
            if not cell:
                continue
            if len(cell) >= _READ:
                if _BASES.fullmatch(cell) and len(set(cell)) > 1:
                    sequences.append(cell)
                else:
                    self._judge_encoded(cell)
            elif names_variant(cell):
                self._see("variants as cells")
            elif _STR_LOCUS.fullmatch(cell):
                self._see("STR loci")
            elif _CALL.fullmatch(cell):
                self._calls += 1
                self._same = self._same or cell in _SAME or "/" in cell or "|" in cell
            genes += _HLA_GENE.fullmatch(cell) is not None
            fields += _HLA_FIELDS.fullmatch(cell) is not None
            self._judge_hla(cell)
        if fields and (genes or self._hla_columns):
            self._see_hla()
        if self._calls >= _FEWEST_CALLS and self._same:
            self._see("calls of genotypes")
        self._judge_reads(sequences, cells)

    def _judge_hla(self, cell: str) -> None:
        if "*" in cell and (_HLA_ALLELE.search(cell) or _HLA_ONE_FIELD.fullmatch(cell)):
            self._see_hla()

    def _judge_reads(self, sequences: Sequence[str], cells: Sequence[str]) -> None:
        for each in sequences:
            self._reads += 1
            paired = any(len(cell) == len(each) and not _BASES.fullmatch(cell) for cell in cells)
            if len(each) >= _LONG_READ or paired or self._reads >= _FEWEST_READS:
                self._see("sequences of reads")

    def _judge_encoded(self, text: str) -> None:
        """Base64 that hides one of the above, or something compressed, which could hide anything."""
        for match in _BASE64.finditer(text):
            if self._decoded >= _MOST_DECODED or self.sign:
                return
            self._decoded += 1
            piece = match[0][:_DECODED_CHARACTERS].rstrip("=").translate(_URL_SAFE)
            try:
                content = base64.b64decode(piece[: len(piece) // 4 * 4], validate=True)
            except binascii.Error:
                continue
            if content.startswith(_BINARY_STARTS):
                self._see("compressed data in base64")
            elif content.isascii() and b"\0" not in content:
                inner = GenotypeSigns()
                inner._decoded = _MOST_DECODED  # one layer only
                inner.text(content)
                if inner.sign:
                    self.is_hla = self.is_hla or inner.is_hla
                    self._see(f"{inner.sign} in base64")

    def text(self, block: bytes) -> None:
        """Whole lines of a running text. One that is too long for a document counts as a sign: nobody searches its end."""
        self._text_bytes += len(block)
        if self._text_bytes > _SEARCHED_BYTES:
            self._see(f"a text of more than {_SEARCHED_BYTES >> 20} MiB, whose end is not searched")
            return
        if not self.sign:
            for sign, pattern in _TEXT_SIGNS:
                if pattern.search(block):
                    self._see(sign)
        if not self.is_hla and _HLA_IN_TEXT.search(block):
            self._see_hla()
        if self.sign:
            return
        for match in _LINES_OF_CELLS.finditer(block):
            if not HINT.search(match[0]):
                continue
            line = match[0][:_LINE_BYTES].decode("utf-8", "replace")
            cells = _SEPARATORS.split(line)
            named = [cell for cell in cells if _MARKS.sub("", cell.lower()) in _NAMES or _RS_NAME.fullmatch(cell)]
            if len(named) >= _HEADER_SIGNS:
                self.names(named)
            if len(cells) >= _HEADER_SIGNS:
                self.row(cells)
        if _ENCODED.search(block):
            self._judge_encoded(block.decode("ascii", "replace"))

    def value(self, value: object) -> None:
        """A JSON value: the members of objects count as columns, their scalars and those of lists as rows."""
        pending = [value]
        while pending:
            each = pending.pop()
            if isinstance(each, Mapping):
                self.names(each)
                inner = list(each.values())
            else:
                inner = each if isinstance(each, list) else [each]
            # The names are cells as well: {"rs4680": "AG"}, {"HLA-A": "02:01"}
            keys = list(each) if isinstance(each, Mapping) else []
            self.row([*keys, *(str(item) for item in inner if isinstance(item, str))])
            for item in inner:
                if isinstance(item, str) and len(item) >= _READ:
                    self.text(item.encode("utf-8", "replace"))
                elif isinstance(item, (Mapping, list)):
                    pending.append(item)

    def report(self, reading: Reading, place: Place = NOWHERE) -> dict[str, object]:
        """Puts the finding down where there was a sign; the facts about it."""
        if not self.sign:
            return {}
        reading.find(GENOTYPES.at(place, expected="nothing that gives the donor away", sign=self.sign))
        return {"genotype_like": True, **({"hla_like": True} if self.is_hla else {})}


#: Lines of a text that may be rows of cells.
_LINES_OF_CELLS = re.compile(rb"^[^\t,;|\n]{1,200}[\t,;|][^\n]*$", re.MULTILINE)
_ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{32}")
