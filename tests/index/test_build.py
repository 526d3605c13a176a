"""Building the index: from ledger and store alone; the old one serves until the new one is whole, whatever happens."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.bank import Bank, open_bank
from catalog.database import DatabaseSettings
from catalog.errors import CatalogError, IntegrityError, NotFoundError, TemporaryError
from catalog.events import Event
from catalog.index import Query, build_index, read_current
from catalog.index.current import check_current, next_generation, open_current, remove_old
from catalog.index.tables import TABLES
from tests.builders import counts_bytes, make_bank, release, withdraw, write_line
from tests.index.released import open_of


@pytest.fixture
def bank(released: Bank, tmp_path: Path) -> Bank:
    """A copy of the released bank that a test may spoil."""
    shutil.copytree(released.root, tmp_path / "bank")
    return open_bank(tmp_path / "bank")


def content(bank: Bank) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    index = open_of(bank)
    try:
        return {name: sorted(index.rows(f'SELECT * FROM "{name}"'), key=repr) for name in TABLES}
    finally:
        index.close()


def files(bank: Bank) -> list[str]:
    return sorted(path.name for path in bank.index_folder.iterdir())


def test_index_when_built_again_then_the_same_rows_in_a_new_generation(bank: Bank) -> None:
    before = content(bank)
    old = read_current(bank.index_folder)
    heard: list[Event] = []
    new = build_index(bank, heard.append)
    assert new.generation == old.generation + 1
    assert (new.sequence, new.release, new.ledger_sha256) == (old.sequence, old.release, old.ledger_sha256)
    assert content(bank) == before
    assert read_current(bank.index_folder) == new
    assert {event.stage for event in heard} == {"index"}
    assert heard[-1].done == heard[-1].total == 7
    assert list(bank.work_folder.glob("index-*")) == []


def test_index_when_lost_then_ledger_and_store_are_enough(bank: Bank) -> None:
    before = content(bank)
    shutil.rmtree(bank.index_folder)
    shutil.rmtree(bank.lines_folder)
    shutil.rmtree(bank.controlled_folder)
    build_index(bank)
    assert content(bank) == before


def test_generations_when_many_were_built_then_the_newest_two_are_kept_and_readers_go_on(bank: Bank) -> None:
    reader = open_of(bank)
    for _ in range(3):
        build_index(bank)
    newest = read_current(bank.index_folder).generation
    assert files(bank) == ["CURRENT", f"index-{newest - 1}.duckdb", f"index-{newest}.duckdb"]
    assert reader.search(Query())["total"] == 6
    reader.close()


def test_index_when_something_was_withdrawn_then_no_byte_of_it_is_in_any_file(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(
        bank,
        files={"data/rna-seq/canary7341_count.tsv": counts_bytes("CANARY7342")},
        cells={"data/rna-seq/canary7341_count.tsv": {"sample_id": "CANARY7342"}},
        aliases=[{"name": "CANARY7343", "kind": "in-house"}],
    )
    write_line(bank, "EXMPi002-A")
    release(bank, "2026.10")
    stored = b"".join(path.read_bytes() for path in bank.index_folder.iterdir())
    assert all(word in stored.lower() for word in (b"canary7341", b"canary7342", b"canary7343"))
    withdraw(bank, "EXMPi001-A")
    assert len(files(bank)) == 2
    stored = b"".join(path.read_bytes() for path in bank.index_folder.iterdir())
    assert not [word for word in (b"canary7341", b"canary7342", b"canary7343") if word in stored.lower()]


def test_index_when_the_bank_has_released_nothing_then_empty(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    current = build_index(bank)
    assert (current.sequence, current.release, current.ledger_sha256) == (0, "", "")
    assert open_of(bank).search(Query())["total"] == 0


@pytest.mark.parametrize("damage", ["ledger", "inventory", "descriptor", "catalogue"])
def test_index_when_ledger_or_store_do_not_hold_then_the_old_one_stays(bank: Bank, damage: str) -> None:
    before = content(bank)
    old = (bank.index_folder / "CURRENT").read_bytes()
    objects = {path.parent.parent.name: path.parent for path in bank.store_folder.rglob("v1/inventory.json")}
    place = {
        "ledger": bank.ledger_path,
        "inventory": objects["EXMPi001-A"] / "inventory.json",
        "descriptor": next((objects["EXMPi001-A"] / "content").iterdir()),
        "catalogue": next(iter(sorted(bank.store_folder.rglob("catalog/v3/inventory.json")))),
    }[damage]
    if damage == "descriptor":
        for place in (objects["EXMPi001-A"] / "content").iterdir():
            place.write_bytes(place.read_bytes()[:-1])
    else:
        changed = bytearray(place.read_bytes())
        changed[len(changed) // 2] ^= 1
        place.write_bytes(changed)
    with pytest.raises(IntegrityError) as caught:
        build_index(bank)
    assert caught.value.exit_status == 7
    assert (bank.index_folder / "CURRENT").read_bytes() == old
    assert content(bank) == before
    assert list(bank.work_folder.glob("index-*")) == []


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 100 kB while the test runs: the kernel refuses as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_index_when_the_disk_is_full_then_temporary_and_the_old_one_stays(bank: Bank, small_files: None) -> None:
    before = files(bank)
    old = (bank.index_folder / "CURRENT").read_bytes()
    with pytest.raises(TemporaryError) as caught:
        build_index(bank)
    assert (caught.value.code, caught.value.exit_status) == ("disk-full", 5)
    assert (bank.index_folder / "CURRENT").read_bytes() == old
    assert files(bank) == before
    assert list(bank.work_folder.glob("index-*")) == []


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("bit flipped", "index-damaged"),
        ("cut off", "index-damaged"),
        ("longer", "index-damaged"),
        ("missing", "index-damaged"),
        ("other tables", "index-version"),
        ("other digest", "index-damaged"),
        ("not json", "index-pointer"),
        ("list", "index-pointer"),
        ("member missing", "index-pointer"),
        ("member too much", "index-pointer"),
        ("outside", "index-pointer"),
        ("climbs", "index-pointer"),
        ("no text", "index-pointer"),
    ],
)
def test_index_when_damaged_then_refused_before_it_is_opened(bank: Bank, damage: str, code: str) -> None:
    pointer = bank.index_folder / "CURRENT"
    members = json.loads(pointer.read_bytes())
    file = bank.index_folder / members["file"]
    data = file.read_bytes()
    changed: dict[str, object] = {
        "other tables": {**members, "schema": 99},
        "other digest": {**members, "sha256": "0" * 64},
        "list": [],
        "member missing": {key: value for key, value in members.items() if key != "sequence"},
        "member too much": {**members, "extra": 1},
        "outside": {**members, "file": "/etc/passwd"},
        "climbs": {**members, "file": "../index-1.duckdb"},
        "no text": {**members, "file": 7},
    }
    if damage in changed:
        pointer.write_text(json.dumps(changed[damage]))
    elif damage == "not json":
        pointer.write_bytes(b"\xff{")
    elif damage == "missing":
        file.unlink()
    else:
        middle = len(data) // 2
        file.write_bytes(
            {
                "bit flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
                "cut off": data[:-4096],
                "longer": data + b"\0",
            }[damage]
        )
    with pytest.raises(CatalogError) as caught:
        open_current(bank.index_folder, DatabaseSettings())
    assert (caught.value.code, caught.value.exit_status) == (code, 7)
    assert "fairline index build" in str(caught.value.hint) or damage in {"outside", "climbs", "no text"}
    build_index(bank)
    check_current(bank.index_folder, read_current(bank.index_folder))


def test_index_when_there_is_none_then_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        read_current(tmp_path)
    assert (caught.value.code, caught.value.exit_status) == ("index-missing", 3)


def test_generation_when_the_next_is_asked_then_above_every_file_and_the_pointer(bank: Bank) -> None:
    number = read_current(bank.index_folder).generation
    assert next_generation(bank.index_folder) == number + 1
    (bank.index_folder / f"index-{number + 7}.duckdb").write_bytes(b"")
    (bank.index_folder / "index-x.duckdb").write_bytes(b"")
    (bank.index_folder / "CURRENT").write_bytes(b"spoilt")
    assert next_generation(bank.index_folder) == number + 8
    remove_old(bank.index_folder, 1)
    assert files(bank) == ["CURRENT", f"index-{number + 7}.duckdb", "index-x.duckdb"]
