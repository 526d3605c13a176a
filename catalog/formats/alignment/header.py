"""The header of an alignment file: its lines by their grammar, and what they say together (SAMv1, 1.3).

The text is the same in SAM, BAM and CRAM. It is judged as strictly as the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.findings import Place, Rule
from catalog.formats.alignment.header_fields import FIELD_RULES, KINDS, MOST_ALIASES, Kind, is_number
from catalog.formats.alignment.margin import SAM, Margin, forbidden, unusual, unwanted
from catalog.formats.personal import signs_of_line

_HEADER = f"{SAM}, 1.3"

RECORD = forbidden(
    "sam-header-record",
    "a header line is not of a kind that the format knows",
    "start it with @HD, @SQ, @RG, @PG or @CO and one TAB",
    f"{_HEADER}: @(HD|SQ|RG|PG)(TAB field)+ or @CO TAB text",
)
FIELD = forbidden(
    "sam-header-field",
    "a field of a header line is not written as TAG:VALUE",
    "put one TAB between fields, two characters and a colon before each value, and no empty value",
    f"{_HEADER}: [A-Za-z][A-Za-z0-9]:[ -~]+",
)
ENCODING = forbidden(
    "sam-header-encoding",
    "a header line has characters beyond ASCII where they are not allowed, or is not UTF-8",
    "write it in ASCII; descriptions, command lines and comments may be UTF-8",
    f"{SAM}, 1.2 and 1.3",
)
TAG_TWICE = forbidden(
    "sam-header-tag-twice",
    "a tag stands twice in one header line",
    "keep one of them",
    f"{_HEADER}: no field tag may appear more than once",
)
REQUIRED = forbidden(
    "sam-header-required",
    "a header line lacks the field {tag}",
    "add it, or make the header again from its source",
    f"{_HEADER}: tags listed with * are required",
)
POSITION = forbidden(
    "sam-hd-position",
    "the @HD line is not the first and only one",
    "move it to the top, and keep one",
    f"{_HEADER} (@HD): the first line if present",
)
SUB_SORT = unusual(
    "sam-hd-sub-sort",
    "the sub-sorting names another order than SO does",
    "take SS out: the file was sorted anew by a program that does not know it",
    f"{_HEADER} (@HD SS): sort-order is the same value stored in the SO tag",
)
SQ_TWICE = forbidden(
    "sam-sq-name-twice",
    "two reference sequences have the same name",
    "make the header again from the reference (samtools dict)",
    f"{_HEADER}: SN and all AN names in all @SQ lines must be distinct",
    "Positions in one could be taken for positions in the other.",
)
ID_TWICE = forbidden(
    "sam-header-id-twice",
    "two {kind} lines have the same ID",
    "give each its own, also in the records, or keep one",
    f"{_HEADER} (@RG ID, @PG ID): must be unique",
)
PREVIOUS = forbidden(
    "sam-pg-previous",
    "a program names one before it that the header does not have",
    "add the missing @PG line, or take PP out",
    f"{_HEADER} (@PG PP): must match another @PG header's ID",
)
CIRCLE = forbidden(
    "sam-pg-circle",
    "the chain of programs has no end",
    "correct PP: the program that ran first has none",
    f"{_HEADER} (@PG PP): the last record in the chain has no PP",
)
OWN_PREVIOUS = unusual(
    "sam-pg-own-previous",
    "a program names itself as the one before it",
    "take PP out, or name the program that ran before",
    f"{_HEADER} (@PG PP): must match another @PG header's ID",
)
TOO_LONG = forbidden(
    "sam-header-too-long",
    "the header has more than 500,000 lines",
    "look what wrote the file; no assembly of a human genome has that many sequences",
    "fairline: what is read must fit into memory",
)
NO_HEADER_LINE = unwanted(
    "sam-hd-missing", "there is no @HD line", "add @HD with VN and SO (samtools reheader)", f"{SAM}, 2 (1.1)"
)
ORDER_AND_GROUP = unwanted(
    "sam-hd-order-and-group", "the @HD line has both SO and GO", "keep the one that holds", f"{SAM}, 2 (1.1)"
)
NO_SAMPLE = unwanted(
    "sam-rg-sample-missing",
    "a read group does not name its sample",
    "add SM to it (samtools addreplacerg)",
    "fairline",
    "Without it nobody can tell whose reads these are.",
)
PERSONAL = unwanted(
    "sam-header-personal",
    "the header may name a person",
    "take it out of the header (samtools reheader); {what} was found",
    "fairline",
    "What a header says goes wherever the file goes.",
)

HEADER_RULES = (
    RECORD, FIELD, ENCODING, TAG_TWICE, REQUIRED, POSITION, *FIELD_RULES, SUB_SORT, SQ_TWICE, ID_TWICE, PREVIOUS, CIRCLE,
    OWN_PREVIOUS, TOO_LONG, NO_HEADER_LINE, ORDER_AND_GROUP, NO_SAMPLE, PERSONAL,
)  # fmt: skip

_LINE = re.compile(rb"@(HD|SQ|RG|PG)(?:\t|$)")
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9]):([ -~]+)")
_FIELD_START = re.compile(rb"([A-Za-z][A-Za-z0-9]):(.+)", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_MOST_LISTED = 200
MOST_LINES = 500_000
#: More fields than there are tags: some tag stands twice.
_MOST_FIELDS = 52 * 62 + 1

Fields = dict[bytes, bytes]


@dataclass(slots=True)
class Header:
    """What a header says.

    Attributes:
        version: of the format, such as ``1.6``; empty without @HD.
        order: ``coordinate``, ``queryname``, ``unsorted`` or ``unknown``.
        sub_sort: the terms after the order in SS, such as ``("natural",)``.
        contigs: names of the reference sequences in their order, each with its number from 0.
        lengths: base pairs by number; 0 where not known.
        circular: numbers of circular ones.
        md5: checksums by name.
        urls: where the sequences are said to lie (UR), each once.
        read_groups: fields by ID.
        programs: fields by ID.
        synthetic: whether the header says that the data are synthetic.
        has_names: whether the names of reads are those of the file (a CRAM may leave them out, and others be made up).
    """

    version: str = ""
    order: str = "unknown"
    sub_sort: tuple[str, ...] = ()
    contigs: dict[bytes, int] = field(default_factory=dict)
    lengths: list[int] = field(default_factory=list)
    circular: set[int] = field(default_factory=set)
    md5: dict[str, str] = field(default_factory=dict)
    urls: dict[bytes, None] = field(default_factory=dict)
    read_groups: dict[bytes, Fields] = field(default_factory=dict)
    programs: dict[bytes, Fields] = field(default_factory=dict)
    synthetic: bool = False
    has_names: bool = True

    def values(self, tag: bytes) -> list[str]:
        """The values of a tag in the read groups, each once, in order; at most 200."""
        found = dict.fromkeys(
            group[tag].decode("utf-8", "replace") for group in self.read_groups.values() if tag in group
        )
        return list(found)[:_MOST_LISTED]

    def program_names(self) -> list[str]:
        """Names and versions of the programs, each once, in order; at most 200."""
        found = dict.fromkeys(
            " ".join(part.decode("utf-8", "replace") for part in (each.get(b"PN", key), each.get(b"VN", b"")) if part)
            for key, each in self.programs.items()
        )
        return list(found)[:_MOST_LISTED]


class HeaderTooLong(Exception):
    """There are too many lines; the finding is there. Never leaves this package."""


class HeaderReader:
    """Judges header lines one by one, then together.

    The line's number is taken from the margin.

    Attributes:
        header: what they say so far.
        references: name and length of every @SQ line.
    """

    def __init__(self, margin: Margin) -> None:
        self.header = Header()
        self.references: list[tuple[bytes, int]] = []
        self._margin = margin
        self._lines = 0
        self._has_header_line = False
        self._names: set[bytes] = set()
        self._previous: dict[bytes, tuple[bytes, Place]] = {}

    def take(self, line: bytes) -> None:
        """Takes the next header line, without its line end.

        Raises:
            HeaderTooLong: there are too many.
        """
        self._lines += 1
        if self._lines > MOST_LINES:
            self._margin.note(TOO_LONG, "header")
            raise HeaderTooLong
        if b"synthetic" in line.lower():
            self.header.synthetic = True
        if self._margin.wants_bank_rules and not line.startswith((b"@SQ", b"@HD")):
            for what in signs_of_line(line):
                self._margin.note(PERSONAL, line[:3].decode("ascii", "replace"), expected="no person", what=what)
        if line.startswith(b"@CO\t"):
            if not _is_utf8(line):
                self._margin.note(ENCODING, "@CO", "UTF-8", line)
            return
        match = _LINE.match(line)
        if match is None:
            self._margin.note(RECORD, "header", "@HD, @SQ, @RG, @PG or @CO, then a TAB", line)
            return
        name = "@" + match[1].decode()
        fields = self._fields(name, KINDS[match[1]], line.split(b"\t", _MOST_FIELDS)[1:])
        {b"HD": self._take_hd, b"SQ": self._take_sq, b"RG": self._take_rg, b"PG": self._take_pg}[match[1]](fields)

    def _fields(self, name: str, kind: Kind, texts: list[bytes]) -> Fields:
        """The well-formed fields of a line; what is wrong with the others is noted."""
        fields: Fields = {}
        for text in texts:
            match = _FIELD.fullmatch(text)
            if match is None:
                match = _FIELD_START.fullmatch(text)
                if match is None or _CONTROL.search(match[2]):
                    self._margin.note(FIELD, name, "TAG:VALUE", text)
                    continue
                if match[1] not in kind.unicode or not _is_utf8(text):
                    self._margin.note(ENCODING, f"{name}/{match[1].decode()}", "ASCII", text)
            tag, value = match[1], match[2]
            if tag in fields:
                self._margin.note(TAG_TWICE, f"{name}/{tag.decode()}", "each tag once", text)
                continue
            fields[tag] = value
            fault = kind.values[tag](value) if tag in kind.values else None
            if fault is not None:
                self._margin.note(fault[0], f"{name}/{tag.decode()}", fault[1], value)
        for tag in kind.required:
            if tag not in fields:
                self._margin.note(REQUIRED, f"{name}/{tag.decode()}", f"{tag.decode()}:VALUE", tag=tag.decode())
        return fields

    def _take_hd(self, fields: Fields) -> None:
        if self._lines > 1:
            self._margin.note(POSITION, "@HD", "the first line, once")
        self._has_header_line = True
        header = self.header
        header.version = fields.get(b"VN", b"")[:20].decode("ascii", "replace")
        header.order = fields.get(b"SO", b"unknown").decode("ascii", "replace")
        order, *terms = fields.get(b"SS", b"").decode("ascii", "replace").split(":")
        header.sub_sort = tuple(terms) if order == header.order else ()
        if terms and b"SO" in fields and order != header.order:
            self._margin.note(SUB_SORT, "@HD/SS", "the value of SO before the colon", fields[b"SS"])
        if b"SO" in fields and b"GO" in fields:
            self._margin.note(ORDER_AND_GROUP, "@HD/GO", "SO or GO")

    def _take_sq(self, fields: Fields) -> None:
        header = self.header
        name, length = fields.get(b"SN", b""), fields.get(b"LN", b"")
        if b"SN" in fields:
            self._take_name(name, "@SQ/SN")
        for alias in fields.get(b"AN", b"").split(b",", MOST_ALIASES) if b"AN" in fields else ():
            self._take_name(alias, "@SQ/AN")
        base_pairs = int(length) if is_number(length, 1, (1 << 31) - 1) else 0
        self.references.append((name, base_pairs))
        if name not in header.contigs:
            number = header.contigs[name] = len(header.lengths)
            header.lengths.append(base_pairs)
            if fields.get(b"TP") == b"circular":
                header.circular.add(number)
            if b"M5" in fields:
                header.md5[name.decode("utf-8", "replace")] = fields[b"M5"].decode("ascii", "replace")
            if b"UR" in fields:
                header.urls[fields[b"UR"]] = None

    def _take_name(self, name: bytes, column: str) -> None:
        if name in self._names:
            self._margin.note(SQ_TWICE, column, "each name once", name)
        self._names.add(name)

    def _take_rg(self, fields: Fields) -> None:
        self._take_id(fields, self.header.read_groups, "@RG")
        if not fields.get(b"SM"):
            self._margin.note(NO_SAMPLE, "@RG/SM", "SM:SAMPLE")

    def _take_pg(self, fields: Fields) -> None:
        if self._take_id(fields, self.header.programs, "@PG") and b"PP" in fields:
            self._previous[fields[b"ID"]] = fields[b"PP"], self._margin.place

    def _take_id(self, fields: Fields, known: dict[bytes, Fields], kind: str) -> bool:
        identifier = fields.get(b"ID")
        if identifier is None:
            return False
        if identifier in known:
            self._margin.note(ID_TWICE, f"{kind}/ID", "each ID once", identifier, kind=kind)
            return False
        known[identifier] = fields
        return True

    def finish(self) -> Header:
        """Judges what the lines say together; called once, after the last one."""
        for rule, identifier in self._chain_faults():
            previous, place = self._previous[identifier]
            self._margin.note_at(place, rule, "@PG/PP", "the ID of another @PG line, and an end of the chain", previous)
        if not self._has_header_line:
            self._margin.note_at(Place(line=1), NO_HEADER_LINE, "@HD", "@HD TAB VN:1.6 TAB SO:...")
        return self.header

    def _chain_faults(self) -> Iterator[tuple[Rule, bytes]]:
        ended: set[bytes] = set(self.header.programs) - set(self._previous)
        for start in self._previous:
            trail: dict[bytes, None] = {}
            at = start
            while at not in ended and at not in trail:
                trail[at] = None
                previous = self._previous[at][0]
                if previous not in self.header.programs:
                    yield PREVIOUS, at
                elif previous == at:
                    yield OWN_PREVIOUS, at
                elif previous in trail:
                    yield CIRCLE, at
                else:
                    at = previous
            ended.update(trail)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
