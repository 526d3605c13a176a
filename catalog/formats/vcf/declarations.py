"""What a header declares: INFO, FORMAT, FILTER, ALT and contig lines (VCFv4.3, 1.4.2-1.4.7)."""

from __future__ import annotations

import re

from catalog.formats.vcf import grammar, reserved
from catalog.formats.vcf.margin import Margin, forbidden, unusual
from catalog.formats.vcf.meta import MetaLine, note_repeated
from catalog.formats.vcf.reserved import Declaration

_INFO = "VCFv4.3, 1.4.2 (INFO)"
_FORMAT = "VCFv4.3, 1.4.4 (FORMAT)"

FIELD_MISSING = forbidden(
    "vcf-meta-field-missing",
    "the {kind} line has no {field}",
    "add it: ID, Number, Type and Description are required",
    f"{_INFO}: the first four keys are required",
)
DESCRIPTION_MISSING = unusual(
    "vcf-meta-description-missing",
    "the {kind} line has no Description",
    'add Description="..."',
    "VCFv4.3, 1.4.3 (FILTER) and 1.4.5 (ALT)",
    "A filter without a description can be understood by nobody but its author.",
)
UNQUOTED = forbidden(
    "vcf-meta-description-unquoted",
    "the Description of the {kind} line is not in double quotes",
    'write Description="..."',
    f"{_INFO}: the Description must be surrounded by double-quotes",
)
VALUE_UNQUOTED = unusual(
    "vcf-meta-value-unquoted",
    "the {field} of the {kind} line is not in double quotes",
    "put the value in double quotes",
    f"{_INFO}: Source and Version must be quoted (should, before VCFv4.3)",
)
NUMBER = forbidden(
    "vcf-meta-number",
    "the Number of the {kind} line is not one",
    "write a whole number, A, R (from VCFv4.2), G or a dot; FORMAT has P from VCFv4.4, LA, LR, LG, M from VCFv4.5",
    f"{_INFO}; VCFv4.1, 1.2.2; VCFv4.5, 1.4.4",
)
KIND = forbidden(
    "vcf-meta-type",
    "the Type of the {kind} line is not one",
    "write Integer, Float, Flag, Character or String, exactly so",
    f"{_INFO}: possible Types",
)
FLAG_NUMBER = forbidden(
    "vcf-flag-number",
    "Number=0 and Type=Flag do not go together here",
    "a Flag has Number=0, everything else has not",
    f"{_INFO}: a Flag does not contain a value, and hence the Number must be 0",
)
FLAG_NUMBER_UNUSUAL = unusual(
    "vcf-flag-number-unusual",
    "the Flag has another Number than 0",
    "write Number=0",
    "VCFv4.1, 1.2.2 (INFO): the Number should be 0",
)
FORMAT_FLAG = forbidden(
    "vcf-format-flag",
    "a FORMAT line of Type Flag",
    "write Integer, Float, Character or String: a sample's field always has a value",
    f"{_FORMAT}: possible Types",
)
RESERVED = forbidden(
    "vcf-reserved-key",
    "{kind} {key} is reserved for something else",
    "give it the Number and Type of the specification, or rename the key",
    "VCFv4.3, Tables 1 and 2 (reserved keys); VCFv4.1, 1.4.1-1.4.2",
    "Programs read reserved keys without looking at the header.",
)
RESERVED_UNUSUAL = unusual(
    "vcf-reserved-key-unusual",
    "{kind} {key} is reserved with another Number or Type",
    "give it the Number and Type of the specification",
    "VCFv4.3, Tables 1 and 2, and section 3 (reserved keys)",
)
KEY = forbidden(
    "vcf-meta-key",
    "the ID of the {kind} line is no key",
    "use letters, digits, underscores and dots, and start with a letter or an underscore",
    "VCFv4.3, 1.6.1 (INFO) and 1.6.2: keys must match the regular expression",
)
KEY_UNUSUAL = unusual(
    "vcf-meta-key-unusual",
    "the ID of the {kind} line would be no key from VCFv4.3 on",
    "use letters, digits, underscores and dots, and start with a letter or an underscore",
    "VCFv4.3, 1.6.1 (INFO) and 1.6.2; not stated before",
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
    "VCFv4.3, 1.4.5: the first level type must be one of the following",
)
CONTIG_ID = forbidden(
    "vcf-contig-id",
    "the ID of the contig line is no name of a reference sequence",
    "take white space, commas, quotes and brackets out of it, and do not start it with * or =",
    "VCFv4.3, 1.4.7; SAMv1, 1.2.1 (reference sequence names)",
)
CONTIG_FIELD = unusual(
    "vcf-contig-field",
    "the {field} of the contig line cannot be right",
    "copy it from the reference's .fai or .dict",
    "VCFv4.5, 1.4.7: length and md5 are reserved; the md5 has 32 hexadecimal digits",
)

