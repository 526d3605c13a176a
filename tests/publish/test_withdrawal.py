"""Withdrawals: the bytes are gone everywhere, the tombstone stays, identifiers answer, nothing comes back."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import duckdb
import ocfl
import pytest

from catalog.bank import Bank
from catalog.errors import ConflictError, NotFoundError, UsageError
from catalog.index.current import read_current
from catalog.ledger import Ledger, load_ledger
from catalog.library import describe
from catalog.package import DESCRIPTOR
from catalog.store import Store
from catalog.verify import verify_path
from publish.replay import next_object
from tests.builders import LINE_ID, bgzf, make_bank, release, settings_of, text_bytes, vcf_bytes, withdraw, write_line

CANARY = "CANARY8d1f"
PATH = "data/wes/calls.vcf.gz"
KEPT = "data/rna-seq/counts.tsv"


def canary_vcf(word: str = CANARY) -> bytes:
    """A VCF of no sample, which any line may have, whose header and body carry a word that stands nowhere else."""
    text = (
        "##fileformat=VCFv4.3\n"
        f"##source={word}-in-the-header\n"
        "##contig=<ID=chr1,length=248956422>\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        f"chr1\t10001\t{word}\tA\tC\t30\tPASS\t.\n"
    )
    return bgzf(text.encode())


def ledger_of(bank: Bank) -> Ledger:
    return load_ledger(bank.ledger_path, bank.keys())


def released_bank(folder: Path, **changes: object) -> Bank:
    """A bank with two versions of a line; the canary is in both."""
    bank = make_bank(folder)
    files = {PATH: canary_vcf(), KEPT: b"gene_id\tEXMPi001-A\nENSG00000000001\t3\n", "data/notes.txt": text_bytes()}
    write_line(bank, files=files, **changes)  # type: ignore[arg-type]
    write_line(bank, "EXMPi002-A", files={"data/wes/other.vcf.gz": vcf_bytes("EXMPi002-A")})
    release(bank, "2026.11")
    write_line(bank, files=files, notes=["second version"], **changes)  # type: ignore[arg-type]
    release(bank, "2026.12")
    return bank


def every_byte(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file with its bytes; compressed ones also unpacked, the index also as its rows."""
    for folder in folders:
        for path in folder.rglob("*"):
            if not path.is_file():
                continue
            yield path, path.read_bytes()
            if path.suffix == ".duckdb":
                yield path, index_text(path)


