"""Inspecting many files: one process per core; a worker that dies or hangs costs its file a finding and nothing else."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from catalog import kernels
from catalog.events import Event, Listener
from catalog.findings import Level, Rule, Severity, Subject
from catalog.formats.inspect import Manner, inspect_file
from catalog.formats.protocol import Declared

WORKER_DIED = Rule(
    "file-worker-died",
    Severity.ERROR,
    Level.BANK,
    "the process that read the file died",
    "look at the file's size and content; report it if the file is sound",
    "fairline",
)
WORKER_STUCK = Rule(
    "file-worker-stuck",
    Severity.ERROR,
    Level.BANK,
    "nothing more was read of the file for {seconds} seconds, and reading was ended",
    "look whether the disk still answers; if it does, report the file: no content should hold reading up",
    "fairline",
)

WORKER_RULES = (WORKER_DIED, WORKER_STUCK)

#: Below this many bytes in all, starting processes costs more than it saves.
_WORTH_PROCESSES_BYTES = 24 << 20
#: A worker that reads nothing for so long hangs.
STUCK_SECONDS = 300.0
_LOOK_SECONDS = 0.5
#: Said while no file is done, where nothing was compiled by this version so far.
_COMPILING = "compiling what judges large files, once for each version"
#: So long a worker may take to remove what it has not finished.
_ENDING_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file to inspect (arguments of :func:`~catalog.formats.inspect.inspect_file`)."""

    path: Path
    shown: str
    level: Level
    declared: Declared = field(default_factory=Declared)
    format_name: str = ""
    tables: Path | None = None

    @property
    def size(self) -> int:
        """Bytes of the file; 0 when it cannot be looked at."""
        try:
            return self.path.lstat().st_size
        except OSError:
            return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who hears how inspecting goes on, and how long a worker may be silent.

    Attributes:
        done: called with each subject as it comes.
        told: called with the bytes that were read so far, and with all that there are.
        stuck_seconds: a worker that reads nothing for so long is ended.
    """

    done: Callable[[Subject], None] | None = None
    told: Callable[[int, int], None] | None = None
    stuck_seconds: float = STUCK_SECONDS


def watch_for(tell: Listener) -> Watch:
    """A watch that tells files and bytes as events of the stage ``validate``."""
    files = 0
    last = ""
    at_first = _COMPILING if kernels.are_usable() and not kernels.are_compiled() else ""

    def done(subject: Subject) -> None:
        nonlocal files, last
        files, last = files + 1, subject.path

    def told(read_bytes: int, total_bytes: int) -> None:
        text = f"{files} files, {last}" if files else at_first
        tell(Event(stage="validate", text=text, done=read_bytes, total=total_bytes, unit="bytes"))

    return Watch(done=done, told=told)


def inspect_all(tasks: Sequence[Task], jobs: int, watch: Watch = Watch()) -> list[Subject]:  # a value
    """The subjects of many files, in the order of the tasks.

    Args:
        tasks: what to inspect.
        jobs: how many processes; 1 keeps everything in this one.
        watch: who hears of it.
    """
    crew = _Crew(tasks, watch)
    with _terminable():
        if jobs <= 1 or len(tasks) < 2 or crew.total_bytes < _WORTH_PROCESSES_BYTES:
            return [crew.inspect_here(number) for number in range(len(tasks))]
        return crew.inspect_beside(min(jobs, len(tasks)))


@contextmanager
def _terminable() -> Iterator[None]:
    """Lets a signal to terminate end the reading as an interrupt does, so that no worker and no unfinished table is left."""
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _inspect(task: Task, told: Callable[[int], None] | None) -> Subject:
    return inspect_file(
        task.path,
        shown=task.shown,
        level=task.level,
        declared=task.declared,
        format_name=task.format_name,
        manner=Manner(tables=task.tables, told=told),
    )


def _work(channel: Connection, read_bytes: Any, slot: int) -> None:
    """What a worker does: one task after the other, until it is told to end.

    Args:
        channel: where tasks come from and subjects go to.
        read_bytes: for every worker the bytes that it has read of its file, then for every worker a count of its signs
            of life: a library may work long on what was read.
        slot: its place among the workers.
    """

    def told(count: int) -> None:
        read_bytes[slot] = count
        read_bytes[len(read_bytes) // 2 + slot] += 1

    # Whoever has nobody to hear it any more ends without a word.
    with suppress(EOFError, ConnectionError):
        while (task := channel.recv()) is not None:
            channel.send(_inspect(task, told))


def _work_while_wanted(channel: Connection, read_bytes: Any, slot: int) -> None:
    """Works, and ends as it is told or when the parent is gone: unfinished tables are removed then."""
    # An interrupt of the terminal goes to the parent as well, which ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parent = multiprocessing.parent_process()
    reader = threading.main_thread().ident
    assert parent is not None
    assert reader is not None

    def watch() -> None:
        parent.join()
        signal.pthread_kill(reader, signal.SIGTERM)
        # Compiled code may keep the main thread from hearing the signal.
        time.sleep(_ENDING_SECONDS)
        signal.raise_signal(signal.SIGKILL)

    # Other systems have no such signals: there the worker ends after its file.
    if hasattr(signal, "pthread_kill"):
        threading.Thread(target=watch, daemon=True).start()
    _work(channel, read_bytes, slot)


class _Worker:
    """One process and what it is doing."""

    def __init__(self, read_bytes: Any, slot: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.channel, theirs = spawn.Pipe()
        self.slot = slot
        self.number: int | None = None
        self.seen_signs = 0
        self.moved = time.monotonic()
        self.process = spawn.Process(target=_work_while_wanted, args=(theirs, read_bytes, slot), daemon=True)
        self.process.start()
        theirs.close()

    def give(self, number: int, task: Task) -> None:
        """Hands a task over; a worker that is dead already is noticed by its silence."""
        self.number, self.moved = number, time.monotonic()
        try:
            self.channel.send(task)
        except OSError:
            self.process.kill()

    def take(self) -> Subject | None:
        """The subject that it sent; None when it died instead."""
        try:
            if self.channel.poll():
                subject: Subject = self.channel.recv()
                return subject
        except (EOFError, OSError):
            pass
        return None

    def stop(self) -> None:
        """Tells the process to end; one that is reading removes its unfinished tables first."""
        if self.number is None:
            self.process.kill()
        else:
            self.process.terminate()

    def end(self) -> None:
        """Ends the process, by force when it does not end by itself."""
        self.stop()
        self.process.join(_ENDING_SECONDS)
        self.process.kill()
        self.process.join()
        self.channel.close()


class _Crew:
    """The workers, what waits for them, and what they found."""

    def __init__(self, tasks: Sequence[Task], watch: Watch) -> None:
        self._tasks = tasks
        self._watch = watch
        self._sizes = [task.size for task in tasks]
        self.total_bytes = sum(self._sizes)
        self._found: dict[int, Subject] = {}
        self._done_bytes = 0

    def _note(self, number: int, subject: Subject) -> Subject:
        self._found[number] = subject
        self._done_bytes += self._sizes[number]
        if self._watch.done is not None:
            self._watch.done(subject)
        self._tell(0)
        return subject

    def _tell(self, under_way_bytes: int) -> None:
        if self._watch.told is not None:
            self._watch.told(self._done_bytes + under_way_bytes, self.total_bytes)

    def inspect_here(self, number: int) -> Subject:
        """Inspects a file in this process."""
        return self._note(number, _inspect(self._tasks[number], self._tell if self._watch.told else None))

    def inspect_beside(self, jobs: int) -> list[Subject]:
        """Inspects all files in processes, largest first."""
        waiting = sorted(range(len(self._tasks)), key=lambda number: self._sizes[number])
        read_bytes = multiprocessing.get_context("spawn").RawArray("Q", 2 * jobs)
        workers = [_Worker(read_bytes, slot) for slot in range(jobs)]
        try:
            while len(self._found) < len(self._tasks):
                for worker in workers:
                    if worker.number is None and waiting:
                        read_bytes[worker.slot] = 0
                        worker.give(number := waiting.pop(), self._tasks[number])
                busy = [each for each in workers if each.number is not None]
                wait([each.channel for each in busy] + [each.process.sentinel for each in busy], _LOOK_SECONDS)
                for worker in busy:
                    if self._hear(worker, read_bytes[jobs + worker.slot]):
                        workers[worker.slot] = _Worker(read_bytes, worker.slot)
                self._tell(sum(read_bytes[each.slot] for each in workers if each.number is not None))
        finally:
            for worker in workers:
                worker.stop()
            for worker in workers:
                worker.end()
        return [self._found[number] for number in range(len(self._tasks))]

    def _hear(self, worker: _Worker, signs: int) -> bool:
        """Takes what a worker has to say; whether another must take its place.

        Args:
            worker: the worker.
            signs: how many signs of life it has given.
        """
        number = worker.number
        assert number is not None
        is_dead = not worker.process.is_alive()
        subject = worker.take()
        if subject is not None:
            worker.number = None
            self._note(number, subject)
            return False
        if signs != worker.seen_signs:
            worker.seen_signs, worker.moved = signs, time.monotonic()
        seconds = self._watch.stuck_seconds
        if not is_dead and time.monotonic() - worker.moved < seconds:
            return False
        finding = WORKER_DIED.at() if is_dead else WORKER_STUCK.at(seconds=f"{seconds:.0f}")
        worker.end()
        self._note(number, Subject(path=self._tasks[number].shown, kind="file", findings=(finding,)))
        return True
