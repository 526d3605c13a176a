"""Verifying a copy with one thing spoiled, through the command, as anybody would."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.bank import Bank, open_bank
from catalog.cli.root import run


@dataclass(frozen=True)
class Said:
    """What ``fairline verify --json`` said."""

    status: int
    outcome: dict[str, Any]
    error: dict[str, Any]

    @property
    def errors(self) -> list[tuple[str, str | None, int | None]]:
        """Code, path and line of every finding of severity error."""
        return [
            (each["code"], each.get("path"), each["line"])
            for each in self.outcome.get("findings", [])
            if each["severity"] == "error"
        ]

    @property
    def others(self) -> list[tuple[str, str | None]]:
        """Code and path of warnings and notes."""
        found = [each for each in self.outcome.get("findings", []) if each["severity"] != "error"]
        return [(each["code"], each.get("path")) for each in found]


def verify(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> Said:
    """Runs the command; its status and its ``valid`` agree."""
    capsys.readouterr()
    status = run(["verify", str(path), "--json", *options])
    told = capsys.readouterr()
    outcome = json.loads(told.out) if told.out else {}
    error = json.loads(told.err.splitlines()[-1]) if told.err else {}
    if outcome:
        assert outcome["valid"] == (status == 0)
        assert status in {0, 7}
    else:
        assert error["exit_status"] == status
    return Said(status, outcome, error)


def copy_of(bank: Bank, folder: Path) -> Bank:
    """A copy of a bank that a test may spoil."""
    shutil.copytree(bank.root, folder / "bank", symlinks=True)
    return open_bank(folder / "bank")


def flip(path: Path, at: int | None = None, bit: int = 0x01) -> None:
    """Changes one byte of a file: the middle one by default."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= bit
    path.write_bytes(content)


def object_folder(store: Path, object_id: str) -> Path:
    """The folder of an object, without asking the code under test."""
    (folder,) = [
        path.parent for path in store.rglob("0=ocfl_object_1.1") if path.parent.name == object_id.replace("~", "%7e")
    ]
    return folder