def index_text(path: Path) -> bytes:
    """Every cell of an index as text: compression must not hide anything."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        cells = [str(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names]
    return "\n".join(cells).encode()


def judge(root: Path) -> bool:
    """What ocfl-py says of a storage root with all its objects."""
    logging.disable(logging.CRITICAL)
    try:
        return bool(ocfl.StorageRoot(root=str(root)).validate(validate_objects=True))
    finally:
        logging.disable(logging.NOTSET)


def assert_erased(bank: Bank, *needles: bytes) -> None:
    """No byte of store, controlled store, index and work is left of what was withdrawn."""
    for path, content in every_byte(bank.store_folder, bank.controlled_folder, bank.index_folder, bank.work_folder):
        for needle in needles:
            assert needle not in content, f"{needle!r} is left in {path}"


def test_withdraw_when_a_file_then_its_bytes_are_gone_and_the_rest_is_whole(tmp_path: Path) -> None:
    bank = released_bank(tmp_path)
    digest = hashlib.sha256(canary_vcf()).hexdigest()
    assert any(canary_vcf() == content for _, content in every_byte(bank.store_folder))
    done = withdraw(bank, f"{LINE_ID}/{PATH}", "consent withdrawn", now="2026-12-24T00:00:00Z")
    assert (done.release, done.public, done.controlled) == ("2026.12.1", True, True)
    assert_erased(bank, canary_vcf(), CANARY.encode())
    assert digest.encode() not in b"".join(content for _, content in every_byte(bank.store_folder, bank.index_folder))
    ledger = ledger_of(bank)
    assert ledger.lines[-1].replaced == ({"id": LINE_ID, "object": LINE_ID},)
    assert [(each.release, each.object, each.version) for each in ledger.versions(LINE_ID)] == [
        ("2026.11", f"{LINE_ID}~2", "v1"),
        ("2026.12", f"{LINE_ID}~2", "v2"),
        ("2026.12.1", f"{LINE_ID}~2", "v3"),
    ]
    for name in ("2026.11", "2026.12", None):
        shown = describe(bank, ledger, LINE_ID, name)
        paths = {each["path"] for each in shown["files"]}
        assert KEPT in paths
        assert PATH not in paths
        [gone] = shown["withdrawn"]
        assert (gone["path"], gone["reason"]) == (PATH, "consent withdrawn")
    assert describe(bank, ledger, "EXMPi002-A")["release"] == "2026.11"
    assert verify_path(bank.root, settings_of(bank)).valid
    assert judge(bank.store_folder)
    assert judge(bank.controlled_folder)


def test_withdraw_when_a_line_then_only_its_tombstone_is_left(tmp_path: Path) -> None:
    bank = released_bank(tmp_path, donor={"donor_id": "EXMP-SECRET-DONOR"})
    withdraw(bank, LINE_ID, "donor's wish", now="2027-01-05T00:00:00Z")
    ledger = ledger_of(bank)
    assert ledger.lines[-1].release == "2027.01"
    assert ledger.current()[LINE_ID].state == "withdrawn"
    assert_erased(bank, CANARY.encode(), b"EXMP-SECRET-DONOR", b"umbilical cord blood: EXMPi001")
    store = Store(bank.store_folder)
    head = store.head(f"{LINE_ID}~2")
    assert head is not None
    assert head.head == "v3"
    for version in head.versions:
        assert set(head.state(version)) == {"tombstone.json"}
    stone = json.loads(store.read(head, "tombstone.json"))
    assert (stone["id"], stone["reason"], stone["release"]) == (LINE_ID, "donor's wish", "2027.01")
    with pytest.raises(NotFoundError) as caught:
        describe(bank, ledger, LINE_ID)
    assert caught.value.code == "withdrawn"
    assert verify_path(bank.root, settings_of(bank)).valid
    assert judge(bank.store_folder)
    assert judge(bank.controlled_folder)


def test_withdraw_when_the_file_is_controlled_then_the_public_chain_says_nothing(tmp_path: Path) -> None:
    bank = released_bank(tmp_path, access={"approval": {"scope": ["rna-seq"]}})
    public = bank.ledger_path.read_bytes()
    assert CANARY.encode() not in b"".join(content for _, content in every_byte(bank.store_folder, bank.index_folder))
    done = withdraw(bank, f"{LINE_ID}/{PATH}")
    assert (done.public, done.controlled) == (False, True)
    assert bank.ledger_path.read_bytes() == public
    assert_erased(bank, canary_vcf(), CANARY.encode())
    controlled = load_ledger(bank.controlled_ledger_path, bank.keys())
    assert controlled.lines[-1].withdrawn[0].path == PATH
    assert verify_path(bank.root, settings_of(bank)).valid
    assert judge(bank.controlled_folder)


@pytest.mark.parametrize("way", ["same-path", "same-bytes-elsewhere", "same-bytes-in-another-line"])
def test_release_when_withdrawn_content_comes_back_then_exit_six(tmp_path: Path, way: str) -> None:
    bank = released_bank(tmp_path)
    withdraw(bank, f"{LINE_ID}/{PATH}")
    folder = bank.lines_folder / LINE_ID
    if way != "same-path":
        (folder / PATH).unlink()
        rows = (folder / "files.csv").read_text().splitlines()
        (folder / "files.csv").write_text("\n".join(row for row in rows if PATH not in row) + "\n")
    if way == "same-bytes-elsewhere":
        write_line(
            bank,
            files={"data/wes/renamed.vcf.gz": canary_vcf()},
            tables={"files.csv": (folder / "files.csv").read_bytes()},
        )
        from catalog.bank import add_files

        add_files(folder, [folder / "data/wes/renamed.vcf.gz"], {})
    if way == "same-bytes-in-another-line":
        write_line(bank, "EXMPi003-A", files={"data/wes/copy.vcf.gz": canary_vcf()}, access={"tier": "controlled"})
    before = bank.ledger_path.read_bytes()
    with pytest.raises(ConflictError) as caught:
        release(bank, "2027.02")
    assert (caught.value.code, caught.value.exit_status) == ("withdrawn-file", 6)
    assert bank.ledger_path.read_bytes() == before


def test_release_when_a_withdrawn_line_is_still_there_then_exit_six_until_it_is_moved_away(tmp_path: Path) -> None:
    bank = released_bank(tmp_path)
    withdraw(bank, LINE_ID)
    with pytest.raises(ConflictError) as caught:
        release(bank, "2027.02")
    assert caught.value.code == "withdrawn-line"
    (bank.lines_folder / LINE_ID).rename(tmp_path / "away")
    write_line(bank, "EXMPi002-A", notes=["new"], files={"data/wes/other.vcf.gz": vcf_bytes("EXMPi002-A")})
    assert release(bank, "2027.02").sequence == 4


def test_withdraw_when_twice_then_conflict_and_when_unknown_then_not_found(tmp_path: Path) -> None:
    bank = released_bank(tmp_path)
    withdraw(bank, f"{LINE_ID}/{PATH}")
    with pytest.raises(ConflictError) as caught:
        withdraw(bank, f"{LINE_ID}/{PATH}")
    assert caught.value.code == "withdrawn-already"
    for target in (f"{LINE_ID}/data/never.vcf", "EXMPi009-A", f"{LINE_ID}/{DESCRIPTOR}", f"{LINE_ID}/line.yaml"):
        with pytest.raises(NotFoundError) as missing:
            withdraw(bank, target)
        assert missing.value.code == "target-not-found"
    with pytest.raises(UsageError):
        withdraw(bank, LINE_ID, "  ")


def test_withdraw_when_a_second_file_goes_then_the_next_object_takes_over(tmp_path: Path) -> None:
    bank = released_bank(tmp_path)
    withdraw(bank, f"{LINE_ID}/{PATH}", now="2026-12-24T00:00:00Z")
    withdraw(bank, f"{LINE_ID}/data/notes.txt", "wrong document", now="2026-12-25T00:00:00Z")
    ledger = ledger_of(bank)
    assert {each.object for each in ledger.versions(LINE_ID)} == {f"{LINE_ID}~3"}
    assert ledger.gone_objects() == {LINE_ID, f"{LINE_ID}~2"}
    assert sorted(Store(bank.store_folder).object_ids()) == sorted(["catalog", f"{LINE_ID}~3", "EXMPi002-A"])
    assert [each["path"] for each in describe(bank, ledger, LINE_ID)["withdrawn"]] == [PATH, "data/notes.txt"]
    assert verify_path(bank.root, settings_of(bank)).valid
    write_line(bank, files={KEPT: b"gene_id\tEXMPi001-A\nENSG00000000001\t4\n"}, tables={})
    rows = (bank.lines_folder / LINE_ID / "files.csv").read_text().splitlines()
    kept = [row for row in rows if PATH not in row and "notes.txt" not in row]
    (bank.lines_folder / LINE_ID / "files.csv").write_text("\n".join(kept) + "\n")
    (bank.lines_folder / LINE_ID / PATH).unlink()
    (bank.lines_folder / LINE_ID / "data/notes.txt").unlink()
    release(bank, "2027.01")
    ledger = ledger_of(bank)
    assert ledger.versions(LINE_ID)[-1].version == "v5"
    assert [each["path"] for each in describe(bank, ledger, LINE_ID)["withdrawn"]] == [PATH, "data/notes.txt"]
    assert verify_path(bank.root, settings_of(bank)).valid


def test_index_when_something_was_withdrawn_then_only_one_generation_is_left(tmp_path: Path) -> None:
    bank = released_bank(tmp_path)
    assert len(list(bank.index_folder.glob("index-*.duckdb"))) == 2
    withdraw(bank, f"{LINE_ID}/{PATH}")
    assert [path.name for path in bank.index_folder.glob("index-*.duckdb")] == [read_current(bank.index_folder).file]
    assert read_current(bank.index_folder).sequence == ledger_of(bank).sequence


@pytest.mark.parametrize(
    ("object_id", "package", "expected"), [("A", "A", "A~2"), ("A~2", "A", "A~3"), ("A~19", "A", "A~20")]
)
def test_next_object_when_asked_then_counts_up(object_id: str, package: str, expected: str) -> None:
    assert next_object(object_id, package) == expected
