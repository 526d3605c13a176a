"""The header of a VCF: meta-information lines, the line of column names, samples and assembly (VCFv4.3, 1.4-1.5)."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.findings import Level, Rule, Severity
from catalog.formats.assemblies import AssemblyEvidence, assembly_named, assembly_of
from catalog.formats.protocol import Declared
from catalog.formats.vcf.declarations import Declarations
from catalog.formats.vcf.margin import Margin, forbidden, unwanted
from catalog.formats.vcf.meta import FILEFORMAT_REPEATED, GRAMMAR, read_meta, read_version
from catalog.formats.vcf.personal import PERSONAL, check_personal

_HEADER = "VCFv4.3, 1.5 (header line syntax)"

MISSING = forbidden(
    "vcf-header-line-missing",
    "the line of column names (#CHROM ...) is missing",
    "put it between the ## lines and the records, with tabs",
    _HEADER,
    "Without it nobody knows whose genotypes the columns are.",
)
COLUMNS = forbidden(
    "vcf-header-line-columns",
    "the line of column names is not as it must be",
    "write #CHROM POS ID REF ALT QUAL FILTER INFO with tabs, and FORMAT before the samples when there are any",
    _HEADER,
)
SAMPLE_EMPTY = forbidden(
    "vcf-sample-name-empty",
    "a sample has no name",
    "name it, or delete the tab at the end of the line",
    f"{_HEADER}: no tab characters at the end; zero length fields are not allowed",
)
SAMPLE_REPEATED = forbidden(
    "vcf-sample-name-repeated",
    "two samples have the same name",
    "rename one of them (bcftools reheader -s)",
    "VCFv4.1, 1.3 and VCFv4.5, 1.5: duplicate sample IDs are not allowed",
    "Programs that find a sample by its name take the first one.",
)
MANY_PARTS = Rule(
    "vcf-many-parts",
    Severity.ERROR,
    Level.BANK,
    "{what} has more than {limit} parts; what follows was not read",
    "look at the line: a separator was probably repeated, or a line end lost",
    "fairline",
    "Nothing real is so long; reading it would take gigabytes.",
)
SAMPLE_OTHER = Rule(
    "vcf-sample-not-declared",
    Severity.ERROR,
    Level.BANK,
    "the sample that files.csv names is not in the file",
    "correct sample_id in files.csv, or put the right file there",
    "fairline; docs/records.md (sample_id)",
    "Genotypes would be published for the wrong line.",
)
SAMPLE_UNLIKE_LINE = unwanted(
    "vcf-sample-not-the-line",
    "no sample of the file has the name of the line",
    "look whether it is another line's file; fill in sample_id in files.csv when the laboratory calls the line so",
    "fairline; docs/records.md (sample_id)",
    "A swapped file looks exactly like this.",
)
ASSEMBLY = Rule(
    "vcf-assembly-not-declared",
    Severity.ERROR,
    Level.BANK,
    "the file's assembly is not the one that files.csv declares",
    "correct the column assembly of files.csv, or give the file that was made with that assembly",
    "fairline; lengths and checksums of the chromosomes of GRCh37, GRCh38 and T2T-CHM13v2.0",
    "Positions of one assembly mean other places in another.",
)
ASSEMBLY_MIXED = unwanted(
    "vcf-assembly-mixed",
    "the contig lines are of more than one assembly: {contigs}",
    "look where the lines come from; copy them from the .fai of the reference that the calls were made with",
    "fairline; lengths and checksums of the chromosomes of GRCh37, GRCh38 and T2T-CHM13v2.0",
    "Files of two assemblies were probably joined.",
)

HEADER_RULES = (
    MISSING,
    COLUMNS,
    SAMPLE_EMPTY,
    SAMPLE_REPEATED,
    MANY_PARTS,
    SAMPLE_OTHER,
    SAMPLE_UNLIKE_LINE,
    ASSEMBLY,
    ASSEMBLY_MIXED,
    PERSONAL,
)

_FIXED = [b"#CHROM", b"POS", b"ID", b"REF", b"ALT", b"QUAL", b"FILTER", b"INFO"]
_MOST_REFERENCES = 100
#: Columns of the header, values of a column.
MOST_PARTS = 500_000
_SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the body needs to know, and the facts of the header.

    Attributes:
        minor: the minor version.
        declarations: INFO, FORMAT, FILTER, ALT and contigs.
        samples: the samples in the order of their columns.
        columns: how many columns every record must have.
        has_names: whether the line of column names could be read.
        assembly: ``GRCh37``, ``GRCh38``, ``T2T-CHM13v2.0`` or None.
        evidence: what the contig lines say about it.
        synthetic: whether the header says that the data are synthetic.
    """

    minor: int
    declarations: Declarations
    samples: tuple[bytes, ...]
    columns: int
    has_names: bool
    assembly: str | None
    evidence: AssemblyEvidence
    synthetic: bool

    @property
    def sample_names(self) -> list[str]:
        """The samples as text."""
        return [name.decode("utf-8", "replace") for name in self.samples]

    @property
    def contigs(self) -> dict[str, int | None]:
        """The declared contigs as text, with their lengths."""
        contigs = self.declarations.symbols.contigs
        return {name.decode("utf-8", "replace"): length for name, length in contigs.items()}


