"""Finding and opening a bank."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.bank import find_bank, init_bank, open_bank
from catalog.bank.folder import read_settings_file
from catalog.errors import CatalogError, InvalidError, NotFoundError
from tests.builders import BASE_IRI, make_bank, settings_of, write_line


def test_bank_when_looked_for_then_the_nearest_above(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    folder = write_line(bank)
    assert find_bank(folder) == bank.root
    assert find_bank(bank.root) == bank.root
    with pytest.raises(NotFoundError) as caught:
        find_bank(tmp_path)
    assert (caught.value.code, caught.value.exit_status, caught.value.want) == ("bank-not-found", 3, "fairline.toml")


def test_bank_when_opened_then_its_parts_have_their_places(tmp_path: Path) -> None:
    bank = open_bank(make_bank(tmp_path).root)
    assert bank.settings.base_iri == BASE_IRI
    assert bank.settings.addresses.line("X") == f"{BASE_IRI}line/X"
    places = {
        bank.lines_folder: "lines",
        bank.store_folder: "store",
        bank.controlled_folder: "store-controlled",
        bank.ledger_path: "ledger.jsonl",
        bank.controlled_ledger_path: "store-controlled/ledger.jsonl",
        bank.index_folder: "index",
        bank.work_folder: "work",
        bank.keys_path: "signing-key.pub",
    }
    assert {path.relative_to(bank.root).as_posix() for path in places} == set(places.values())
    (key,) = bank.keys()
    assert (settings_of(bank).keys_folder / f"{key.key_id}.key").is_file()


def test_folder_when_it_is_no_bank_then_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_bank(tmp_path)
    assert caught.value.code == "bank-not-found"


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("profile = \n", 1, "toml-syntax"),
        ('profile = "bank-1"\ntitle = "x"\nbase_iri = "no"\n[publisher]\nname = "x"\n', 3, "record-pattern"),
        ('profile = "bank-2"\n', 1, "record-profile"),
        ("\ufeffprofile = 1\n", 1, "text-bom"),
    ],
    ids=["syntax", "value", "profile", "mark"],
)
def test_settings_when_they_have_errors_then_nothing_is_opened_and_the_line_is_told(
    tmp_path: Path, text: str, line: int, code: str
) -> None:
    (tmp_path / "fairline.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidError) as caught:
        open_bank(tmp_path)
    assert (caught.value.code, caught.value.exit_status) == ("bank-settings", 1)
    assert str(caught.value.at).endswith(f"fairline.toml: line {line}")
    settings, findings = read_settings_file(tmp_path)
    assert settings is None
    assert [each.code for each in findings] == [code]


def test_lines_when_listed_then_folders_sorted_without_hidden_ones_and_files(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    for line_id in ("EXMPi002-A", "EXMPi001-A"):
        write_line(bank, line_id)
    (bank.lines_folder / ".git").mkdir()
    (bank.lines_folder / "notes.txt").write_text("x")
    assert bank.line_ids() == ["EXMPi001-A", "EXMPi002-A"]


@pytest.mark.parametrize("line_id", ["EXMPi009-A", "..", "../lines/EXMPi001-A", "", ".", "/etc", "catalog", "a/b"])
def test_line_folder_when_there_is_no_such_line_then_not_found_and_never_outside(tmp_path: Path, line_id: str) -> None:
    bank = make_bank(tmp_path)
    write_line(bank)
    (bank.lines_folder / "catalog").mkdir()
    with pytest.raises(NotFoundError) as caught:
        bank.line_folder(line_id)
    assert caught.value.code == "line-not-found"


def test_keys_when_the_file_is_missing_or_malformed_then_the_error_says_where(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    text = bank.keys_path.read_text()
    bank.keys_path.write_text(text + "untrusted comment: second\nRW not a key\n")
    with pytest.raises(CatalogError) as caught:
        bank.keys()
    assert (caught.value.code, caught.value.exit_status) == ("key-malformed", 7)
    assert str(caught.value.at).endswith("signing-key.pub line 4")
    bank.keys_path.write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogError) as caught:
        bank.keys()
    assert (caught.value.code, caught.value.exit_status) == ("key-malformed", 7)
    bank.keys_path.write_text("untrusted comment: no key\n")
    for _ in range(2):
        with pytest.raises(CatalogError) as caught:
            bank.keys()
        assert (caught.value.code, caught.value.exit_status) == ("keys-missing", 3)
        bank.keys_path.unlink(missing_ok=True)
    assert len(init_bank(bank.root, settings_of(bank), title="x", base_iri=BASE_IRI, publisher="x")[0].keys()) == 1
