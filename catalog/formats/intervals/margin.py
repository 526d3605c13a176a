"""The margin of a table of intervals: where findings are noted down, and the rules that all these tables share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.intervals.contigs import Contigs
from catalog.formats.protocol import Reading


def forbidden(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """A rule that the specification states with *must*, as a grammar, a type or a definition: an error."""
    return Rule(code, Severity.ERROR, Level.SPEC, message, hint, source, why)


def unusual(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """A rule that the specification only recommends: a warning."""
    return Rule(code, Severity.WARNING, Level.SPEC, message, hint, source, why)


def unwanted(code: str, message: str, hint: str, source: str = "fairline", why: str = "") -> Rule:
    """A wish of the platform: a warning of the bank's rules."""
    return Rule(code, Severity.WARNING, Level.BANK, message, hint, source, why)


def file_name(reading: Reading) -> str:
    """The name of the file in lower case, without its folder."""
    return PurePath(reading.path).name.lower()


def past_end(prefix: str, source: str) -> Rule:
    """The rule that no position lies behind the end of its contig, where the assembly is declared."""
    return forbidden(
        f"{prefix}-past-end",
        "the position lies behind the end of the chromosome in {assembly}",
        "the file was made with another assembly than the one that files.csv states, or lines were damaged",
        source,
        "What stands there belongs to another place of the genome.",
    )


@dataclass(frozen=True, slots=True)
class Wishes:
    """The platform's rules for the whole of a file, each with the prefix of its format."""

    line_end: Rule
    final_newline: Rule
    no_records: Rule
    misfit: Rule

    @property
    def all(self) -> tuple[Rule, ...]:
        """The rules."""
        return self.line_end, self.final_newline, self.no_records, self.misfit


def wishes(prefix: str, what: str) -> Wishes:
    """The rules for the whole of a file.

    Args:
        prefix: of their codes.
        what: what the records are, in the plural.
    """
    return Wishes(
        unwanted(f"{prefix}-line-end", "lines do not end with LF", "convert the line ends (dos2unix)"),
        unwanted(f"{prefix}-final-newline", "the last line has no line end", "look whether the file was cut"),
        unwanted(f"{prefix}-no-records", f"the file has no {what}", "look whether the right file was exported"),
        unwanted(
            f"{prefix}-misfit",
            "no known human assembly has all of the positions",
            "look which genome the file was made with; is it human, and counted from the right base",
            why="Positions are compared with GRCh37, GRCh38 and T2T-CHM13v2.0.",
        ),
    )


class Margin:
    """Notes findings of one file."""

    def __init__(self, reading: Reading, whole: Wishes) -> None:
        """Nothing is noted yet.

        Args:
            reading: where findings go.
            whole: the rules for the whole file.
        """
        self._reading = reading
        self._whole = whole

    @property
    def has_errors(self) -> bool:
        """Whether any finding so far is an error."""
        return self._reading.has_errors

    def note(
        self, rule: Rule, line: int, column: str | None = None, expected: str | None = None, got: object = None
    ) -> None:
        """Notes one finding.

        Args:
            rule: the rule that is broken.
            line: where.
            column: the column's name.
            expected: what the rule wants, in words that do not depend on the line, so that findings group.
            got: the offending value.
        """
        self._reading.find(rule.at(Place(line=line, column=column), expected=expected, got=got, assembly=expected))

    def bare(self, number: int, line: bytes) -> bytes:
        """A line without the CR of its line end."""
        if line.endswith(b"\r"):
            self.note(self._whole.line_end, number, expected="LF", got="CR+LF")
            return line[:-1]
        return line

    def finish(self, records: int, contigs: Contigs, *, has_end: bool | None = None) -> None:
        """The file is over: judges it as a whole, unless it could not be read to its end.

        Args:
            records: how many lines are no comment.
            contigs: what they are on.
            has_end: whether the last line has an end; whether it ends with LF when None.
        """
        reading = self._reading
        if reading.source.findings:
            return
        if not records and not reading.has_errors:
            reading.find(self._whole.no_records.at(expected="at least one"))
        elif not (reading.source.ends_with_newline if has_end is None else has_end):
            reading.find(self._whole.final_newline.at(expected="a line end"))
        beyond = contigs.misfit() if contigs.assembly is None else None
        if beyond is not None:
            reading.find(
                self._whole.misfit.at(expected="GRCh37, GRCh38 or T2T-CHM13v2.0", got=f"{beyond[0]}:{beyond[1]}")
            )
