"""The blocks of a document, and a run of them in one folder: commands with their output, programs, files, SQL.

A fence names the kind; comments right above it say how it is run:

- ``console``: lines ``$ command`` (``> `` goes on with it), each followed by its whole output; ``...`` stands for any
  text in a line, and as a line for any lines. A command without output lines may print anything. Its status is 0.
  ``<!-- background until the document ends -->`` starts the one command and waits for its output lines.
- ``sh``: a script; its status is 0.
- ``python``: a program of its own; lines ``# > text`` are what it prints.
- ``sql`` with ``<!-- test: query -->``: run over the index of ``demo-bank``; a block with ``<!-- output -->`` behind it
  is the table that it prints.
- any kind with ``<!-- file: PATH -->``: written to that file first.
- ``<!-- test: ... -->``: judged by the test of that name in :mod:`tests.test_docs`.
- ``<!-- not run: REASON -->``: shown only. With ``<!-- installs: FOLDER -->`` the modules of that folder and the entry
  points of its ``pyproject.toml`` are there for the commands that follow, as after the ``pip install`` that is shown.

``<!-- start: demo-bank -->`` in a document puts the example bank beside the commands; ``<!-- start: ckan -->`` leaves
it to the tests that have a CKAN. Documents say port 8000; a run
takes a free one instead.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SHOWN_PORT = "8000"
BACKGROUND = "background until the document ends"
_FENCE = re.compile(r"```(?P<kind>[a-z]*)")
_COMMENT = re.compile(r"<!-- (?P<text>.*) -->")
_STARTED_SECONDS = 30.0
_LONGEST_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: its kind, its text, the line of its fence, and the comments right above it."""

    kind: str
    text: str
    line: int
    marks: tuple[str, ...]

    def mark(self, name: str) -> str | None:
        """What follows ``name: `` in a comment above the block."""
        return next((text.removeprefix(f"{name}: ") for text in self.marks if text.startswith(f"{name}: ")), None)

    @property
    def is_runnable(self) -> bool:
        """Whether something is done with the block, or a reason says why not."""
        marked = any(self.mark(name) for name in ("not run", "file", "test")) or "output" in self.marks
        return marked or self.kind in {"console", "sh", "python"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command of a console block, and the lines that it prints."""

    command: str
    expected: tuple[str, ...]


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a document."""
    marks: list[str] = []
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        fence = _FENCE.fullmatch(line)
        if fence:
            inside = []
            for _, each in lines:
                if each == "```":
                    break
                inside.append(each)
            yield Block(kind=fence["kind"], text="\n".join(inside) + "\n", line=number, marks=tuple(marks))
            marks = []
        elif comment := _COMMENT.fullmatch(line):
            marks.append(comment["text"])
        elif line.strip():
            marks = []


def start_of(text: str) -> str | None:
    """What a document begins with: ``demo-bank``, or nothing."""
    found = re.search(r"^<!-- start: (.*) -->$", text, re.MULTILINE)
    return found[1] if found else None


def steps(block: Block) -> list[Step]:
    """The commands of a console block."""
    found: list[Step] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(Step(command=line[2:], expected=()))
            continue
        last = found.pop()
        if line.startswith("> ") and not last.expected:
            found.append(Step(command=f"{last.command}\n{line[2:]}", expected=()))
        else:
            found.append(Step(command=last.command, expected=(*last.expected, line)))
    return found


def fits(expected: tuple[str, ...], got: str) -> bool:
    """Whether an output is what the document shows."""
    while expected and not expected[-1]:
        expected = expected[:-1]
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(re.escape("..."), ".*?") + r"\n"
        for line in expected
    )
    lines = [line.rstrip() for line in got.rstrip().splitlines()]
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


