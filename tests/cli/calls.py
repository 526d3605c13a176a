"""Running commands: in this process with what they printed, or as the installed program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.bank import Bank
from catalog.cli.root import run

PROGRAM = str(Path(sys.executable).with_name("fairline"))
_STARTED_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command did: exit status, data, and words."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """The one JSON document on stdout of a command that went well; it says nothing else."""
        assert self.err == ""
        return json.loads(self.out)

    def error(self) -> Mapping[str, Any]:
        """The one JSON object on stderr of a command that failed; it gives no data."""
        assert self.out == ""
        members: Mapping[str, Any] = json.loads(self.err)
        assert {"error", "message", "exit_status"} <= set(members) <= {
            "error", "message", "exit_status", "at", "want", "got", "hint", "findings",
        }  # fmt: skip
        assert members["exit_status"] == self.status
        return members


class Caller:
    """Calls commands in this process; ``--bank`` goes in front when there is one."""

    def __init__(self, capsys: pytest.CaptureFixture[str], bank: Bank | None = None) -> None:
        self._capsys = capsys
        self._bank = bank

    def __call__(self, *arguments: object) -> Answer:
        self._capsys.readouterr()
        front = ["--bank", str(self._bank.root)] if self._bank else []
        status = run([*front, *map(str, arguments)])
        printed = self._capsys.readouterr()
        return Answer(status=status, out=printed.out, err=printed.err)

    def well(self, *arguments: object) -> Answer:
        """A call that ends with 0."""
        answer = self(*arguments)
        assert answer.status == 0, answer.err
        return answer


def program(*arguments: str | bytes, folder: Path | None = None, **environment: str) -> Answer:
    """Calls the installed program, without a terminal."""
    done = subprocess.run(
        [PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=120, cwd=folder,
        env={**os.environ, **environment},
    )  # fmt: skip
    return Answer(status=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


@contextmanager
def served(bank: Bank, log: Path) -> Iterator[str]:
    """Runs ``fairline serve`` for a bank and yields its address; the process is ended by its own number."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [PROGRAM, "--bank", str(bank.root), "serve", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    try:
        end = time.monotonic() + _STARTED_SECONDS
        while " at http://" not in log.read_text():
            assert process.poll() is None
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        yield log.read_text().partition(" at ")[2].split()[0]
    finally:
        process.terminate()
        process.wait(20)
