"""The rules of the Command Console container, with the prefix of the format that is kept in it."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.findings import Level, Rule, Severity

_SOURCE = "Affymetrix Command Console generic data file format"
#: Headers of parents within parents.
DEEPEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleRules:
    """The rules of the container, with a format's own prefix."""

    truncated: Rule
    length: Rule
    too_deep: Rule
    text: Rule
    parameter: Rule
    position: Rule
    column: Rule
    trailing: Rule

    def all(self) -> tuple[Rule, ...]:
        """Every rule, in the order of the attributes."""
        return tuple(getattr(self, name) for name in self.__slots__)


def console_rules(prefix: str, document: str) -> ConsoleRules:
    """The rules of a format that is kept in this container.

    Args:
        prefix: of their codes.
        document: the one that says what the format keeps in it.
    """
    again = "export the file again with Affymetrix' software"

    def error(code: str, message: str, hint: str, part: str, why: str = "") -> Rule:
        return Rule(f"{prefix}-{code}", Severity.ERROR, Level.SPEC, message, hint, f"{_SOURCE}{part}", why)

    return ConsoleRules(
        truncated=error(
            "truncated",
            "the file ends inside {part}",
            "copy the file again and compare its size with the source",
            f"; {document}",
            "What follows is missing, and every later position is wrong.",
        ),
        length=error(
            "length",
            "the count or length of {part} cannot be right",
            "the header is damaged: copy the file again",
            ", data types",
        ),
        too_deep=Rule(
            f"{prefix}-too-deep",
            Severity.ERROR,
            Level.SPEC,
            f"the headers of parent files nest deeper than {DEEPEST} levels",
            "a scan has an image, an array and perhaps a sample as its parents: look at what wrote the file",
            f"{_SOURCE}, generic data header",
        ),
        text=error(
            "text",
            "{part} is not text of the declared kind",
            "the header is damaged or was edited by hand: export the file again",
            ", data types (STRING, WSTRING)",
        ),
        parameter=error(
            "parameter",
            "a parameter has a type or a length that the format does not know",
            again,
            ", generic data header (name/value/type)",
        ),
        position=error(
            "position",
            "the position that is written down for {part} is not where it lies",
            "the file was changed by a program that did not renew its positions: export it again",
            ", data group and data set",
            "Readers jump to the written positions and would take other bytes for values.",
        ),
        column=error(
            "column",
            "a column of data set {part} has the wrong type or size",
            again,
            f", data set (column types); {document}",
        ),
        trailing=error(
            "trailing-bytes",
            "bytes follow the end of the last part",
            "copy the file again: something was appended to it",
            f"; {document}",
        ),
    )
