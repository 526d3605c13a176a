"""Getting a package from a bank on this disk: planned, resumed, verified; a file under its name is whole and right."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.bank import Bank, open_bank
from catalog.cli.root import run
from catalog.client.offer import Offer, find_offer
from catalog.client.plan import Ground, plan_download, select
from catalog.client.source import BankSource, Piece
from catalog.client.transfer import EXISTING, Request, get
from catalog.errors import CatalogError, ConflictError, IntegrityError, NotFoundError, UsageError
from catalog.events import Event
from catalog.ledger import PackageVersion
from catalog.model.files import RESERVED_PATHS
from catalog.settings import Settings, read_settings
from catalog.store.inventory import Inventory
from catalog.verify import verify_path
from tests.builders import make_bank, release, text_bytes, withdraw, write_line

LARGE = "data/big.txt"
#: More than two blocks of a transfer.
LARGE_CONTENT = b"".join(b"line %d of a text that is long enough\n" % number for number in range(60_000))
FILES = {LARGE: LARGE_CONTENT, "data/deep/a.txt": text_bytes("a"), "data/deep/b.txt": text_bytes("b")}
PACKAGE = "EXMPi001-A"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    made = make_bank(tmp_path_factory.mktemp("source"))
    write_line(made, files={**FILES, "data/deep/a.txt": text_bytes("old")})
    release(made, "2026.10", now="2026-10-01T08:00:00Z")
    write_line(made, files=FILES)
    write_line(made, "EXMPi002-A")
    release(made, "2026.11", now="2026-11-01T08:00:00Z")
    withdraw(made, "EXMPi002-A", "a mistake", now="2026-11-02T08:00:00Z")
    return made


@pytest.fixture
def source(bank: Bank) -> BankSource:
    return BankSource(bank)


@pytest.fixture
def settings() -> Settings:
    return read_settings()


def wanted(folder: Path, **members: object) -> Request:
    return replace(Request(package=PACKAGE, folder=folder), **members)  # type: ignore[arg-type]


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def assert_verified(folder: Path, settings: Settings) -> None:
    verified = verify_path(folder, settings)
    assert verified.valid
    assert verified.findings == ()


def test_package_when_got_then_every_file_and_what_proves_it_and_verify_needs_no_source(
    source: BankSource, settings: Settings, tmp_path: Path
) -> None:
    heard: list[Event] = []
    got = get(source, settings, wanted(tmp_path / "x"), heard.append)
    found = content(tmp_path / "x")
    assert {path: found[path] for path in FILES} == FILES
    assert set(found) - set(FILES) <= RESERVED_PATHS
    assert {"download.json", "inventory.json", "ledger.jsonl", "signing-key.pub", "datapackage.json"} <= set(found)
    note = json.loads(found["download.json"])
    assert (note["id"], note["release"], note["sequence"]) == (PACKAGE, "2026.11", 3)
    assert sorted(note["paths"]) == sorted(
        set(found) - {"download.json", "inventory.json", "ledger.jsonl", "signing-key.pub"}
    )
    assert got.fetched == len(note["paths"])
    assert got.fetched_bytes == sum(len(found[path]) for path in note["paths"])
    assert got.new_key is not None
    assert_verified(tmp_path / "x", settings)
    assert heard[-1].done == heard[-1].total == got.fetched_bytes
    assert [event.done for event in heard] == sorted(event.done for event in heard)


def test_package_when_got_again_then_nothing_is_fetched_and_no_file_is_touched(
    source: BankSource, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "x"
    first = get(source, settings, wanted(folder))
    times = {path: (folder / path).stat().st_mtime_ns for path in FILES}
    again = get(source, settings, wanted(folder))
    assert (again.fetched, again.fetched_bytes, again.present) == (0, 0, first.fetched)
    assert again.new_key is None
    assert {path: (folder / path).stat().st_mtime_ns for path in FILES} == times


def test_release_when_named_then_the_version_that_was_current_in_it(
    source: BankSource, settings: Settings, tmp_path: Path
) -> None:
    for name, version, words in (
        ("2026.10", "2026.10", b"old\n"),
        ("2026.11", "2026.11", b"a\n"),
        ("2026.11.1", "2026.11", b"a\n"),
    ):
        folder = tmp_path / name
        assert get(source, settings, wanted(folder, release=name)).plan.release == version
        assert (folder / "data/deep/a.txt").read_bytes() == words
        assert_verified(folder, settings)


@pytest.mark.parametrize(
    ("package", "release_name", "code"),
    [
        ("EXMPi009-A", None, "package-not-found"),
        (PACKAGE, "2025.01", "package-not-found"),
        (PACKAGE, "latest", "package-not-found"),
        ("EXMPi002-A", None, "withdrawn"),
        ("EXMPi002-A", "2026.11", "withdrawn"),
        ("catalog", None, "package-not-found"),
        ("../x", None, "package-not-found"),
    ],
)
def test_package_when_there_is_none_then_not_found_and_nothing_is_written(
    source: BankSource, settings: Settings, tmp_path: Path, package: str, release_name: str | None, code: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        get(source, settings, Request(package=package, release=release_name, folder=tmp_path / "x"))
    assert (caught.value.code, caught.value.exit_status) == (code, 3)
    assert code != "withdrawn" or "a mistake" in caught.value.message
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("*", set(FILES)),
        ("*.txt", set(FILES)),
        ("data/deep/*", {"data/deep/a.txt", "data/deep/b.txt"}),
        ("a.txt", {"data/deep/a.txt"}),
        ("deep/a.txt", {"data/deep/a.txt"}),
        ("data/deep/[ab].txt", {"data/deep/a.txt", "data/deep/b.txt"}),
        ("record.json", set()),
        ("BIG.TXT", None),
        ("big", None),
        ("../*", None),
        ("", None),
    ],
)
def test_pattern_when_given_then_what_fits_and_always_the_documents(
    source: BankSource, settings: Settings, tmp_path: Path, pattern: str, files: set[str] | None
) -> None:
    folder = tmp_path / "x"
    if files is None:
        with pytest.raises(NotFoundError) as caught:
            get(source, settings, wanted(folder, pattern=pattern))
        assert caught.value.code == "pattern-matches-nothing"
        assert not folder.exists()
        return
    get(source, settings, wanted(folder, pattern=pattern))
    found = set(content(folder))
    assert {path for path in found if path.startswith("data/")} == files
    assert {"datapackage.json", "record.json"} <= found
    assert verify_path(folder, settings).valid


def test_pattern_when_the_package_has_documents_of_another_make_then_they_come_along() -> None:
    state = dict.fromkeys(("README.md", "dcat.ttl", "new-channel.xml", "data/a.vcf", "data/b.csv"), "0" * 64)
    assert select(state, "*.vcf", ["data/a.vcf", "data/b.csv"]) == [
        "README.md",
        "data/a.vcf",
        "dcat.ttl",
        "new-channel.xml",
    ]


@pytest.mark.parametrize("path", ["../x", "/etc/hosts", "a\\b", "http://x/y"])
def test_state_when_it_names_a_path_that_no_package_has_then_refused(path: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        select({path: "0" * 64}, None)
    assert caught.value.code == "download-path"


def offer_of(source: BankSource, settings: Settings) -> Offer:
    return find_offer(source, settings, Request(package=PACKAGE))


def test_plan_when_made_then_pure_and_says_what_is_done_with_each_file(
    source: BankSource, settings: Settings, tmp_path: Path
) -> None:
    offer = offer_of(source, settings)
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data/deep/a.txt").write_bytes(FILES["data/deep/a.txt"])
    (tmp_path / "data/big.txt.part").write_bytes(LARGE_CONTENT[:1000])
    (tmp_path / "data/big.txt.part.json").write_text(json.dumps({"sha256": offer.state[LARGE], "bytes": 5}))
    (tmp_path / "data/deep/b.txt.part").write_bytes(b"of an older version")
    (tmp_path / "data/deep/b.txt.part.json").write_text(json.dumps({"sha256": "0" * 64, "bytes": 5}))
    before = content(tmp_path)
    plan = plan_download(offer, Ground(folder=tmp_path, sizes={LARGE: len(LARGE_CONTENT)}), sorted(FILES))
    assert [(each.path, each.action, each.have_bytes, each.bytes) for each in plan.items] == [
        (LARGE, "resume", 1000, len(LARGE_CONTENT)),
        ("data/deep/a.txt", "skip", 0, len(FILES["data/deep/a.txt"])),
        ("data/deep/b.txt", "fetch", 0, None),
    ]
    assert content(tmp_path) == before
    assert json.loads(json.dumps(plan.to_json()))["files"][0]["have_bytes"] == 1000


def test_dry_run_when_asked_then_the_plan_and_nothing_is_written(
    source: BankSource, settings: Settings, tmp_path: Path
) -> None:
    got = get(source, settings, wanted(tmp_path / "x", dry_run=True))
    assert got.fetched == 0
    assert {each.action for each in got.plan.items} == {"fetch"}
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("existing", EXISTING)
def test_file_when_other_bytes_are_there_then_as_the_caller_wants(
    source: BankSource, settings: Settings, tmp_path: Path, existing: str
) -> None:
    path = tmp_path / "data/deep/a.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine\n")
    request = wanted(tmp_path, existing=existing)
    if existing == "error":
        with pytest.raises(ConflictError) as caught:
            get(source, settings, request)
        assert (caught.value.code, caught.value.exit_status, caught.value.at) == ("file-exists", 6, str(path))
        assert content(tmp_path) == {"data/deep/a.txt": b"mine\n"}, "nothing else was written either"
        return
    got = get(source, settings, request)
    assert [each.action for each in got.plan.items if each.path == "data/deep/a.txt"] == [
        "keep" if existing == "skip" else "fetch"
    ]
    assert path.read_bytes() == (b"mine\n" if existing == "skip" else b"a\n")
    assert verify_path(tmp_path, settings).valid == (existing == "overwrite")
    with pytest.raises(UsageError):
        get(source, settings, replace(request, existing="perhaps"))


@pytest.mark.parametrize("have", [1, 1 << 20, (1 << 20) + 7, len(LARGE_CONTENT) - 1, len(LARGE_CONTENT)])
def test_download_when_a_part_is_there_then_only_the_rest_is_fetched(
    source: BankSource, settings: Settings, tmp_path: Path, have: int
) -> None:
    offer = offer_of(source, settings)
    (tmp_path / "data").mkdir()
    (tmp_path / f"{LARGE}.part").write_bytes(LARGE_CONTENT[:have])
    (tmp_path / f"{LARGE}.part.json").write_text(
        json.dumps({"sha256": offer.state[LARGE], "bytes": len(LARGE_CONTENT)})
    )
    heard: list[Event] = []
    get(source, settings, wanted(tmp_path, pattern=LARGE), heard.append)
    assert (tmp_path / LARGE).read_bytes() == LARGE_CONTENT
    assert not list(tmp_path.rglob("*.part*"))
    fetched = [event.done for event in heard if event.text == LARGE]
    others = [event.done for event in heard if event.text < LARGE]
    assert (fetched[-1] if fetched else (others or [0])[-1]) - (others or [0])[-1] == len(LARGE_CONTENT) - have


@pytest.mark.parametrize("kind", ["wrong bytes", "too long", "note without part", "note that is no note"])
def test_part_when_it_is_not_the_start_of_the_file_then_refused_once_and_fetched_anew(
    source: BankSource, settings: Settings, tmp_path: Path, kind: str
) -> None:
    offer = offer_of(source, settings)
    (tmp_path / "data").mkdir()
    part, note = tmp_path / f"{LARGE}.part", tmp_path / f"{LARGE}.part.json"
    note.write_text(json.dumps({"sha256": offer.state[LARGE]}))
    match kind:
        case "wrong bytes":
            part.write_bytes(b"x" * 1000)
        case "too long":
            part.write_bytes(LARGE_CONTENT + b"more")
        case "note that is no note":
            part.write_bytes(b"x" * 1000)
            note.write_text("[]")
    if kind == "wrong bytes":
        with pytest.raises(IntegrityError) as caught:
            get(source, settings, wanted(tmp_path, pattern=LARGE))
        assert caught.value.code == "download-wrong"
        assert not (tmp_path / LARGE).exists()
        assert not list(tmp_path.rglob("*.part*"))
    get(source, settings, wanted(tmp_path, pattern=LARGE))
    assert (tmp_path / LARGE).read_bytes() == LARGE_CONTENT
    assert not list(tmp_path.rglob("*.part*"))


class StrictSource(BankSource):
    """A source that refuses to begin at the end of a file, as HTTP does (RFC 9110, 14.4: 416)."""

    def open(self, version: PackageVersion, inventory: Inventory, path: str, start: int) -> Piece:
        digest = inventory.state(version.version)[path]
        if start and start >= len(self._store.read(inventory, path, version.version)):
            raise UsageError("portal-refused", f"416 for {path} {digest}")
        return super().open(version, inventory, path, start)


def test_part_when_it_is_whole_already_then_only_renamed(bank: Bank, settings: Settings, tmp_path: Path) -> None:
    """A download that was killed after the last byte and before the rename."""
    source = StrictSource(bank)
    offer = offer_of(source, settings)
    (tmp_path / "data").mkdir()
    for path, content in (
        (LARGE, LARGE_CONTENT),
        ("README.md", b"".join(source.open(offer.version, offer.inventory, "README.md", 0).blocks)),
    ):
        (tmp_path / f"{path}.part").write_bytes(content)
        (tmp_path / f"{path}.part.json").write_text(json.dumps({"sha256": offer.state[path]}))
    get(source, settings, wanted(tmp_path))
    assert_verified(tmp_path, settings)
    assert not list(tmp_path.rglob("*.part*"))


class SpoiltSource(BankSource):
    """A bank whose disk or line spoils one file on its way."""

    def __init__(self, bank: Bank, path: str, content: bytes | None) -> None:
        super().__init__(bank)
        self._path = path
        self._content = content

    def open(self, version: PackageVersion, inventory: Inventory, path: str, start: int) -> Piece:
        if path != self._path:
            return super().open(version, inventory, path, start)
        return Piece(start, self._blocks(start), None if self._content is None else len(self._content) - start)

    def _blocks(self, start: int) -> Iterator[bytes]:
        if self._content is None:
            raise OSError(5, "Input/output error")
        yield self._content[start:]


class EndlessSource(BankSource):
    """A bank that never ends one file; it counts what was taken."""

    taken = 0

    def open(self, version: PackageVersion, inventory: Inventory, path: str, start: int) -> Piece:
        return Piece(start, self._blocks()) if path == LARGE else super().open(version, inventory, path, start)

    def _blocks(self) -> Iterator[bytes]:
        while self.taken < 100 * len(LARGE_CONTENT):
            self.taken += 1024
            yield bytes(1024)


def test_file_when_it_never_ends_then_7_and_no_more_than_promised_is_written(
    bank: Bank, settings: Settings, tmp_path: Path
) -> None:
    source = EndlessSource(bank)
    with pytest.raises(IntegrityError) as caught:
        get(source, settings, wanted(tmp_path))
    assert caught.value.code == "download-wrong"
    assert source.taken <= len(LARGE_CONTENT) + 2 * 1024
    assert not (tmp_path / LARGE).exists()
    assert not list(tmp_path.rglob("*.part*"))


@pytest.mark.parametrize("path", [LARGE, "record.json", "datapackage.json"])
@pytest.mark.parametrize("wrong", ["one byte", "cut off", "longer", "empty", "other"])
def test_bytes_when_they_are_not_the_signed_ones_then_7_and_no_file_under_the_name(
    bank: Bank, settings: Settings, tmp_path: Path, path: str, wrong: str
) -> None:
    right = LARGE_CONTENT if path == LARGE else b'{"resources": []}\n'
    spoilt = {
        "one byte": right[:100] + bytes([right[10] ^ 1]) + right[101:],
        "cut off": right[:-1],
        "longer": right + b"\n",
        "empty": b"",
        "other": b"other",
    }[wrong]
    with pytest.raises(IntegrityError) as caught:
        get(SpoiltSource(bank, path, spoilt), settings, wanted(tmp_path / "x"))
    assert (caught.value.code, caught.value.exit_status) == ("download-wrong", 7)
    assert path in caught.value.message
    assert caught.value.got == hashlib.sha256(spoilt).hexdigest()
    assert not (tmp_path / "x" / path).exists()
    assert not list((tmp_path / "x").rglob("*.part*"))
    get(BankSource(bank), settings, wanted(tmp_path / "x"))
    assert_verified(tmp_path / "x", settings)


def test_disk_when_it_fails_then_temporary_and_the_same_call_completes(
    bank: Bank, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(CatalogError) as caught:
        get(SpoiltSource(bank, LARGE, None), settings, wanted(tmp_path / "x"))
    assert (caught.value.code, caught.value.exit_status) == ("disk-error", 5)
    get(BankSource(bank), settings, wanted(tmp_path / "x"))
    assert_verified(tmp_path / "x", settings)


@pytest.mark.parametrize(
    ("name", "code"),
    [("ledger.jsonl", "ledger-"), ("v2/inventory.json", "store-inventory"), ("signing-key.pub", "key-malformed")],
)
def test_source_when_ledger_inventory_or_key_do_not_hold_then_7_and_nothing_is_written(
    bank: Bank, settings: Settings, tmp_path: Path, name: str, code: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bank.root, copy)
    (place,) = [
        path
        for path in copy.rglob(name.rpartition("/")[2])
        if path.as_posix().endswith(name)
        and "controlled" not in str(path)
        and "catalog" not in str(path)
        and "002-A" not in str(path)
    ]
    spoilt = bytearray(place.read_bytes())
    spoilt[-20] ^= 0x80
    place.write_bytes(spoilt)
    with pytest.raises(IntegrityError) as caught:
        get(BankSource(open_bank(copy)), settings, wanted(tmp_path / "x"))
    assert caught.value.code.startswith(code)
    assert caught.value.exit_status == 7
    assert not (tmp_path / "x").exists()
    assert settings.config_folder.exists() == (code == "store-inventory"), "a key that proved nothing is not remembered"


def test_key_when_another_bank_has_the_same_address_then_7(
    bank: Bank, source: BankSource, settings: Settings, tmp_path: Path
) -> None:
    get(source, settings, wanted(tmp_path / "x"))
    stranger = make_bank(tmp_path / "stranger")
    write_line(stranger)
    release(stranger)
    with pytest.raises(IntegrityError) as caught:
        get(BankSource(stranger), settings, wanted(tmp_path / "y"))
    assert caught.value.code == "key-changed"
    assert not (tmp_path / "y").exists()
    get(BankSource(stranger), settings, wanted(tmp_path / "y", key=stranger.keys()[0].base64))
    assert (tmp_path / "y" / "record.json").exists()


def test_bank_when_it_has_released_nothing_then_not_found(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        get(BankSource(make_bank(tmp_path)), settings, wanted(tmp_path / "x"))
    assert caught.value.code == "nothing-released"


KILLED = """
import os, sys
from pathlib import Path
from catalog.bank import open_bank
from catalog.client.source import BankSource
from catalog.client.transfer import Request, get
from catalog.settings import read_settings

