"""A whole bank: one byte anywhere, and verify exits 7 and names the file (and the line)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import minisign
import pytest

from catalog.bank import Bank
from catalog.cli.root import run
from catalog.settings import read_settings
from catalog.store import Content, Store
from catalog.store.layout import object_path
from tests.builders import make_bank, settings_of
from tests.verify.spoiled import flip, object_folder, verify

Capture = pytest.CaptureFixture[str]


def relative(bank: Bank, path: Path) -> str:
    return path.relative_to(bank.root).as_posix()


def test_bank_when_sound_then_0_and_what_was_looked_at(bank: Bank, capsys: Capture) -> None:
    said = verify(capsys, bank.root)
    assert (said.status, said.errors, said.others) == (0, [], [])
    assert (said.outcome["kind"], said.outcome["lines"]) == ("bank", 6)
    assert said.outcome["objects"] == 6
    assert said.outcome["files"] > 20
    assert any("first time" in sentence for sentence in said.outcome["unproved"])
    assert not any("first time" in sentence for sentence in verify(capsys, bank.root).outcome["unproved"])


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("part", ["start", "middle", "end"])
@pytest.mark.parametrize("which", ["ledger.jsonl", "store-controlled/ledger.jsonl"])
def test_ledger_when_a_byte_is_flipped_then_7_and_its_line(
    spoilt: Bank, capsys: Capture, which: str, part: str, number: int
) -> None:
    path = spoilt.root / which
    lines = path.read_bytes().splitlines(keepends=True)
    start = sum(map(len, lines[: number - 1]))
    length = len(lines[number - 1])
    flip(path, start + {"start": 1, "middle": length // 2, "end": length - 1}[part])
    said = verify(capsys, spoilt.root)
    assert said.status == 7
    assert [(path, line) for _, path, line in said.errors if path == which] == [(which, number)]
    assert said.errors[0][0].startswith("ledger-")


Place = Callable[[Bank], Path]


def version(name: str, object_id: str = "EXMPi001-A", number: str = "v1", store: str = "store") -> Place:
    return lambda bank: object_folder(bank.root / store, object_id) / number / name


def in_root(name: str, object_id: str = "EXMPi001-A") -> Place:
    return lambda bank: object_folder(bank.store_folder, object_id) / name


def content(store: str = "store", object_id: str = "EXMPi001-A", number: str = "v1") -> Place:
    return lambda bank: sorted((object_folder(bank.root / store, object_id) / number / "content").iterdir())[0]


def index_file(bank: Bank) -> Path:
    return max(bank.index_folder.glob("index-*.duckdb"))


FLIPPED: list[tuple[str, Place, str]] = [
    ("inventory of an old version", version("inventory.json"), "store-inventory"),
    ("inventory of the newest version", version("inventory.json", number="v2"), "store-inventory"),
    ("sidecar of an old version", version("inventory.json.sha256"), "store-inventory"),
    ("sidecar of the newest version", version("inventory.json.sha256", number="v2"), "store-inventory"),
    ("inventory in the root", in_root("inventory.json"), "store-root-copy"),
    ("sidecar in the root", in_root("inventory.json.sha256"), "store-root-copy"),
    ("declaration", in_root("0=ocfl_object_1.1"), "store-declaration"),
    ("content", content(), "store-content"),
    ("content of a replayed object", content(object_id="EXMPi002-A~2"), "store-content"),
    ("content of the catalogue", content(object_id="catalog"), "store-content"),
    ("inventory of the catalogue", version("inventory.json", "catalog", "v2"), "store-inventory"),
    ("controlled content", content("store-controlled"), "store-content"),
    ("controlled inventory", version("inventory.json", store="store-controlled"), "store-inventory"),
    ("index", index_file, "index-damaged"),
]


@pytest.mark.parametrize(("place", "code"), [pytest.param(place, code, id=name) for name, place, code in FLIPPED])
@pytest.mark.parametrize("at", [0, None, -2], ids=["first byte", "middle", "last bytes"])
def test_file_when_a_byte_is_flipped_then_7_and_this_very_file(
    spoilt: Bank, capsys: Capture, place: Place, code: str, at: int | None
) -> None:
    path = place(spoilt)
    flip(path, at)
    said = verify(capsys, spoilt.root)
    assert said.status == 7
    assert said.errors == [(code, relative(spoilt, path), None)]


@pytest.mark.parametrize(
    ("at", "code", "path", "line"),
    [
        pytest.param(60, "ledger-signature", "ledger.jsonl", 1, id="in the key"),
        pytest.param(20, None, "signing-key.pub line 1", None, id="in the word that makes a comment"),
    ],
)
def test_public_key_when_a_byte_is_flipped_then_7(
    spoilt: Bank, capsys: Capture, at: int, code: str | None, path: str, line: int | None
) -> None:
    text = spoilt.keys_path.read_text()
    assert text.index("\n") < 60
    flip(spoilt.keys_path, at if code else 3)
    said = verify(capsys, spoilt.root)
    assert said.status == 7
    if code is None or said.error:
        assert said.error["error"] == "key-malformed"
        assert said.error["at"].endswith("signing-key.pub line 1" if code is None else "signing-key.pub line 2")
    else:
        assert (code, path, line) in said.errors


def test_public_key_when_another_is_there_than_was_seen_before_then_7_and_the_file(
    bank: Bank, spoilt: Bank, capsys: Capture
) -> None:
    assert verify(capsys, bank.root).status == 0
    spoilt.keys_path.write_text(spoilt.keys_path.read_text().split("\n")[0] + "\n" + other_key() + "\n")
    said = verify(capsys, spoilt.root)
    assert said.status == 7
    assert said.errors == [("key-changed", "signing-key.pub", None)]


def test_own_bank_when_another_had_its_address_before_then_its_secret_key_vouches(
    bank: Bank, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = read_settings().config_folder / "known-keys.json"
    known.parent.mkdir(parents=True, exist_ok=True)
    pinned = {bank.settings.base_iri: other_key()}
    known.write_text(json.dumps(pinned))
    assert ("key-changed", "signing-key.pub", None) in verify(capsys, bank.root).errors
    monkeypatch.setenv("FAIRLINE_KEY_FILE", str(settings_of(bank).keys_folder / f"{bank.keys()[0].key_id}.key"))
    said = verify(capsys, bank.root)
    assert (said.status, said.errors) == (0, [])
    assert not any("the key is the bank's" in sentence for sentence in said.outcome["unproved"])
    assert json.loads(known.read_text()) == pinned


def test_public_key_when_damaged_at_its_first_use_then_it_is_not_remembered(spoilt: Bank, capsys: Capture) -> None:
    content = spoilt.keys_path.read_bytes()
    spoilt.keys_path.write_text(f"untrusted comment: x\n{other_key()}\n")
    assert verify(capsys, spoilt.root).status == 7
    spoilt.keys_path.write_bytes(content)
    assert verify(capsys, spoilt.root).status == 0


def other_key() -> str:
    return minisign.KeyPair.generate().public_key.to_base64().decode()  # type: ignore[no-any-return]


def test_key_when_named_by_the_caller_then_it_decides(bank: Bank, capsys: Capture, tmp_path: Path) -> None:
    (key,) = bank.keys()
    (tmp_path / "bank.pub").write_text(key.file_text())
    for given in (key.base64, str(tmp_path / "bank.pub"), str(bank.keys_path)):
        said = verify(capsys, bank.root, "--key", given)
        assert said.status == 0
        assert not any("first time" in sentence for sentence in said.outcome["unproved"])
    said = verify(capsys, bank.root, "--key", other_key())
    assert said.status == 7
    assert {each[:2] for each in said.errors} >= {("ledger-signature", "ledger.jsonl")}
    assert verify(capsys, bank.root, "--key", "nonsense").error["error"] == "key-malformed"


def test_last_line_when_dropped_then_the_index_remembers_it(spoilt: Bank, capsys: Capture) -> None:
    lines = spoilt.ledger_path.read_bytes().splitlines(keepends=True)
    spoilt.ledger_path.write_bytes(b"".join(lines[:2]))
    said = verify(capsys, spoilt.root)
    assert said.status == 7
    assert ("ledger-shorter", "ledger.jsonl", 3) in said.errors


def test_last_line_when_dropped_without_a_witness_then_it_is_said_what_cannot_be_proved(
    spoilt: Bank, capsys: Capture
) -> None:
    shutil.rmtree(spoilt.index_folder)
    lines = spoilt.ledger_path.read_bytes().splitlines(keepends=True)
    spoilt.ledger_path.write_bytes(b"".join(lines[:2]))
    said = verify(capsys, spoilt.root)
    assert "ledger-shorter" not in {code for code, _, _ in said.errors}
    assert any("cut off the end of ledger.jsonl" in sentence for sentence in said.outcome["unproved"])
    assert ("index-stale", "index/CURRENT") in said.others


def test_middle_line_when_dropped_then_7_and_the_line_that_does_not_follow(spoilt: Bank, capsys: Capture) -> None:
    lines = spoilt.ledger_path.read_bytes().splitlines(keepends=True)
    spoilt.ledger_path.write_bytes(lines[0] + lines[2])
    said = verify(capsys, spoilt.root)
    assert said.status == 7
    assert ("ledger-chain", "ledger.jsonl", 2) in said.errors


def test_ledger_when_gone_then_7(spoilt: Bank, capsys: Capture) -> None:
    spoilt.ledger_path.unlink()
    said = verify(capsys, spoilt.root)
    assert said.status == 7
    assert ("ledger-shorter", "ledger.jsonl", 1) in said.errors


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(lambda folder: (folder / "v1" / "inventory.json").unlink(), "store-inventory", id="inventory gone"),
        pytest.param(lambda folder: (folder / "v1" / "inventory.json.sha256").unlink(), "store-inventory", id="sidecar gone"),
        pytest.param(lambda folder: shutil.rmtree(folder / "v2"), "store-inventory", id="version gone"),
        pytest.param(lambda folder: shutil.rmtree(folder), "store-object-missing", id="object gone"),
        pytest.param(lambda folder: sorted((folder / "v1" / "content").iterdir())[0].unlink(), "store-content-missing", id="content gone"),
        pytest.param(lambda folder: (folder / "v1" / "content" / "extra").write_bytes(b""), "store-unexpected", id="file too much"),
        pytest.param(lambda folder: (folder / "extra").symlink_to("inventory.json"), "store-unexpected", id="link too much"),
        pytest.param(lambda folder: (folder / "v1" / "extra").symlink_to(".."), "store-unexpected", id="link to a folder"),
        pytest.param(lambda folder: (folder / "0=ocfl_object_1.1").unlink(), "store-declaration", id="declaration gone"),
        pytest.param(lambda folder: (folder / "inventory.json").unlink(), "store-root-copy", id="root copy gone"),
    ],
)  # fmt: skip
def test_object_when_something_is_missing_or_too_much_then_7_and_the_place(
    spoilt: Bank, capsys: Capture, spoil: Callable[[Path], object], code: str
) -> None:
    folder = object_folder(spoilt.store_folder, "EXMPi001-A")
    spoil(folder)
    said = verify(capsys, spoilt.root)
    assert said.status == 7
    assert code in {each for each, _, _ in said.errors}
    assert all(path is not None and path.startswith(relative(spoilt, folder)) for _, path, _ in said.errors)


def test_contents_when_swapped_then_both_are_found(spoilt: Bank, capsys: Capture) -> None:
    one, other = sorted((object_folder(spoilt.store_folder, "EXMPi001-A") / "v1" / "content").iterdir())[:2]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    said = verify(capsys, spoilt.root)
    assert said.errors == [
        ("store-content", relative(spoilt, one), None),
        ("store-content", relative(spoilt, other), None),
    ]


def test_object_when_it_was_replaced_and_is_still_there_then_7(spoilt: Bank, capsys: Capture) -> None:
    new = object_folder(spoilt.store_folder, "EXMPi002-A~2")
    old = spoilt.store_folder / object_path("EXMPi002-A")
    shutil.copytree(new, old)
    said = verify(capsys, spoilt.root)
    assert said.status == 7
    assert said.errors == [("store-left-over", relative(spoilt, old), None)]


def test_version_when_no_release_names_it_then_a_note_and_0(spoilt: Bank, capsys: Capture) -> None:
    store = Store(spoilt.store_folder)
    head = store.head("EXMPi001-A")
    assert head is not None
    store.commit(
        "EXMPi001-A",
        [Content.of_bytes("record.json", b"{}")],
        expect=head.head,
        created="2026-12-01T00:00:00Z",
        message="x",
    )
    store.commit(
        "EXMPi009-A", [Content.of_bytes("record.json", b"{}")], expect=None, created="2026-12-01T00:00:00Z", message="x"
    )
    said = verify(capsys, spoilt.root)
    assert (said.status, said.errors) == (0, [])
    assert [code for code, _ in said.others] == ["store-not-public", "store-not-public"]


def test_bank_when_verified_quickly_then_content_is_looked_for_but_not_hashed(spoilt: Bank, capsys: Capture) -> None:
    place = sorted((object_folder(spoilt.store_folder, "EXMPi001-A") / "v1" / "content").iterdir())[0]
    flip(place)
    assert verify(capsys, spoilt.root, "--quick").status == 0
    place.unlink()
    said = verify(capsys, spoilt.root, "--quick")
    assert said.errors == [("store-content-missing", relative(spoilt, place), None)]


def test_bank_when_it_has_released_nothing_then_0(tmp_path: Path, capsys: Capture) -> None:
    said = verify(capsys, make_bank(tmp_path).root)
    assert (said.status, said.errors, said.outcome["lines"]) == (0, [], 0)


@pytest.mark.parametrize(("what", "status", "code"), [("empty", 2, "verify-target"), ("absent", 3, "path-not-found"), ("file", 3, "path-not-found")])  # fmt: skip
def test_target_when_it_is_nothing_that_can_be_verified_then_usage_or_not_found(
    tmp_path: Path, capsys: Capture, what: str, status: int, code: str
) -> None:
    path = tmp_path / what
    if what == "empty":
        path.mkdir()
    elif what == "file":
        path.write_text("x")
    said = verify(capsys, path)
    assert (said.status, said.error["error"]) == (status, code)


def test_outcome_when_told_to_people_then_the_place_stands_there_and_the_status_is_the_same(
    spoilt: Bank, capsys: Capture
) -> None:
    flip(spoilt.ledger_path, 5)
    assert run(["verify", str(spoilt.root)]) == 7
    told = capsys.readouterr().out
    assert "ledger.jsonl, line 1" in told
    assert "DOES NOT HOLD" in told
