"""The released packages of the example bank, judged by a program of others."""

from __future__ import annotations

from pathlib import Path

import frictionless
import pytest

import catalog
from tests.demo.builders import Demo


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # frictionless and petl warn about themselves
def test_packages_when_got_then_each_is_valid_by_frictionless(demo: Demo, tmp_path: Path) -> None:
    for name in demo.outcome.lines:
        folder = tmp_path / name
        catalog.get(name, source=demo.outcome.bank.root, to=folder)
        report = frictionless.validate(str(folder / "datapackage.json"))
        assert report.valid, (name, report.flatten(["type", "fieldName", "note"])[:5])
