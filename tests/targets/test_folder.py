"""The kind ``folder``: real banks published to real folders, cut off anywhere, read by strangers all the while."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.bank import Bank
from catalog.errors import CatalogError, ConflictError, IntegrityError, UsageError
from catalog.store.locks import exclusive
from publish.targets.publishing import prepare, publish, publish_status
from tests.builders import counts_bytes, make_bank, release, text_bytes, vcf_bytes, withdraw, write_line
from tests.cli.calls import Caller
from tests.crash import DIED, Killer, count_calls, run_with
from tests.targets.builders import (
    CLOSED,
    CONTROLLED_PATH,
    FIRST,
    SECOND,
    SITE_URL,
    job_of,
    release_change,
    run_job,
    small_bank,
    with_target,
    withdraw_notes,
)

NOTES = "data/notes.txt"
MANIFEST_PLACE = "release/2026.10/manifest.json"


def site_of(bank: Bank) -> Path:
    return bank.root.parent / "site"


def tree_of(site: Path) -> dict[str, bytes]:
    """Every file of a folder; the lock says who held it last, and is left out."""
    files = {each.relative_to(site).as_posix(): each.read_bytes() for each in site.rglob("*") if each.is_file()}
    files.pop(".staging/lock", None)
    return files


def place(url: str) -> str:
    assert url.startswith(SITE_URL)
    return url.removeprefix(SITE_URL)


def read_release(site: Path) -> str:
    """Follows ``release.json`` as a stranger does, and compares every byte; gives the release's name."""
    pointer = json.loads((site / "release.json").read_bytes())
    content = (site / place(pointer["manifest"]["url"])).read_bytes()
    assert hashlib.sha256(content).hexdigest() == pointer["manifest"]["sha256"]
    manifest = json.loads(content)
    assert manifest["release"] == pointer["release"]
    packages = manifest["packages"].values()
    entries = [each for package in packages for each in package.get("files", {}).values()]
    for each in (*entries, *manifest["documents"].values()):
        found = (site / place(each["url"])).read_bytes()
        assert (len(found), hashlib.sha256(found).hexdigest()) == (each["bytes"], each["sha256"]), each["url"]
    assert pointer["counts"]["files"] == len(entries)
    return str(pointer["release"])


def record_of(site: Path, package: str) -> dict[str, Any]:
    members: dict[str, Any] = json.loads((site / f"package/{package}.json").read_bytes())
    return members


def refusal(call: Callable[[], object], kind: type[CatalogError]) -> CatalogError:
    with pytest.raises(kind) as caught:
        call()
    return caught.value


