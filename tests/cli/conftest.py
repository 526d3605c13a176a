"""Banks for the commands: one that is released and served and that nobody changes, and copies of it that one may change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.bank import Bank, open_bank
from tests.builders import counts_bytes, make_bank, release, text_bytes, vcf_bytes, withdraw, write_line
from tests.cli.calls import Caller, served

OPEN, CONTROLLED, OTHER, GONE = "EXMPi001-A", "EXMPi002-A", "Local.line_3", "EXMPi004-A"
CALLS, COUNTS = "data/wes/calls.vcf.gz", "data/rna-seq/counts.tsv"


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A bank of three releases: an open, a controlled, an empty and a withdrawn line. Nobody changes it."""
    bank = make_bank(tmp_path_factory.mktemp("commands"))
    files = {CALLS: vcf_bytes(), COUNTS: counts_bytes(), "data/notes.txt": text_bytes()}
    write_line(bank, OPEN, files=files)
    write_line(bank, CONTROLLED, files={CALLS: vcf_bytes(CONTROLLED)}, access={"tier": "controlled"})
    write_line(bank, OTHER, line_type="ESC", clo={"class": "CLO:0037280"}, name_reason="a local name")
    write_line(bank, GONE, files={CALLS: vcf_bytes(GONE)})
    release(bank, "2026.11", message="the first")
    write_line(bank, OPEN, files=files, notes=["a second version"])
    release(bank, "2026.12", now="2026-12-20T08:00:00Z")
    withdraw(bank, GONE, "donor's wish", now="2026-12-22T08:00:00Z")
    shutil.rmtree(bank.lines_folder / GONE)
    return bank


@pytest.fixture(scope="session")
def portal(released: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the served bank."""
    with served(released, tmp_path_factory.mktemp("portal") / "log.txt") as address:
        yield address


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """Calls commands outside of any bank, in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Caller(capsys)


@pytest.fixture
def ask(call: Caller, capsys: pytest.CaptureFixture[str], released: Bank) -> Caller:
    """Calls commands with the released bank, to read it."""
    return Caller(capsys, released)


@pytest.fixture
def own_bank(released: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """A copy of the released bank with its keys, to change it."""
    shutil.copytree(released.root.parent, tmp_path / "own", symlinks=True)
    monkeypatch.setenv("FAIRLINE_CONFIG", str(tmp_path / "own" / "config"))
    return open_bank(tmp_path / "own" / "bank")


@pytest.fixture
def change(call: Caller, capsys: pytest.CaptureFixture[str], own_bank: Bank) -> Caller:
    """Calls commands with a copy of the released bank."""
    return Caller(capsys, own_bank)