class HeaderReader:
    """Reads the lines of a header one by one.

    Attributes:
        ended_by_record: whether the header ended because a record came, not the line of column names.
    """

    def __init__(self, margin: Margin) -> None:
        self.ended_by_record = False
        self._margin = margin
        self._declarations = Declarations()
        self._names: list[bytes] = []
        self._columns = len(_FIXED)
        self._references: list[str] = []
        self._synthetic = False
        self._started = False
        self._has_version = False
        self._has_named = False

    def take(self, line: bytes) -> bool:
        """Takes the next line; true when the header is complete."""
        first = not self._started
        if first:
            self._started = True
            self._margin.minor = read_version(line, self._margin)
        if line.startswith(b"##"):
            self._take_meta(line, first)
            return False
        if line.startswith(b"#"):
            self._take_names(line)
            return True
        if line.count(b"\t") < len(_FIXED) - 1:
            self._margin.note(GRAMMAR, expected="##key=value", got=line)
            return False
        self._margin.note(MISSING, "#CHROM", expected="#CHROM ...", got=line)
        self._columns = line.count(b"\t") + 1
        if self._columns <= MOST_PARTS:
            self._names = [b"%d" % number for number in range(1, self._columns - len(_FIXED))]
        self.ended_by_record = True
        return True

    def _take_meta(self, line: bytes, first: bool) -> None:
        if b"synthetic" in line.lower():
            self._synthetic = True
        if line.startswith(b"##fileformat="):
            if self._has_version and not first:
                self._margin.note(FILEFORMAT_REPEATED, "fileformat", got=line)
            elif not first:
                self._margin.minor = read_version(line, self._margin)
            self._has_version = True
            return
        if self._margin.wants_bank_rules:
            check_personal(line, self._margin)
        meta = read_meta(line, self._margin)
        if meta is not None:
            self._declarations.take(meta, self._margin)
        elif line.startswith(b"##reference=") and len(self._references) < _MOST_REFERENCES:
            self._references.append(line[12:1036].decode("utf-8", "replace"))

    def _take_names(self, line: bytes) -> None:
        self._columns = max(line.count(b"\t") + 1, len(_FIXED))
        if self._columns > MOST_PARTS:
            what = "the line of column names"
            self._margin.note(MANY_PARTS, "#CHROM", "fewer columns", self._columns, what=what, limit=MOST_PARTS)
            return
        names = line.split(b"\t")
        if names[: len(_FIXED)] != _FIXED:
            got = b" ".join(names[: len(_FIXED)])
            self._margin.note(COLUMNS, "#CHROM", expected="#CHROM POS ID REF ALT QUAL FILTER INFO", got=got)
            return
        self._has_named = True
        rest = names[len(_FIXED) :]
        if not rest:
            return
        if rest[0] != b"FORMAT":
            self._margin.note(COLUMNS, "FORMAT", expected="FORMAT before the samples", got=rest[0])
        elif len(rest) == 1:
            self._margin.note(COLUMNS, "FORMAT", expected="FORMAT only when there are samples", got="no sample")
        self._names = rest[1:]
        seen: set[bytes] = set()
        for name in self._names:
            if not name:
                self._margin.note(SAMPLE_EMPTY, "#CHROM", expected="a name", got=name)
            elif name in seen:
                self._margin.note(SAMPLE_REPEATED, "#CHROM", expected="names that differ", got=name)
            seen.add(name)

    def finish(self) -> Header:
        """The header, after its last line."""
        symbols = self._declarations.symbols
        told = [(name, length) for name, length in symbols.contigs.items() if length or name in symbols.md5]
        lengths = {name.decode("utf-8", "replace"): length or 0 for name, length in told}
        md5 = {name.decode("utf-8", "replace"): value.decode() for name, value in symbols.md5.items()}
        evidence = assembly_of(lengths, md5)
        return Header(
            minor=self._margin.minor,
            declarations=self._declarations,
            samples=tuple(self._names),
            columns=self._columns,
            has_names=self._has_named,
            assembly=evidence.name or self._assembly_named(),
            evidence=evidence,
            synthetic=self._synthetic,
        )

    def _assembly_named(self) -> str | None:
        """Lengths say it surely; names in the reference line and in contig lines are the next best."""
        named = {assembly_named(text) for text in self._references}
        assemblies = self._declarations.symbols.assemblies
        named |= {assembly_named(text.decode("utf-8", "replace")) for text in assemblies}
        named.discard(None)
        return named.pop() if len(named) == 1 else None


def check_declared(header: Header, declared: Declared, margin: Margin) -> None:
    """Compares samples and assembly with what files.csv says; called while the margin is at the column names."""
    names = header.sample_names
    shown = ", ".join(names[:_SHOWN_NAMES]) or "no sample"
    if declared.sample_id and header.has_names and declared.sample_id not in names:
        margin.note(SAMPLE_OTHER, "#CHROM", expected=declared.sample_id, got=shown)
    elif declared.line_id and not declared.sample_id and names and declared.line_id not in names:
        margin.note(SAMPLE_UNLIKE_LINE, "#CHROM", expected=declared.line_id, got=shown)
    wanted = assembly_named(declared.assembly)
    if wanted is not None and header.assembly is not None and wanted != header.assembly:
        margin.note(ASSEMBLY, "assembly", expected=declared.assembly, got=header.assembly)
    if header.evidence.disagreeing:
        contigs = ", ".join(header.evidence.disagreeing[:_SHOWN_NAMES])
        margin.note(
            ASSEMBLY_MIXED, "contig", expected=f"chromosomes of {header.assembly}", got=contigs, contigs=contigs
        )
