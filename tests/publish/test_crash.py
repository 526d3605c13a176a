"""Release and withdrawal are killed at every step: the public state is the old one or the new one, and running again completes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.bank import Bank, open_bank
from catalog.errors import ConflictError
from catalog.ledger import load_ledger
from catalog.library import describe
from catalog.verify import verify_path
from tests.builders import LINE_ID, make_bank, release, settings_of, vcf_bytes, withdraw, write_line
from tests.crash import DIED, Killer, count_calls, distinct_calls, run_with
from tests.publish.test_withdrawal import CANARY, PATH, assert_erased, canary_vcf, judge

Job = Callable[[Bank], object]


def prepare(folder: Path) -> Bank:
    """A bank with one release, and a change that the next one takes up."""
    bank = make_bank(folder)
    write_line(bank, files={PATH: canary_vcf(), "data/wes/more.vcf.gz": vcf_bytes()})
    release(bank, "2026.11")
    write_line(bank, notes=["changed"])
    return bank


def release_next(bank: Bank) -> object:
    return release(bank, "2026.12", now="2026-12-24T00:00:00Z")


def withdraw_file(bank: Bank) -> object:
    return withdraw(bank, f"{LINE_ID}/{PATH}", now="2026-12-24T00:00:00Z")


def withdraw_line(bank: Bank) -> object:
    return withdraw(bank, LINE_ID, now="2026-12-24T00:00:00Z")


JOBS: dict[str, Job] = {"release": release_next, "withdraw-file": withdraw_file, "withdraw-line": withdraw_line}


def public_state(bank: Bank) -> tuple[int, str]:
    """What a reader of ledger and store sees."""
    ledger = load_ledger(bank.ledger_path, bank.keys())
    entry = ledger.current()[LINE_ID]
    if entry.state == "withdrawn":
        return ledger.sequence, "withdrawn"
    shown = describe(bank, ledger, LINE_ID)
    return ledger.sequence, f"{shown['release']} {sorted(each['path'] for each in shown['files'])}"


def copy_of(prepared: Path, folder: Path) -> Bank:
    shutil.copytree(prepared, folder, symlinks=True)
    return open_bank(folder / "bank")


#: Withdrawing a line goes the same way as withdrawing a file: every third step of it is enough.
PARTS = [(name, part) for name in JOBS for part in range(3) if name != "withdraw-line" or part == 0]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "part"), PARTS, ids=[f"{name}-{part}" for name, part in PARTS])
def test_job_when_killed_at_any_step_then_the_state_is_old_or_new_and_running_again_completes_it(
    tmp_path: Path, name: str, part: int
) -> None:
    job = JOBS[name]
    prepared = prepare(tmp_path / "prepared").root.parent
    whole = copy_of(prepared, tmp_path / "whole")
    old = public_state(whole)
    calls = count_calls(lambda: job(whole))
    new = public_state(whole)
    assert old != new
    seen = set()
    for at in distinct_calls(calls)[part::3]:
        bank = copy_of(prepared, tmp_path / "trial")
        when = "half" if calls[at][0] == "write" else "before"
        assert run_with(Killer(at, when), lambda bank=bank: job(bank)).status == DIED  # type: ignore[misc]
        state = public_state(bank)
        assert state in (old, new), f"killed {when} call {at} {calls[at]}"
        seen.add(state)
        job_again(job, bank)
        assert public_state(bank) == new, f"killed {when} call {at} {calls[at]}"
        verified = verify_path(bank.root, settings_of(bank))
        assert verified.valid, f"killed {when} call {at} {calls[at]}: {verified.findings}"
        assert judge(bank.store_folder)
        assert judge(bank.controlled_folder)
        if name != "release":
            assert_erased(bank, CANARY.encode())
        shutil.rmtree(bank.root.parent)
    assert old in seen


def job_again(job: Job, bank: Bank) -> None:
    """The same command once more; a withdrawal whose line was signed says that it is done already, after finishing."""
    try:
        job(bank)
    except ConflictError as error:
        if error.code != "withdrawn-already":
            raise


def test_release_when_killed_and_another_name_is_released_then_the_left_version_is_no_part_of_it(
    tmp_path: Path,
) -> None:
    bank = prepare(tmp_path)
    trial = copy_of(tmp_path, tmp_path / "trial")
    calls = count_calls(lambda: release_next(trial))
    ledger_write = next(
        number
        for number, (name, arguments) in enumerate(calls)
        if name == "replace" and str(arguments[1]).endswith("/bank/ledger.jsonl")
    )
    assert run_with(Killer(ledger_write, "before"), lambda: release_next(bank)).status == DIED
    assert public_state(bank)[0] == 1
    write_line(bank, notes=["changed once more"])
    release(bank, "2027.01", now="2027-01-02T00:00:00Z")
    ledger = load_ledger(bank.ledger_path, bank.keys())
    assert [line.release for line in ledger.lines] == ["2026.11", "2027.01"]
    assert ledger.current()[LINE_ID].version == "v2"
    assert verify_path(bank.root, settings_of(bank)).valid
