"""Killing a writer at its k-th system call: the process dies before, after or in the middle of it.

The writers of fairline reach the system through the name ``os`` of :mod:`catalog.durable`. In a forked child that
name is replaced by a proxy which counts the calls that change the disk and ends the process, without any clean-up,
at the chosen one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from catalog import durable

CHANGING = ("open", "write", "fsync", "rename", "replace", "mkdir", "unlink", "rmdir")
DIED = 9


class SystemCalls:
    """Stands in for ``os`` and hands every call on; subclasses see the calls that change the disk."""

    def __getattr__(self, name: str) -> object:
        real = getattr(os, name)
        if name not in CHANGING:
            return real
        return lambda *arguments, **options: self.call(name, real, *arguments, **options)

    def call(self, name: str, real: Callable[..., object], *arguments: object, **options: object) -> object:
        """One call."""
        return real(*arguments, **options)


class Counter(SystemCalls):
    """Counts the calls that change the disk."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[object, ...]]] = []

    def call(self, name: str, real: Callable[..., object], *arguments: object, **options: object) -> object:
        self.calls.append((name, arguments))
        return real(*arguments, **options)


class Killer(SystemCalls):
    """Ends the process at the k-th call (from 0): before it, after it, or half-way through a write."""

    def __init__(self, at: int, when: str) -> None:
        self.at = at
        self.when = when
        self.seen = 0

    def call(self, name: str, real: Callable[..., object], *arguments: object, **options: object) -> object:
        mine = self.seen == self.at
        self.seen += 1
        if mine and self.when == "before":
            os._exit(DIED)
        if mine and self.when == "half" and name == "write":
            descriptor, content = arguments
            assert isinstance(descriptor, int)
            assert isinstance(content, bytes | memoryview)
            os.write(descriptor, content[: len(content) // 2])
            os._exit(DIED)
        try:
            return real(*arguments, **options)
        finally:
            if mine:
                os._exit(DIED)


@dataclass(frozen=True)
class Outcome:
    """How a child ended: its exit status (9 = killed by us)."""

    status: int


def run_with(calls: SystemCalls, job: Callable[[], object]) -> Outcome:
    """Runs a job in a forked child with the proxy in place."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            durable.os = calls  # type: ignore[assignment]  # the proxy has every attribute of the module
            job()
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(status)
    _, raw = os.waitpid(child, 0)
    return Outcome(os.waitstatus_to_exitcode(raw))


def count_calls(job: Callable[[], object]) -> list[tuple[str, tuple[object, ...]]]:
    """The disk-changing calls of a job, run here and now."""
    counter = Counter()
    real = durable.os
    durable.os = counter  # type: ignore[assignment]
    try:
        job()
    finally:
        durable.os = real
    return counter.calls


def distinct_calls(calls: list[tuple[str, tuple[object, ...]]]) -> list[int]:
    """The numbers of the calls that change what others see; to die at one of the rest is to die at the next of these."""

    def is_distinct(name: str, arguments: tuple[object, ...]) -> bool:
        if name == "open":
            flags = arguments[1]
            assert isinstance(flags, int)
            return bool(flags & (os.O_CREAT | os.O_TRUNC))
        return name != "fsync"

    return [number for number, (name, arguments) in enumerate(calls) if is_distinct(name, arguments)]
