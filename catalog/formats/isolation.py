"""A process of its own for libraries in C that a damaged file may crash, hang or fill with memory.

The process is started at the first file and serves all later ones. It is given the descriptor of the opened file, works
within limits of memory, and tells now and then that it is alive; when it dies or is silent for too long, the file has a
finding and the next file a new process. What comes back is JSON, never objects of Python: a broken process is not trusted.

For POSIX systems, as everything that a curator does.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from catalog.findings import Finding, Rule
from catalog.formats.protocol import Facts, Reading

#: A process that says nothing for so long hangs. It says something between two pieces of at most a few MiB.
SILENT_SECONDS = 30.0
_LONGEST_ANSWER_BYTES = 64 << 20
_END_SECONDS = 5.0
#: HDF5 leaks a little with each damaged file.
_MOST_FILES = 50
#: No plug-ins of HDF5, no locks, no threads of numeric libraries, and the memory of the system alone.
_ENVIRONMENT = {
    "HDF5_PLUGIN_PRELOAD": "::",
    "HDF5_USE_FILE_LOCKING": "FALSE",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


class _Stopped(Exception):
    """The process came to no answer; the text says why."""


class _Process:
    """The process, and the line to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-m", "catalog.formats.isolated", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, **_ENVIRONMENT},
            )
        self._socket = ours
        self._owner = os.getpid()
        self._asked = 0

    @property
    def is_usable(self) -> bool:
        """Whether it is this process's own, runs, and has not judged so many files that their libraries' leaks add up."""
        return self._owner == os.getpid() and self._asked < _MOST_FILES and self._popen.poll() is None

    def ask(self, question: Mapping[str, object], descriptor: int, alive: Callable[[], None]) -> dict[str, Any]:
        """The answer about a file.

        Args:
            question: the job, and what it needs to know.
            descriptor: of the file.
            alive: called with every sign of life.

        Raises:
            _Stopped: there is none; the process is gone.
        """
        self._asked += 1
        try:
            socket.send_fds(self._socket, [json.dumps(question).encode() + b"\n"], [descriptor])
            return self._answer(alive)
        except OSError as error:
            self.end()
            raise _Stopped(f"its process ended ({self._popen.returncode})") from error
        except _Stopped:
            self.end()
            raise

    def _answer(self, alive: Callable[[], None]) -> dict[str, Any]:
        self._socket.settimeout(SILENT_SECONDS)
        held = bytearray()
        while True:
            try:
                piece = self._socket.recv(1 << 16)
            except TimeoutError:
                raise _Stopped(f"it did nothing for {SILENT_SECONDS:.0f} seconds") from None
            if not piece:
                self.end()
                raise _Stopped(f"its process ended ({self._popen.returncode})")
            held += piece
            if len(held) > _LONGEST_ANSWER_BYTES:
                raise _Stopped("its answer has no end")
            *whole, rest = held.split(b"\n")
            held = bytearray(rest)
            for line in whole:
                answer = _parsed(bytes(line))
                if answer is not None:
                    return answer
                alive()

    def end(self) -> None:
        """Ends it, whatever it does."""
        self._socket.close()
        if self._owner == os.getpid():
            self._popen.kill()
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(_END_SECONDS)


def _parsed(line: bytes) -> dict[str, Any] | None:
    """An answer; None for a sign of life."""
    try:
        answer = json.loads(line)
    except ValueError:
        raise _Stopped("its answer cannot be read") from None
    if not isinstance(answer, dict):
        raise _Stopped("its answer cannot be read")
    return answer if "facts" in answer or "failed" in answer else None


_lock = threading.Lock()
_process: _Process | None = None


def _ask(question: Mapping[str, object], descriptor: int, alive: Callable[[], None]) -> dict[str, Any]:
    global _process
    with _lock:
        if _process is None or not _process.is_usable:
            if _process is not None:
                atexit.unregister(_process.end)
                _process.end()
            _process = _Process()
            atexit.register(_process.end)
        return _process.ask(question, descriptor, alive)


def judge_isolated(reading: Reading, job: str, stopped: Rule) -> Facts:
    """Judges a file by a job of :mod:`catalog.formats.isolated`.

    The stream is read to its end first, for the digests; what is compressed is unpacked into a temporary file.

    Args:
        reading: the file.
        job: the name of the job.
        stopped: the rule for a library that came to no answer; its message has ``{problem}``.

    Returns:
        The facts that the job gave; its findings are in the reading, its evidence too.
    """
    plain = reading.source.container == "plain" and reading.opened is not None
    # It needs a name: HDF5 looks for the real path of what it opens.
    with tempfile.NamedTemporaryFile() as spool:
        for block in reading.source.blocks():
            if not plain:
                spool.write(block)
        if reading.source.findings:
            return {}
        spool.flush()
        descriptor = reading.opened.fileno() if plain and reading.opened is not None else spool.fileno()
        question = {"job": job, "bytes": os.fstat(descriptor).st_size, "bank": reading.wants_bank_rules}
        try:
            answer = _ask(question, descriptor, reading.source.tell)
        except _Stopped as error:
            reading.find(stopped.at(problem=error))
            return {}
    if "failed" in answer:
        reading.find(stopped.at(problem=answer["failed"]))
        return {}
    for finding in answer["findings"]:
        reading.find(Finding.from_json(finding))
    reading.evidence |= answer.get("evidence", {})
    facts: Facts = answer["facts"]
    return facts