blocks = 0
def tell(event):
    global blocks
    blocks += 1
    if blocks == int(sys.argv[3]):
        os.kill(os.getpid(), 9)
get(BankSource(open_bank(Path(sys.argv[1]))), read_settings(), Request(package="EXMPi001-A", folder=Path(sys.argv[2])), tell)
"""


@pytest.mark.parametrize("blocks", [1, 8, 12])
def test_download_when_killed_in_the_middle_then_no_half_file_and_the_same_call_completes(
    bank: Bank, source: BankSource, settings: Settings, tmp_path: Path, blocks: int
) -> None:
    folder = tmp_path / "x"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(bank.root), str(folder), str(blocks)],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=tmp_path,
    )
    assert done.returncode == -9
    offer = offer_of(source, settings)
    for path, data in content(folder).items():
        if path in offer.state:
            assert hashlib.sha256(data).hexdigest() == offer.state[path], "a file under its name is whole"
    left = [path for path in content(folder) if path.endswith(".part")]
    got = get(source, settings, wanted(folder))
    if left:
        assert "resume" in {each.action for each in got.plan.items} or not (folder / left[0]).exists()
    assert_verified(folder, settings)
    assert not list(folder.rglob("*.part*"))


def test_command_when_run_then_the_same_and_the_plan_as_json(
    bank: Bank, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["get", f"{PACKAGE}@2026.10", "*.txt", "--out", str(tmp_path / "x"), "--bank", str(bank.root), "--json"]
    assert run([*arguments, "--dry-run"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert planned["dry_run"] is True
    assert not (tmp_path / "x").exists()
    assert run(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["release"], told["present"]) == (PACKAGE, "2026.10", 0)
    assert told["fetched"] == len(told["files"]) == len(planned["files"])
    assert run(["verify", str(tmp_path / "x")]) == 0
