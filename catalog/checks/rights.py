"""Access, consent and licence of a line."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.access import ACCESS_RULES, line_faults
from catalog.checks.protocol import LineCheck, LineSubject
from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.model.files import RECORD_PATH

LICENCE_MISSING = Rule(
    "rights-licence",
    Severity.WARNING,
    Level.BANK,
    "open files without a licence may not be used by anybody",
    "state a licence such as CC-BY-4.0 or CC0-1.0",
    "docs/records.md, licence",
    "Without a licence the law says no to every use.",
)

RIGHTS_RULES = (*ACCESS_RULES, LICENCE_MISSING)


class RightsCheck(LineCheck):
    """Judges what may be done with a line's files."""

    rules = RIGHTS_RULES

    def check_line(self, subject: LineSubject) -> Iterator[Finding]:
        """Findings of one line's access, consent and licence."""
        record = subject.record
        yield from line_faults(record, subject.today)
        if subject.line.files and record.access.tier == "open" and (record.licence or "unknown") == "unknown":
            yield LICENCE_MISSING.at(
                Place(path=RECORD_PATH, column="licence"), expected="an SPDX identifier", got="nothing"
            )


CHECK = RightsCheck()
