from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from catalog.findings import Subject
from catalog.formats import isolation
from tests.formats.cases_h5ad import SMALL
from tests.formats.defects import codes, inspect_bytes


def judged(folder: Path) -> Subject:
    return inspect_bytes(folder, "cells.h5ad", SMALL)


def process_id() -> int:
    assert isolation._process is not None
    return isolation._process._popen.pid


def test_process_when_it_dies_at_a_file_then_the_file_has_a_finding_and_the_next_one_a_new_process(
    tmp_path: Path,
) -> None:
    assert codes(judged(tmp_path)) == []
    first = process_id()
    os.kill(first, signal.SIGSTOP)
    timer = threading.Timer(0.3, os.kill, (first, signal.SIGKILL))
    timer.start()
    (finding,) = judged(tmp_path).findings
    timer.join()
    assert (finding.code, "its process ended" in finding.message) == ("h5ad-unreadable", True)
    assert codes(judged(tmp_path)) == []
    assert process_id() != first


def test_process_when_it_is_silent_then_it_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes(judged(tmp_path)) == []
    first = process_id()
    monkeypatch.setattr(isolation, "SILENT_SECONDS", 0.3)
    os.kill(first, signal.SIGSTOP)
    (finding,) = judged(tmp_path).findings
    assert (finding.code, "did nothing" in finding.message) == ("h5ad-unreadable", True)
    monkeypatch.undo()
    assert codes(judged(tmp_path)) == []
    assert process_id() != first


def test_process_when_it_died_between_two_files_then_nobody_notices(tmp_path: Path) -> None:
    assert codes(judged(tmp_path)) == []
    os.kill(process_id(), signal.SIGKILL)
    assert isolation._process is not None
    isolation._process._popen.wait()
    assert codes(judged(tmp_path)) == []


def test_process_when_it_has_judged_many_files_then_a_new_one_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "_MOST_FILES", 2)
    if isolation._process is not None:
        isolation._process.end()
    processes = []
    for _ in range(3):
        assert codes(judged(tmp_path)) == []
        processes.append(process_id())
    assert processes[0] == processes[1] != processes[2]
