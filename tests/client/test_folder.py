"""The folder of a download: what is never written over, what an earlier download vouches for, links, withdrawn files."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.bank import Bank, open_bank
from catalog.client.source import BankSource
from catalog.client.transfer import EXISTING, Got, Request, get
from catalog.errors import CatalogError, ConflictError, IntegrityError, NotFoundError
from catalog.settings import Settings, read_settings
from catalog.verify import verify_path
from catalog.verify.local import COMPANIONS
from tests.builders import make_bank, release, text_bytes, withdraw, write_line

PACKAGE, OTHER = "EXMPi001-A", "EXMPi002-A"
KEPT, GONE = "data/kept.txt", "data/gone.txt"
FILES = {KEPT: text_bytes("kept"), GONE: text_bytes("gone")}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """Two releases and the withdrawal of a file."""
    made = make_bank(tmp_path_factory.mktemp("source"))
    write_line(made, files=FILES)
    release(made, "2026.10", now="2026-10-01T08:00:00Z")
    write_line(made, OTHER)
    release(made, "2026.11", now="2026-11-01T08:00:00Z")
    shutil.copytree(made.root, made.root.with_name("before"))
    withdraw(made, f"{PACKAGE}/{GONE}", "names a person", now="2026-11-02T08:00:00Z")
    return made


@pytest.fixture(scope="module")
def before(bank: Bank) -> Bank:
    """The bank before the withdrawal: two ledger lines."""
    return open_bank(bank.root.with_name("before"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """Another bank with a key of its own that says it is the first."""
    made = make_bank(tmp_path_factory.mktemp("stranger"))
    write_line(made, files=FILES)
    release(made)
    return made


@pytest.fixture
def settings() -> Settings:
    return read_settings()


class ServedBank(BankSource):
    """A bank as a portal shows it: at an address, with a base IRI that nobody has signed."""

    def __init__(self, bank: Bank, portal: str, base_iri: str) -> None:
        super().__init__(bank)
        self._portal, self._base_iri = portal, base_iri

    @property
    def portal(self) -> str:  # type: ignore[override]
        return self._portal

    def base_iri(self) -> str:
        return self._base_iri


def fetch(bank: Bank | BankSource, settings: Settings, folder: Path, **members: object) -> Got:
    source = BankSource(bank) if isinstance(bank, Bank) else bank
    return get(source, settings, replace(Request(package=PACKAGE, folder=folder), **members))  # type: ignore[arg-type]


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(
    bank: Bank | BankSource, settings: Settings, folder: Path, kind: type[CatalogError], **members: object
) -> CatalogError:
    """The error of a call that writes nothing, dry or not."""
    old = content(folder)
    with pytest.raises(kind) as dry:
        fetch(bank, settings, folder, dry_run=True, **members)
    with pytest.raises(kind) as caught:
        fetch(bank, settings, folder, **members)
    assert caught.value.code == dry.value.code
    assert content(folder) == old
    return caught.value


@pytest.mark.parametrize("existing", EXISTING)
@pytest.mark.parametrize("place", ["bank", "store", "below the store", "file"])
def test_folder_when_it_is_a_bank_a_store_or_a_file_then_6_whatever_is_asked(
    bank: Bank, settings: Settings, tmp_path: Path, existing: str, place: str
) -> None:
    own = make_bank(tmp_path / "own")
    write_line(own, OTHER)
    release(own)
    (tmp_path / "file").write_bytes(b"mine\n")
    folder = {"bank": own.root, "store": own.store_folder, "below the store": own.store_folder / "x/y"}.get(
        place, tmp_path / "file"
    )
    old = content(tmp_path / "own")
    error = refused(bank, settings, folder, ConflictError, existing=existing, pattern="*.txt")
    assert (error.code, error.exit_status) == ("folder-taken", 6)
    assert content(tmp_path / "own") == old
    assert (tmp_path / "file").read_bytes() == b"mine\n"


@pytest.mark.parametrize("name", COMPANIONS)
@pytest.mark.parametrize("existing", EXISTING)
def test_companion_when_somebodys_own_file_has_its_name_then_replaced_only_if_asked(
    bank: Bank, settings: Settings, tmp_path: Path, name: str, existing: str
) -> None:
    (tmp_path / name).write_bytes(b"mine\n")
    if existing != "overwrite":
        error = refused(bank, settings, tmp_path, ConflictError, existing=existing)
        assert (error.code, error.exit_status, error.at) == ("folder-taken", 6, str(tmp_path / name))
        return
    fetch(bank, settings, tmp_path, existing=existing)
    assert verify_path(tmp_path, settings).findings == ()


def test_companions_when_their_bytes_are_the_same_then_the_download_goes_on(
    bank: Bank, settings: Settings, tmp_path: Path
) -> None:
    fetch(bank, settings, tmp_path)
    (tmp_path / "download.json").unlink()
    fetch(bank, settings, tmp_path)
    assert verify_path(tmp_path, settings).findings == ()


def test_folder_when_it_is_a_download_of_another_package_then_replaced_only_if_asked(
    bank: Bank, settings: Settings, tmp_path: Path
) -> None:
    fetch(bank, settings, tmp_path, package=OTHER)
    error = refused(bank, settings, tmp_path, ConflictError)
    assert error.code == "folder-taken"
    assert OTHER in error.message
    fetch(bank, settings, tmp_path, existing="overwrite")
    assert json.loads((tmp_path / "download.json").read_bytes())["id"] == PACKAGE


URL, BASE, OTHER_BASE = "http://127.0.0.1:8000/", "https://bank.example.org/", "https://other.example.org/"


@pytest.mark.parametrize("base_iri", [BASE, OTHER_BASE])
def test_key_when_a_foreign_bank_answers_at_a_known_address_then_7_unless_its_key_is_named(
    bank: Bank, stranger: Bank, settings: Settings, tmp_path: Path, base_iri: str
) -> None:
    first = fetch(ServedBank(bank, URL, BASE), settings, tmp_path / "x")
    assert first.new_key is not None
    foreign = ServedBank(stranger, URL, base_iri)
    for folder in (tmp_path / "x", tmp_path / "y"):
        for existing in EXISTING:
            error = refused(foreign, settings, folder, IntegrityError, existing=existing)
            assert (error.code, error.exit_status) == ("key-changed", 7)
    fetch(foreign, settings, tmp_path / "y", key=stranger.keys()[0].base64)
    assert fetch(ServedBank(bank, URL, BASE), settings, tmp_path / "z").new_key is None


@pytest.mark.parametrize(
    ("base_iri", "existing", "with_key", "code"),
    [
        (BASE, "error", False, "key-changed"),
        (BASE, "error", True, "key-changed"),
        (BASE, "overwrite", False, "key-changed"),
        (BASE, "overwrite", True, None),
        (OTHER_BASE, "error", False, "folder-taken"),
        (OTHER_BASE, "error", True, "folder-taken"),
        (OTHER_BASE, "overwrite", False, "key-changed"),
        (OTHER_BASE, "overwrite", True, None),
    ],
)
def test_download_when_nothing_is_known_but_itself_then_another_bank_takes_its_place_only_if_named(
    bank: Bank, stranger: Bank, settings: Settings, tmp_path: Path, base_iri: str, existing: str, with_key: bool,
    code: str | None,
) -> None:  # fmt: skip
    fetch(bank, settings, tmp_path / "x")
    elsewhere = replace(settings, config_folder=tmp_path / "config")
    foreign = ServedBank(stranger, URL, base_iri)
    key = stranger.keys()[0].base64 if with_key else None
    if code is None:
        fetch(foreign, elsewhere, tmp_path / "x", existing=existing, key=key)
        assert verify_path(tmp_path / "x", elsewhere, key=key).valid
        return
    error = refused(foreign, elsewhere, tmp_path / "x", CatalogError, existing=existing, key=key)
    assert (error.code, error.exit_status) == (code, 6 if code == "folder-taken" else 7)


@pytest.mark.parametrize("existing", EXISTING)
@pytest.mark.parametrize("kept", ["note and ledger", "note", "ledger"])
def test_ledger_when_shorter_than_a_download_remembers_then_7_and_nothing_is_written(
    bank: Bank, before: Bank, settings: Settings, tmp_path: Path, existing: str, kept: str
) -> None:
    fetch(bank, settings, tmp_path)
    if kept == "note":
        (tmp_path / "ledger.jsonl").write_bytes(b"damaged\n")
    elif kept == "ledger":
        note = json.loads((tmp_path / "download.json").read_bytes())
        (tmp_path / "download.json").write_text(json.dumps({**note, "sequence": 1}))
    error = refused(before, settings, tmp_path, IntegrityError, existing=existing)
    assert (error.code, error.exit_status) == ("ledger-shorter", 7)


def test_ledger_when_another_line_has_the_remembered_number_then_7(
    before: Bank, settings: Settings, tmp_path: Path, bank: Bank
) -> None:
    fetch(bank, settings, tmp_path / "x")
    shutil.copytree(before.root.parent, tmp_path / "other")
    fork = open_bank(tmp_path / "other" / "before")
    write_line(fork, "EXMPi003-A")
    release(fork, "2026.12", now="2026-12-01T08:00:00Z")
    error = refused(fork, settings, tmp_path / "x", IntegrityError, existing="overwrite")
    assert error.code == "ledger-shorter"


def test_ledger_when_longer_than_a_download_remembers_then_updated(
    bank: Bank, before: Bank, settings: Settings, tmp_path: Path
) -> None:
    fetch(before, settings, tmp_path)
    fetch(bank, settings, tmp_path, existing="overwrite")
    assert (tmp_path / "ledger.jsonl").read_bytes() == bank.ledger_path.read_bytes()


LINKED = ["data", KEPT, f"{KEPT}.part", f"{KEPT}.part.json", "README.md", "README.md.part", *COMPANIONS]


@pytest.mark.parametrize("existing", ["error", "overwrite"])
@pytest.mark.parametrize("dangling", [False, True], ids=["link", "dangling link"])
@pytest.mark.parametrize("path", LINKED)
def test_link_when_in_the_way_then_6_and_nothing_is_written_where_it_leads(
    bank: Bank, settings: Settings, tmp_path: Path, path: str, dangling: bool, existing: str
) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "x"
    if path == "data":
        outside.mkdir()
    elif not dangling:
        outside.write_bytes(b"mine\n")
    (folder / path).parent.mkdir(parents=True)
    (folder / path).symlink_to(outside)
    error = refused(bank, settings, folder, ConflictError, existing=existing)
    assert (error.code, error.exit_status, error.at) == ("download-link", 6, str(folder / path))
    if outside.is_dir():
        assert list(outside.iterdir()) == []
    else:
        assert not outside.exists() if dangling else outside.read_bytes() == b"mine\n"


def test_link_when_it_is_the_folder_itself_then_followed(bank: Bank, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "x").symlink_to(tmp_path / "there")
    fetch(bank, settings, tmp_path / "x")
    assert (tmp_path / "there" / KEPT).read_bytes() == FILES[KEPT]


def test_link_when_put_there_in_the_last_moment_then_not_opened(tmp_path: Path) -> None:
    from catalog.client.fetching import _opened

    (tmp_path / "outside").write_bytes(b"mine\n")
    (tmp_path / "a.part").symlink_to(tmp_path / "outside")
    for mode in ("ab", "rb"):
        with pytest.raises(ConflictError) as caught:
            _opened(tmp_path / "a.part", mode)
        assert caught.value.code == "download-link"
    assert (tmp_path / "outside").read_bytes() == b"mine\n"


@pytest.mark.parametrize("path", ["data", KEPT, f"{KEPT}.part", "ledger.jsonl"])
def test_path_when_something_of_another_kind_has_it_then_6(
    bank: Bank, settings: Settings, tmp_path: Path, path: str
) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    if path == "data":
        (tmp_path / path).write_bytes(b"mine\n")
    elif path.endswith(".part"):
        os.mkfifo(tmp_path / path)
    else:
        (tmp_path / path).mkdir()
    error = refused(bank, settings, tmp_path, ConflictError, existing="overwrite")
    assert (error.code, error.exit_status) == ("folder-taken", 6)


def test_old_download_when_got_again_then_told_that_it_is_older_and_updated_only_if_asked(
    bank: Bank, before: Bank, settings: Settings, tmp_path: Path
) -> None:
    fetch(before, settings, tmp_path)
    error = refused(bank, settings, tmp_path, ConflictError)
    assert (error.code, error.exit_status) == ("file-exists", 6)
    assert "2026.10" in error.message
    assert "--existing overwrite" in str(error.hint)
    fetch(bank, settings, tmp_path, existing="overwrite")
    verified = verify_path(tmp_path, settings)
    assert [(each.code, each.severity, each.path) for each in verified.findings] == [
        ("download-withdrawn", "warning", GONE)
    ]
    assert "names a person" in verified.findings[0].message
    assert "delete" in verified.findings[0].hint
    (tmp_path / GONE).unlink()
    assert verify_path(tmp_path, settings).findings == ()


def test_changed_file_when_the_download_is_old_too_then_called_what_it_is(
    bank: Bank, before: Bank, settings: Settings, tmp_path: Path
) -> None:
    fetch(before, settings, tmp_path)
    (tmp_path / "README.md").write_bytes(b"mine\n")
    error = refused(bank, settings, tmp_path, ConflictError)
    assert error.message == "README.md is there with other bytes"


@pytest.mark.parametrize("pattern", ["gone.txt", GONE, "*/gone.*"])
@pytest.mark.parametrize("named", ["2026.10", "2026.11", None])
def test_pattern_when_only_withdrawn_files_fit_then_3_with_the_reason(
    bank: Bank, settings: Settings, tmp_path: Path, pattern: str, named: str | None
) -> None:
    error = refused(bank, settings, tmp_path, NotFoundError, pattern=pattern, release=named)
    assert (error.code, error.exit_status) == ("withdrawn", 3)
    assert "names a person" in error.message
    assert refused(bank, settings, tmp_path, NotFoundError, pattern="*.bam").code == "pattern-matches-nothing"


def test_sizes_when_the_source_is_a_bank_then_known_of_every_file_before_and_after(
    bank: Bank, settings: Settings, tmp_path: Path
) -> None:
    planned = fetch(bank, settings, tmp_path, dry_run=True).plan
    done = fetch(bank, settings, tmp_path).plan
    assert planned == done
    assert {each.path: each.bytes for each in done.items} == {
        each.path: (tmp_path / each.path).stat().st_size for each in done.items
    }
