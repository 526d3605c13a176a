"""hPSCreg names: linted, with a suggestion and the evidence for and against it. Nothing is ever renamed."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks.protocol import BankSubject, LineSubject
from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.identifiers import portal_name
from catalog.model.files import RECORD_PATH
from catalog.names import LineName, parse_name
from catalog.vocabulary import Vocabulary

_SOURCE = "hPSCreg naming standard"

NONSTANDARD = Rule(
    "name-nonstandard",
    Severity.WARNING,
    Level.BANK,
    "the name departs from the standard: {faults}",
    "{evidence} Nothing is renamed: decide with the registry, then correct line_id or keep it",
    _SOURCE,
    "Registries join lines by name; a name that is nearly right may be another line's.",
)
LOCAL = Rule(
    "name-local",
    Severity.WARNING,
    Level.BANK,
    "the name is not an hPSCreg name",
    "register the line, or say in name_reason why it has no registered name",
    _SOURCE,
    "Two banks may use the same local name for different lines.",
)
TYPE_LETTER = Rule(
    "name-type-letter",
    Severity.ERROR,
    Level.BANK,
    "the name says {named}, the record says {stated}",
    "correct line_type, or the name's letter (i: iPSC, e: ESC) with the registry",
    _SOURCE,
)
PARENT_UNSTATED = Rule(
    "name-parent",
    Severity.WARNING,
    Level.BANK,
    "the name is that of a subclone of {parent}, but the record's parent is {got_parent}",
    "add 'parent: {{line: {parent}, relation: edited}}', or correct the name",
    _SOURCE,
)
PARENT_ELSEWHERE = Rule(
    "name-parent-elsewhere",
    Severity.INFO,
    Level.BANK,
    "the parent line {parent} is not in this bank",
    "nothing to do if another bank has it",
    _SOURCE,
)
DONOR_DIFFERS = Rule(
    "name-donor",
    Severity.WARNING,
    Level.BANK,
    "the name shares its donor number with {other}, but the donors differ",
    "lines of one donor number come from one donor: correct donor.donor_id or the name",
    _SOURCE,
)
PORTAL_TWIN = Rule(
    "name-portal-twin",
    Severity.ERROR,
    Level.BANK,
    "{other} has the same name on portals: {name}",
    "portals know lower case, digits and '-' only: rename one of the lines",
    "docs/addresses.md",
)

NAME_RULES = (NONSTANDARD, LOCAL, TYPE_LETTER, PARENT_UNSTATED, PARENT_ELSEWHERE, DONOR_DIFFERS, PORTAL_TWIN)


def _at(column: str) -> Place:
    return Place(path=RECORD_PATH, column=column)


class NameCheck:
    """Judges line names against the hPSCreg standard."""

    rules = NAME_RULES

    def check_line(self, subject: LineSubject) -> Iterator[Finding]:
        """Findings of one line's name."""
        line_id = subject.line.line_id
        name = parse_name(line_id)
        if name is None:
            if (subject.record.name_reason or "unknown") == "unknown":
                yield LOCAL.at(_at("line_id"), expected="a name such as KSCBi005-A", got=line_id)
            return
        if name.faults:
            evidence = _evidence(subject, name)
            words = {"faults": "; ".join(name.faults), "evidence": ""}
            finding = NONSTANDARD.at(_at("line_id"), expected=name.standard_form, got=line_id, **words)
            yield _with_hint(finding, evidence)
        yield from _type_and_parent(subject, name)

    def check_bank(self, subject: BankSubject) -> Iterator[tuple[str, Finding]]:
        """Donor numbers and portal names over all lines."""
        donors: dict[tuple[str, str, int], LineSubject] = {}
        portal: dict[str, str] = {}
        for each in subject.lines:
            line_id = each.line.line_id
            other = portal.setdefault(portal_name(line_id), line_id)
            if other != line_id:
                words = {"other": other, "name": portal_name(line_id)}
                yield line_id, PORTAL_TWIN.at(_at("line_id"), expected="another name", got=line_id, **words)
            name = parse_name(line_id)
            if name is None or name.faults:
                continue
            first = donors.setdefault((name.provider, name.line_type, int(name.donor)), each)
            mine, theirs = each.record.donor.donor_id, first.record.donor.donor_id
            if mine != theirs and "unknown" not in (mine, theirs):
                # The other line's donor is not named: that line may be closed while this finding is public.
                other = first.line.line_id
                words = {"expected": f"the donor of {other}", "got": mine, "other": other}
                yield line_id, DONOR_DIFFERS.at(_at("donor.donor_id"), **words)


def _with_hint(finding: Finding, evidence: str) -> Finding:
    """Evidence is long and made of our own words and checked names: it is not cut like a foreign value."""
    from dataclasses import replace

    return replace(finding, hint=f"{evidence}{finding.hint.strip()}")


def _evidence(subject: LineSubject, name: LineName) -> str:
    """What speaks for and against the nearest standard name."""
    suggested = name.standard_form
    if suggested is None:
        return "No standard name can be suggested. "
    pros = ["its parts fit"]
    cons = []
    if suggested in subject.line_ids:
        cons.append(f"this bank has another line {suggested}")
    registered = _labels(subject.vocabulary, suggested)
    for alias in subject.record.aliases:
        for known in _labels(subject.vocabulary, alias.name):
            if known in registered:
                pros.append(f"{known} bears the alias {alias.name} too")
            else:
                cons.append(f"the alias {alias.name} is {known}, another entry")
    if registered and not cons:
        pros.append(f"{suggested} is registered as {', '.join(registered)}; that may be this line")
    elif registered:
        cons.append(f"{suggested} is already {', '.join(registered)}: renaming would merge two lines")
    against = f"Against: {'; '.join(cons)}." if cons else "Against: nothing is known."
    return f"Suggested: {suggested}? For: {'; '.join(pros)}. {against} "


def _labels(vocabulary: Vocabulary, label: str) -> list[str]:
    """The registered entries with exactly this label, as people write them."""
    return [term.curie.replace("CVCL:", "CVCL_") for term in vocabulary.by_label(label)]


def _type_and_parent(subject: LineSubject, name: LineName) -> Iterator[Finding]:
    record = subject.record
    if record.line_type in {"iPSC", "ESC"} and record.line_type != name.line_type:
        words = {"named": name.line_type, "stated": record.line_type}
        yield TYPE_LETTER.at(_at("line_type"), expected=name.line_type, got=record.line_type, **words)
    if name.parent is None:
        return
    stated = record.parent.line if record.parent else None
    if stated != name.parent:
        words = {"parent": name.parent, "got_parent": stated or "not stated"}
        yield PARENT_UNSTATED.at(_at("parent"), expected=name.parent, got=stated or "nothing", **words)
    if name.parent not in subject.line_ids:
        yield PARENT_ELSEWHERE.at(_at("parent"), expected="a line of this bank", got=name.parent, parent=name.parent)


CHECK = NameCheck()
