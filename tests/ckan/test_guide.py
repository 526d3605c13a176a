"""The guides that need a CKAN: their blocks run against it, as a newcomer gives them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog.settings import read_settings
from publish.demo.bank import build_demo
from tests.ckan.stack.live import Stack
from tests.docs_blocks import Run, start_of
from tests.docs_pages import PAGES
from tests.docs_tables import ROOT
from tests.test_docs import run_page

GUIDES = [name for name in PAGES if start_of(PAGES[name]) == "ckan"]
#: What the commands of a guide need of the project's folder.
PARTS = (".venv", "Makefile", "tests", "pyproject.toml", "constraints.txt")


@pytest.mark.parametrize("name", GUIDES)
def test_guide_when_followed_then_does_what_it_says(
    name: str, ckan: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    home.mkdir()
    for part in PARTS:
        (work / part).symlink_to(ROOT / part)
    run = Run(folder=work, home=home, name=name, variables={"FAIRLINE_CKAN_DIR": str(ckan.folder.root)})
    environment = run.environment()
    build_demo(work / "demo-bank", read_settings(environment))
    assert os.environ.get("FAIRLINE_CKAN_TOKEN") is None
    run_page(name, run)
