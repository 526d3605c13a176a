"""Releases: what they publish, what they leave alone, what stops them, and what a key change does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.bank import Bank, open_bank
from catalog.cli.root import run
from catalog.errors import ConflictError, IntegrityError, InvalidError, TemporaryError, UnauthorisedError, UsageError
from catalog.events import Event
from catalog.index import build_index
from catalog.ledger import Ledger, load_ledger
from catalog.library import describe
from catalog.store import Content, Store
from catalog.store.locks import exclusive
from catalog.verify import verify_path
from catalog.vocabulary import open_vocabulary
from publish.comparison import compare_releases
from publish.keys import add_key, list_keys
from publish.planning import CHANGED, NEW, UNCHANGED
from publish.releasing import ReleaseJob
from publish.releasing import release as make_release
from publish.status import read_status
from tests.builders import (
    LINE_ID,
    NO_ONTOLOGIES,
    NOW,
    absent,
    counts_bytes,
    make_bank,
    release,
    settings_of,
    vcf_bytes,
    withdraw,
    write_line,
)

FILES = {"data/wes/calls.vcf.gz": vcf_bytes(), "data/rna-seq/counts.tsv": counts_bytes()}


def ledger_of(bank: Bank) -> Ledger:
    return load_ledger(bank.ledger_path, bank.keys())


def controlled_of(bank: Bank) -> Ledger:
    return load_ledger(bank.controlled_ledger_path, bank.keys())


def job_of(bank: Bank, **changes: Any) -> ReleaseJob:
    """A release job with changes, such as a listener or a dry run."""
    job = ReleaseJob(
        bank=bank, settings=settings_of(bank), vocabulary=open_vocabulary(NO_ONTOLOGIES), clock=lambda: NOW
    )
    return replace(job, **changes)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes; locks aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "locks" not in path.parts and not path.name.endswith(".lock")
    }


def test_release_when_first_then_everything_is_public_and_proved(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    outcome = release(bank, "2026.11")
    assert outcome.sequence == 1
    assert [(each.working.line_id, each.public) for each in outcome.plan.packages] == [(LINE_ID, NEW)]
    line = ledger_of(bank).lines[0]
    assert (line.release, [entry.version for entry in line.packages]) == ("2026.11", ["v1"])
    shown = describe(bank, ledger_of(bank), LINE_ID)
    assert set(FILES) <= {each["path"] for each in shown["files"]}
    outcome_of_verify = verify_path(bank.root, settings_of(bank))
    assert outcome_of_verify.valid
    assert outcome_of_verify.files > len(FILES)


def test_release_when_one_line_of_two_changes_then_the_other_keeps_its_version(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    other = write_line(bank, "EXMPi002-A")
    release(bank, "2026.11")
    write_line(bank, "EXMPi002-A", notes=["something new"])
    outcome = release(bank, "2026.12")
    assert {each.working.line_id: each.public for each in outcome.plan.packages} == {
        LINE_ID: UNCHANGED,
        "EXMPi002-A": CHANGED,
    }
    ledger = ledger_of(bank)
    assert [version.release for version in ledger.versions(LINE_ID)] == ["2026.11"]
    assert [version.release for version in ledger.versions("EXMPi002-A")] == ["2026.11", "2026.12"]
    assert describe(bank, ledger, LINE_ID, "2026.12")["release"] == "2026.11"
    assert other.is_dir()


def test_release_when_nothing_changed_then_no_line_is_added(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    release(bank, "2026.11")
    before = tree(bank.root)
    outcome = release(bank, "2026.12")
    assert outcome.plan.is_empty
    assert tree(bank.root) == before


def test_release_when_a_line_has_errors_then_nothing_is_written(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    write_line(bank, "EXMPi002-A", line_type="nonsense")
    stores = [bank.store_folder, bank.controlled_folder]
    with pytest.raises(InvalidError) as caught:
        release(bank, "2026.11")
    assert (caught.value.code, caught.value.exit_status) == ("release-has-errors", 1)
    assert not bank.ledger_path.exists()
    assert all(list(Store(each).object_ids()) == [] for each in stores)


@pytest.mark.parametrize("name", ["2026", "2026.13", "2026.1", "v1", "2026.11.0", "../2026.11", "2026.11 "])
def test_release_when_the_name_is_no_release_name_then_usage(tmp_path: Path, name: str) -> None:
    bank = make_bank(tmp_path)
    write_line(bank)
    with pytest.raises(UsageError) as caught:
        release(bank, name)
    assert caught.value.code == "release-name"


def test_release_when_the_name_is_not_above_the_last_then_conflict(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank)
    release(bank, "2026.11.2")
    for name in ("2026.11.2", "2026.11.1", "2026.11", "2026.10", "2025.12.9"):
        with pytest.raises(ConflictError) as caught:
            release(bank, name)
        assert (caught.value.code, caught.value.exit_status) == ("release-not-above", 6)


def test_release_when_another_one_runs_then_exit_six(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = make_bank(tmp_path)
    write_line(bank)
    with exclusive(bank.work_folder / "release.lock", wait=False, what="releases"):
        assert run(["--bank", str(bank.root), "release", "2026.11"]) == 6
    assert "error[locked]" in capsys.readouterr().err
    assert not bank.ledger_path.exists()


def test_release_when_only_a_controlled_file_changes_then_the_public_chain_stays(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    folder = write_line(bank, files=FILES, access={"approval": None})
    release(bank, "2026.11")
    public = (bank.ledger_path.read_bytes(), tree(bank.store_folder))
    write_line(bank, files={**FILES, "data/wes/calls.vcf.gz": vcf_bytes(positions=(20001,))}, access={"approval": None})
    outcome = release(bank, "2026.12")
    assert outcome.sequence == 0
    assert (bank.ledger_path.read_bytes(), tree(bank.store_folder)) == public
    assert [line.release for line in controlled_of(bank).lines] == ["2026.11", "2026.12"]
    assert folder.is_dir()
    with pytest.raises(ConflictError):
        release(bank, "2026.12")


def test_release_when_a_line_folder_is_gone_then_its_package_stays(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    write_line(bank, "EXMPi002-A")
    release(bank, "2026.11")
    shutil.rmtree(bank.lines_folder / LINE_ID)
    write_line(bank, "EXMPi002-A", notes=["new"])
    outcome = release(bank, "2026.12")
    assert outcome.plan.kept == (LINE_ID,)
    assert describe(bank, ledger_of(bank), LINE_ID)["release"] == "2026.11"
    assert verify_path(bank.root, settings_of(bank)).valid


def test_release_when_dry_then_the_plan_is_given_and_nothing_is_released(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    planned = make_release(job_of(bank, dry_run=True), "2026.11")
    assert not bank.ledger_path.exists()
    done = release(bank, "2026.11")
    assert json.dumps(done.plan.to_json()) == json.dumps(planned.plan.to_json())


def test_release_when_an_embargo_ends_then_the_next_release_opens_the_files(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES, access={"embargo_until": "2026-12-01"})
    release(bank, "2026.11", now="2026-11-22T08:00:00Z")
    shown = describe(bank, ledger_of(bank), LINE_ID)
    assert not set(FILES) & {each["path"] for each in shown["files"]}
    assert shown["restricted"][0]["embargo_until"] == "2026-12-01"
    release(bank, "2026.12", now="2026-12-01T00:00:00Z")
    shown = describe(bank, ledger_of(bank), LINE_ID)
    assert set(FILES) <= {each["path"] for each in shown["files"]}
    assert shown["restricted"] == []


def leave_version(bank: Bank, contents: list[Content]) -> None:
    """What a killed release leaves: a version that no line names."""
    store = Store(bank.store_folder)
    entry = ledger_of(bank).current()[LINE_ID]
    store.commit(
        entry.object, contents, expect=entry.version, created="2026-12-01T00:00:00Z", message="release 2026.12"
    )


def test_release_when_a_foreign_version_was_left_then_it_is_removed_first(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    release(bank, "2026.11")
    leave_version(bank, [Content.of_bytes("record.json", b"left by a dead release")])
    write_line(bank, files=FILES, notes=["new"])
    release(bank, "2026.12")
    store = Store(bank.store_folder)
    entry = ledger_of(bank).current()[LINE_ID]
    assert entry.version == "v2"
    assert b"left by a dead release" not in b"".join(tree(bank.store_folder).values())
    assert store.inventory(entry.object, "v2").sha256 == entry.inventory_sha256
    assert verify_path(bank.root, settings_of(bank)).valid


def test_release_when_the_secret_key_is_missing_then_nothing_is_written(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    shutil.rmtree(settings_of(bank).keys_folder)
    with pytest.raises(UnauthorisedError) as caught:
        release(bank, "2026.11")
    assert (caught.value.code, caught.value.exit_status) == ("key-missing", 4)
    assert list(Store(bank.store_folder).object_ids()) == []
    assert not bank.ledger_path.exists()


def test_key_change_when_released_then_the_line_is_signed_by_the_old_key_and_the_next_by_the_new(
    tmp_path: Path,
) -> None:
    bank = make_bank(tmp_path)
    write_line(bank)
    release(bank, "2026.11")
    old = bank.keys()[0]
    new, path = add_key(bank, settings_of(bank))
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each["state"] for each in list_keys(bank, settings_of(bank))] == ["signs", "pending"]
    with pytest.raises(ConflictError):
        add_key(bank, settings_of(bank))
    outcome = release(bank, "2026.12")
    assert outcome.sequence == 2
    assert ledger_of(bank).lines[1].key == new.base64
    assert [each["state"] for each in list_keys(bank, settings_of(bank))] == ["past", "signs"]
    (settings_of(bank).keys_folder / f"{old.key_id}.key").unlink()
    write_line(bank, notes=["signed with the new key"])
    assert release(bank, "2027.01").sequence == 3
    assert verify_path(bank.root, settings_of(bank)).valid


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of 32 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        absent("a small file system can only be mounted by root")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        # Sandboxes without mount: a loop of limits is no substitute, so say what is missing.
        pytest.fail(f"cannot mount a small file system: {made.stderr.decode()}")
    return folder


def test_release_when_the_disk_is_full_then_the_old_state_is_intact_and_the_error_clear(small_disk: Path) -> None:
    try:
        bank = make_bank(small_disk)
        write_line(bank, files=FILES)
        release(bank, "2026.11")
        before = (bank.ledger_path.read_bytes(), describe(bank, ledger_of(bank), LINE_ID))
        write_line(bank, files={**FILES, "data/notes.txt": os.urandom(600_000).hex().encode()})
        filler = small_disk / "filler"
        free = shutil.disk_usage(small_disk).free
        filler.write_bytes(b"x" * max(0, free - 700_000))
        with pytest.raises(TemporaryError) as caught:
            release(bank, "2026.12")
        assert (caught.value.code, caught.value.exit_status) == ("disk-full", 5)
        assert (bank.ledger_path.read_bytes(), describe(bank, ledger_of(bank), LINE_ID)) == before
        assert verify_path(bank.root, settings_of(bank)).valid
        filler.unlink()
        assert release(bank, "2026.12").sequence == 2
        assert verify_path(bank.root, settings_of(bank)).valid
    finally:
        subprocess.run(["umount", "-l", str(small_disk)], check=False)


def test_release_when_a_file_changes_between_validation_and_copy_then_it_is_refused(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    folder = write_line(bank, files=FILES)

    def change(event: Event) -> None:
        if event.stage == "validate" and event.text.startswith(f"{len(FILES)} files") and event.done == event.total:
            (folder / "data/wes/calls.vcf.gz").write_bytes(vcf_bytes(positions=(30001,)))

    with pytest.raises(ConflictError) as caught:
        make_release(job_of(bank, tell=change), "2026.11")
    assert (caught.value.code, caught.value.exit_status) == ("file-changed", 6)
    assert not bank.ledger_path.exists()
    write_line(bank, files=FILES)
    assert release(bank, "2026.11", now="2026-11-23T08:00:00Z").issued == NOW


def test_ledger_when_shorter_than_the_index_remembers_then_nobody_builds_upon_it(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    release(bank, "2026.10")
    write_line(bank, files={**FILES, "data/rna-seq/counts.tsv": counts_bytes(counts=(1, 2, 3))})
    release(bank, "2026.11")
    whole = bank.ledger_path.read_bytes()
    bank.ledger_path.write_bytes(b"".join(whole.splitlines(keepends=True)[:1]))
    write_line(bank, files=FILES, notes=["changed"])
    before = (tree(bank.store_folder), tree(bank.controlled_folder), tree(bank.index_folder))
    for attempt in (
        lambda: release(bank, "2027.01"),
        lambda: withdraw(bank, LINE_ID),
        lambda: build_index(bank),
        lambda: read_status(bank),
    ):
        with pytest.raises(IntegrityError) as caught:
            attempt()
        assert caught.value.code == "ledger-shorter"
    assert (tree(bank.store_folder), tree(bank.controlled_folder), tree(bank.index_folder)) == before
    bank.ledger_path.write_bytes(whole)
    release(bank, "2027.01")
    assert verify_path(bank.root, settings_of(bank)).valid


def test_ledger_when_its_last_line_is_another_than_the_index_saw_then_nobody_builds_upon_it(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    shutil.copytree(bank.root, tmp_path / "fork")
    release(bank, "2026.10", message="one")
    fork = open_bank(tmp_path / "fork")
    with open_vocabulary(NO_ONTOLOGIES) as vocabulary:
        make_release(
            ReleaseJob(bank=fork, settings=settings_of(bank), vocabulary=vocabulary, clock=lambda: NOW),
            "2026.10",
            "two",
        )
    shutil.copy(fork.ledger_path, bank.ledger_path)
    with pytest.raises(IntegrityError) as caught:
        release(bank, "2026.11")
    assert caught.value.code == "ledger-shorter"


def test_diff_when_a_file_was_withdrawn_then_it_is_named_with_the_reason(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    release(bank, "2026.10")
    withdraw(bank, f"{LINE_ID}/data/rna-seq/counts.tsv", "a mistake")
    last = ledger_of(bank).last
    assert last is not None
    [changed] = compare_releases(bank, "2026.10", last.release)["packages"]
    assert changed["files"]["withdrawn"] == [{"path": "data/rna-seq/counts.tsv", "reason": "a mistake", "date": NOW}]
    [reversed_] = compare_releases(bank, last.release, "2026.10")["packages"]
    assert reversed_["files"]["withdrawn"] == []
