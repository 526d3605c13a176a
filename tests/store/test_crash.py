"""A commit is killed at every system call: readers see the old state or the new one, and recovery leaves nothing broken."""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import ocfl
import pytest

from catalog.errors import ConflictError
from catalog.store import Content, History, Store
from tests.crash import DIED, Killer, count_calls, run_with

CREATED = "2026-11-22T00:00:00Z"
OLD = {"data/a.vcf": b"old a", "record.json": b"{}"}
NEW = {"data/a.vcf": b"new a" * 1000, "data/b.fastq": b"b" * 70_000, "record.json": b"{}"}


def contents(files: dict[str, bytes]) -> list[Content]:
    return [Content.of_bytes(path, data) for path, data in files.items()]


def commit(root: Path, files: dict[str, bytes], expect: str | None) -> None:
    Store(root).commit("KSCBi005-A", contents(files), expect=expect, created=CREATED, message="2026.11")


def replay(root: Path) -> None:
    history = [History(contents=contents(files), created=CREATED, message="x") for files in (OLD, NEW)]
    Store(root).replay("KSCBi005-A~2", history)


def read_all(root: Path, object_id: str = "KSCBi005-A") -> dict[str, bytes] | None:
    """What a reader sees, every byte verified."""
    store = Store(root)
    head = store.head(object_id)
    if head is None:
        return None
    return {path: store.read(head, path) for path in head.state()}


def judge(root: Path) -> list[str]:
    """What ocfl-py, which is not ours, has against a storage root."""
    logging.disable(logging.CRITICAL)
    try:
        faults = []
        store = ocfl.StorageRoot(root=str(root))
        if not store.validate(validate_objects=True):
            faults.append("storage root")
    finally:
        logging.disable(logging.NOTSET)
    return faults


JOBS: dict[str, tuple[Callable[[Path], None], Callable[[Path], None], str, tuple[object, object]]] = {
    "first-version": (lambda root: None, lambda root: commit(root, NEW, None), "KSCBi005-A", (None, NEW)),
    "next-version": (
        lambda root: commit(root, OLD, None),
        lambda root: commit(root, NEW, "v1"),
        "KSCBi005-A",
        (OLD, NEW),
    ),
    "replay": (lambda root: commit(root, OLD, None), replay, "KSCBi005-A~2", (None, NEW)),
}


def prepare(tmp_path: Path, name: str) -> Path:
    root = tmp_path / "prepared"
    Store.create(root)
    JOBS[name][0](root)
    return root


@pytest.mark.slow
@pytest.mark.parametrize("name", JOBS)
def test_commit_when_killed_at_every_system_call_then_state_is_old_or_new(tmp_path: Path, name: str) -> None:
    _, job, object_id, (old, new) = JOBS[name]
    prepared = prepare(tmp_path, name)
    trial = tmp_path / "count"
    shutil.copytree(prepared, trial)
    calls = count_calls(lambda: job(trial))
    seen: dict[str, int] = {"old": 0, "new": 0}
    for at, when in itertools.product(range(len(calls)), ("before", "after", "half")):
        if when == "half" and calls[at][0] != "write":
            continue
        root = tmp_path / f"{at}-{when}"
        shutil.copytree(prepared, root)
        assert run_with(Killer(at, when), lambda root=root: job(root)).status == DIED  # type: ignore[misc]
        state = read_all(root, object_id)
        assert state in (old, new), f"killed {when} call {at} {calls[at]}"
        seen["new" if state == new else "old"] += 1
        Store(root).recover()
        assert read_all(root, object_id) == state
        assert judge(root) == [], f"killed {when} call {at} {calls[at]}"
        assert list((root / "extensions" / "staging").iterdir()) == []
        shutil.rmtree(root)
    assert seen["old"] > 0
    assert seen["new"] > 0


def test_commit_when_recorded_then_nothing_unsynced_is_renamed_and_no_name_is_left_unsynced(tmp_path: Path) -> None:
    root = prepare(tmp_path, "next-version")
    calls = count_calls(lambda: commit(root, NEW, "v1"))
    open_paths: dict[str, bool] = {}
    opened: list[Path] = []
    dirty_directories: set[Path] = set()
    written: set[Path] = set()
    synced: set[Path] = set()
    for name, arguments in calls:
        if name == "open":
            path = Path(str(arguments[0]))
            opened.append(path)
            if int(str(arguments[1])) & os.O_CREAT:
                written.add(path)
        elif name == "fsync":
            synced.add(opened[-1])
            dirty_directories.discard(opened[-1])
        elif name in {"rename", "replace"}:
            source, target = Path(str(arguments[0])), Path(str(arguments[1]))
            below = {path for path in written if path == source or source in path.parents}
            assert below <= synced, f"renamed before it was synced: {below - synced}"
            for path in below:
                synced.add(target / path.relative_to(source))
            if "staging" not in target.parts:
                dirty_directories.add(target.parent)
    assert open_paths == {}
    assert dirty_directories == set(), "a name in the object was changed and never made durable"
    assert any(name == "rename" and "staging" not in str(arguments[1]) for name, arguments in calls)


def race(root: str, number: int, outcomes: multiprocessing.Queue[str], start: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    try:
        commit(Path(root), {"record.json": str(number).encode()}, "v1")
        outcomes.put("won")
    except ConflictError as error:
        outcomes.put(error.code)


def test_commit_when_eight_race_then_one_wins_and_seven_conflict(tmp_path: Path) -> None:
    root = prepare(tmp_path, "next-version")
    context = multiprocessing.get_context("fork")
    outcomes: multiprocessing.Queue[str] = context.Queue()
    start = context.Barrier(8)
    racers = [context.Process(target=race, args=(str(root), n, outcomes, start)) for n in range(8)]
    for racer in racers:
        racer.start()
    results = sorted(outcomes.get(timeout=60) for _ in racers)
    for racer in racers:
        racer.join()
    assert results == ["version-conflict"] * 7 + ["won"]
    Store(root).recover()
    head = Store(root).head("KSCBi005-A")
    assert head is not None
    assert head.head == "v2"
    assert judge(root) == []


def test_commits_when_many_processes_queue_then_none_is_lost(tmp_path: Path) -> None:
    root = prepare(tmp_path, "next-version")

    def add(number: int) -> None:
        while True:
            head = Store(root).head("KSCBi005-A")
            assert head is not None
            try:
                commit(root, {"record.json": f"{number}".encode()}, head.head)
                return
            except ConflictError:
                continue

    context = multiprocessing.get_context("fork")
    racers = [context.Process(target=add, args=(n,)) for n in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    head = Store(root).head("KSCBi005-A")
    assert head is not None
    states = [Store(root).read(head, "record.json", version) for version in head.versions]
    assert sorted(states[1:]) == [str(n).encode() for n in range(6)]
    assert judge(root) == []
