"""How long the command line takes to start: ``fairline --help`` beside ``python -c 'import click'``, alternating in one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 5


def milliseconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    fairline = [str(Path(sys.executable).with_name("fairline")), "--help"]
    click = [sys.executable, "-c", "import click"]
    milliseconds(fairline)
    pairs = [(milliseconds(fairline), milliseconds(click)) for _ in range(RUNS)]
    ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"fairline --help: median {ours:.0f} ms of {RUNS}; import click: {theirs:.0f} ms; {ours / theirs:.2f} x")


if __name__ == "__main__":
    main()
