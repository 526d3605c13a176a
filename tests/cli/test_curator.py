"""A curator's way from an empty folder to a withdrawal, command by command."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.bank import Bank, open_bank
from catalog.loading import read_toml
from catalog.signing import parse_public_key
from tests.builders import LINE_ID, record_bytes, vcf_bytes
from tests.cli.calls import Caller
from tests.cli.conftest import CALLS, GONE, OPEN

BASE = "https://bank.example.org/"


@pytest.fixture
def fresh(call: Caller, capsys: pytest.CaptureFixture[str]) -> tuple[Caller, Bank]:
    """A bank that was just made, and calls with it."""
    call.well("init", "bank", "--title", "T", "--base-iri", BASE, "--publisher", "P")
    bank = open_bank(Path("bank"))
    return Caller(capsys, bank), bank


def fill(bank: Bank, **changes: Any) -> Path:
    """Fills the folder of a line that was made: a valid record and one file."""
    folder = bank.lines_folder / LINE_ID
    (folder / CALLS).parent.mkdir(parents=True, exist_ok=True)
    (folder / CALLS).write_bytes(vcf_bytes())
    (folder / "line.yaml").write_bytes(record_bytes(**changes))
    return folder


def test_init_when_run_then_makes_a_bank_and_a_second_time_changes_nothing(call: Caller) -> None:
    made = call.well("init", "bank", "--title", "T", "--base-iri", BASE, "--publisher", "P", "--json").json()
    assert (made["bank"], made["title"], made["base_iri"]) == ("bank", "T", BASE)
    settings = Path("bank/fairline.toml").read_text()
    assert "#" in settings
    assert read_toml(settings.encode()).findings == ()
    for name in ("lines", "store", "store-controlled", "index", "work"):
        assert Path("bank", name).is_dir()
    parse_public_key(Path("bank/signing-key.pub").read_text())
    before = {path: path.read_bytes() for path in Path("bank").rglob("*") if path.is_file()}
    again = call.well("init", "bank", "--json").json()
    assert (again["made"], again["title"]) == ([], "T")
    assert {path: path.read_bytes() for path in Path("bank").rglob("*") if path.is_file()} == before
    assert "unchanged" in call.well("init", "bank").out


def test_init_when_run_then_the_secret_key_is_not_in_the_bank_and_private(call: Caller, tmp_path: Path) -> None:
    call.well("init", "bank")
    [shown] = call.well("--bank", "bank", "key", "show", "--json").json()
    secret = Path(shown["secret"])
    assert Path("bank").absolute() not in secret.parents
    assert secret.stat().st_mode & 0o777 == 0o600
    assert shown["state"] == "signs"


def test_line_new_when_run_then_makes_a_commented_record_and_a_second_time_changes_nothing(
    fresh: tuple[Caller, Bank],
) -> None:
    ask, bank = fresh
    assert ask.well("line", "new", LINE_ID, "--json").json()["made"] is True
    text = (bank.lines_folder / LINE_ID / "line.yaml").read_text()
    assert "#" in text
    assert yaml.safe_load(text)["line_id"] == LINE_ID
    assert ask.well("line", "new", LINE_ID, "--json").json()["made"] is False
    assert (bank.lines_folder / LINE_ID / "line.yaml").read_text() == text


@pytest.mark.parametrize(
    ("line_id", "status", "code"),
    [("bad name", 2, "line-id"), ("catalog", 2, "line-id"), ("x", 2, "line-id"), ("exmpi001-a", 6, "line-twin")],
)
def test_line_new_when_the_name_cannot_be_then_refuses(
    fresh: tuple[Caller, Bank], line_id: str, status: int, code: str
) -> None:
    ask, bank = fresh
    ask.well("line", "new", LINE_ID)
    answer = ask("line", "new", line_id, "--json")
    assert (answer.status, answer.error()["error"]) == (status, code)
    assert [path.name for path in bank.lines_folder.iterdir()] == [LINE_ID]


def test_add_when_run_twice_then_the_second_says_unchanged(fresh: tuple[Caller, Bank]) -> None:
    ask, bank = fresh
    folder = fill(bank)
    [first] = ask.well("add", folder / "data", "--line", LINE_ID, "--json").json()
    assert (first["path"], first["outcome"], first["format"], first["modality"]) == (CALLS, "added", "vcf", "wes")
    assert first["mediatype"] == "application/gzip"
    assert re.fullmatch("[0-9a-f]{64}", first["sha256"])
    sheet = (folder / "files.csv").read_bytes()
    [second] = ask.well("add", folder / "data", "--line", LINE_ID, "--json").json()
    assert second["outcome"] == "unchanged"
    said = ask.well("add", folder / CALLS, "--line", LINE_ID)
    assert "unchanged" in said.out
    assert "1 unchanged" in said.err
    assert (folder / "files.csv").read_bytes() == sheet
    [third] = ask.well("add", folder / CALLS, "--line", LINE_ID, "--assembly", "GRCh38", "--json").json()
    assert (third["outcome"], third["assembly"]) == ("updated", "GRCh38")


def test_add_when_the_file_lies_outside_then_exits_2_and_names_copy(fresh: tuple[Caller, Bank]) -> None:
    ask, bank = fresh
    folder = fill(bank)
    Path("calls.vcf.gz").write_bytes(vcf_bytes())
    for answer in (
        ask("add", "calls.vcf.gz", "--line", LINE_ID),
        ask("add", "calls.vcf.gz", "--line", LINE_ID, "--json"),
    ):
        assert answer.status == 2
        assert "--copy" in answer.err
        assert answer.out == ""
    assert not (folder / "files.csv").exists()
    [copied] = ask.well("add", "calls.vcf.gz", "--line", LINE_ID, "--copy", "--json").json()
    assert (copied["path"], copied["outcome"]) == ("data/calls.vcf.gz", "added")
    assert (folder / "data/calls.vcf.gz").read_bytes() == vcf_bytes()


@pytest.mark.parametrize(("option", "value"), [("--role", "raw"), ("--tier", "controlled")])
def test_add_when_given_a_word_of_the_standard_then_writes_it(
    fresh: tuple[Caller, Bank], option: str, value: str
) -> None:
    ask, bank = fresh
    folder = fill(bank)
    [added] = ask.well("add", folder / CALLS, "--line", LINE_ID, option, value, "--json").json()
    assert added[option.removeprefix("--")] == value


def test_status_when_something_changes_then_says_what_and_the_next_command(fresh: tuple[Caller, Bank]) -> None:
    ask, bank = fresh
    folder = fill(bank)
    ask.well("add", folder / "data", "--line", LINE_ID)

    def states() -> tuple[str, Mapping[str, str], str]:
        found = ask.well("status", "--json").json()
        assert set(found) == {"title", "release", "lines", "notes", "next_command", "advice"}
        return found["release"], {each["id"]: each["state"] for each in found["lines"]}, found["next_command"]

    release, lines, following = states()
    assert (release, lines) == ("", {LINE_ID: "new"})
    assert re.fullmatch(r"fairline release \d{4}\.\d{2}", following)
    ask.well("release", "2026.11")
    assert states()[:2] == ("2026.11", {LINE_ID: "unchanged"})
    fill(bank, notes=["changed"])
    assert states()[:2] == ("2026.11", {LINE_ID: "changed"})
    (folder / "line.yaml").write_text(": : [\n")
    _, lines, following = states()
    assert lines == {LINE_ID: "errors"}
    assert following == "fairline validate"
    assert LINE_ID in ask.well("status").out


def test_status_when_nothing_is_to_be_done_then_names_the_targets(fresh: tuple[Caller, Bank]) -> None:
    ask, bank = fresh
    ask.well("add", fill(bank) / "data", "--line", LINE_ID)
    ask.well("release", "2026.11")
    with (bank.root / "fairline.toml").open("a") as stream:
        stream.write('\n[targets.tree]\nkind = "folder"\npath = "/nowhere"\n')
    assert "'fairline publish tree' brings it to tree" in ask.well("status", "--json").json()["advice"]


def test_status_when_a_file_changed_and_kept_its_size_then_says_so(fresh: tuple[Caller, Bank]) -> None:
    ask, bank = fresh
    folder = fill(bank)
    ask.well("add", folder / "data", "--line", LINE_ID)
    ask.well("release", "2026.11")
    path = folder / CALLS
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    os.utime(path, ns=((folder / "files.csv").stat().st_mtime_ns + 10**9,) * 2)
    found = ask.well("status", "--json").json()
    assert found["lines"][0]["changes"] == [f"changed on disk, not added again: {CALLS}"]
    assert found["next_command"] == f"fairline add lines/{LINE_ID} --line {LINE_ID}"


def test_status_when_a_withdrawn_file_is_still_there_then_says_so_first(fresh: tuple[Caller, Bank]) -> None:
    ask, bank = fresh
    folder = fill(bank)
    ask.well("add", folder / "data", "--line", LINE_ID)
    ask.well("release", "2026.11")
    ask.well("withdraw", f"{LINE_ID}/{CALLS}", "--reason", "a test")
    found = ask.well("status", "--json").json()
    assert f"withdrawn, still in files.csv: {CALLS}" in found["lines"][0]["changes"]
    assert found["advice"].startswith(f"take the withdrawn files out of lines/{LINE_ID}/files.csv")
    assert ask("release", "2027.01", "--json").error()["error"] == "withdrawn-file"


def test_package_when_built_then_can_be_verified_and_releases_nothing(
    change: Caller, call: Caller, own_bank: Bank
) -> None:
    ledger = own_bank.ledger_path.read_bytes()
    built = change.well("package", OPEN, "--out", "built", "--json").json()
    assert (built["id"], built["folder"]) == (OPEN, "built")
    assert {"datapackage.json", "record.json", "README.md", CALLS} <= set(built["files"])
    assert sorted(built["files"]) == sorted(
        path.relative_to("built").as_posix() for path in Path("built").rglob("*") if path.is_file()
    )
    assert call.well("verify", "built", "--json").json()["kind"] == "package"
    assert change.well("package", OPEN, "--out", "built").out.split() == built["files"]
    assert own_bank.ledger_path.read_bytes() == ledger


def test_release_when_run_then_freezes_what_changed_and_nothing_twice(fresh: tuple[Caller, Bank]) -> None:
    ask, bank = fresh
    folder = fill(bank)
    ask.well("add", folder / "data", "--line", LINE_ID)
    plan = ask.well("release", "2026.11", "--dry-run", "--json").json()
    assert plan["dry_run"] is True
    assert [each["id"] for each in plan["packages"]] == [LINE_ID]
    assert not bank.ledger_path.exists() or bank.ledger_path.read_bytes() == b""
    done = ask.well("release", "2026.11", "-m", "first", "--json").json()
    assert (done["release"], done["sequence"], done["message"], done["dry_run"]) == ("2026.11", 1, "first", False)
    assert done["packages"] == plan["packages"]
    again = ask.well("release", "2026.12")
    assert "nothing to release" in again.err
    assert len(bank.ledger_path.read_bytes().splitlines()) == 1


def test_diff_when_two_releases_are_named_then_says_what_changed(ask: Caller) -> None:
    found = ask.well("diff", "2026.11", "2026.12", "--json").json()
    assert (found["before"], found["after"]) == ("2026.11", "2026.12")
    [package] = found["packages"]
    assert (package["id"], package["change"]) == (OPEN, "changed")
    assert package["fields"] == [{"field": "notes", "before": None, "after": ["a second version"]}]
    assert OPEN in ask.well("diff", "2026.11", "2026.12").out
    later = ask.well("diff", "2026.12", "2026.12.1", "--json").json()
    assert [(each["id"], each["change"]) for each in later["packages"]] == [(GONE, "withdrawn")]
    assert "nothing changed" in ask.well("diff", "2026.12", "2026.12").err


def test_withdraw_when_run_then_is_a_release_of_its_own_and_erases(change: Caller, own_bank: Bank) -> None:
    done = change.well("withdraw", f"{OPEN}/{CALLS}", "--reason", "consent withdrawn", "--json").json()
    assert (done["target"], done["release"], done["public"]) == (f"{OPEN}/{CALLS}", "2026.12.2", True)
    shown = change.well("show", OPEN, "--json").json()
    assert [each["path"] for each in shown["withdrawn"]] == [CALLS]
    assert CALLS not in {each["path"] for each in shown["files"]}
    assert change("withdraw", f"{OPEN}/{CALLS}", "--reason", "again", "--json").error()["error"] == "withdrawn-already"
    assert change("release", "2027.01", "--json").error()["error"] == "withdrawn-file"
    assert change.well("verify", own_bank.root, "--json").json()["valid"] is True


def test_key_when_a_new_one_is_made_then_the_next_release_announces_it(change: Caller, own_bank: Bank) -> None:
    [old] = change.well("key", "show", "--json").json()
    assert set(old) == {"key_id", "state", "public", "secret"}
    new = change.well("key", "new", "--json").json()
    assert Path(new["secret"]).stat().st_mode & 0o777 == 0o600
    states = {each["key_id"]: each["state"] for each in change.well("key", "show", "--json").json()}
    assert states == {old["key_id"]: "signs", new["key_id"]: "pending"}
    change.well("release", "2027.01")
    states = {each["key_id"]: each["state"] for each in change.well("key", "show", "--json").json()}
    assert states == {old["key_id"]: "past", new["key_id"]: "signs"}
    assert new["public"] in json.loads(own_bank.ledger_path.read_bytes().splitlines()[-1])["key"]
    assert change.well("verify", own_bank.root, "--json").json()["valid"] is True
    assert new["key_id"] in change.well("key", "show").out
