"""A store of its own: with its bank where that is beside it, else against itself, and it says what it cannot prove."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalog.bank import Bank
from tests.verify.spoiled import flip, object_folder, verify

Capture = pytest.CaptureFixture[str]


def test_store_when_beside_its_bank_then_checked_with_the_ledger(spoilt: Bank, capsys: Capture) -> None:
    for folder, ledger in (
        (spoilt.store_folder, spoilt.ledger_path),
        (spoilt.controlled_folder, spoilt.controlled_ledger_path),
    ):
        said = verify(capsys, folder)
        assert (said.status, said.outcome["kind"], said.outcome["lines"]) == (0, "store", 3)
        content = ledger.read_bytes()
        flip(ledger, 5)
        said = verify(capsys, folder)
        assert said.status == 7
        assert ("ledger-malformed", "ledger.jsonl", 1) in said.errors
        ledger.write_bytes(content)


@pytest.mark.parametrize("which", ["store", "store-controlled"])
def test_store_when_moved_away_without_its_ledger_then_only_its_own_digests_hold_and_that_is_said(
    spoilt: Bank, tmp_path: Path, capsys: Capture, which: str
) -> None:
    moved = tmp_path / "elsewhere" / "copy"
    shutil.copytree(spoilt.root / which, moved)
    said = verify(capsys, moved)
    assert (said.status, said.outcome["kind"], said.outcome["lines"]) == (0, "store", 0)
    assert said.outcome["unproved"] == ["that this is what the bank released: there is no ledger beside the store"]
    place = sorted((object_folder(moved, "EXMPi001-A") / "v1" / "content").iterdir())[0]
    flip(place)
    said = verify(capsys, moved)
    assert said.errors == [("store-content", place.relative_to(moved).as_posix(), None)]


def test_store_when_moved_and_an_inventory_is_changed_then_found_by_its_sidecar(
    spoilt: Bank, tmp_path: Path, capsys: Capture
) -> None:
    moved = tmp_path / "copy"
    shutil.copytree(spoilt.store_folder, moved)
    place = object_folder(moved, "EXMPi001-A") / "v2" / "inventory.json"
    flip(place)
    said = verify(capsys, moved)
    assert ("store-inventory", place.relative_to(moved).as_posix(), None) in said.errors


def test_store_when_empty_then_0(tmp_path: Path, capsys: Capture, spoilt: Bank) -> None:
    from catalog.store import Store

    Store.create(tmp_path / "store")
    said = verify(capsys, tmp_path / "store")
    assert (said.status, said.outcome["objects"]) == (0, 0)
