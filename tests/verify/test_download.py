"""A download is verified without a network: file, inventory, ledger, key, each to its place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.bank import Bank
from catalog.client.source import BankSource
from catalog.client.transfer import Request, get
from catalog.settings import read_settings
from tests.verify.spoiled import flip, verify

Capture = pytest.CaptureFixture[str]
DATA = "data/rna-seq/a_count.tsv"


def download(bank: Bank, folder: Path, pattern: str | None = None, release: str | None = None) -> Path:
    request = Request(package="EXMPi001-A", release=release, pattern=pattern, folder=folder)
    get(BankSource(bank), read_settings(), request)
    return folder


@pytest.fixture
def folder(bank: Bank, tmp_path: Path) -> Path:
    return download(bank, tmp_path / "EXMPi001-A")


@pytest.mark.parametrize("release", [None, "2026.10", "2026.11", "2026.11.1"])
def test_download_when_whole_then_0_for_every_release(
    bank: Bank, tmp_path: Path, capsys: Capture, release: str | None
) -> None:
    said = verify(capsys, download(bank, tmp_path / "x", release=release))
    assert (said.status, said.errors, said.others) == (0, [], [])
    assert (said.outcome["kind"], said.outcome["lines"]) == ("download", 3)
    assert said.outcome["files"] > 8
    assert any("nothing since line 3" in sentence for sentence in said.outcome["unproved"])


@pytest.mark.parametrize("path", [DATA, "datapackage.json", "record.json", "report.json", "README.md", "files.csv"])
@pytest.mark.parametrize("at", [0, None, -1], ids=["first", "middle", "last"])
def test_file_when_a_byte_is_flipped_then_7_and_this_very_file(
    folder: Path, capsys: Capture, path: str, at: int | None
) -> None:
    flip(folder / path, at)
    said = verify(capsys, folder)
    assert said.status == 7
    assert said.errors == [("download-file", path, None)]


@pytest.mark.parametrize("at", [0, None, -2], ids=["first", "middle", "last"])
def test_inventory_when_a_byte_is_flipped_then_7(folder: Path, capsys: Capture, at: int | None) -> None:
    flip(folder / "inventory.json", at)
    said = verify(capsys, folder)
    assert said.status == 7
    assert said.errors == [("store-inventory", "inventory.json", None)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_ledger_when_a_byte_is_flipped_then_7_and_its_line(folder: Path, capsys: Capture, number: int) -> None:
    path = folder / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    flip(path, sum(map(len, lines[: number - 1])) + len(lines[number - 1]) // 2)
    said = verify(capsys, folder)
    assert said.status == 7
    assert ("ledger.jsonl", number) in [(where, line) for _, where, line in said.errors]


def test_key_when_a_byte_is_flipped_then_7(folder: Path, capsys: Capture) -> None:
    flip(folder / "signing-key.pub", 70)
    said = verify(capsys, folder)
    assert said.status == 7
    assert said.error.get("error") == "key-malformed" or ("key-changed", "signing-key.pub", None) in said.errors


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"id": "EXMPi001-A"}', b"\xff", b"[" * 200_000])
def test_note_when_it_cannot_be_read_then_7_and_its_place(folder: Path, capsys: Capture, content: bytes) -> None:
    (folder / "download.json").write_bytes(content)
    said = verify(capsys, folder)
    assert (said.status, said.error["error"]) == (7, "download-note")
    assert said.error["at"].endswith("download.json")


def noted(folder: Path, **members: object) -> None:
    note = json.loads((folder / "download.json").read_bytes())
    (folder / "download.json").write_text(json.dumps({**note, **members}))


def test_last_line_when_dropped_then_the_download_remembers_it(folder: Path, capsys: Capture) -> None:
    path = folder / "ledger.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    said = verify(capsys, folder)
    assert said.status == 7
    assert ("ledger-shorter", "ledger.jsonl", 3) in said.errors


@pytest.mark.parametrize("members", [{"release": "2025.01"}, {"id": "EXMPi009-A"}])
def test_note_when_it_names_what_the_ledger_does_not_know_then_7(
    folder: Path, capsys: Capture, members: dict[str, str]
) -> None:
    noted(folder, **members)
    said = verify(capsys, folder)
    assert said.status == 7
    assert ("download-version", "ledger.jsonl", None) in said.errors


def test_note_when_it_names_an_older_version_then_its_files_do_not_fit(folder: Path, capsys: Capture) -> None:
    noted(folder, release="2026.10")
    said = verify(capsys, folder)
    assert said.status == 7
    assert {code for code, _, _ in said.errors} <= {"store-inventory", "download-file"}


@pytest.mark.parametrize(
    ("spoil", "status", "errors", "others"),
    [
        pytest.param(lambda folder: (folder / DATA).unlink(), 7, [("download-missing", DATA, None)], [], id="missing"),
        pytest.param(lambda folder: (folder / "extra.txt").write_text("x"), 0, [], [("download-extra", "extra.txt")], id="extra"),
        pytest.param(lambda folder: (folder / "data/extra").symlink_to("/etc/hosts"), 0, [], [("download-extra", "data/extra")], id="extra link"),
        pytest.param(lambda folder: (folder / f"{DATA}.part").write_text("x"), 0, [], [], id="unfinished"),
        pytest.param(lambda folder: (folder / "inventory.json").unlink(), 3, [], [], id="no inventory"),
        pytest.param(lambda folder: (folder / "ledger.jsonl").unlink(), 3, [], [], id="no ledger"),
        pytest.param(lambda folder: (folder / "signing-key.pub").unlink(), 3, [], [], id="no key"),
    ],
)  # fmt: skip
def test_folder_when_something_is_missing_or_too_much_then_told(
    folder: Path,
    capsys: Capture,
    spoil: Callable[[Path], object],
    status: int,
    errors: list[object],
    others: list[object],
) -> None:
    spoil(folder)
    said = verify(capsys, folder)
    assert (said.status, said.errors, said.others) == (status, errors, others)
    assert status != 3 or said.error["error"] == "download-incomplete"


def test_download_when_only_a_part_was_asked_for_then_the_rest_is_a_note(
    bank: Bank, tmp_path: Path, capsys: Capture
) -> None:
    folder = download(bank, tmp_path / "x", "*.txt")
    said = verify(capsys, folder)
    assert (said.status, said.errors) == (0, [])
    assert said.others == [("download-not-selected", None)]
    (folder / "data" / "notes.txt").unlink()
    assert verify(capsys, folder).errors == [("download-missing", "data/notes.txt", None)]


def test_inventory_when_the_bank_signed_a_hostile_path_then_nothing_outside_is_read(tmp_path: Path) -> None:
    from catalog.verify.download import check_files

    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "download"
    folder.mkdir()
    findings = list(check_files(folder, {"../secret": "0" * 64, "/etc/hosts": "0" * 64}, {"../secret"}))
    assert [(each.code, each.path) for each in findings] == [
        ("download-file", "../secret"),
        ("download-file", "/etc/hosts"),
    ]
    assert all(each.got == "a path that no package has" for each in findings)


def test_key_when_there_is_none_at_all_then_7_and_never_taken_for_proved(
    folder: Path, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "signing-key.pub").write_bytes(b"")
    assert verify(capsys, folder).status == 0, "the key is known from before"
    monkeypatch.setenv("FAIRLINE_CONFIG", str(tmp_path / "nobody"))
    said = verify(capsys, folder)
    assert (said.status, said.error["error"]) == (7, "key-malformed")


def test_download_when_the_bank_changed_its_key_before_then_the_first_one_is_pinned(
    bank: Bank, folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert verify(capsys, folder).status == 0
    stranger = tmp_path / "stranger"
    shutil.copytree(folder, stranger)
    text = (stranger / "signing-key.pub").read_text().splitlines()
    other = make_other_key(tmp_path)
    (stranger / "signing-key.pub").write_text(f"{text[0]}\n{other}\n")
    said = verify(capsys, stranger)
    assert said.status == 7
    assert ("key-changed", "signing-key.pub", None) in said.errors


def make_other_key(folder: Path) -> str:
    from catalog.signing import make_key

    return make_key(folder / "other-keys").base64
