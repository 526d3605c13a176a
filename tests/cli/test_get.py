"""Downloading and verifying: ``get`` and ``verify``, also after a fall of the machine in the middle of a file."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from catalog.bank import Bank
from tests.builders import make_bank, release, text_bytes, vcf_bytes, withdraw, write_line
from tests.cli.calls import PROGRAM, Caller, program, served
from tests.cli.conftest import CALLS, CONTROLLED, COUNTS, GONE, OPEN

pytestmark = pytest.mark.slow

COMPANIONS = {"datapackage.json", "inventory.json", "ledger.jsonl", "signing-key.pub"}
LARGE = "data/large.txt"
LARGE_BYTES = 7 << 20


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check_download(folder: Path, described: Any) -> None:
    """Every described file is there with its bytes, what verifies it lies beside it, and nothing is left over."""
    found = content(folder)
    for each in described["files"]:
        assert hashlib.sha256(found[each["path"]]).hexdigest() == each["sha256"]
    assert set(found) >= COMPANIONS
    assert [path for path in found if ".part" in path] == []


@pytest.mark.parametrize("source", ["bank", "portal"])
def test_get_when_the_folder_is_empty_then_brings_every_file_and_a_second_time_none(
    call: Caller, released: Bank, request: pytest.FixtureRequest, source: str
) -> None:
    where = ["--bank", released.root] if source == "bank" else ["--url", request.getfixturevalue("portal")]
    described = call.well("show", OPEN, *where, "--json").json()
    got = call.well("get", OPEN, *where, "--json").json()
    assert (got["id"], got["release"], got["folder"], got["dry_run"]) == (OPEN, "2026.12", OPEN, False)
    assert {each["action"] for each in got["files"]} == {"fetch"}
    assert got["fetched"] == len(got["files"])
    assert got["present"] == 0
    check_download(Path(OPEN), described)
    before = content(Path(OPEN))
    again = call.well("get", OPEN, *where, "--json").json()
    assert (again["fetched"], again["fetched_bytes"], again["present"]) == (0, 0, got["fetched"])
    assert content(Path(OPEN)) == before
    checked = call.well("verify", OPEN, "--json").json()
    assert (checked["kind"], checked["valid"], checked["files"]) == ("download", True, got["fetched"])
    words = call.well("get", OPEN, *where)
    assert words.out == ""
    assert "every byte verified" in words.err
    assert f"next: fairline verify {OPEN}" in words.err


def test_get_when_run_as_a_program_without_a_bank_then_follows_the_portal(portal: str, tmp_path: Path) -> None:
    answer = program("get", f"{OPEN}@2026.11", "--url", portal, "--out", "there", folder=tmp_path)
    assert answer.status == 0, answer.err
    assert answer.out == ""
    assert "notes" not in json.loads((tmp_path / "there/record.json").read_bytes())
    assert program("verify", "there", folder=tmp_path).status == 0


def test_get_when_a_pattern_is_given_then_brings_what_fits_and_the_documents(ask: Caller) -> None:
    ask.well("get", OPEN, "*.vcf.gz", "--out", "some")
    found = content(Path("some"))
    assert CALLS in found
    assert COUNTS not in found
    assert set(found) >= {"datapackage.json", "record.json", *COMPANIONS}
    assert ask.well("verify", "some", "--json").json()["valid"] is True
    error = ask("get", OPEN, "*.bam", "--out", "none", "--json").error()
    assert (error["error"], error["exit_status"]) == ("pattern-matches-nothing", 3)
    assert not Path("none").exists()


def test_get_when_dry_then_prints_the_plan_and_writes_nothing(ask: Caller) -> None:
    plan = ask.well("get", OPEN, "--dry-run", "--json").json()
    assert plan["dry_run"] is True
    assert {each["action"] for each in plan["files"]} == {"fetch"}
    assert {"path", "action", "bytes", "have_bytes"} == set(plan["files"][0])
    assert CALLS in ask.well("get", OPEN, "-n").out
    assert list(Path().iterdir()) == []
    done = ask.well("get", OPEN, "--json").json()
    assert done["files"] == plan["files"]


def test_get_when_files_are_controlled_then_brings_the_documents_only(ask: Caller) -> None:
    ask.well("get", CONTROLLED)
    found = content(Path(CONTROLLED))
    assert not [path for path in found if path.startswith("data/")]
    assert not [path for path, each in found.items() if b"calls.vcf.gz" in each]


def test_get_when_other_bytes_are_in_the_way_then_asks_for_a_policy_and_keeps_to_it(ask: Caller) -> None:
    ask.well("get", OPEN)
    mine = Path(OPEN, COUNTS)
    right = mine.read_bytes()
    mine.write_bytes(b"mine")
    error = ask("get", OPEN, "--json").error()
    assert (error["error"], error["exit_status"]) == ("file-exists", 6)
    assert "--existing" in str(error["hint"])
    assert mine.read_bytes() == b"mine"
    skipped = ask.well("get", OPEN, "--existing", "skip", "--json").json()
    assert [each["path"] for each in skipped["files"] if each["action"] == "keep"] == [COUNTS]
    assert mine.read_bytes() == b"mine"
    assert ask("verify", OPEN).status == 7
    replaced = ask.well("get", OPEN, "--existing", "overwrite", "--json").json()
    assert (replaced["fetched"], mine.read_bytes()) == (1, right)
    assert ask("get", OPEN, "--existing", "error").status == 0
    assert ask("get", OPEN, "--existing", "ask", "--json").error()["exit_status"] == 2


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone", "ledger", "inventory"])
def test_verify_when_a_download_is_damaged_then_exits_with_7_and_names_the_place(ask: Caller, damage: str) -> None:
    ask.well("get", OPEN)
    path = Path(OPEN, {"ledger": "ledger.jsonl", "inventory": "inventory.json"}.get(damage, CALLS))
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(whole[:-1])
    else:
        path.write_bytes(bytes([*whole[:40], whole[40] ^ 1, *whole[41:]]))
    answer = ask("verify", OPEN, "--json")
    assert answer.status == 7
    found = answer.json()
    assert found["valid"] is False
    assert any(str(each.get("path", "")).endswith(path.name) for each in found["findings"])
    words = ask("verify", OPEN)
    assert words.status == 7
    assert "DOES NOT HOLD" in words.out


@pytest.mark.parametrize("place", ["bank", "store", "here", "portal"])
def test_verify_when_everything_is_right_then_exits_with_0(
    call: Caller, released: Bank, portal: str, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    target = {"bank": released.root, "store": released.store_folder, "portal": portal}.get(place)
    if place == "here":
        monkeypatch.chdir(released.root)
    answer = call.well("verify", *([target] if target else []), "--json").json()
    assert (answer["valid"], answer["findings"]) == (True, [])
    assert answer["kind"] == {"here": "bank"}.get(place, place)
    assert answer["files"] > 0
    assert set(answer) == {"target", "kind", "valid", "lines", "objects", "files", "findings", "unproved"}


def test_verify_when_a_stored_byte_is_flipped_then_bank_store_portal_and_get_exit_with_7(
    change: Caller, call: Caller, own_bank: Bank, tmp_path: Path
) -> None:
    stored = next(
        path for path in own_bank.store_folder.rglob("*") if path.is_file() and path.read_bytes() == vcf_bytes()
    )
    whole = stored.read_bytes()
    stored.chmod(0o644)
    stored.write_bytes(bytes([whole[0] ^ 1, *whole[1:]]))
    for target in (own_bank.root, own_bank.store_folder):
        found = change("verify", target, "--json")
        assert found.status == 7
        assert found.json()["valid"] is False
        assert change("verify", target, "--quick").status == 0
    assert change("get", OPEN, "--json").error()["exit_status"] == 7
    assert not Path(OPEN, CALLS).exists()
    with served(own_bank, tmp_path / "log.txt") as address:
        assert call("verify", address, "--json").status == 7
        assert call("get", OPEN, "--url", address, "--out", "there", "--json").error()["exit_status"] == 7
        assert not Path("there", CALLS).exists()


def test_verify_when_there_is_nothing_then_exits_with_3(call: Caller) -> None:
    assert call("verify", "nowhere", "--json").error()["exit_status"] == 3


def test_get_when_the_key_is_another_then_exits_with_7_and_brings_nothing(
    call: Caller, portal: str, tmp_path: Path
) -> None:
    other = make_bank(tmp_path / "other").keys_path
    error = call("get", OPEN, "--url", portal, "--key", other, "--json").error()
    assert error["exit_status"] == 7
    assert not Path(OPEN).exists()


@pytest.mark.slow
def test_get_when_the_portal_is_down_then_exits_with_5(call: Caller) -> None:
    answer = call("get", OPEN, "--url", "http://127.0.0.1:9/", "--json")
    assert answer.error()["error"] == "portal-unreachable"
    assert answer.status == 5
    words = call("get", OPEN, "--url", "http://127.0.0.1:9/").err
    assert "the connection was refused" in words
    assert "is the portal running" in words
    assert "Connection(" not in words


class Proxy(ThreadingHTTPServer):
    """A proxy on this machine that stops in the middle of the large file: until it may go on, or for good.

    Attributes:
        upstream: the portal.
        go_on: set when the second half may come; with ``cuts`` it never comes.
        ranges: what was asked of the large file.
    """

    def __init__(self, upstream: str, *, cuts: bool) -> None:
        super().__init__(("127.0.0.1", 0), Halves)
        self.upstream = upstream
        self.cuts = cuts
        self.go_on = threading.Event()
        self.ranges: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Halves(BaseHTTPRequestHandler):
    """One request to the proxy."""

    server: Proxy

    def do_GET(self) -> None:
        passed = ("Accept", "Accept-Encoding", "If-Range", "Range")
        asked = {name: self.headers[name] for name in passed if self.headers[name]}
        with requests.get(self.server.upstream + self.path.lstrip("/"), headers=asked, timeout=30) as answer:
            self.send_response(answer.status_code)
            for name in ("Content-Type", "Content-Length", "Content-Range", "ETag"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            body = answer.content
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if not self.path.endswith(LARGE):
                self.wfile.write(body)
                return
            self.server.ranges.append(asked.get("Range", ""))
            self.wfile.write(body[: len(body) // 2])
            if not self.server.cuts:
                self.server.go_on.wait(60)
                self.wfile.write(body[len(body) // 2 :])

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def proxied(upstream: str, *, cuts: bool = False) -> Iterator[Proxy]:
    """Runs the proxy."""
    with Proxy(upstream, cuts=cuts) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.go_on.set()
            proxy.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a bank with a file that does not come in one piece."""
    bank = make_bank(tmp_path_factory.mktemp("large"))
    lines = "".join(
        f"line {number} of a long document, which is written to be downloaded\n" for number in range(LARGE_BYTES // 66)
    )
    write_line(bank, OPEN, files={LARGE: text_bytes(lines), CALLS: vcf_bytes()})
    release(bank, "2026.11")
    with served(bank, bank.root.parent / "log.txt") as address:
        yield address


@pytest.mark.slow
def test_get_when_killed_in_the_middle_of_a_file_then_goes_on_there_and_every_byte_is_right(
    call: Caller, large: str
) -> None:
    described = call.well("show", OPEN, "--url", large, "--json").json()
    size = next(each["bytes"] for each in described["files"] if each["path"] == LARGE)
    part = Path(OPEN, f"{LARGE}.part")
    with proxied(large) as proxy:
        command = [PROGRAM, "get", OPEN, "--url", proxy.address]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
        end = time.monotonic() + 60
        while not (part.exists() and part.stat().st_size > 2 << 20):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL
        have = part.stat().st_size
        assert 0 < have < size
        assert not Path(OPEN, LARGE).exists()
        proxy.go_on.set()
        plan = call.well("get", OPEN, "--url", proxy.address, "--dry-run", "--json").json()
        assert part_of(plan) == ("resume", have)
        done = call.well("get", OPEN, "--url", proxy.address, "--json").json()
        assert proxy.ranges == ["", f"bytes={have}-"]
    assert done["fetched_bytes"] < size
    check_download(Path(OPEN), described)
    assert call.well("verify", OPEN, "--json").json()["valid"] is True


def part_of(plan: Any) -> tuple[str, int]:
    """What a plan does with the large file, and from which byte on."""
    [item] = [each for each in plan["files"] if each["path"] == LARGE]
    return item["action"], item["have_bytes"]


@pytest.mark.slow
def test_get_when_the_connection_breaks_in_the_middle_then_exits_with_5_and_each_call_goes_further(
    call: Caller, large: str
) -> None:
    described = call.well("show", OPEN, "--url", large, "--json").json()
    with proxied(large, cuts=True) as proxy:
        for _ in range(2):
            error = call("get", OPEN, "--url", proxy.address, "--json").error()
            assert (error["error"], error["exit_status"]) == ("portal-cut-off", 5)
        assert proxy.ranges[0] == ""
        assert proxy.ranges[1].startswith("bytes=")
    done = call.well("get", OPEN, "--url", large, "--json").json()
    action, have = part_of(done)
    assert action == "resume"
    assert have > LARGE_BYTES // 2
    check_download(Path(OPEN), described)


def leave(described: Any, part: bytes) -> None:
    """What a download leaves that was cut off in the middle of the large file."""
    digest = next(each["sha256"] for each in described["files"] if each["path"] == LARGE)
    path = Path(OPEN, LARGE)
    path.parent.mkdir(parents=True)
    path.with_name("large.txt.part").write_bytes(part)
    path.with_name("large.txt.part.json").write_text(json.dumps({"sha256": digest, "bytes": len(part)}))


def test_get_when_killed_between_the_last_byte_and_the_rename_then_is_finished_by_the_next_call(
    call: Caller, large: str
) -> None:
    described = call.well("show", OPEN, "--url", large, "--json").json()
    with requests.get(f"{large}package/{OPEN}/2026.11/files/{LARGE}", timeout=30) as answer:
        leave(described, answer.content)
    call.well("get", OPEN, "--url", large)
    check_download(Path(OPEN), described)


def test_get_when_a_part_has_wrong_bytes_then_it_is_thrown_away_and_the_next_call_is_right(
    call: Caller, large: str
) -> None:
    described = call.well("show", OPEN, "--url", large, "--json").json()
    leave(described, b"x" * (3 << 20))
    error = call("get", OPEN, "--url", large, "--json").error()
    assert (error["error"], error["exit_status"]) == ("download-wrong", 7)
    assert not Path(OPEN, LARGE).exists()
    call.well("get", OPEN, "--url", large)
    check_download(Path(OPEN), described)


def test_get_when_the_package_was_withdrawn_then_the_tombstone_is_told(call: Caller, portal: str) -> None:
    error = call("get", GONE, "--url", portal, "--json").error()
    assert error["error"] == "withdrawn"
    assert "donor's wish" in str(error["message"])


@pytest.mark.parametrize("where", [".", "store", "store/new"])
def test_get_when_the_folder_is_a_bank_or_its_store_then_exits_with_6_and_the_bank_holds(
    call: Caller, portal: str, own_bank: Bank, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.chdir(own_bank.root)
    before = content(own_bank.root)
    for existing in ("error", "skip", "overwrite"):
        error = call("get", OPEN, "*.tsv", "--url", portal, "--out", where, "--existing", existing, "--json").error()
        assert (error["error"], error["exit_status"]) == ("folder-taken", 6)
    assert content(own_bank.root) == before
    assert call.well("verify", "--json").json()["valid"] is True


def test_get_when_the_portal_was_rolled_back_then_exits_with_7_and_the_download_stays(
    call: Caller, own_bank: Bank, tmp_path: Path
) -> None:
    with served(own_bank, tmp_path / "log.txt") as address:
        call.well("get", OPEN, "--url", address)
    before = content(Path(OPEN))
    lines = own_bank.ledger_path.read_bytes().splitlines(keepends=True)
    own_bank.ledger_path.write_bytes(b"".join(lines[:2]))
    for existing in ("error", "overwrite"):
        error = call("get", OPEN, "--bank", own_bank.root, "--existing", existing, "--json").error()
        assert (error["error"], error["exit_status"]) == ("ledger-shorter", 7)
    assert content(Path(OPEN)) == before
    assert call("verify", OPEN).status == 0


def test_get_when_the_bank_is_seen_for_the_first_time_then_one_note_and_both_names_are_known(
    call: Caller, portal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLINE_CONFIG", str(tmp_path / "config"))
    assert call.well("get", OPEN, "--url", portal).err.count("seen for the first time") == 1
    assert "seen for the first time" not in call.well("get", OPEN, "--url", portal).err
    assert set(json.loads((tmp_path / "config/known-keys.json").read_bytes())) == {"https://bank.example.org/", portal}


def test_get_when_only_a_withdrawn_file_fits_then_exits_with_3_and_the_reason(change: Caller, own_bank: Bank) -> None:
    withdraw(own_bank, f"{OPEN}/{COUNTS}", "wrong sample", now="2026-12-24T08:00:00Z")
    for name in (OPEN, f"{OPEN}@2026.11"):
        error = change("get", name, "counts.tsv", "--json").error()
        assert (error["error"], error["exit_status"]) == ("withdrawn", 3)
        assert "wrong sample" in str(error["message"])


def test_get_when_done_then_every_size_is_known(call: Caller, portal: str, released: Bank) -> None:
    for where in (["--bank", released.root, "--dry-run"], ["--url", portal], ["--bank", released.root]):
        got = call.well("get", OPEN, *where, "--json").json()
        if "--dry-run" not in where:
            assert {each["path"]: each["bytes"] for each in got["files"]} == {
                each["path"]: Path(OPEN, each["path"]).stat().st_size for each in got["files"]
            }
        assert all(isinstance(each["bytes"], int) for each in got["files"])
