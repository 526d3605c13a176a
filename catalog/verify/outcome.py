"""What a verification says: what was checked, what is wrong, and what cannot be proved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.findings import Collector, Finding, Level, Rule, Severity
from catalog.ledger import LEDGER_RULES
from catalog.store.verification import STORE_RULES

_SOURCE = "docs/verify.md"

FILE_CHANGED = Rule(
    "download-file",
    Severity.ERROR,
    Level.SPEC,
    "{logical} is not the file that was released",
    "delete it and run 'fairline get' again",
    _SOURCE,
)
FILE_MISSING = Rule(
    "download-missing",
    Severity.ERROR,
    Level.SPEC,
    "{logical} is missing",
    "run 'fairline get' again: it fetches what is missing",
    _SOURCE,
)
NOT_SELECTED = Rule(
    "download-not-selected",
    Severity.INFO,
    Level.SPEC,
    "{logical} was not downloaded",
    "it was left out by the pattern of 'fairline get'",
    _SOURCE,
)
EXTRA = Rule(
    "download-extra",
    Severity.WARNING,
    Level.SPEC,
    "{logical} is no file of the package",
    "nothing proves anything about it",
    _SOURCE,
)
FILE_WITHDRAWN = Rule(
    "download-withdrawn",
    Severity.WARNING,
    Level.SPEC,
    "{logical} was withdrawn on {date}: {reason}",
    "delete it: the bank has taken it back, and it is no part of the package any more",
    _SOURCE,
    "Data are withdrawn for a reason, such as a donor's wish; copies should not be used on.",
)
UNKNOWN_VERSION = Rule(
    "download-version",
    Severity.ERROR,
    Level.SPEC,
    "the ledger knows no version {release} of {package}",
    "do not use these data unless the bank can explain it",
    _SOURCE,
)
KEY_CHANGED = Rule(
    "key-changed",
    Severity.ERROR,
    Level.SPEC,
    "the first key of {bank} is not the one that was seen before",
    "ask the bank by another way; if it confirms the new key, or if another bank had this address before, pass the key with --key",
    _SOURCE,
    "Whoever can replace ledger and key together could pass off other data as the bank's.",
)
NOT_PUBLIC = Rule(
    "store-not-public",
    Severity.INFO,
    Level.SPEC,
    "{object_id} is in the store but in no release",
    "a release was cut off; the next one adopts or removes it",
    _SOURCE,
)
LEFT_OVER = Rule(
    "store-left-over",
    Severity.ERROR,
    Level.SPEC,
    "the object {object_id} was replaced and is still there",
    "run any 'fairline release' or 'withdraw': it finishes the erasure",
    _SOURCE,
    "Its bytes were withdrawn.",
)
INDEX = Rule(
    "index-stale",
    Severity.WARNING,
    Level.SPEC,
    "the index cannot be used: {problem}",
    "run 'fairline index build'",
    _SOURCE,
)

INDEX_DAMAGED = Rule(
    "index-damaged",
    Severity.ERROR,
    Level.SPEC,
    "the index is not the one that was built: {problem}",
    "run 'fairline index build': it is made anew from ledger and store",
    _SOURCE,
    "A changed index would show other packages, rights or files than those that were signed.",
)

OWN_RULES = (
    FILE_CHANGED, FILE_MISSING, NOT_SELECTED, EXTRA, FILE_WITHDRAWN, UNKNOWN_VERSION, KEY_CHANGED, NOT_PUBLIC, LEFT_OVER,
    INDEX, INDEX_DAMAGED,
)  # fmt: skip
VERIFY_RULES = (*OWN_RULES, *LEDGER_RULES, *STORE_RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The outcome of one verification.

    Attributes:
        target: what was verified, as it was named.
        kind: ``bank``, ``store``, ``download``, ``package`` or ``portal``.
        findings: grouped; a finding's ``path`` is relative to the target.
        lines: ledger lines that hold.
        objects: OCFL objects that were looked at.
        files: files whose bytes were hashed.
        unproved: what no witness can vouch for, in sentences.
    """

    target: str
    kind: str
    findings: tuple[Finding, ...] = ()
    lines: int = 0
    objects: int = 0
    files: int = 0
    unproved: tuple[str, ...] = field(default_factory=tuple)

    @property
    def valid(self) -> bool:
        """Whether nothing disagrees."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    def to_json(self) -> dict[str, object]:
        """The outcome for ``--json``."""
        return {
            "target": self.target,
            "kind": self.kind,
            "valid": self.valid,
            "lines": self.lines,
            "objects": self.objects,
            "files": self.files,
            "findings": [finding.to_json() for finding in self.findings],
            "unproved": list(self.unproved),
        }


def grouped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in bounded number."""
    collector = Collector()
    collector.extend(findings)
    return tuple(collector)
