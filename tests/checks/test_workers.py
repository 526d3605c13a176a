"""Inspecting many files: in order, in one process or many, and a worker that dies costs its own file alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import kernels
from catalog.checks import workers
from catalog.checks.workers import Task, Watch, inspect_all, watch_for
from catalog.findings import Level, Subject
from catalog.formats.protocol import Declared
from tests.builders import counts_bytes, text_bytes, vcf_bytes

#: Many enough bytes that processes are started.
LARGE = 1 << 40


class LargeTask(Task):
    """A small file that counts as large, so that the pool is used."""

    __slots__ = ()

    @property
    def size(self) -> int:
        return LARGE


class DeadlyTask(LargeTask):
    """A task that kills the process that takes it out of its parcel, as a crash of a library would."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        return os.kill, (_OwnProcess(), signal.SIGKILL)


class _OwnProcess(int):
    """The number of the process in which it is unpacked."""

    def __reduce__(self) -> Any:
        return os.getpid, ()


FILES = {
    "a.vcf.gz": vcf_bytes(),
    "b_count.tsv": counts_bytes(),
    "c.txt": text_bytes(),
    "d.txt": text_bytes("other"),
}


def tasks(folder: Path, kind: type[Task] = Task, deadly: str = "") -> list[Task]:
    made = []
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
        chosen = DeadlyTask if name == deadly else kind
        declared = Declared(modality="rna-seq" if "count" in name else "")
        made.append(chosen(path=folder / name, shown=f"shown/{name}", level=Level.BANK, declared=declared))
    return made


def told(subjects: list[Subject]) -> list[tuple[str, str | None, list[str]]]:
    return [(each.path, each.format, [finding.code for finding in each.findings]) for each in subjects]


WANTED: list[tuple[str, str | None, list[str]]] = [
    ("shown/a.vcf.gz", "vcf", []),
    ("shown/b_count.tsv", "counts-matrix", []),
    ("shown/c.txt", "text", []),
    ("shown/d.txt", "text", []),
]


@pytest.mark.parametrize(("kind", "jobs"), [(Task, 1), (Task, 8), (LargeTask, 1), (LargeTask, 2)])
def test_files_when_inspected_then_in_the_order_of_the_tasks_and_each_is_told_once(
    tmp_path: Path, kind: type[Task], jobs: int
) -> None:
    heard: list[str] = []
    assert (
        told(inspect_all(tasks(tmp_path, kind), jobs, Watch(done=lambda subject: heard.append(subject.path)))) == WANTED
    )
    assert sorted(heard) == [path for path, _, _ in WANTED]


@pytest.mark.parametrize("deadly", ["a.vcf.gz", "d.txt"])
def test_worker_when_it_dies_then_its_file_has_a_finding_and_all_others_are_judged(tmp_path: Path, deadly: str) -> None:
    heard: list[str] = []
    given = tasks(tmp_path, LargeTask, deadly)
    subjects = inspect_all(given, 2, Watch(done=lambda subject: heard.append(subject.path)))
    wanted = [
        (path, None, ["file-worker-died"]) if path == f"shown/{deadly}" else (path, name, codes)
        for path, name, codes in WANTED
    ]
    assert told(subjects) == wanted
    assert not next(each for each in subjects if each.path == f"shown/{deadly}").valid
    assert sorted(heard) == [path for path, _, _ in WANTED]


class StuckTask(LargeTask):
    """A task whose worker never comes to an end."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        return time.sleep, (3600,)


def test_worker_when_it_hangs_then_its_file_has_a_finding_and_all_others_are_judged(tmp_path: Path) -> None:
    given = tasks(tmp_path, LargeTask)
    given[1] = StuckTask(path=given[1].path, shown=given[1].shown, level=Level.BANK)
    read: list[tuple[int, int]] = []
    watch = Watch(
        told=lambda done, total: read.append((done, total)), stuck_seconds=20
    )  # a busy machine starts a process slowly
    subjects = inspect_all(given, 2, watch)
    assert told(subjects) == [WANTED[0], ("shown/b_count.tsv", None, ["file-worker-stuck"]), *WANTED[2:]]
    assert read[-1] == (4 * LARGE, 4 * LARGE)
    assert multiprocessing.active_children() == []


def held(begun: Path) -> None:
    """Works for ever on something that is not to be left behind."""
    begun.touch()
    try:
        time.sleep(3600)
    finally:
        begun.unlink()


class HeldTask(LargeTask):
    """A task that is worked on until the worker is ended."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        return held, (self.path,)