def free_port() -> int:
    """A port of this machine that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True, kw_only=True)
class Run:
    """A document being run.

    Attributes:
        folder: where its commands begin; the working directory of one command is that of the next.
        home: settings, ontologies and installed plug-ins of whoever runs it.
        name: the document, for messages.
        variables: further ones of the environment.
    """

    folder: Path
    home: Path
    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    where: Path = field(init=False)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.where = self.folder

    def run(self, block: Block) -> None:
        """Does what a block says."""
        place = f"{self.name}:{block.line}"
        target = block.mark("file")
        if folder := block.mark("installs"):
            self._install(self.where / folder)
        elif block.mark("not run"):
            return
        elif target is not None:
            path = self.where / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._with_port(block.text))
        elif block.kind == "console" and BACKGROUND in block.marks:
            [step] = steps(block)
            self._start(step, place)
        elif block.kind == "console":
            for step in steps(block):
                self._command(step, place)
        elif block.kind == "sh":
            self._bash(f"set -eu\n{block.text}", place)
        elif block.kind == "python":
            self._program(block, place)

    def close(self) -> None:
        """Ends what runs in the background."""
        for process in self.started:
            process.terminate()
            process.communicate(timeout=_STARTED_SECONDS)

    def _with_port(self, text: str) -> str:
        return re.sub(rf"(?<![0-9.]){SHOWN_PORT}(?![0-9])", str(self.port), text)

    def _shown(self, output: str) -> str:
        return output.replace(f":{self.port}", f":{SHOWN_PORT}")

    def environment(self) -> Mapping[str, str]:
        """Nothing of whoever runs the tests but the programs."""
        installed = str(self.home / "installed")
        return {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "FAIRLINE_CONFIG": str(self.home / "config"),
            "FAIRLINE_ONTOLOGIES": str(self.home / "ontologies"),
            "PYTHONPATH": installed,
            **self.variables,
        }

    def _install(self, folder: Path) -> None:
        """Makes a distribution's modules and entry points known, as pip does, without building it."""
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        installed = self.home / "installed"
        about = installed / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        about.mkdir(parents=True)
        groups = [
            "\n".join([f"[{group}]", *(f"{name} = {target}" for name, target in points.items())])
            for group, points in project["entry-points"].items()
        ]
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        )
        (about / "entry_points.txt").write_text("\n\n".join(groups) + "\n")
        for module in folder.glob("*.py"):
            shutil.copyfile(module, installed / module.name)

    def _command(self, step: Step, place: str) -> None:
        output = self._shown(self._bash(step.command, place))
        if step.expected and not fits(step.expected, output):
            shown = "\n".join(step.expected)
            raise AssertionError(f"{place}: $ {step.command}\n--- shown\n{shown}\n--- printed\n{output}")

    def _bash(self, command: str, place: str) -> str:
        """Runs a command where the one before it ended; its output, of both kinds in order."""
        memo = self.home / "where"
        script = f"{self._with_port(command)}\nstatus=$?; pwd > {memo}; exit $status"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.where,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LONGEST_SECONDS,
        )
        assert done.returncode == 0, f"{place}: {command}\n--- status {done.returncode}\n{done.stdout}"
        if memo.exists():
            self.where = Path(memo.read_text().strip())
            memo.unlink()
        return done.stdout

    def _start(self, step: Step, place: str) -> None:
        log = self.home / f"background-{len(self.started)}.log"
        with log.open("w") as stream:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {self._with_port(step.command)}"],
                cwd=self.where,
                env=self.environment(),
                stdout=stream,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.started.append(process)
        until = time.monotonic() + _STARTED_SECONDS
        while not fits(step.expected, self._shown(log.read_text())):
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"{place}: {step.command}\n{log.read_text()}")
            time.sleep(0.05)

    def _program(self, block: Block, place: str) -> None:
        program = self.home / "program.py"
        program.write_text(self._with_port(block.text))
        expected = tuple(line[4:] for line in block.text.splitlines() if line.startswith("# > "))
        output = self._shown(self._bash(f"python {program}", place))
        assert fits(expected, output), f"{place}:\n--- shown\n" + "\n".join(expected) + f"\n--- printed\n{output}"
