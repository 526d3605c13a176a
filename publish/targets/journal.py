"""The journal of a publication: one line a finished step, synced to disk; steps beside it may be under way.

It is a memory, no authority: the target is read again before anything goes on. It spares the second download of what
was proved already, names the run whose lease this machine may take over, and tells people how far a run came.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import durable

RUN = "run"
STEP = "step"
DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a journal tells.

    Attributes:
        release: of the last run.
        runs: the names of all runs that did not end well, oldest first.
        steps: finished steps of these runs, oldest first.
        is_done: whether the last run ended well.
    """

    release: str = ""
    runs: tuple[str, ...] = ()
    steps: tuple[Mapping[str, Any], ...] = ()
    is_done: bool = True

    def proved(self) -> frozenset[tuple[str, str, str, str]]:
        """(container, package, path, sha256) of every file that was read back and had the right bytes."""
        return frozenset(
            (each["name"], each["package"], each["path"], each["sha256"])
            for each in self.steps
            if each.get("step") == "verify" and "sha256" in each
        )


@dataclass(slots=True)
class PublishJournal:
    """The journal of one target.

    Attributes:
        path: the file; it is gone when nothing was ever published, and says ``done`` after a run that ended well.
    """

    path: Path

    def read(self) -> Past:
        """What is known of runs that did not end well; a last line that was cut off counts as not written."""
        runs: list[str] = []
        steps: list[Mapping[str, Any]] = []
        release, is_done = "", True
        for line in _lines(self.path):
            kind = line.get("type")
            if kind == RUN:
                release, is_done = str(line["release"]), False
                runs.append(str(line["run"]))
            elif kind == DONE:
                runs, steps, is_done = [], [], True
            else:
                steps.append(line)
        return Past(release=release, runs=tuple(runs), steps=tuple(steps), is_done=is_done)

    def begin(self, run: str, release: str, started: str) -> None:
        """Notes that a run begins; a journal whose last run ended well begins anew."""
        with durable.disk_errors(self.path):
            if self.read().is_done:
                durable.remove_file(self.path)
            self._append({"type": RUN, "run": run, "release": release, "started": started})

    def note(self, step: Mapping[str, Any]) -> None:
        """Notes a finished step, durably."""
        with durable.disk_errors(self.path):
            self._append({**step, "type": STEP})

    def end(self, summary: Mapping[str, Any]) -> None:
        """Notes that the run ended well."""
        with durable.disk_errors(self.path):
            self._append({**summary, "type": DONE})

    def _append(self, line: Mapping[str, Any]) -> None:
        durable.extend_file(self.path, (json.dumps(line, ensure_ascii=False) + "\n").encode())


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for line in content.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue  # cut off in the middle
        if isinstance(value, dict):
            yield value
