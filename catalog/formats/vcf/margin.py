"""The margin of a VCF: where findings about the line being read are noted down, and how rules are declared."""

from __future__ import annotations

from dataclasses import replace

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.protocol import Reading


def forbidden(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """A rule that the specification states with *must*, as a grammar, a type or a definition: an error."""
    return Rule(code, Severity.ERROR, Level.SPEC, message, hint, source, why)


def unusual(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """A rule that the specification only recommends, or that only later versions of it state: a warning."""
    return Rule(code, Severity.WARNING, Level.SPEC, message, hint, source, why)


def unwanted(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """A wish of the platform: a warning of the bank's rules."""
    return Rule(code, Severity.WARNING, Level.BANK, message, hint, source, why)


class Margin:
    """Notes findings of the line or record being read.

    Attributes:
        place: where it is.
        minor: the minor version of the file, 3 for VCFv4.3.
    """

    __slots__ = ("_reading", "minor", "place")

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.place = Place()
        self.minor = 0

    @property
    def wants_bank_rules(self) -> bool:
        """Whether the platform's own rules are asked for as well."""
        return self._reading.wants_bank_rules

    def note(
        self, rule: Rule, column: str | None = None, expected: str | None = None, got: object = None, **words: object
    ) -> None:
        """Notes one finding.

        Args:
            rule: the rule that is broken.
            column: the field, such as ``POS`` or ``INFO/DP``.
            expected: what the rule wants, in words that do not depend on the line, so that findings group.
            got: the offending value.
            **words: values of the placeholders of the rule's message.
        """
        self._reading.find(rule.at(replace(self.place, column=column), expected=expected, got=got, related=(), **words))

    def note_times(
        self, count: int, rule: Rule, column: str, expected: str, got: object = None, **words: object
    ) -> None:
        """Notes that a finding was met so many times, the first time at this place or at one that was noted already."""
        found = rule.at(replace(self.place, column=column), expected=expected, got=got, related=(), **words)
        self._reading.find(replace(found, count=count))

    def note_whole(self, rule: Rule, column: str | None = None, got: object = None, **words: object) -> None:
        """Notes one finding about the whole file."""
        self._reading.find(rule.at(Place(column=column), expected=None, got=got, related=(), **words))
