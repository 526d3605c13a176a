"""Building the example bank is killed; the same call then completes it to the very bank that an undisturbed build makes."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from catalog.ledger import load_ledger
from catalog.verify.local import verify_bank
from publish.demo.bank import RELEASE, build_demo
from publish.demo.published import published_lines
from tests.builders import make_settings
from tests.crash import DIED, Killer, count_calls, distinct_calls, run_with
from tests.demo.builders import content_below

#: A line with nothing but a record, and one with the two files of an array.
LINES = [line for line in published_lines() if line.line_id in {"SNUhES3", "KSCBi010-A"}]


def build(folder: Path) -> None:
    build_demo(folder / "bank", make_settings(folder), lines=LINES)


def check_completion(folder: Path, wanted: dict[str, bytes], what: str) -> None:
    """Builds again over what a dead build left, and compares."""
    settings = make_settings(folder)
    outcome = build_demo(folder / "bank", settings, lines=LINES)
    assert content_below(outcome.bank.lines_folder) == wanted, what
    ledger = load_ledger(outcome.bank.ledger_path, outcome.bank.keys())
    assert [line.release for line in ledger.lines] == [RELEASE], what
    assert set(ledger.released_packages()) == {line.line_id for line in LINES}, what
    assert not list(outcome.bank.work_folder.glob("demo-*")), what
    assert not (outcome.bank.work_folder / "release.journal.json").exists(), what
    assert verify_bank(outcome.bank, settings).valid, what
    assert not build_demo(folder / "bank", settings, lines=LINES).released, what


def undisturbed(folder: Path) -> tuple[list[int], dict[str, bytes]]:
    """The calls of a whole build that change what others see, and the line folders that it leaves."""
    calls = count_calls(lambda: build(folder))
    return distinct_calls(calls), content_below(folder / "bank" / "lines")


def check_killed(tmp_path: Path, step: int, whens: tuple[str, ...]) -> None:
    (tmp_path / "whole").mkdir()
    calls, wanted = undisturbed(tmp_path / "whole")
    number = len(calls)
    killed = 0
    for at, when in zip(calls[step // 2 :: step], itertools.cycle(whens), strict=False):
        folder = tmp_path / f"{at}-{when}"
        folder.mkdir()
        status = run_with(Killer(at, when), lambda folder=folder: build(folder)).status  # type: ignore[misc]
        assert status == DIED
        killed += 1
        check_completion(folder, wanted, f"killed {when} call {at} of {number}")
    assert killed > 0


@pytest.mark.slow
def test_build_when_killed_here_and_there_then_the_same_call_completes_it(tmp_path: Path) -> None:
    check_killed(tmp_path, 40, ("after",))


@pytest.mark.slow
def test_build_when_killed_everywhere_then_the_same_call_completes_it(tmp_path: Path) -> None:
    check_killed(tmp_path, 4, ("before", "after"))


def test_build_when_interrupted_between_lines_then_what_is_there_is_kept(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)

    class Stop(Exception):
        pass

    def stop(_: object) -> None:
        raise Stop

    with pytest.raises(Stop):
        build_demo(tmp_path / "bank", settings, tell=stop, lines=LINES)
    assert len(list((tmp_path / "bank" / "lines").iterdir())) == 1
    outcome = build_demo(tmp_path / "bank", settings, lines=LINES)
    assert outcome.made == (LINES[1].line_id,)
    assert outcome.released
