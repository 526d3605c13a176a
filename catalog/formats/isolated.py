"""What runs in the process of :mod:`catalog.formats.isolation`: jobs on opened files, one after another.

A job is a function ``judge(file)`` that is given a :class:`JudgedFile` and returns facts.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from catalog.findings import Collector, Finding, Level

_JOBS = {"h5ad": "catalog.formats.h5ad.judge", "parquet": "catalog.formats.parquet.judge"}
_MOST_MEMORY_BYTES = 4 << 30
_TELL_SECONDS = 0.5
_QUESTION_BYTES = 1 << 16


class JudgedFile:
    """One file on its way through a job.

    Attributes:
        descriptor: of the opened file.
        size_bytes: of the file.
        wants_bank_rules: whether findings of the bank's own rules are wanted.
        evidence: what checks over files need; JSON values.
    """

    def __init__(self, descriptor: int, size_bytes: int, *, wants_bank_rules: bool, alive: Callable[[], None]) -> None:
        self.descriptor = descriptor
        self.size_bytes = size_bytes
        self.wants_bank_rules = wants_bank_rules
        self.evidence: dict[str, object] = {}
        self._alive = alive
        self._collector = Collector()

    def find(self, finding: Finding) -> None:
        """Puts a finding down."""
        if finding.rules is Level.SPEC or self.wants_bank_rules:
            self._collector.add(finding)

    def alive(self) -> None:
        """Tells that work goes on; call it between pieces of work of less than some seconds."""
        self._alive()

    @property
    def findings(self) -> list[Finding]:
        """What was put down, grouped and bounded."""
        return list(self._collector)


class _Signs:
    """Signs of life, not too many of them."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._last = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._last > _TELL_SECONDS:
            self._last = now
            self._line.sendall(b'{"alive": true}\n')


def _limit() -> None:
    """No more memory than a file can need, no files written, no core dumped."""
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, _MOST_MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _answer(question: bytes, descriptor: int, signs: _Signs) -> dict[str, object]:
    asked = json.loads(question)
    file = JudgedFile(descriptor, asked["bytes"], wants_bank_rules=asked["bank"], alive=signs)
    job = importlib.import_module(_JOBS[asked["job"]])
    signs()
    try:
        facts = job.judge(file)
    except Exception as error:  # the edge to libraries and foreign bytes
        return {"failed": f"{type(error).__name__}: {error}"[:500]}
    return {"facts": facts, "findings": [each.to_json() for each in file.findings], "evidence": file.evidence}


def serve(line: socket.socket) -> None:
    """Answers questions until the line is closed."""
    _limit()
    signs = _Signs(line)
    while True:
        question, descriptors, _, _ = socket.recv_fds(line, _QUESTION_BYTES, 1)
        if not question or not descriptors:
            return
        try:
            answer = _answer(question, descriptors[0], signs)
        finally:
            os.close(descriptors[0])
        line.sendall(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as own_end:
        serve(own_end)