DECLARATION_RULES = (
    FIELD_MISSING,
    DESCRIPTION_MISSING,
    UNQUOTED,
    VALUE_UNQUOTED,
    NUMBER,
    KIND,
    FLAG_NUMBER,
    FLAG_NUMBER_UNUSUAL,
    FORMAT_FLAG,
    RESERVED,
    RESERVED_UNUSUAL,
    KEY,
    KEY_UNUSUAL,
    ALT_ID,
    ALT_KIND,
    CONTIG_ID,
    CONTIG_FIELD,
)

_KINDS = frozenset([b"Integer", b"Float", b"Flag", b"Character", b"String"])
_STRUCTURAL = re.compile(rb"(?:DEL|INS|DUP|INV|CNV|BND)(?::.*)?")
#: Symbolic alleles that are no structural variants: IUPAC codes (1.4.5), unspecified alleles (5.5), the copy
#: numbers of the 1000 Genomes Project, and the names of translocations and short tandem repeats in use.
_SYMBOLIC = re.compile(rb"[A-Z]|\*|NON_REF|UNSPECIFIED|CN[0-9]+|TRA|STR[0-9.]*")
_RESERVED_CONTIGS = frozenset([b"DEL", b"INS", b"DUP", b"INV", b"CNV"])


class Declarations:
    """What has been declared so far.

    Attributes:
        info: declared INFO keys; what could not be read has an open Number and Type String.
        format: declared FORMAT keys, likewise.
        filters: declared filters.
        contigs: declared contigs with their lengths.
        assemblies: what the contig lines say about their assembly.
    """

    def __init__(self) -> None:
        self.info: dict[bytes, Declaration] = {}
        self.format: dict[bytes, Declaration] = {}
        self.filters: set[bytes] = {b"PASS"}
        self.contigs: dict[bytes, int | None] = {}
        self.assemblies: set[bytes] = set()
        self._seen: set[tuple[bytes, bytes]] = set()

    def take(self, meta: MetaLine, margin: Margin) -> None:
        """Takes one structured line in and notes what is wrong with it."""
        if meta.id:
            if (meta.kind, meta.id) in self._seen:
                note_repeated(meta, margin)
            self._seen.add((meta.kind, meta.id))
        if meta.kind in (b"INFO", b"FORMAT"):
            _check_texts(meta, margin)
            into = self.info if meta.kind == b"INFO" else self.format
            into.setdefault(meta.id, _declaration(meta, margin))
        elif meta.kind == b"FILTER":
            _check_texts(meta, margin)
            self.filters.add(meta.id)
        elif meta.kind == b"ALT":
            _check_texts(meta, margin)
            _check_lexicon(meta, margin)
            _check_alt(meta, margin)
        elif meta.kind == b"contig":
            self._take_contig(meta, margin)

    def _take_contig(self, meta: MetaLine, margin: Margin) -> None:
        if not grammar.CONTIG_NAME.fullmatch(meta.id) or (margin.minor >= 3 and meta.id in _RESERVED_CONTIGS):
            margin.note(CONTIG_ID, meta.place, expected="a name as in SAM", got=meta.id)
        length = meta.fields.get(b"length")
        known = None
        if length is not None:
            if length.isdigit() and len(length) <= 10:
                known = int(length)
            else:
                margin.note(CONTIG_FIELD, meta.place, expected="a whole number", got=length, field="length")
        md5 = meta.fields.get(b"md5")
        if md5 is not None and not re.fullmatch(rb"[0-9A-Fa-f]{32}", md5):
            margin.note(CONTIG_FIELD, meta.place, expected="32 hexadecimal digits", got=md5, field="md5")
        self.contigs[meta.id] = known
        if b"assembly" in meta.fields:
            self.assemblies.add(meta.fields[b"assembly"][:64])


