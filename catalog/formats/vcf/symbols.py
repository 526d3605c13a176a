"""What a header declares besides keys: FILTER, ALT, contig, META, SAMPLE and PEDIGREE lines (VCFv4.3, 1.4.3-1.4.9)."""

from __future__ import annotations

import re

from catalog.formats.vcf import grammar
from catalog.formats.vcf.margin import Margin, forbidden, unusual
from catalog.formats.vcf.meta import MetaLine

FILTER_ID = forbidden(
    "vcf-filter-id",
    "the ID of the FILTER line can be no filter",
    "take white space and semicolons out of it; 0 and the dot are reserved",
    "VCFv4.3, 1.6.1 (FILTER): no white space or semicolons; 0 must not be used, a dot is the missing value",
)
ALT_ID = forbidden(
    "vcf-alt-id",
    "the ID of the ALT line is no symbolic allele",
    "take white space, commas and angle brackets out of it",
    "VCFv4.3, 1.4.5: ID values must not contain whitespace or angle brackets",
)
ALT_KIND = forbidden(
    "vcf-alt-type",
    "the ALT line's first level is no kind of structural variant",
    "start with DEL, INS, DUP, INV or CNV and put the rest after a colon, such as DEL:ME",
    "VCFv4.3, 1.4.5: the first level type must be one of the following; VCFv4.4 disallowed BND",
)
CONTIG_ID = forbidden(
    "vcf-contig-id",
    "the ID of the contig line is no name of a reference sequence",
    "take white space, commas, quotes and brackets out of it, and do not start it with * or =",
    "VCFv4.3, 1.4.7; SAMv1, 1.2.1 (reference sequence names)",
)
CONTIG_LENGTH = forbidden(
    "vcf-contig-length",
    "the length of the contig line is no length",
    "copy it from the reference's .fai or .dict",
    "VCFv4.5, 1.4.7: length, the length of the sequence; SAMv1, 1.3 (LN)",
)
CONTIG_MD5 = unusual(
    "vcf-contig-md5",
    "the md5 of the contig line is none",
    "copy it from the reference's .dict",
    "VCFv4.5, 1.4.7: the MD5 digest is presented as 32 hexadecimal digits",
)
META_FIELD = unusual(
    "vcf-meta-values-missing",
    "the META line has no {field}",
    "write ##META=<ID=...,Type=String,Number=.,Values=[one, another]>",
    "VCFv4.3, 1.4.8 (META lines as shown there)",
)
PEDIGREE = unusual(
    "vcf-pedigree-empty",
    "the PEDIGREE line names no genome that the sample derives from",
    "write ##PEDIGREE=<ID=Child,Father=...,Mother=...> or Original=...",
    "VCFv4.3, 5.4.11: derived from the N >= 1 genomes",
)

SYMBOL_RULES = (FILTER_ID, ALT_ID, ALT_KIND, CONTIG_ID, CONTIG_LENGTH, CONTIG_MD5, META_FIELD, PEDIGREE)

_STRUCTURAL = re.compile(rb"(?:DEL|INS|DUP|INV|CNV)(?::[^:]++)*")
#: VCFv4.3 has it in its list; before, callers of structural variants used it all the same.
_BREAKEND = re.compile(rb"BND(?::[^:]++)*")
#: Symbolic alleles that are no structural variants: IUPAC codes (1.4.5), unspecified alleles (5.5), the copy
#: numbers of the 1000 Genomes Project, and the names of translocations and short tandem repeats in use.
_SYMBOLIC = re.compile(rb"[A-Z]|\*|NON_REF|UNSPECIFIED|CN[0-9]+|TRA|STR[0-9.]*")
#: VCFv4.3, 1.4.7: contig names must not use a reserved symbolic allele name.
RESERVED_NAMES = frozenset([b"DEL", b"INS", b"DUP", b"INV", b"CNV"])
_LONGEST_CONTIG = (1 << 31) - 1
_SHOWN_ASSEMBLY = 64


class Symbols:
    """Filters, symbolic alleles and contigs that were declared so far.

    Attributes:
        filters: declared filters.
        alternatives: declared symbolic alleles, without angle brackets.
        contigs: declared contigs with their lengths, in the order of the file.
        md5: their checksums, where there are any.
        assemblies: what the contig lines say about their assembly.
    """

    def __init__(self) -> None:
        self.filters: set[bytes] = {b"PASS"}
        self.alternatives: set[bytes] = set()
        self.contigs: dict[bytes, int | None] = {}
        self.md5: dict[bytes, bytes] = {}
        self.assemblies: set[bytes] = set()

    def take(self, meta: MetaLine, margin: Margin) -> None:
        """Takes one structured line in and notes what is wrong with it."""
        if meta.kind == b"FILTER":
            self._take_filter(meta, margin)
        elif meta.kind == b"ALT":
            self.alternatives.add(meta.id)
            _check_alternative(meta, margin)
        elif meta.kind == b"contig":
            self._take_contig(meta, margin)
        elif meta.kind == b"META":
            for field in (b"Type", b"Number", b"Values"):
                if field not in meta.fields:
                    margin.note(META_FIELD, meta.place, expected=field.decode(), field=field)
        elif meta.kind == b"PEDIGREE" and not meta.fields.keys() - {b"ID"}:
            margin.note(PEDIGREE, meta.place, expected="Original=..., Father=... or Mother=...", got=meta.id)

    def _take_filter(self, meta: MetaLine, margin: Margin) -> None:
        self.filters.add(meta.id)
        if meta.id in (b"0", b".") or re.search(rb"[\s;]", meta.id):
            margin.note(FILTER_ID, meta.place, expected="a name without white space and semicolons", got=meta.id)

    def _take_contig(self, meta: MetaLine, margin: Margin) -> None:
        if not grammar.CONTIG_NAME.fullmatch(meta.id) or (margin.minor >= 3 and meta.id in RESERVED_NAMES):
            margin.note(CONTIG_ID, meta.place, expected="a name as in SAM", got=meta.id)
        length = meta.fields.get(b"length")
        known = None
        if length is not None:
            if re.fullmatch(rb"[0-9]{1,10}", length) and 0 < int(length) <= _LONGEST_CONTIG:
                known = int(length)
            else:
                margin.note(CONTIG_LENGTH, meta.place, expected="a whole number above 0", got=length)
        md5 = meta.fields.get(b"md5")
        if md5 is not None:
            if re.fullmatch(rb"[0-9A-Fa-f]{32}", md5):
                self.md5[meta.id] = md5.lower()
            else:
                margin.note(CONTIG_MD5, meta.place, expected="32 hexadecimal digits", got=md5)
        self.contigs.setdefault(meta.id, known)
        if known is not None and self.contigs[meta.id] is None:
            self.contigs[meta.id] = known
        if b"assembly" in meta.fields:
            self.assemblies.add(meta.fields[b"assembly"][:_SHOWN_ASSEMBLY])


def _check_alternative(meta: MetaLine, margin: Margin) -> None:
    if re.search(rb"[\s,<>]", meta.id):
        margin.note(ALT_ID, meta.place, expected="no white space, commas and angle brackets", got=meta.id)
    elif not (
        _STRUCTURAL.fullmatch(meta.id)
        or _SYMBOLIC.fullmatch(meta.id)
        or (margin.minor < 4 and _BREAKEND.fullmatch(meta.id))
    ):
        margin.note(ALT_KIND, meta.place, expected="DEL, INS, DUP, INV or CNV", got=meta.id)
