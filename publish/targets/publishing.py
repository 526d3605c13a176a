"""Publishing a release to a target: read, plan, apply; again after a cut; back again when somebody asks for it."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from catalog import durable
from catalog.bank import Bank
from catalog.errors import ConflictError
from catalog.ledger import load_ledger
from catalog.settings import Settings
from catalog.store.locks import exclusive
from publish.releasing import now_utc
from publish.targets.journal import Past, PublishJournal
from publish.targets.planning import Plan, check_history, check_order, plan_publication, plan_return
from publish.targets.protocol import Note, Target, Tell
from publish.targets.publication import Publication
from publish.targets.reading import read_publication
from publish.targets.running import Run
from publish.targets.settings import open_target
from publish.targets.state import TargetState

#: What is asked for.
FORWARD = "forward"
RESUME = "resume"
ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishJob:
    """What a publication is given.

    Attributes:
        bank: the bank.
        settings: the user's folders.
        target: the target's name in ``fairline.toml``.
        release: which release; None for the last one, or what the mode implies.
        mode: forward, resume or rollback.
        jobs: how many steps at a time.
        tell: hears of retries and warnings.
        clock: gives the time, RFC 3339 in UTC.
    """

    bank: Bank
    settings: Settings
    target: str
    release: str | None = None
    mode: str = FORWARD
    jobs: int = 4
    tell: Tell = field(default=lambda _: None)
    clock: Callable[[], str] = now_utc

    @property
    def journal(self) -> PublishJournal:
        """The journal of this target."""
        return PublishJournal(path=self.bank.work_folder / f"publish-{self.target}.journal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything that was found out before the first write."""

    target: Target
    publication: Publication
    state: TargetState
    plan: Plan
    gives_up: bool = False

    @property
    def published(self) -> Publication:
        """The release with what the target adds to it."""
        return self.plan.publication or self.publication


def prepare(job: PublishJob) -> Prepared:
    """Looks at the target and plans; nothing is written.

    Raises:
        NotFoundError: no such target, no such release, or nothing was released yet.
        ConflictError: the target shows a later release, or holds what is not ours.
        TemporaryError, UnauthorisedError: the target does not answer, or not to us.
    """
    publication = read_publication(job.bank, job.release or _unfinished(job))
    target = open_target(job.bank, job.target, job.settings, job.tell)
    for each in target.check():
        if each.state != "ok":
            job.tell(Note(type="warning", step="check", name=each.name, text=f"{each.text}; {each.mend}"))
    state = target.read(publication)
    check_history(publication, state)
    if job.mode != ROLLBACK:
        check_order(publication, state, rollback=False)
        return _planned(job, target, publication, state)
    staged = any(not each.is_open for each in (*state.held.values(), *state.twins))
    gives_up = job.release is None and (staged or not job.journal.read().is_done)
    wanted = job.release or (state.release if gives_up else _before(job, publication, state))
    if wanted and wanted != publication.release:
        publication = read_publication(job.bank, wanted)
        state = target.read(publication)
    return _planned(job, target, publication, state, gives_up=gives_up)


def _unfinished(job: PublishJob) -> str | None:
    """The release of a run that did not end, when that is what is to be resumed."""
    past = job.journal.read()
    if job.mode == RESUME and not past.is_done:
        return past.release or None
    return None


def _planned(
    job: PublishJob, target: Target, publication: Publication, state: TargetState, *, gives_up: bool = False
) -> Prepared:
    """The plan for a release and a state; one that gives up goes back to what the pointer names, or to nothing."""
    plan: Plan | None = None
    if state.release or not gives_up:
        plan = plan_publication(job.target, publication, state, target.layout)
    if gives_up:
        plan = plan_return(plan, job.target, state)
    assert plan is not None
    return Prepared(target=target, publication=publication, state=state, plan=plan, gives_up=gives_up)


def _before(job: PublishJob, publication: Publication, state: TargetState) -> str:
    """The release before the one that the target shows."""
    place = publication.releases.index(state.release) if state.release in publication.releases else 0
    if place == 0:
        raise ConflictError(
            "publish-first",
            f"the target shows {f'release {state.release}' if state.release else 'no release'}, and there is none before it",
            at=job.target,
            hint="publish a later release, or withdraw what should not be there",
        )
    return publication.releases[place - 1]


