"""Releasing: validate everything, plan, commit the versions, sign one line. The line is what makes a release public.

Killed at any point, the bank is in the old state or the new one, and the same command completes it
(docs/ledger.md). Errors in the data stop it before anything is written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.access import project
from catalog.bank import Bank
from catalog.bank.fingerprints import keep_fingerprints
from catalog.checks.run import JudgedLine, Surroundings, judge_bank, judge_lines
from catalog.checks.workers import watch_for
from catalog.errors import InvalidError
from catalog.events import Event, Listener, silent
from catalog.findings import Finding, Level, Severity
from catalog.index import build_index
from catalog.ledger import Ledger, PackageEntry, current_key
from catalog.ontology.annotate import annotate_modality, format_annotation
from catalog.package import fingerprint
from catalog.settings import Settings
from catalog.store import Content
from catalog.vocabulary import Vocabulary
from publish.catalog_object import ReleaseNote, catalog_contents, render_terms
from publish.contents import controlled_contents, public_contents
from publish.journal import Journal, clear_journal, read_journal, write_journal
from publish.planning import (
    Released,
    ReleasePlan,
    Working,
    check_name,
    check_words,
    plan_release,
    refuse_withdrawn,
)
from publish.withdrawal import finish_withdrawal
from publish.writing import (
    LineDraft,
    Writer,
    append,
    open_for_writing,
    read_withdrawn,
    restore_entry,
    settle_catalog,
    settle_package,
    signing_key,
    withdrawn_document,
    withdrawn_files,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a release did.

    Attributes:
        plan: what was planned.
        judged: the lines as validated, with their findings.
        sequence: the number of the public line; 0 when the public chain did not change.
        issued: when; empty when nothing was released.
        dry_run: whether nothing was written because nobody asked for it.
    """

    plan: ReleasePlan
    judged: tuple[JudgedLine, ...]
    sequence: int = 0
    issued: str = ""
    dry_run: bool = False