def _check_texts(meta: MetaLine, margin: Margin) -> None:
    description = b"Description" in meta.fields
    if not description and meta.kind in (b"FILTER", b"ALT"):
        margin.note(DESCRIPTION_MISSING, meta.place, expected="Description", kind=meta.kind)
    if description and b"Description" not in meta.quoted:
        got = meta.fields[b"Description"]
        margin.note(UNQUOTED, meta.place, expected='Description="..."', got=got, kind=meta.kind)
    for field in (b"Source", b"Version"):
        if field in meta.fields and field not in meta.quoted:
            got = meta.fields[field]
            margin.note(VALUE_UNQUOTED, meta.place, expected="double quotes", got=got, field=field, kind=meta.kind)


def _check_lexicon(meta: MetaLine, margin: Margin) -> tuple[bytes | None, bytes | None]:
    """The Number and Type of a line, checked where they are given; None for what is not there or is none."""
    number, kind = meta.fields.get(b"Number"), meta.fields.get(b"Type")
    if number is not None and not grammar.knows_number(number, margin.minor, of_format=meta.kind == b"FORMAT"):
        margin.note(NUMBER, meta.place, expected="a Number of this version", got=number, kind=meta.kind)
        number = None
    if kind is not None and kind not in _KINDS:
        margin.note(KIND, meta.place, expected="Integer, Float, Flag, Character or String", got=kind, kind=meta.kind)
        kind = None
    return number, kind


def _declaration(meta: MetaLine, margin: Margin) -> Declaration:
    for field in (b"Number", b"Type", b"Description"):
        if field not in meta.fields:
            margin.note(FIELD_MISSING, meta.place, expected=field.decode(), kind=meta.kind, field=field)
    number, kind = _check_lexicon(meta, margin)
    declared = Declaration(number or b".", kind or b"String")
    of_info = meta.kind == b"INFO"
    if not (grammar.INFO_KEY if of_info else grammar.FORMAT_KEY).fullmatch(meta.id):
        rule = KEY if margin.minor >= 3 else KEY_UNUSUAL
        margin.note(rule, meta.place, expected="a key", got=meta.id, kind=meta.kind)
    if number is None or kind is None:
        return declared
    if declared.kind == b"Flag" and not of_info:
        margin.note(FORMAT_FLAG, meta.place, expected="Integer, Float, Character or String", got=declared.kind)
        return Declaration(b".", b"String")
    if _agrees_with_reserved(meta, declared, margin) and (declared.kind == b"Flag") != (declared.number == b"0"):
        _note_flag(meta, declared, margin)
    return declared


def _note_flag(meta: MetaLine, declared: Declaration, margin: Margin) -> None:
    """A Flag with a letter or dot in place of 0 promises nothing false; before VCFv4.3 the 0 was only advised."""
    soft = declared.kind == b"Flag" and (margin.minor < 3 or not declared.number.isdigit())
    got = b"Number=%s,Type=%s" % (declared.number, declared.kind)
    margin.note(FLAG_NUMBER_UNUSUAL if soft else FLAG_NUMBER, meta.place, expected="Number=0,Type=Flag", got=got)


def _agrees_with_reserved(meta: MetaLine, declared: Declaration, margin: Margin) -> bool:
    """Compares with the reserved meaning of the key; false when it is declared as something else."""
    keys = reserved.INFO if meta.kind == b"INFO" else reserved.FORMAT
    found = reserved.find(keys, meta.id, margin.minor)
    got = b"Number=%s,Type=%s" % (declared.number, declared.kind)
    if found is None:
        wanted = reserved.STRUCTURAL_KINDS.get(meta.id) if meta.kind == b"INFO" else None
        if wanted is not None and wanted != declared.kind:
            expected = f"Type={wanted.decode()}"
            margin.note(RESERVED_UNUSUAL, meta.place, expected=expected, got=got, kind=meta.kind, key=meta.id)
        return True
    verdict = reserved.compare(found, declared)
    if verdict != "same":
        expected = f"Number={found.meaning.number.decode()},Type={found.meaning.kind.decode()}"
        rule = RESERVED if verdict == "differs" else RESERVED_UNUSUAL
        margin.note(rule, meta.place, expected=expected, got=got, kind=meta.kind, key=meta.id)
    return verdict != "differs"


def _check_alt(meta: MetaLine, margin: Margin) -> None:
    if re.search(rb"[\s,<>]", meta.id):
        margin.note(ALT_ID, meta.place, expected="no white space, commas and angle brackets", got=meta.id)
    elif not _STRUCTURAL.fullmatch(meta.id) and not _SYMBOLIC.fullmatch(meta.id):
        margin.note(ALT_KIND, meta.place, expected="DEL, INS, DUP, INV or CNV", got=meta.id)
