"""The sample that an array's file names, against the line: what a scan or its sheet calls it is mostly a longer name."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.personal import sign_of
from catalog.formats.protocol import Reading


def sample_rule(prefix: str) -> Rule:
    """The rule about the sample's name of the format with this prefix."""
    return Rule(
        f"{prefix}-sample-not-the-line",
        Severity.WARNING,
        Level.BANK,
        "the name that the file gives its sample has neither the sample nor the line in it",
        "look whether it is another line's file; fill in sample_id in files.csv when the laboratory calls the line so",
        "docs/records.md (sample_id)",
        "A swapped file looks exactly like this.",
    )


def note_sample(reading: Reading, rule: Rule, names: Iterable[tuple[str, str]]) -> None:
    """Puts a finding down when a file names samples and none of the names has the one in it that ``files.csv`` declares.

    The name is that of ``sample_id``, else of the line; case and separators do not count.

    Args:
        reading: where the finding goes, and what is declared.
        rule: made by :func:`sample_rule`.
        names: members of the file that name its sample, and their values; empty ones are passed over.
    """
    wanted = reading.declared.sample_id or reading.declared.line_id
    given = [(member, name.strip()) for member, name in names if name.strip()]
    if given:
        reading.evidence["sample_names"] = [name for _, name in given]
    if not wanted or not given or any(_bare(wanted) in _bare(name) for _, name in given):
        return
    member, name = given[0]
    # Reports travel further than the files they are about: a person's name is not repeated.
    got = None if sign_of(member, name, names_sample=True) else name[:80]
    reading.find(rule.at(Place(column=member[:80]), expected=wanted, got=got))


def _bare(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum()) or name
