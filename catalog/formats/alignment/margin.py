"""The margin of an alignment file: where findings about the line or record being read are noted, and how rules are declared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.formats.protocol import Reading

SAM = "SAMv1"
TAGS = "SAMtags"


def forbidden(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """A rule that the specification states with *must*, as a grammar, a type or a definition: an error."""
    return Rule(code, Severity.ERROR, Level.SPEC, message, hint, source, why)


def unusual(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """A rule that the specification only recommends, or that lists customary use: a warning."""
    return Rule(code, Severity.WARNING, Level.SPEC, message, hint, source, why)


def unwanted(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """A wish of the platform: a warning of the bank's rules."""
    return Rule(code, Severity.WARNING, Level.BANK, message, hint, source, why)


def refused(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """What a bank does not take: an error of the bank's rules."""
    return Rule(code, Severity.ERROR, Level.BANK, message, hint, source, why)


@dataclass(frozen=True, slots=True)
class Leaning:
    """What a specification advises against and a bank does not take: a warning for the one, an error for the other.

    One of the two is noted, by the rules that are asked for. The second has the code of the first and ``-refused``.
    """

    advised: Rule
    refused: Rule

    @property
    def both(self) -> tuple[Rule, Rule]:
        """The two rules."""
        return self.advised, self.refused


def leaning(code: str, message: str, hint: str, source: str, why: str = "") -> Leaning:
    """Two rules of one meaning: a warning of the specification's, and an error of the bank's."""
    return Leaning(
        unusual(code, message, hint, source, why),
        refused(f"{code}-refused", message, hint, f"{source}; the bank takes no such records", why),
    )


class Margin:
    """Notes findings of the line or record being read.

    Attributes:
        line: where the reader is in text; likewise ``record`` and ``offset`` in binary.
        wants_bank_rules: whether the platform's own rules are asked for as well.
    """

    __slots__ = ("_reading", "line", "offset", "record", "wants_bank_rules")

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.line: int | None = None
        self.record: int | None = None
        self.offset: int | None = None
        self.wants_bank_rules = reading.wants_bank_rules

    @property
    def has_broken_off(self) -> bool:
        """Whether the container was found damaged: what is missing behind is no fault of its own."""
        return bool(self._reading.source.findings)

    @property
    def place(self) -> Place:
        """Where the reader is, without column."""
        return Place(line=self.line, record=self.record, offset=self.offset)

    def note(
        self,
        rule: Rule | Leaning,
        column: str | None = None,
        expected: str | None = None,
        got: object = None,
        **words: object,
    ) -> None:
        """Notes one finding at the place of the reader.

        Args:
            rule: the rule that is broken, or two of which the asked-for level chooses one.
            column: the field, such as ``POS``, ``@SQ/LN`` or ``NM``.
            expected: what the rule wants, in words that do not depend on the record, so that findings group.
            got: the offending value.
            **words: values of the placeholders of the rule's message.
        """
        self.note_at(self.place, rule, column, expected, got, **words)

    def note_whole(
        self,
        rule: Rule | Leaning,
        column: str | None = None,
        expected: str | None = None,
        got: object = None,
        **words: object,
    ) -> None:
        """Notes one finding about the whole file."""
        self.note_at(Place(), rule, column, expected, got, **words)

    def note_at(
        self, place: Place, rule: Rule | Leaning, column: str | None, expected: str | None = None, got: object = None,
        **words: object,
    ) -> None:  # fmt: skip
        """Notes one finding at some other place."""
        self._reading.find(self._finding(place, rule, column, expected, got, words))

    def note_many(self, place: Place, count: int, rule: Rule | Leaning, column: str, expected: str) -> None:
        """Notes equal findings that were counted on the way, with the first place."""
        self._reading.find(replace(self._finding(place, rule, column, expected, None, {}), count=count))

    def _finding(
        self,
        place: Place,
        rule: Rule | Leaning,
        column: str | None,
        expected: str | None,
        got: object,
        words: dict[str, object],
    ) -> Finding:
        if isinstance(rule, Leaning):
            rule = rule.refused if self.wants_bank_rules else rule.advised
        where = place if column is None else replace(place, column=column)
        return rule.at(where, expected=expected, got=got, related=(), **words)
