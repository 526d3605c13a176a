"""The tier of each file and table: strictest of line, file, floor by kind, floor by sniffed content, consent and embargo.

Pure. The rules stand in docs/tiers.md; every decision carries its reasons, for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.model import FileRow, Record, Role, Tier
from catalog.model.files import MODALITIES, RECORD_PATH
from catalog.model.record import Approval, Consent

_SOURCE = "docs/tiers.md"

OPEN_AGAINST_CONSENT = Rule(
    "access-against-consent",
    Severity.ERROR,
    Level.BANK,
    "the line is open, but the consent says: {what}",
    "set access.tier to controlled, or correct the consent",
    _SOURCE,
    "A donor's no wins over everything else.",
)
CONSENT_UNKNOWN = Rule(
    "access-consent-unknown",
    Severity.WARNING,
    Level.BANK,
    "the consent is unknown: files stay controlled unless an approval covers them",
    "find the consent, or get an approval for open release that names the modality",
    _SOURCE,
)
APPROVAL_INCOMPLETE = Rule(
    "access-approval-incomplete",
    Severity.WARNING,
    Level.BANK,
    "the approval lifts nothing: {field} {problem}",
    "say who approved, by which number and on which day; a decision of the future decides nothing today",
    _SOURCE,
)
EMBARGO_DATE = Rule(
    "access-embargo-date",
    Severity.WARNING,
    Level.BANK,
    "the embargo has no known date: the files stay closed",
    "write the date, or delete the field to lift the embargo",
    _SOURCE,
)
OPEN_WITH_LIMITS = Rule(
    "access-open-with-limits",
    Severity.WARNING,
    Level.BANK,
    "open files cannot keep the limit {term} of the consent",
    "set access.tier to controlled, or ask the data access committee whether the limit binds",
    f"{_SOURCE}; DUO",
    "Whoever downloads an open file is not asked for anything.",
)
ACCESS_RULES = (OPEN_AGAINST_CONSENT, CONSENT_UNKNOWN, APPROVAL_INCOMPLETE, EMBARGO_DATE, OPEN_WITH_LIMITS)

#: Modifiers of DUO that need somebody who lets people in.
_LIMITS = {
    "DUO:0000012",
    "DUO:0000015",
    "DUO:0000016",
    "DUO:0000020",
    "DUO:0000021",
    "DUO:0000022",
    "DUO:0000024",
    "DUO:0000025",
    "DUO:0000026",
    "DUO:0000027",
    "DUO:0000028",
}
#: What each table needs in an approval's scope to be open; an empty tuple needs none.
_TABLE_SCOPES = {
    "qc": (),
    "banks": (),
    "assays": (),
    "files": (),
    "cnv": (),
    "hla": ("hla",),
    "str": ("str",),
}
#: Columns of the cnv table that are open only with one of these in the scope.
CNV_COORDINATE_SCOPES = ("cnv", "snp-array")
_DOCUMENTS = {"pdf", "text", "image", "json"}
#: The table that is public for lines of every tier: tiers are about files, and this one says what cells there are.
_ALWAYS = {"banks"}
#: Words that stand where nothing was known.
_PLACEHOLDERS = frozenset(
    {
        "unknown", "n/a", "na", "none", "nil", "null", "no", "tbd", "tba", "tbc", "todo", "pending", "x", "xx", "xxx",
        "not applicable", "not available", "not known", "not yet", "to be determined", "to be decided",
    }
)  # fmt: skip
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is public, and why not.

    Attributes:
        tier: ``open`` or ``controlled`` (``registered`` counts as controlled until that tier is built).
        embargo_until: the date, when an embargo is among the reasons.
        reasons: in words; empty for an open thing.
    """

    tier: Tier
    embargo_until: str | None = None
    reasons: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is public."""
        return self.tier is Tier.OPEN


def parse_tier(text: str | None) -> Tier:
    """The tier in a cell; anything but the three words is controlled."""
    return Tier(text) if text in set(Tier) else Tier.CONTROLLED


def approval_covers(record: Record, now: str, *scopes: str) -> bool:
    """Whether the record's approval for open release is complete, not of the future, and names one of the scopes.

    Args:
        record: the line's record.
        now: RFC 3339 in UTC.
        scopes: modalities, ``hla``, ``str`` or ``cnv``.
    """
    approval = record.access.approval
    if approval is None or _approval_gap(approval, now) is not None:
        return False
    return any(scope in approval.scope for scope in scopes)


def _approval_gap(approval: Approval, now: str) -> tuple[str, str] | None:
    """The first field of an approval that says nothing, and what is wrong with it; without a time no day is late."""
    for name in ("by", "number", "date"):
        value = " ".join(getattr(approval, name).split())
        field = f"access.approval.{name}"
        if value.lower().strip("<>[]().") in _PLACEHOLDERS or not any(letter.isalnum() for letter in value):
            return field, "says nothing"
        if name == "date" and not _is_date(value):
            return field, "is no day of the calendar"
        if name == "date" and now and value > now[:10]:
            return field, "lies in the future"
    return None


def decide_file(row: FileRow, record: Record, seen: Mapping[str, object], now: str) -> Decision:
    """The tier of one file.

    Args:
        row: its row in ``files.csv``.
        record: the line's record.
        seen: what inspection saw: ``format`` (or None), the format's ``floor``, and ``facts``.
        now: the release's time, RFC 3339 in UTC.
    """
    reasons = _line_reasons(record)
    if row.tier is None:
        reasons.append("files.csv has no column tier")
    elif row.tier and parse_tier(row.tier) is not Tier.OPEN:
        reasons.append(f"files.csv says {row.tier}")
    kind, covered = _kind_reason(row, seen), approval_covers(record, now, row.modality)
    if kind and not covered:
        reasons.append(f"{kind}, and no approval covers {row.modality or 'a file without modality'}")
    if _fact(seen, "hla_like") and not approval_covers(record, now, "hla"):
        reasons.append("its content looks like HLA types, and no approval covers hla")
    if _consent_is_unknown(record) and not covered:
        reasons.append("the consent is unknown")
    return _decision(reasons, record, now)


def decide_table(name: str, record: Record, now: str) -> Decision:
    """The tier of one of the tables beside ``line.yaml``; banks of cells are public for lines of every tier."""
    reasons = list(_consent_reasons(record)) if name in _ALWAYS else _line_reasons(record)
    scopes = _TABLE_SCOPES.get(name, ("nothing",))
    if scopes and not approval_covers(record, now, *scopes):
        reasons.append(f"{name}.csv is controlled, and no approval covers {' or '.join(scopes)}")
    return _decision(reasons, record, now)


def _line_reasons(record: Record) -> list[str]:
    reasons = []
    if parse_tier(record.access.tier) is not Tier.OPEN:
        reasons.append(f"the line is {record.access.tier}")
    reasons.extend(_consent_reasons(record))
    return reasons


def _consent_reasons(record: Record) -> Iterator[str]:
    return (f"the consent says: {what}" for what in _refusals(record))


def _decision(reasons: list[str], record: Record, now: str) -> Decision:
    embargo = record.access.embargo_until
    embargoed = embargo is not None and not (_is_date(embargo) and embargo <= now[:10])
    if embargoed:
        reasons = [*reasons, f"embargo until {embargo}"]
    if not reasons:
        return Decision(Tier.OPEN)
    return Decision(Tier.CONTROLLED, embargo if embargoed else None, tuple(reasons))


def _is_date(text: str) -> bool:
    """Whether a text is a day of the calendar; what is none, such as 2026-02-31, ends no embargo."""
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _fact(seen: Mapping[str, object], name: str) -> object:
    facts = seen.get("facts")
    return facts.get(name) if isinstance(facts, Mapping) else None


def _kind_reason(row: FileRow, seen: Mapping[str, object]) -> str | None:
    """Why a file of this kind has the floor controlled; None when its floor is open."""
    found = seen.get("format")
    if _fact(seen, "genotype_like"):
        return "its content looks like genotypes"
    if found in _DOCUMENTS:
        return None if row.role in {Role.DOCUMENT, Role.QC, Role.SUMMARY, ""} else "a document with the role of data"
    if found == "table":
        return _table_reason(row)
    if seen.get("floor") == Tier.OPEN:
        return None
    return f"{found or 'unknown content'} is controlled by its kind"


def _table_reason(row: FileRow) -> str | None:
    if row.modality == "rna-seq":
        return None
    if row.modality == "methyl-seq" and row.role in {Role.SUMMARY, Role.QC, Role.DERIVED}:
        return None  # regional methylation; tables per CpG are raw or processed
    if row.role in {Role.QC} and row.modality in {"", "karyotyping", "imaging"}:
        return None
    label = MODALITIES.get(row.modality, "no known modality")
    return f"a table of {label} may hold genotypes"


def _consent_is_unknown(record: Record) -> bool:
    consent = record.consent
    if not isinstance(consent, Consent) or consent.duo == "unknown" or "unknown" in consent.duo:
        return True
    return consent.permissions is not None and consent.permissions.sharing_open == "unknown"


def _refusals(record: Record) -> Iterator[str]:
    """What the consent forbids in plain words; only an explicit no counts here."""
    consent = record.consent
    if not isinstance(consent, Consent):
        return
    if consent.permissions is not None and consent.permissions.sharing_open is False:
        yield "sharing_open is false"
    if consent.withdrawal is not None and consent.withdrawal.state in {"full", "partial"}:
        yield f"withdrawn ({consent.withdrawal.state})"


def line_faults(record: Record, now: str = "") -> Iterator[Finding]:
    """Findings about access, consent and approval of a record; their path is that of the record.

    Args:
        record: the line's record.
        now: RFC 3339 in UTC, or a day; without it an approval is never too late.
    """

    def at(column: str) -> Place:
        return Place(path=RECORD_PATH, column=column)

    is_open = parse_tier(record.access.tier) is Tier.OPEN
    for what in _refusals(record):
        if is_open:
            yield OPEN_AGAINST_CONSENT.at(at("access.tier"), expected="controlled", got="open", what=what)
    if _consent_is_unknown(record):
        yield CONSENT_UNKNOWN.at(at("consent"), expected="a list of DUO terms", got="unknown")
    approval = record.access.approval
    gap = _approval_gap(approval, now) if approval else None
    if approval and gap:
        field, problem = gap
        got = getattr(approval, field.rsplit(".", 1)[-1])
        yield APPROVAL_INCOMPLETE.at(at(field), expected="a known value", got=got, field=field, problem=problem)
    embargo = record.access.embargo_until
    if embargo is not None and not _is_date(embargo):
        yield EMBARGO_DATE.at(at("access.embargo_until"), expected="a date such as 2027-01-01", got=embargo)
    consent = record.consent
    if is_open and isinstance(consent, Consent):
        for term in consent.duo:
            if term in _LIMITS:
                yield OPEN_WITH_LIMITS.at(at("consent.duo"), expected="no limits on an open line", got=term, term=term)