def test_folder_when_first_published_then_a_stranger_reads_the_release_from_the_pointer_on(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    summary = run_job(bank)
    site = site_of(bank)
    assert read_release(site) == "2026.10"
    assert (summary["created"], summary["uploaded"], summary["before"]) == (3, summary["verified"], None)
    assert set(summary["addresses"].values()) == {f"{SITE_URL}{each}" for each in ("release.json", MANIFEST_PLACE)}
    record = record_of(site, FIRST)
    assert record["iri"] == f"https://bank.example.org/package/{FIRST}"
    assert (record["release"], record["package_version"], record["licence"]) == ("2026.10", "v1", "CC-BY-4.0")
    assert {each["path"] for each in record["files"]} >= {NOTES, "datapackage.json", "dcat.ttl", "README.md"}
    for each in record["files"]:
        assert each["url"] == f"{SITE_URL}package/{FIRST}/2026.10/files/{each['path']}"
        assert hashlib.sha256((site / place(each["url"])).read_bytes()).hexdigest() == each["sha256"]
    assert (site / "release/2026.10/ledger.jsonl").read_bytes() == bank.ledger_path.read_bytes()
    assert (site / "release/2026.10/signing-key.pub").read_bytes() == bank.keys_path.read_bytes()
    assert [each.name for each in (site / ".staging").iterdir()] == ["lock"]


def test_folder_when_published_again_then_nothing_is_written_and_every_file_is_read(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    site = site_of(bank)
    before = {each: each.stat().st_mtime_ns for each in site.rglob("*")}
    summary = run_job(bank)
    assert summary["writes"] == summary["uploaded"] == 0
    documents = 3  # manifest, ledger, keys
    files = sum(len(record_of(site, each)["files"]) for each in (FIRST, SECOND, CLOSED))
    assert summary["verified"] == files + documents
    assert {each: each.stat().st_mtime_ns for each in site.rglob("*")} == before


def test_folder_when_the_journal_is_lost_then_published_again_without_a_write(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    shutil.rmtree(bank.work_folder)
    assert run_job(bank)["writes"] == 0


def test_folder_when_one_line_changed_then_only_its_version_is_written_and_nothing_old_changes(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    site = site_of(bank)
    old = tree_of(site)
    release_change(bank)
    summary = run_job(bank)
    new = tree_of(site)
    assert read_release(site) == "2026.11"
    assert (summary["updated"], summary["unchanged"], summary["created"]) == (1, 2, 0)
    changed = {each for each in old if new.get(each) != old[each]}
    assert changed == {"release.json", f"package/{FIRST}.json"}
    assert all(each.startswith((f"package/{FIRST}/2026.11/", "release/2026.11/")) for each in new.keys() - old.keys())
    descriptor = json.loads(new[f"package/{FIRST}/2026.11/files/datapackage.json"])
    assert all(f"package/{FIRST}/2026.11/files/{each['path']}" in new for each in descriptor["resources"])


def test_folder_when_gone_back_and_forth_then_the_tree_is_the_same_and_no_bytes_are_sent(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    write_line(bank, "EXMPi004-A", donor={"donor_id": "EXMP-D004"})
    release_change(bank)
    run_job(bank)
    site = site_of(bank)
    forward = tree_of(site)
    back = run_job(bank, mode="rollback")
    assert (back["release"], back["uploaded"], back["bytes"]) == ("2026.10", 0, 0)
    assert read_release(site) == "2026.10"
    assert not (site / "package/EXMPi004-A.json").exists()
    assert record_of(site, FIRST)["release"] == "2026.10"
    assert run_job(bank, release="2026.10")["writes"] == 0
    error = refusal(lambda: run_job(bank, mode="rollback"), ConflictError)
    assert error.code == "publish-first"
    assert run_job(bank)["uploaded"] == 0
    assert tree_of(site) == forward


def test_folder_when_an_older_release_is_asked_for_without_rollback_then_refused(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    release_change(bank)
    run_job(bank)
    assert refusal(lambda: run_job(bank, release="2026.10"), ConflictError).code == "publish-older"


def test_folder_when_a_file_is_withdrawn_then_its_bytes_are_gone_from_the_disk(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    release_change(bank)
    run_job(bank)
    site = site_of(bank)
    assert any(b"Colonies are" in each for each in tree_of(site).values())
    withdraw_notes(bank)
    summary = run_job(bank)
    assert summary["erased"] >= 2
    assert not any(b"Colonies are" in each for each in tree_of(site).values())
    assert not list(site.rglob("notes.txt"))
    assert read_release(site) == "2026.12"
    assert run_job(bank)["writes"] == 0


def test_folder_when_a_line_is_withdrawn_then_a_tombstone_stays_and_no_folder_of_it(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    site = site_of(bank)
    withdraw(bank, FIRST, "consent withdrawn", now="2026-12-01T08:00:00Z")
    run_job(bank)
    assert not (site / "package" / FIRST).exists()
    assert record_of(site, FIRST)["withdrawn"] == {"date": "2026-12-01T08:00:00Z", "reason": "consent withdrawn"}
    assert "files" not in record_of(site, FIRST)
    assert read_release(site) == "2026.12"
    assert run_job(bank)["writes"] == 0


def test_folder_when_a_line_has_controlled_files_then_no_byte_name_size_or_digest_of_them_is_there(
    tmp_path: Path,
) -> None:
    bank = small_bank(tmp_path)
    secret = vcf_bytes(SECOND, positions=tuple(range(10001, 10400)))
    write_line(bank, SECOND, files={CONTROLLED_PATH: secret}, donor={"donor_id": "EXMP-D002"})
    release(bank, "2026.11", now="2026-11-01T08:00:00Z")
    run_job(bank)
    site = site_of(bank)
    text = (bank.lines_folder / SECOND / "files.csv").read_text()
    assert CONTROLLED_PATH in text
    traces = [b"secret-calls", str(len(secret)).encode(), hashlib.sha256(secret).hexdigest().encode(), secret[:64]]
    for name, content in tree_of(site).items():
        assert "secret" not in name
        assert not [each for each in traces if each in content], name
    assert [each["modality"] for each in record_of(site, SECOND)["restricted"]] == ["wes"]


def test_folder_when_the_limits_are_small_then_the_release_has_several_lists_and_the_same_tree(tmp_path: Path) -> None:
    bank = small_bank(tmp_path, container_files=7, request_files=2)
    run_job(bank)
    site = site_of(bank)
    lists = sorted(each.name for each in (site / "release/2026.10").glob("files-p*.json"))
    assert len(lists) == 7
    assert read_release(site) == "2026.10"
    assert run_job(bank)["writes"] == 0


def test_folder_when_no_url_is_set_then_addresses_are_those_of_the_bank(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, FIRST)
    release(bank, "2026.10", now="2026-10-01T08:00:00Z")
    path = bank.root / "fairline.toml"
    path.write_text(f'{path.read_text()}\n[targets.site]\nkind = "folder"\npath = "../site"\n')
    bank = with_target(bank, "other")
    run_job(bank)
    first = record_of(site_of(bank), FIRST)["files"][0]
    assert first["url"] == f"https://bank.example.org/package/{FIRST}/2026.10/files/{first['path']}"


def test_folder_when_its_address_changes_then_new_documents_get_names_of_their_own(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    site = site_of(bank)
    old = tree_of(site)
    bank = with_target(bank, "moved", url="https://moved.example.org/")
    summary = run_job(bank, target="moved")
    new = tree_of(site)
    assert (summary["uploaded"], summary["updated"]) == (1, 3)
    assert new["release/2026.10/manifest.json"] == old["release/2026.10/manifest.json"]
    pointer = json.loads(new["release.json"])
    assert pointer["manifest"]["url"].startswith("https://moved.example.org/release/2026.10/")
    assert pointer["manifest"]["url"].endswith("/manifest.json")
    name = pointer["manifest"]["url"].removeprefix("https://moved.example.org/")
    assert hashlib.sha256(new[name]).hexdigest() == pointer["manifest"]["sha256"]
    assert run_job(bank, target="moved")["writes"] == 0


@pytest.mark.parametrize(
    "path", [".", "..", "store", "lines/x", "store-controlled", "work/site", "index", "../config", "/"]
)
def test_settings_when_the_folder_is_not_apart_from_the_bank_then_refused(tmp_path: Path, path: str) -> None:
    bank = small_bank(tmp_path, path=path)
    error = refusal(lambda: prepare(job_of(bank)), UsageError)
    assert (error.code, error.at) == ("target-settings", "fairline.toml, [targets.site], path")


def test_settings_when_a_link_leads_into_the_store_then_refused(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    site_of(bank).symlink_to(bank.store_folder)
    assert refusal(lambda: prepare(job_of(bank)), UsageError).code == "target-settings"


def test_settings_when_the_folder_lies_beside_those_of_the_bank_then_it_is_taken(tmp_path: Path) -> None:
    bank = small_bank(tmp_path, path="published")
    run_job(bank)
    assert read_release(bank.root / "published") == "2026.10"


@pytest.mark.parametrize(
    "members",
    [{"path": ""}, {"url": "ftp://x"}, {"container_files": 0}, {"delivery": "link"}],
    ids=["empty-path", "address", "limit", "unknown"],
)
def test_settings_when_a_member_is_wrong_then_refused(tmp_path: Path, members: dict[str, Any]) -> None:
    bank = small_bank(tmp_path, **members)
    assert refusal(lambda: prepare(job_of(bank)), UsageError).code == "target-settings"


def write_foreign(path: Path, content: str = "not ours") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


@pytest.mark.parametrize(
    "name",
    [
        "package",
        "release",
        ".staging",
        "release.json",
        f"package/{FIRST}.json",
        f"package/{FIRST}",
        f"package/{FIRST}/2026.10/files/{NOTES}",
        f"package/{FIRST}/2026.10/files/data",
        "release/2026.10/manifest.json",
        "release/2026.10/ledger.jsonl",
        "release/2026.10/files-p01.json",
    ],
)
def test_folder_when_a_name_is_taken_by_something_foreign_then_refused_and_nothing_is_written(
    tmp_path: Path, name: str
) -> None:
    bank = small_bank(tmp_path)
    site = site_of(bank)
    write_foreign(site / name)
    error = refusal(lambda: run_job(bank), ConflictError)
    assert (error.code, error.at) == ("portal-name-foreign", name)
    assert tree_of(site) == {name: b"not ours"}


def test_folder_when_a_link_stands_where_a_folder_should_then_nothing_is_written_through_it(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    site_of(bank).mkdir()
    (site_of(bank) / "package").symlink_to(tmp_path / "elsewhere")
    assert refusal(lambda: run_job(bank), ConflictError).code == "portal-name-foreign"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_folder_when_another_bank_published_there_then_refused(tmp_path: Path) -> None:
    bank = small_bank(tmp_path / "one")
    run_job(bank)
    other = make_bank(tmp_path / "two", base_iri="https://other.example.org/")
    write_line(other, "OTHRi001-A")
    release(other, "2026.10", now="2026-10-01T08:00:00Z")
    other = with_target(other, path="../../one/site")
    before = tree_of(site_of(bank))
    assert refusal(lambda: run_job(other), ConflictError).code == "portal-name-foreign"
    assert tree_of(site_of(bank)) == before


def test_folder_when_it_has_other_files_then_they_are_left(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    others = {"index.html": "hello", "robots.txt": "x", "package/notes.txt": "y", "release/old/x.json": "{}"}
    for name, content in others.items():
        write_foreign(site_of(bank) / name, content)
    run_job(bank)
    withdraw(bank, FIRST, now="2026-12-01T08:00:00Z")
    run_job(bank)
    tree = tree_of(site_of(bank))
    assert {name: tree[name].decode() for name in others} == others


@pytest.mark.parametrize("entry", ["../../../bank/fairline.toml", "/etc/hosts"], ids=["up", "absolute"])
def test_folder_when_a_list_leads_out_of_it_then_refused(tmp_path: Path, entry: str) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    path = site_of(bank) / "release/2026.10/files-p01.json"
    members = json.loads(path.read_bytes())
    members["files"][0]["path"] = entry
    path.write_text(json.dumps(members))
    assert refusal(lambda: run_job(bank), ConflictError).code == "portal-name-foreign"


def test_folder_when_bytes_of_a_file_changed_then_the_next_run_says_so_and_deleting_it_mends_it(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    whole = tree_of(site_of(bank))
    path = site_of(bank) / f"package/{FIRST}/2026.10/files/{NOTES}"
    path.write_bytes(path.read_bytes().swapcase())
    error = refusal(lambda: run_job(bank), IntegrityError)
    assert error.code == "portal-bytes"
    path.unlink()
    assert run_job(bank)["uploaded"] == 1
    mended = tree_of(site_of(bank))
    assert mended.keys() - whole.keys() == {"release/2026.10/files-p02.json"}
    assert {name: mended[name] for name in whole} == whole


def test_folder_when_a_file_was_cut_off_then_it_is_copied_anew(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    path = site_of(bank) / f"package/{FIRST}/2026.10/files/{NOTES}"
    path.write_bytes(b"")
    assert run_job(bank)["uploaded"] == 1
    assert path.read_bytes() == text_bytes()


@pytest.mark.parametrize("name", [f"package/{FIRST}.json", "release.json"])
def test_folder_when_a_document_was_changed_by_hand_then_it_is_put_right(tmp_path: Path, name: str) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    whole = tree_of(site_of(bank))
    members = json.loads(whole[name])
    (site_of(bank) / name).write_text(json.dumps({**members, "title": "other", "sequence": 99}))
    assert run_job(bank)["writes"] == 1
    assert tree_of(site_of(bank)) == whole


def test_folder_when_another_process_publishes_there_then_refused(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    (site_of(bank) / ".staging").mkdir(parents=True)
    with exclusive(site_of(bank) / ".staging/lock", wait=False, what="tests"):
        assert refusal(lambda: run_job(bank), ConflictError).code == "locked"
    assert tree_of(site_of(bank)) == {}


def cut_off(bank: Bank, step: str) -> None:
    """Publishes until the first step of a kind is done, and stops there."""
    notes = publish(job_of(bank, jobs=1))
    for each in notes:
        if each.step == step and each.type == "step":
            break
    notes.close()  # type: ignore[attr-defined]


def test_folder_when_a_run_was_cut_off_then_status_says_so_and_nothing_of_it_has_its_name(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    shown = tree_of(site_of(bank))
    release_change(bank)
    cut_off(bank, "barrier")
    staged = {name: content for name, content in tree_of(site_of(bank)).items() if not name.startswith(".staging/")}
    assert staged == shown
    status = publish_status(job_of(bank))
    assert (status.shown, status.newest, status.unfinished) == ("2026.10", "2026.11", "2026.11")
    assert status.leftovers == ("2026.11-p01 is closed, with 18 files",)
    assert status.steps > 18
    summary = run_job(bank, mode="resume")
    assert summary["uploaded"] == 0
    assert read_release(site_of(bank)) == "2026.11"
    assert publish_status(job_of(bank)).leftovers == ()


@pytest.mark.parametrize("step", ["create", "upload", "open", "record"])
def test_folder_when_a_run_is_given_up_then_the_tree_is_as_before(tmp_path: Path, step: str) -> None:
    bank = small_bank(tmp_path, container_files=7)
    run_job(bank)
    before = tree_of(site_of(bank))
    release_change(bank)
    cut_off(bank, step)
    run_job(bank, mode="rollback")
    after = tree_of(site_of(bank))
    if step in {"create", "upload"}:
        assert after == before
    assert {name: after[name] for name in before} == before
    assert publish_status(job_of(bank)).leftovers == ()
    assert run_job(bank)["release"] == "2026.11"
    assert read_release(site_of(bank)) == "2026.11"


def test_folder_when_a_run_was_given_up_then_the_next_rollback_goes_to_the_release_before(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    run_job(bank)
    release_change(bank)
    run_job(bank)
    write_line(bank, FIRST, files={NOTES: text_bytes("Colonies are flat.")})
    release(bank, "2026.12", now="2026-12-01T08:00:00Z")
    cut_off(bank, "barrier")
    assert run_job(bank, mode="rollback")["release"] == "2026.11"
    assert run_job(bank, mode="rollback")["release"] == "2026.10"
    assert read_release(site_of(bank)) == "2026.10"


def test_folder_when_staged_bytes_change_after_they_were_proved_then_they_never_open(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    cut_off(bank, "barrier")
    staged = next(each for each in (site_of(bank) / ".staging/2026.10-p01").iterdir() if each.suffix == "")
    staged.write_bytes(staged.read_bytes().swapcase())
    assert refusal(lambda: run_job(bank), IntegrityError).code == "portal-bytes"
    assert not (site_of(bank) / "release.json").exists()


@pytest.mark.parametrize("arguments", [("--dry-run",), ("--status",)], ids=["dry-run", "status"])
def test_command_when_it_only_looks_then_no_folder_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    bank = small_bank(tmp_path)
    call = Caller(capsys, bank)
    plan = call.well("publish", "site", *arguments, "--json").json()
    plan = plan.get("plan", plan)
    assert (plan["release"], plan["before"], len(plan["records"])) == ("2026.10", None, 3)
    assert not site_of(bank).exists()


def test_command_when_it_publishes_then_it_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = small_bank(tmp_path)
    call = Caller(capsys, bank)
    assert "3 packages created" in call.well("publish", "site").err
    assert "already published" in call.well("publish", "site").err
    lines = [json.loads(each) for each in call.well("publish", "site", "--json").out.splitlines()]
    assert (lines[-1]["type"], lines[-1]["writes"]) == ("summary", 0)
    assert "nothing to resume" in call.well("publish", "site", "--resume").err
    answer = call("publish", "site", "--rollback", "--json")
    assert (answer.status, answer.error()["error"]) == (6, "publish-first")


def test_reader_when_it_follows_the_pointer_all_the_while_then_it_never_sees_a_mixture(tmp_path: Path) -> None:
    bank = small_bank(tmp_path, container_files=5, request_files=2)
    run_job(bank)
    release_change(bank)
    write_line(bank, SECOND, files={"data/rna-seq/b_count.tsv": counts_bytes(SECOND, counts=(5, 6, 7))})
    release(bank, "2026.12", now="2026-12-01T08:00:00Z")
    seen: list[str] = []
    faults: list[BaseException] = []
    over = threading.Event()

    def follow() -> None:
        while not over.is_set():
            try:
                seen.append(read_release(site_of(bank)))
            except (AssertionError, OSError, ValueError, KeyError) as error:
                faults.append(error)

    reader = threading.Thread(target=follow)
    reader.start()
    try:
        for name in ("2026.11", "2026.12"):
            run_job(bank, release=name)
        run_job(bank, release="2026.10", mode="rollback")
        run_job(bank)
    finally:
        over.set()
        reader.join()
    assert faults == []
    assert {"2026.10", "2026.12"} <= {*seen, read_release(site_of(bank))}
    assert len(seen) > 5


class Prepared:
    """A bank and a folder before a step, and the tree that the step makes when nothing stops it."""

    def __init__(self, folder: Path, before: Callable[[Bank], object] | None, change: Callable[[Bank], object]) -> None:
        bank = make_bank(folder)
        write_line(bank, FIRST, files={NOTES: text_bytes()})
        release(bank, "2026.10", now="2026-10-01T08:00:00Z")
        self.bank = with_target(bank, container_files=9, request_files=4)
        self._kept = folder / "kept"
        if before is not None:
            before(self.bank)
        self._kept.mkdir()
        if site_of(self.bank).exists():
            shutil.copytree(site_of(self.bank), self._kept / "site")
        change(self.bank)
        self.calls = count_calls(self.publish)
        self.whole = tree_of(site_of(self.bank))

    def publish(self) -> object:
        return run_job(self.bank, jobs=1)

    def reset(self) -> None:
        """The folder and the journal as they were before."""
        shutil.rmtree(site_of(self.bank), ignore_errors=True)
        for each in self.bank.work_folder.glob("publish-site.*"):
            each.unlink()
        if (self._kept / "site").exists():
            shutil.copytree(self._kept / "site", site_of(self.bank))


def publish_twice(bank: Bank) -> None:
    run_job(bank)
    release_change(bank)
    run_job(bank)


#: What comes before, what is published, and every how-many-th call is killed.
SWEEPS: dict[str, tuple[Callable[[Bank], object] | None, Callable[[Bank], object], int]] = {
    "first": (None, lambda bank: None, 5),
    "change": (run_job, release_change, 3),
    "withdrawal": (publish_twice, withdraw_notes, 5),
}


def killings(calls: list[tuple[str, tuple[object, ...]]], step: int) -> Iterator[tuple[int, str]]:
    """Which calls are killed, and how; the last ones, where the pointer moves and bytes are erased, each of them."""
    for at in range(len(calls)):
        if at % step == 0 or at > len(calls) - 12:
            yield at, "half" if calls[at][0] == "write" else "before" if at % 3 else "after"


@pytest.mark.slow
@pytest.mark.parametrize("name", SWEEPS)
def test_folder_when_killed_at_any_call_then_readers_see_a_whole_release_and_running_again_makes_the_same_tree(
    tmp_path: Path, name: str
) -> None:
    before, change, step = SWEEPS[name]
    trial = Prepared(tmp_path, before, change)
    site = site_of(trial.bank)
    for at, when in killings(trial.calls, step):
        trial.reset()
        shown = "release.json" in tree_of(site) if site.exists() else False
        status = run_with(Killer(at, when), trial.publish).status
        place_of_death = f"killed {when} call {at} of {len(trial.calls)}: {trial.calls[at]}"
        assert status == DIED, place_of_death
        if shown or (site / "release.json").exists():
            assert_readable(site, name, place_of_death)
        trial.publish()
        assert tree_of(site) == trial.whole, place_of_death
    assert run_job(trial.bank)["writes"] == 0


def assert_readable(site: Path, name: str, place_of_death: str) -> None:
    try:
        read_release(site)
    except (AssertionError, OSError) as error:
        raise AssertionError(f"{place_of_death}: {error}") from error