def publish(job: PublishJob) -> Iterator[Note]:
    """Publishes a release, goes on with a run that was cut off, or goes back.

    Yields:
        A note for every finished step, progress between them, and at the end the summary.

    Raises:
        CatalogError: as for :func:`prepare`, and whatever stops the run; the same call goes on where it stopped.
    """
    if job.target not in job.bank.settings.targets:
        prepare(job)  # it says what is wrong, and no lock is left behind
    with _lock(job):
        journal, past = job.journal, job.journal.read()
        if job.mode == RESUME and past.is_done:
            yield Note(
                type="summary",
                text="nothing to resume: no unfinished run for this target is known here",
                members={"writes": 0},
            )
            return
        found = prepare(job)
        run_name = str(uuid.uuid4())
        if found.plan.is_empty:
            if past.runs and found.state.holder:
                with found.target.hold(run_name, past.runs):
                    pass  # gives back the lease of a run that died when all was done
            yield from _check_again(job, found, past)
            return
        journal.begin(run_name, found.publication.release, job.clock())
        with found.target.hold(run_name, past.runs):
            state = found.target.read(found.publication)
            found = _planned(job, found.target, found.publication, state, gives_up=found.gives_up)
            yield Note(type="plan", members=found.plan.to_json())
            yield from _carry_out(job, found, past)


def _carry_out(job: PublishJob, found: Prepared, past: Past) -> Iterator[Note]:
    run = _run(job, found)
    if found.gives_up and not found.plan.release:
        yield from run.give_up(found.plan)
    else:
        yield from run.apply(found.plan, past)
    summary = run.summary(found.plan, gave_up=found.gives_up)
    job.journal.end(summary.members)
    yield summary


def _check_again(job: PublishJob, found: Prepared, past: Past) -> Iterator[Note]:
    """Nothing is to be done: every file is read again and compared."""
    run = _run(job, found)
    if found.plan.release:
        yield from run.check_again(found.plan)
    summary = run.summary(found.plan, gave_up=found.gives_up)
    if not past.is_done:
        job.journal.end(summary.members)
    yield summary


def _run(job: PublishJob, found: Prepared) -> Run:
    return Run(target=found.target, publication=found.published, journal=job.journal, jobs=job.jobs)


@contextlib.contextmanager
def _lock(job: PublishJob) -> Iterator[None]:
    folder = job.bank.work_folder
    with durable.disk_errors(folder):
        durable.make_directories(folder)
    with exclusive(folder / f"publish-{job.target}.lock", wait=False, what="publishes to this target"):
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishStatus:
    """How a target stands to the bank.

    Attributes:
        shown: the release that the target shows; empty before the first.
        newest: the last release of the bank.
        unfinished: the release of a run that did not end; empty when there is none.
        steps: how many steps of it are done.
        holder: who is publishing there now, in words.
        leftovers: what dead runs left there.
        plan: what publishing would do now.
    """

    target: str
    shown: str
    newest: str
    unfinished: str
    steps: int
    holder: str
    leftovers: tuple[str, ...]
    plan: Plan

    def to_json(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "target": self.target,
            "release": self.shown or None,
            "newest": self.newest,
            "unfinished": self.unfinished or None,
            "steps": self.steps,
            "holder": self.holder or None,
            "leftovers": list(self.leftovers),
            "plan": self.plan.to_json(),
        }


def publish_status(job: PublishJob) -> PublishStatus:
    """Looks at the target and at the journal; nothing is written.

    Raises:
        CatalogError: as for :func:`prepare`.
    """
    past = job.journal.read()
    found = prepare(job)
    last = load_ledger(job.bank.ledger_path, job.bank.keys()).last
    assert last is not None
    return PublishStatus(
        target=job.target,
        shown=found.state.release,
        newest=last.release,
        unfinished="" if past.is_done else past.release,
        steps=len(past.steps),
        holder=found.state.holder,
        leftovers=tuple(found.state.leftovers),
        plan=found.plan,
    )
