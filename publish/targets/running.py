"""Applying a plan: steps in order, in parallel where they are independent, each journaled when it is done.

Nothing becomes public before every byte of it was read back; the pointer moves last. A run that is cut off goes on
when the same command is given again: the target is read, and only what is missing is done.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from publish.targets.journal import Past, PublishJournal
from publish.targets.manifest import render_manifest
from publish.targets.planning import CREATE, Batch, Plan, RecordStep
from publish.targets.protocol import Note, Target, Tell
from publish.targets.publication import Publication, PublishedFile
from publish.targets.state import Held

Task = Callable[[Tell], None]


class Stopped(BaseException):
    """Ends the worker threads when the run was stopped."""


@dataclass(slots=True)
class Counts:
    """What a run did, for the summary."""

    created: int = 0
    updated: int = 0
    uploaded: int = 0
    verified: int = 0
    proved_before: int = 0
    erased: int = 0
    window_started: float | None = None
    window_seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Run:
    """One publication under way.

    Attributes:
        target: where.
        publication: what.
        journal: remembers finished steps.
        jobs: how many steps at a time.
        counts: what was done so far.
    """

    target: Target
    publication: Publication
    journal: PublishJournal
    jobs: int = 4
    counts: Counts = field(default_factory=Counts)

    def apply(self, plan: Plan, past: Past) -> Iterator[Note]:
        """Carries a plan out.

        Args:
            plan: made for this publication and this target.
            past: what the journal knows of earlier runs.

        Yields:
            A note for every finished step, and progress between them.

        Raises:
            CatalogError: why it cannot go on; what is done stays done, and nothing unproved is public.
        """
        for note in self._phases(plan, past):
            if note.type == "step":
                self.journal.note(note.to_json())
                self._count(note)
            yield note

    def _phases(self, plan: Plan, past: Past) -> Iterator[Note]:
        yield from self._all([self._drop_task(each) for each in _by_container(plan.drop)])
        yield from self._all([self._stage_task(plan, name) for name in _containers(plan)])
        sent = {(each.container, *file.key) for each in plan.uploads for file in each.files}
        proved = past.proved() - sent  # what is sent anew was proved in another life of the container
        todo = [(name, file) for name, file in plan.stage if (name, *file.key) not in proved]
        self.counts.proved_before = len(plan.stage) - len(todo)
        yield from self._all([self._verify_task(name, file) for name, file in todo])
        yield from self._all([self._link_task(file, plan.urls[file.key]) for file in plan.links])
        yield Note(type="step", step="barrier", text="every byte is proved; it becomes public now")
        for name in plan.open:  # one after the other: a run that is cut off finds the closed ones at the end
            yield from self._all([self._open_task(name)])
        if plan.records or plan.move_pointer:
            self.counts.window_started = time.monotonic()
        yield from self._all([self._record_task(step, plan) for step in plan.records])
        if plan.move_pointer:
            yield from self._all([self._pointer_task(plan)])
        if self.counts.window_started is not None:
            self.counts.window_seconds = time.monotonic() - self.counts.window_started
        yield from self._all([self._erase_task(each) for each in _by_container(plan.erase)])
        yield from self._all([self._prove_task(plan)])

    def give_up(self, plan: Plan) -> Iterator[Note]:
        """Undoes what a first, unfinished publication left: files are erased, packages are hidden."""
        tasks = [self._record_task(step, plan) for step in plan.records]
        for note in self._all([*tasks, *(self._drop_task(each) for each in _by_container(plan.drop))]):
            if note.type == "step":
                self.journal.note(note.to_json())
                self._count(note)
            yield note

    def check_again(self, plan: Plan) -> Iterator[Note]:
        """Reads every file of a release that is there already, and compares; writes nothing."""
        manifest = render_manifest(self.publication, plan.urls)
        every = (*self.publication.files(), *self.publication.documents, manifest)
        tasks = [self._link_task(each, plan.urls[each.key]) for each in every]
        for note in self._all([*tasks, self._prove_task(plan)]):
            self._count(note)
            yield note

    def summary(self, plan: Plan, *, gave_up: bool = False) -> Note:
        """What the run did, as the last line of ``--json`` says it.

        Args:
            plan: what was planned.
            gave_up: whether it gave up an unfinished run.
        """
        counts, traffic = self.counts, self.target.traffic
        return Note(
            type="summary",
            members={
                "target": self.target.name,
                "release": self.publication.release,
                "before": plan.before or None,
                "gave_up": gave_up,
                "created": counts.created,
                "updated": counts.updated,
                "unchanged": len(plan.unchanged),
                "uploaded": counts.uploaded,
                "verified": counts.verified,
                "verified_before": counts.proved_before,
                "kept": len(plan.urls) - len(plan.links) - counts.uploaded if plan.urls else 0,
                "erased": counts.erased,
                "packages": len(self.publication.packages),
                "requests": traffic.requests,
                "writes": traffic.writes,
                "bytes": traffic.sent_bytes,
                "seconds": round(time.monotonic() - counts.started, 3),
                "window_seconds": round(counts.window_seconds, 3),
                "addresses": dict(self.target.layout.addresses(self.publication, plan.urls)) if plan.release else {},
            },
        )

    def _count(self, note: Note) -> None:
        counts = self.counts
        if note.step == "upload":
            counts.uploaded += int(note.members["files"])
        elif note.step == "verify":
            counts.verified += 1
        elif note.step == "erase":
            counts.erased += 1
        elif note.step == "record" and note.members["action"] == CREATE:
            counts.created += 1
        elif note.step == "record":
            counts.updated += 1

    def _drop_task(self, copies: Sequence[Held]) -> Task:
        return self._held_task("drop", self.target.drop, copies)

    def _erase_task(self, copies: Sequence[Held]) -> Task:
        return self._held_task("erase", self.target.erase, copies)

    def _held_task(self, step: str, act: Callable[[Held], None], copies: Sequence[Held]) -> Task:
        def task(tell: Tell) -> None:
            for each in copies:
                act(each)
                package, path, digest = each.key
                members = {"package": package, "path": path, "sha256": digest}
                tell(Note(type="step", step=step, name=each.container, members=members))

        return task

    def _stage_task(self, plan: Plan, container: str) -> Task:
        batches = [each for each in plan.uploads if each.container == container]

        def task(tell: Tell) -> None:
            if container in plan.create:
                self.target.create(container, self.publication)
                tell(Note(type="step", step="create", name=container))
            for batch in batches:
                self.target.upload(batch, tell)
                tell(_uploaded(batch))

        return task

    def _verify_task(self, container: str, file: PublishedFile) -> Task:
        def task(tell: Tell) -> None:
            self.target.verify(container, file)
            members = {"package": file.package, "path": file.path, "sha256": file.sha256, "bytes": file.bytes}
            tell(Note(type="step", step="verify", name=container, members=members))

        return task

    def _link_task(self, file: PublishedFile, url: str) -> Task:
        def task(tell: Tell) -> None:
            self.target.verify_link(file, url)
            tell(Note(type="step", step="verify", name=url, members={"package": file.package, "bytes": file.bytes}))

        return task

    def _open_task(self, container: str) -> Task:
        def task(tell: Tell) -> None:
            self.target.open(container)
            tell(Note(type="step", step="open", name=container))

        return task

    def _record_task(self, step: RecordStep, plan: Plan) -> Task:
        def task(tell: Tell) -> None:
            self.target.record(step, self.publication, plan.urls)
            tell(Note(type="step", step="record", name=step.package, members={"action": step.action}))

        return task

    def _pointer_task(self, plan: Plan) -> Task:
        def task(tell: Tell) -> None:
            self.target.point(self.publication, plan.urls)
            tell(Note(type="step", step="pointer", name=self.publication.release))

        return task

    def _prove_task(self, plan: Plan) -> Task:
        def task(tell: Tell) -> None:
            self.target.prove(self.publication, plan.urls, tell)
            tell(Note(type="step", step="prove", name=self.publication.release))

        return task

    def _all(self, tasks: Sequence[Task]) -> Iterator[Note]:
        """Runs tasks side by side and yields what they tell; after an error those under way are still heard."""
        heard: queue.SimpleQueue[Note | _End] = queue.SimpleQueue()
        stop = threading.Event()

        def tell(note: Note) -> None:
            if stop.is_set() and note.type != "step":
                raise Stopped
            heard.put(note)

        def body(task: Task) -> None:
            error: BaseException | None = None
            try:
                if not stop.is_set():
                    task(tell)
            except BaseException as raised:
                error = raised
            heard.put(_End(error))

        failed: BaseException | None = None
        with ThreadPoolExecutor(max_workers=max(1, self.jobs)) as pool:
            try:
                for each in tasks:
                    pool.submit(body, each)
                left = len(tasks)
                while left:
                    item = heard.get()
                    if isinstance(item, Note):
                        yield item
                        continue
                    left -= 1
                    if item.error is not None:
                        stop.set()
                        failed = failed or item.error
            finally:
                stop.set()
        if failed is not None:
            raise failed


@dataclass(frozen=True, slots=True)
class _End:
    """That a task has ended, and with which error."""

    error: BaseException | None


def _uploaded(batch: Batch) -> Note:
    return Note(
        type="step", step="upload", name=batch.container, members={"files": len(batch.files), "bytes": batch.bytes}
    )


def _containers(plan: Plan) -> list[str]:
    """The containers that something is sent to, or that are made, in order."""
    return list(dict.fromkeys([*plan.create, *(each.container for each in plan.uploads)]))


def _by_container(copies: Iterable[Held]) -> list[list[Held]]:
    groups: dict[str, list[Held]] = {}
    for each in copies:
        groups.setdefault(each.container, []).append(each)
    return list(groups.values())
