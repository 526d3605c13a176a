"""What the two text files of a PLINK fileset share: six fields a line, separated by white space, no header."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.protocol import Reading

SOURCE = "PLINK 1.9 file formats"
_FIELDS = 6


def plink_error(code: str, message: str, hint: str, part: str, why: str = "") -> Rule:
    """A rule of PLINK's documents."""
    return Rule(f"plink-{code}", Severity.ERROR, Level.SPEC, message, hint, f"{SOURCE}, {part}", why)


def plink_wish(code: str, message: str, hint: str, why: str = "", severity: Severity = Severity.WARNING) -> Rule:
    """A rule of the bank."""
    return Rule(f"plink-{code}", severity, Level.BANK, message, hint, "fairline", why)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRules:
    """The rules about lines of one of the two files."""

    columns: Rule
    header: Rule
    blank: Rule
    blank_end: Rule
    line_end: Rule
    final: Rule
    encoding: Rule
    empty: Rule

    def all(self) -> tuple[Rule, ...]:
        """Every rule, in the order of the attributes."""
        return tuple(getattr(self, name) for name in self.__slots__)


def line_rules(part: str, lines_of: str) -> LineRules:
    """The rules of a file.

    Args:
        part: ``bim`` or ``fam``.
        lines_of: what each line is about.
    """
    source = f".{part}"
    one = f"one line per {lines_of} with the following six fields"
    return LineRules(
        columns=plink_error(
            f"{part}-columns",
            "a line does not have six fields",
            "write six fields, separated by white space; names must have none in them",
            f"{source}: {one}",
        ),
        header=plink_error(
            f"{part}-header",
            "the file starts with names of columns",
            f"delete the line: PLINK takes it for a {lines_of}",
            f"{source}: no header line",
        ),
        blank=plink_error(f"{part}-blank-line", "a blank line", "delete it", f"{source}: {one}"),
        blank_end=Rule(
            f"plink-{part}-blank-end",
            Severity.WARNING,
            Level.SPEC,
            "blank lines at the end of the file",
            "delete them",
            f"{SOURCE}, {source}: {one}",
        ),
        line_end=plink_wish(f"{part}-line-end-windows", "lines end with CR+LF", "convert the line ends (dos2unix)"),
        final=plink_wish(f"{part}-final-newline", "the last line has no line end", "look whether the file was cut"),
        encoding=plink_wish(f"{part}-encoding", "the file is not UTF-8", "save it as UTF-8, or use plain letters"),
        empty=plink_wish(f"{part}-empty", f"the file has no {lines_of}", "look whether the right file was exported"),
    )


class FieldLines:
    """Splits lines into fields and judges what has nothing to do with their content.

    Attributes:
        records: lines that were taken, right or wrong.
    """

    def __init__(self, reading: Reading, rules: LineRules, names: frozenset[bytes]) -> None:
        self._reading = reading
        self._rules = rules
        self._names = names
        self._blank = 0
        self._blanks = 0
        self._cr_line = 0
        self._coding_line = 0
        self.records = 0

    @property
    def is_waiting(self) -> bool:
        """Whether blank lines wait for what comes next."""
        return bool(self._blanks)

    def check_buffer(self, buffer: bytes, number: int) -> None:
        """Judges whole lines before they are split; ``number`` is the first line's."""
        if not self._cr_line and b"\r" in buffer:
            self._cr_line = number + buffer.count(b"\n", 0, buffer.index(b"\r"))
        if not self._coding_line and not buffer.isascii():
            try:
                buffer.decode()
            except UnicodeDecodeError as error:
                self._coding_line = number + buffer.count(b"\n", 0, error.start)

    def fields(self, number: int, line: bytes) -> list[bytes] | None:
        """The six fields of a line; None where it has none that can be judged."""
        fields = line.split()
        if not fields:
            self._blank = self._blank or number
            self._blanks += 1
            return None
        if self._blanks:
            self._reading.find(self._rules.blank.at(Place(line=self._blank), expected="six fields"))
            self._blank = self._blanks = 0
        is_first = not self.records
        if is_first and fields[0].upper() in self._names:
            self._reading.find(self._rules.header.at(Place(line=number), expected="no header line", got=line))
            return None
        self.records += 1
        if len(fields) != _FIELDS:
            got = f"{len(fields)} fields"
            self._reading.find(self._rules.columns.at(Place(line=number), expected="6 fields", got=got))
            return None
        return fields

    def finish(self) -> None:
        """Judges the end of the file, and tells what :meth:`check_buffer` saw: where buffers end must not order findings."""
        if self._cr_line:
            self._reading.find(self._rules.line_end.at(Place(line=self._cr_line), expected="LF"))
        if self._coding_line:
            self._reading.find(self._rules.encoding.at(Place(line=self._coding_line), expected="UTF-8"))
        source = self._reading.source
        if source.findings:
            return
        if self._blanks and self.records:
            self._reading.find(self._rules.blank_end.at(Place(line=self._blank), expected="the end of the file"))
        if not source.ends_with_newline:
            self._reading.find(self._rules.final.at(expected="a line end"))
        if not self.records:
            self._reading.find(self._rules.empty.at(expected="a line"))
