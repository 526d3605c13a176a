"""The command ``demo``: what it prints, and its exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.cli.root import run
from publish.demo import bank as demo_bank
from publish.demo.published import published_lines
from tests.demo.builders import Demo


@pytest.fixture
def _two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    some = tuple(line for line in published_lines() if line.line_id in {"SNUhES3", "KSCBi010-A"})
    monkeypatch.setattr(demo_bank, "published_lines", lambda: some)


@pytest.mark.usefixtures("_two_lines")
def test_demo_when_run_twice_then_builds_once_and_names_the_next_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "bank"
    assert run(["demo", str(folder)]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "wrote 2 of 2 lines" in printed.err
    assert printed.err.splitlines()[-1] == f"next: fairline --bank {folder} serve"
    assert run(["demo", str(folder)]) == 0
    again = capsys.readouterr().err
    assert "unchanged" in again
    assert "wrote" not in again
    assert again.splitlines()[-1] == f"next: fairline --bank {folder} serve"
    assert run(["validate", str(folder)]) == 0


@pytest.mark.usefixtures("_two_lines")
def test_demo_when_asked_for_json_then_prints_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "bank"
    arguments = ["demo", str(folder), "--base-iri", "https://demo.example.org/", "--json"]
    assert run(arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["base_iri"] == "https://demo.example.org/"
    assert first["made"] == ["SNUhES3", "KSCBi010-A"]
    assert first["released_now"] is True
    assert run(arguments) == 0
    second = json.loads(capsys.readouterr().out)
    assert (second["made"], second["released_now"]) == ([], False)
    assert {name: second[name] for name in ("bank", "release", "sequence", "issued", "lines")} == {
        name: first[name] for name in ("bank", "release", "sequence", "issued", "lines")
    }


def test_demo_when_the_folder_is_taken_then_exits_with_6(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert run(["demo", str(tmp_path), "--json"]) == 6
    assert json.loads(capsys.readouterr().err.splitlines()[-1])["error"] == "folder-taken"


def test_demo_when_the_base_iri_is_none_then_exits_with_2(tmp_path: Path) -> None:
    assert run(["demo", str(tmp_path / "bank"), "--base-iri", "nowhere"]) == 2
    assert not (tmp_path / "bank").exists()


def test_validate_when_run_on_the_whole_bank_then_warns_and_is_valid(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["validate", "--json", str(demo.bank.root)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["valid"] is True
    assert report["counts"]["error"] == 0
    assert report["counts"]["warning"] > 100
