"""Which files are looked for beside named ones, and at what price."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog.checks.companions import siblings
from catalog.findings import Level


def test_siblings_when_many_files_are_named_then_each_folder_is_listed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for number in range(20):
            for mate in (1, 2):
                (tmp_path / folder / f"reads{number}_R{mate}.fastq").touch()
            named.append(str(tmp_path / folder / f"reads{number}_R1.fastq"))
    listed: list[str] = []
    real = os.listdir

    def listing(folder: str | Path) -> list[str]:
        listed.append(str(folder))
        return real(folder)

    monkeypatch.setattr(os, "listdir", listing)
    found = list(siblings(named, Level.BANK))
    assert {(each, os.path.basename(each).replace("_R1", "_R2")) for each in named} <= set(found)
    assert [each for each in listed if each.startswith(str(tmp_path))] == [str(tmp_path / "one"), str(tmp_path / "two")]


def test_siblings_when_two_of_a_group_are_given_then_the_group_comes_once(tmp_path: Path) -> None:
    for name in ("a_R1.fastq", "a_R2.fastq", "b_R2.fastq"):
        (tmp_path / name).touch()
    given = [str(tmp_path / "a_R1.fastq"), str(tmp_path / "a_R2.fastq")]
    assert {name for _, name in siblings(given, Level.BANK)} == {"a_R1.fastq", "a_R2.fastq"}
    assert {path for path, _ in siblings(given, Level.BANK)} == {given[0]}


def test_siblings_when_there_is_no_such_folder_then_are_none() -> None:
    assert list(siblings(["no/such/a_R1.fastq"], Level.BANK)) == []