def now_utc() -> str:
    """The time now, RFC 3339 in UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseJob:
    """What a release is given beside its name.

    Attributes:
        bank: the bank.
        settings: where the key lies.
        vocabulary: the installed ontology terms.
        clock: gives the time, RFC 3339 in UTC.
        tell: hears of progress.
        dry_run: whether to stop after planning.
    """

    bank: Bank
    settings: Settings
    vocabulary: Vocabulary
    clock: Callable[[], str] = now_utc
    tell: Listener = silent
    dry_run: bool = False


def release(job: ReleaseJob, name: str, message: str = "") -> Outcome:
    """Makes a release.

    Args:
        job: the bank and its surroundings.
        name: ``YYYY.MM`` or ``YYYY.MM.N``, above the last one.
        message: the curator's words, kept in the ledger.

    Raises:
        InvalidError: findings of severity error; nothing was written.
        ConflictError: another release runs, the name is not above the last, or something withdrawn came back.
        IntegrityError: a chain or a store does not hold.
        TemporaryError: the disk is full; the old state is intact.
    """
    check_words("message", message)
    with open_for_writing(job.bank, job.settings) as writer:
        if not job.dry_run:
            writer = finish_withdrawal(writer, job.tell)
        journal = read_journal(job.bank.work_folder)
        resumed = journal if journal is not None and (journal.kind, journal.release) == ("release", name) else None
        check_name(name, (writer.public.ledger, writer.controlled.ledger), resumed is not None)
        if resumed is not None and writer.public.has_line(name):
            return _finish(job, writer, resumed)
        issued = resumed.issued if resumed else job.clock()
        judged, bank_findings = judge_all(job.bank, job.vocabulary, job.tell)
        _stop_at_errors(judged, bank_findings)
        working = [work_out(each, job.vocabulary, issued, writer.public.ledger) for each in judged]
        refuse_withdrawn(working, read_withdrawn(writer.controlled))
        plan = plan_release(name, message, working, _released(writer), _pending_key(writer))
        if job.dry_run or plan.is_empty:
            return Outcome(plan=plan, judged=tuple(judged), dry_run=job.dry_run)
        for chain in (writer.public, writer.controlled):
            signing_key(writer, chain.ledger)
        write_journal(job.bank.work_folder, Journal(kind="release", release=name, issued=issued, message=message))
        ledger = _carry_out(job, writer, plan, issued)
        build_index(job.bank, job.tell)
        clear_journal(job.bank.work_folder)
        return Outcome(plan=plan, judged=tuple(judged), sequence=ledger.sequence, issued=issued)


def _finish(job: ReleaseJob, writer: Writer, journal: Journal) -> Outcome:
    """What is left to do when the line was signed before the job was cut off."""
    build_index(job.bank, job.tell)
    clear_journal(job.bank.work_folder)
    plan = ReleasePlan(release=journal.release, message=journal.message, packages=())
    return Outcome(plan=plan, judged=(), sequence=writer.public.ledger.sequence, issued=journal.issued)


def judge_all(bank: Bank, vocabulary: Vocabulary, tell: Listener = silent) -> tuple[list[JudgedLine], list[Finding]]:
    """Every line of a bank with all findings, and the findings about the bank itself."""
    ids = bank.line_ids()
    jobs = bank.settings.jobs or os.cpu_count() or 1
    surroundings = Surroundings(
        vocabulary=vocabulary, level=Level.BANK, jobs=jobs, line_ids=frozenset(ids), watch=watch_for(tell)
    )
    judged = judge_lines([bank.lines_folder / line_id for line_id in ids], surroundings)
    for line in judged:
        keep_fingerprints(bank.work_folder, line.line.line_id, line.files.values())
    return judge_bank(bank.settings, judged, vocabulary)


class ReleaseStopped(InvalidError):
    """Findings of severity error stop a release; nothing was written.

    Attributes:
        errors: (line or file, finding), in order.
    """

    errors: Sequence[tuple[str, Finding]] = ()

    def to_json(self) -> dict[str, object]:
        """The error with its findings, each with the path of its line or file from the bank's folder."""
        return {**super().to_json(), "findings": [{"subject": path, **each.to_json()} for path, each in self.errors]}


def _stop_at_errors(judged: Sequence[JudgedLine], bank_findings: Sequence[Finding]) -> None:
    errors = [("fairline.toml", each) for each in bank_findings if each.severity is Severity.ERROR]
    for line in judged:
        for subject in line.subjects(f"lines/{line.line.line_id}"):
            errors += [(subject.path, each) for each in subject.findings if each.severity is Severity.ERROR]
    bad = [each.line.line_id for each in judged if not each.valid]
    if bad or errors:
        shown = ", ".join(bad[:5]) + (f" and {len(bad) - 5} more" if len(bad) > 5 else "")
        stopped = ReleaseStopped(
            "release-has-errors",
            f"{len(bad)} of {len(judged)} lines have errors: {shown}" if bad else "the bank's settings have errors",
            at=shown or "fairline.toml",
            hint="mend them ('fairline validate' shows all findings), then run the same command again; nothing was written",
        )
        stopped.errors = errors
        raise stopped


def work_out(judged: JudgedLine, vocabulary: Vocabulary, issued: str, ledger: Ledger | None = None) -> Working:
    """A judged line with its public record and its controlled content.

    Args:
        judged: a line without errors.
        vocabulary: for the terms of what was measured.
        issued: decides on embargoes.
        ledger: the public ledger, which remembers withdrawn files.
    """
    terms = [each.to_json() for each in judged.annotations]
    for modality in sorted({row.modality for row in judged.line.files if row.modality}):
        annotation = annotate_modality(modality, vocabulary)
        if annotation is not None:
            terms.append(annotation.to_json())
    public, decisions = project(judged.line, judged.files, terms, judged.all_findings(), issued)
    formats = sorted({each.edam_format for each in public.files if each.edam_format})
    found = [format_annotation(curie, vocabulary) for curie in formats]
    public = public.annotated([each.to_json() for each in found if each is not None])
    if ledger is not None:
        public = public.remembering(withdrawn_files(ledger, judged.line.line_id))
    return Working(judged=judged, public=public, decisions=decisions, controlled=controlled_contents(judged, decisions))


