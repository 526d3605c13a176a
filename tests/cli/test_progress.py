"""What a long job tells: amounts at once, a rate and the time left only when they are known."""

from __future__ import annotations

import time

import pytest

from catalog.cli import output
from catalog.events import Event


def told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], moments: list[tuple[float, int]]
) -> list[str]:
    """The lines for events of these times and bytes, without a terminal."""
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with output.Progress() as listen:
        for seconds, done in moments:
            now = 100.0 + seconds
            listen(Event(stage="validate", text="a.vcf", done=done, total=80_000_000, unit="bytes"))
    return capsys.readouterr().err.splitlines()


def test_progress_when_told_half_a_minute_later_then_has_rate_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(monkeypatch, capsys, [(0, 0), (5, 9), (40, 20_000_000)]) == [
        "validate: 20.0 MB of 80.0 MB, 500.0 kB/s, 120 s left a.vcf"
    ]


def test_progress_when_the_first_event_comes_late_then_has_no_rate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "_QUIET_SECONDS", -1.0)
    assert told(monkeypatch, capsys, [(0, 4_300_000)]) == ["validate: 4.3 MB of 80.0 MB a.vcf"]
