"""The command publish before it reaches any target: what is asked for, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import make_bank, release, write_line
from tests.cli.calls import Caller


@pytest.mark.parametrize(
    "modes", [("--status", "--resume"), ("--resume", "--rollback"), ("--dry-run", "--status")], ids=" ".join
)
def test_publish_when_two_modes_are_given_then_refused(
    modes: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = Caller(capsys, make_bank(tmp_path))("publish", "ckan", *modes, "--json")
    assert (answer.status, answer.error()["error"]) == (2, "publish-mode")


def test_publish_when_the_target_is_unknown_then_not_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = make_bank(tmp_path)
    write_line(bank)
    release(bank)
    answer = Caller(capsys, bank)("publish", "ckan", "--json")
    assert (answer.status, answer.error()["error"]) == (3, "target-unknown")
    assert list(bank.work_folder.glob("publish-*")) == []


def test_publish_when_nothing_is_released_then_not_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = Caller(capsys, make_bank(tmp_path))("publish", "ckan", "--json")
    assert (answer.status, answer.error()["error"]) == (3, "nothing-released")
