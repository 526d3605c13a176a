"""What a header declares: its structured lines by kind, and INFO and FORMAT lines in particular (VCFv4.3, 1.4.2-1.4.4)."""

from __future__ import annotations

import re

from catalog.formats.vcf import grammar, reserved
from catalog.formats.vcf.margin import Margin, forbidden, unusual
from catalog.formats.vcf.meta import MetaLine, note_repeated
from catalog.formats.vcf.reserved import Declaration
from catalog.formats.vcf.symbols import SYMBOL_RULES, Symbols

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
    "VCFv4.3, 1.4.3 (FILTER) and 1.4.5 (ALT): described as follows",
    "A filter without a description can be understood by nobody but its author.",
)
UNQUOTED = forbidden(
    "vcf-meta-description-unquoted",
    "the Description of the {kind} line is not in double quotes",
    'write Description="..."',
    f"{_INFO}: the Description must be surrounded by double-quotes",
)
VALUE_UNQUOTED = forbidden(
    "vcf-meta-value-unquoted",
    "the {field} of the {kind} line is not in double quotes",
    "put the value in double quotes",
    f"{_INFO}: Source and Version likewise must be surrounded by double-quotes; VCFv4.5, 1.4: all optional fields",
)
VALUE_UNQUOTED_UNUSUAL = unusual(
    "vcf-meta-value-unquoted-unusual",
    "the {field} of the {kind} line is not in double quotes",
    "put the value in double quotes",
    "VCFv4.2, 1.2.2 (INFO): Source and Version should be surrounded by double-quotes",
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
RESERVED = unusual(
    "vcf-reserved-key",
    "{kind} {key} is reserved with another Number or Type",
    "give it the Number and Type of the specification, or rename the key",
    "VCFv4.3, Tables 1 and 2, sections 3 and 4: arbitrary keys are permitted, these are reserved (albeit optional)",
    "Programs read reserved keys without looking at the header.",
)
KEY = forbidden(
    "vcf-meta-key",
    "the ID of the {kind} line is no key",
    "use letters, digits, underscores and dots, and start with a letter or an underscore",
    "VCFv4.3, 1.6.1 (INFO) and 1.6.2: keys must match the regular expression; VCFv4.1, 1.4.1: no white space, "
    "semicolons or equals-signs in INFO, colons separate FORMAT",
)
KEY_UNUSUAL = unusual(
    "vcf-meta-key-unusual",
    "the ID of the {kind} line would be no key from VCFv4.3 on",
    "use letters, digits, underscores and dots, and start with a letter or an underscore",
    "VCFv4.3, 1.6.1 (INFO) and 1.6.2; not stated before",
)
MODIFICATION = forbidden(
    "vcf-meta-modification-key",
    "the ID of a FORMAT line with Number=M does not end with a base",
    "end the key with A, C, G, T, U or N, the base that can be modified",
    "VCFv4.5, 1.4.4: the ID of all M fields must end with A, C, G, T, U, or N",
)

DECLARATION_RULES = (
    FIELD_MISSING,
    DESCRIPTION_MISSING,
    UNQUOTED,
    VALUE_UNQUOTED,
    VALUE_UNQUOTED_UNUSUAL,
    NUMBER,
    KIND,
    FLAG_NUMBER,
    FLAG_NUMBER_UNUSUAL,
    FORMAT_FLAG,
    RESERVED,
    KEY,
    KEY_UNUSUAL,
    MODIFICATION,
    *SYMBOL_RULES,
)

#: Later lines are read but not remembered.
_MOST_DECLARED = 500_000
_LONG_NAME = 1_000
_KINDS = frozenset([b"Integer", b"Float", b"Flag", b"Character", b"String"])
_DESCRIBED = frozenset([b"INFO", b"FORMAT", b"FILTER", b"ALT"])
#: What need not be quoted; BCF's IDX is a plain number (VCFv4.3, 6.2.1).
_BARE = frozenset([b"ID", b"Number", b"Type", b"Description", b"IDX"])
#: Characters that separate keys where they are used, so that a key with one of them never can be.
_NEVER_IN_KEY = re.compile(rb"[\s;=:]")


class Declarations:
    """What has been declared so far.

    Attributes:
        info: declared INFO keys; what could not be read has an open Number and Type String.
        format: declared FORMAT keys, likewise.
        symbols: declared filters, symbolic alleles and contigs.
    """

    def __init__(self) -> None:
        self.info: dict[bytes, Declaration] = {}
        self.format: dict[bytes, Declaration] = {}
        self.symbols = Symbols()
        self._seen: dict[bytes, set[bytes]] = {}
        self._lines = 0

    def take(self, meta: MetaLine, margin: Margin) -> None:
        """Takes one structured line in and notes what is wrong with it."""
        if meta.id:
            seen = self._seen.setdefault(meta.kind, set())
            if meta.id in seen:
                note_repeated(meta, margin)
            elif self._lines < _MOST_DECLARED:
                self._lines += 1 + len(meta.id) // _LONG_NAME
                seen.add(meta.id)
            else:
                return
        if meta.kind in _DESCRIBED:
            _check_texts(meta, margin)
        if meta.kind in (b"INFO", b"FORMAT"):
            into = self.info if meta.kind == b"INFO" else self.format
            into.setdefault(meta.id, _declaration(meta, margin))
            return
        if meta.kind in (b"ALT", b"META"):
            _check_lexicon(meta, margin)
        self.symbols.take(meta, margin)


def _check_texts(meta: MetaLine, margin: Margin) -> None:
    has_description = b"Description" in meta.fields
    if not has_description and meta.kind in (b"FILTER", b"ALT"):
        margin.note(DESCRIPTION_MISSING, meta.place, expected="Description", kind=meta.kind)
    if has_description and b"Description" not in meta.quoted:
        got = meta.fields[b"Description"]
        margin.note(UNQUOTED, meta.place, expected='Description="..."', got=got, kind=meta.kind)
    for field, value in meta.fields.items():
        if field in meta.quoted or field in _BARE or margin.minor < 2:
            continue
        if margin.minor >= 5 or (margin.minor >= 3 and field in (b"Source", b"Version")):
            rule = VALUE_UNQUOTED
        elif field in (b"Source", b"Version"):
            rule = VALUE_UNQUOTED_UNUSUAL
        else:
            continue
        margin.note(rule, meta.place, expected="double quotes", got=value, field=field, kind=meta.kind)


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


def _check_key(meta: MetaLine, number: bytes | None, margin: Margin) -> None:
    pattern = grammar.INFO_KEY if meta.kind == b"INFO" else grammar.FORMAT_KEY
    if not pattern.fullmatch(meta.id):
        is_wrong = margin.minor >= 3 or _NEVER_IN_KEY.search(meta.id) or meta.id == b"."
        margin.note(KEY if is_wrong else KEY_UNUSUAL, meta.place, expected="a key", got=meta.id, kind=meta.kind)
    if number == b"M" and meta.id[-1:] not in b"ACGTUN":
        margin.note(MODIFICATION, meta.place, expected="a key that ends with A, C, G, T, U or N", got=meta.id)


def _declaration(meta: MetaLine, margin: Margin) -> Declaration:
    for field in (b"Number", b"Type", b"Description"):
        if field not in meta.fields:
            margin.note(FIELD_MISSING, meta.place, expected=field.decode(), kind=meta.kind, field=field)
    number, kind = _check_lexicon(meta, margin)
    _check_key(meta, number, margin)
    declared = Declaration(number or b".", kind or b"String")
    if number is None or kind is None:
        return declared
    _check_reserved(meta, declared, margin)
    if declared.kind == b"Flag" and meta.kind == b"FORMAT":
        margin.note(FORMAT_FLAG, meta.place, expected="Integer, Float, Character or String", got=declared.kind)
        return Declaration(b".", b"String")
    if (declared.kind == b"Flag") != (declared.number == b"0"):
        _note_flag(meta, declared, margin)
    return declared


def _note_flag(meta: MetaLine, declared: Declaration, margin: Margin) -> None:
    """A Flag with a letter or dot in place of 0 promises nothing false; before VCFv4.3 the 0 was only advised."""
    soft = declared.kind == b"Flag" and (margin.minor < 3 or not declared.number.isdigit())
    got = b"Number=%s,Type=%s" % (declared.number, declared.kind)
    margin.note(FLAG_NUMBER_UNUSUAL if soft else FLAG_NUMBER, meta.place, expected="Number=0,Type=Flag", got=got)


def _check_reserved(meta: MetaLine, declared: Declaration, margin: Margin) -> None:
    """Compares with the reserved meaning of the key."""
    found = reserved.find(reserved.INFO if meta.kind == b"INFO" else reserved.FORMAT, meta.id, margin.minor)
    if found is None or reserved.agrees(found, declared):
        return
    meaning = found.meaning
    expected = f"Number={meaning.number.decode()},Type={meaning.kind.decode()}"
    got = b"Number=%s,Type=%s" % (declared.number, declared.kind)
    margin.note(RESERVED, meta.place, expected=expected, got=got, kind=meta.kind, key=meta.id)
