"""Sizes and verdicts in words, for pages and terminals."""

from __future__ import annotations

VERDICTS = {
    "pass": "passed",
    "fail": "failed",
    "inconclusive": "inconclusive",
    "not_done": "not done",
    "not_applicable": "not applicable",
    "unknown": "unknown",
}


def human_bytes(size: int) -> str:
    """A size in powers of 1000."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