def _released(writer: Writer) -> dict[str, Released]:
    """What both chains hold now, by package."""
    controlled = writer.controlled.ledger.released_packages()
    public = writer.public.ledger.released_packages()
    return {
        name: _released_package(writer, public.get(name), controlled.get(name))
        for name in sorted(set(public) | set(controlled))
    }


def _released_package(writer: Writer, public: PackageEntry | None, controlled: PackageEntry | None) -> Released:
    state = None
    if controlled is not None:
        state = writer.controlled.store.inventory(controlled.object, controlled.version).state()
    if public is None:
        return Released(controlled=state)
    record = restore_entry(writer.public, public)
    files = {each.path: each.sha256 for each in record.files}
    return Released(fingerprint=fingerprint(record), files=files, controlled=state)


def _pending_key(writer: Writer) -> str | None:
    """The newest public key of the bank, when no line has announced it yet."""
    keys = writer.bank.keys()
    newest = keys[-1]
    return None if newest == current_key(writer.public.ledger, keys[0]) else newest.base64


def _carry_out(job: ReleaseJob, writer: Writer, plan: ReleasePlan, issued: str) -> Ledger:
    """Commits every version and appends the lines: controlled first, the public line last."""
    _commit_controlled(job, writer, plan, issued)
    if not plan.public_changes and plan.new_key is None:
        return Ledger()
    entries = []
    for done, each in enumerate(plan.public_changes, start=1):
        named = each.working.public.released_as(plan.release, issued)
        contents = public_contents(named, job.bank.settings, each.working.sources())
        entries.append(
            settle_package(writer.public, each.working.line_id, contents, issued=issued, release=plan.release)
        )
        _tell(job, "commit", each.working.line_id, done, len(plan.public_changes))
    records = [each.working.public for each in plan.packages]
    current = writer.public.ledger.released_packages()
    records += [restore_entry(writer.public, current[name]) for name in plan.kept if name in current]
    note = ReleaseNote(release=plan.release, issued=issued, message=plan.message)
    contents = catalog_contents(job.bank.settings, note, render_terms(records, job.vocabulary))
    catalog = settle_catalog(writer.public, contents, issued=issued, release=plan.release)
    draft = LineDraft(
        release=plan.release, issued=issued, message=plan.message, packages=entries, catalog=catalog, key=plan.new_key
    )
    return append(writer, writer.public, draft)


def _commit_controlled(job: ReleaseJob, writer: Writer, plan: ReleasePlan, issued: str) -> None:
    if not plan.controlled_changes and plan.new_key is None:
        return
    entries = []
    for done, each in enumerate(plan.controlled_changes, start=1):
        contents = each.working.controlled
        entries.append(
            settle_package(writer.controlled, each.working.line_id, contents, issued=issued, release=plan.release)
        )
        _tell(job, "commit-controlled", each.working.line_id, done, len(plan.controlled_changes))
    kept: list[Content] = [withdrawn_document(read_withdrawn(writer.controlled))]
    catalog = settle_catalog(writer.controlled, kept, issued=issued, release=plan.release)
    draft = LineDraft(
        release=plan.release, issued=issued, message=plan.message, packages=entries, catalog=catalog, key=plan.new_key
    )
    append(writer, writer.controlled, draft)


def _tell(job: ReleaseJob, stage: str, text: str, done: int, total: int) -> None:
    job.tell(Event(stage=stage, text=text, done=done, total=total, unit="packages"))