def hold(folder: Path) -> None:
    """Inspects two such files; what a program does that is to be stopped."""
    try:
        inspect_all([HeldTask(path=folder / name, shown=name, level=Level.SPEC) for name in "ab"], 2)
    except KeyboardInterrupt:
        print("interrupted")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("name", "is_group"), [("SIGINT", False), ("SIGINT", True), ("SIGTERM", False), ("SIGKILL", False)]
)
def test_workers_when_the_program_is_stopped_then_end_quietly_and_leave_nothing(
    tmp_path: Path, name: str, is_group: bool
) -> None:
    code = "import sys, pathlib, tests.checks.test_workers as t; t.hold(pathlib.Path(sys.argv[1]))"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that starts the tests in the background lets them ignore the signal, and so their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    # An interrupt of a terminal goes to all of them.
    (os.killpg if is_group else os.kill)(process.pid, signal.Signals[name])
    # Workers hold the ends of the pipes too: they close when the last of them is gone.
    assert process.communicate(timeout=30) == ("" if name == "SIGKILL" else "interrupted\n", "")
    assert list(tmp_path.iterdir()) == []


class _OneTask:
    """What a worker talks to: one task, then no more."""

    def __init__(self, task: Task) -> None:
        self.given: list[Task | None] = [task, None]
        self.sent: list[Subject] = []

    def recv(self) -> Task | None:
        return self.given.pop(0)

    def send(self, subject: Subject) -> None:
        self.sent.append(subject)


def test_worker_when_it_works_long_on_what_was_read_then_signs_of_life_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, shared = _OneTask(tasks(tmp_path)[0]), [0] * 4

    def inspect(task: Task, told: Callable[[int], None]) -> Subject:
        for _ in range(3):
            told(5)
        return Subject(path=task.shown, kind="file")

    monkeypatch.setattr(workers, "_inspect", inspect)
    workers._work(channel, shared, 1)  # type: ignore[arg-type]
    assert shared == [0, 5, 0, 3]
    assert [each.path for each in channel.sent] == ["shown/a.vcf.gz"]


def test_file_when_it_is_gone_then_a_finding_and_no_size(tmp_path: Path) -> None:
    task = Task(path=tmp_path / "gone", shown="gone", level=Level.SPEC)
    assert task.size == 0
    assert told(inspect_all([task], 4)) == [("gone", None, ["file-missing"])]
    assert inspect_all([], 4) == []


def test_rules_when_listed_then_the_two() -> None:
    assert [rule.code for rule in workers.WORKER_RULES] == ["file-worker-died", "file-worker-stuck"]


@pytest.mark.parametrize("level", list(Level))
def test_file_when_it_is_missing_then_the_finding_is_one_of_the_rules_that_were_asked_for(
    tmp_path: Path, level: Level
) -> None:
    [subject] = inspect_all([Task(path=tmp_path / "gone", shown="gone", level=level)], 1)
    [finding] = subject.findings
    assert (finding.code, finding.rules) == ("file-missing", level)
    assert "files.csv" in finding.hint


def test_watch_when_nothing_was_compiled_yet_then_says_why_the_first_large_file_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    watch = watch_for(lambda event: told.append(event.text))
    assert watch.told is not None
    watch.told(0, 100)
    kernels._folder().mkdir()
    later = watch_for(lambda event: told.append(event.text))
    assert later.told is not None
    later.told(0, 100)
    assert told == ["compiling what judges large files, once for each version", ""]
