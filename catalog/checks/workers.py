"""Inspecting many files: one process per core; a worker that dies costs its file a finding and nothing else."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from catalog.findings import Finding, Level, Rule, Severity, Subject
from catalog.formats.inspect import inspect_file
from catalog.formats.protocol import Declared

WORKER_DIED = Rule(
    "file-worker-died",
    Severity.ERROR,
    Level.BANK,
    "the process that read the file died",
    "look at the file's size and content; report it if the file is sound",
    "fairline",
)

WORKER_RULES = (WORKER_DIED,)

#: Below this many bytes in all, starting processes costs more than it saves.
_WORTH_PROCESSES_BYTES = 24 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file to inspect (arguments of :func:`~catalog.formats.inspect.inspect_file`)."""

    path: Path
    shown: str
    level: Level
    declared: Declared = field(default_factory=Declared)
    format_name: str = ""

    @property
    def size(self) -> int:
        """Bytes of the file; 0 when it cannot be looked at."""
        try:
            return self.path.lstat().st_size
        except OSError:
            return 0


def inspect_all(tasks: Sequence[Task], jobs: int, done: Callable[[Subject], None] | None = None) -> list[Subject]:
    """The subjects of many files, in the order of the tasks.

    Args:
        tasks: what to inspect.
        jobs: how many processes; 1 keeps everything in this one.
        done: called with each subject as it comes.
    """
    if jobs <= 1 or len(tasks) < 2 or sum(task.size for task in tasks) < _WORTH_PROCESSES_BYTES:
        return [_noted(_inspect(task), done) for task in tasks]
    found: dict[int, Subject] = {}
    waiting = list(range(len(tasks)))
    while waiting:
        suspects = _run_pool(tasks, waiting, jobs, found, done)
        for number in suspects:
            found[number] = _noted(_inspect_alone(tasks[number]), done)
        waiting = [number for number in waiting if number not in found]
    return [found[number] for number in range(len(tasks))]


def _noted(subject: Subject, done: Callable[[Subject], None] | None) -> Subject:
    if done is not None:
        done(subject)
    return subject


def _inspect(task: Task) -> Subject:
    return inspect_file(
        task.path, shown=task.shown, level=task.level, declared=task.declared, format_name=task.format_name
    )


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=jobs, mp_context=multiprocessing.get_context("spawn"))


def _run_pool(
    tasks: Sequence[Task],
    numbers: Sequence[int],
    jobs: int,
    found: dict[int, Subject],
    done: Callable[[Subject], None] | None,
) -> list[int]:
    """Runs tasks in a pool, largest first. Returns those that were under way when the pool broke."""
    order = sorted(numbers, key=lambda number: -tasks[number].size)
    futures: dict[int, Future[Subject]] = {}
    with _pool(jobs) as pool:
        try:
            for number in order:
                futures[number] = pool.submit(_inspect, tasks[number])
            for number in order:
                found[number] = _noted(futures[number].result(), done)
        except BrokenProcessPool:
            pass
        else:
            return []
    for number, future in futures.items():
        if number not in found and future.done() and future.exception() is None:
            found[number] = _noted(future.result(), done)
    return [number for number in order if number not in found][:jobs]


def _inspect_alone(task: Task) -> Subject:
    """Inspects a suspect in a process of its own."""
    with _pool(1) as pool:
        try:
            return pool.submit(_inspect, task).result()
        except BrokenProcessPool:
            finding: Finding = WORKER_DIED.at()
            return Subject(path=task.shown, kind="file", findings=(finding,))
