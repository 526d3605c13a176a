"""The example bank, built once for all tests of it, and everything that validation says of it."""

from __future__ import annotations

import pytest

from catalog.vocabulary import open_vocabulary
from publish.demo.bank import build_demo
from publish.releasing import judge_all
from tests.builders import make_settings
from tests.demo.builders import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The whole bank. Tests must not change it."""
    folder = tmp_path_factory.mktemp("demo")
    settings = make_settings(folder)
    outcome = build_demo(folder / "bank", settings)
    with open_vocabulary(settings.ontologies_folder) as vocabulary:
        judged, of_bank = judge_all(outcome.bank, vocabulary)
    by_id = {each.line.line_id: each for each in judged}
    return Demo(outcome=outcome, settings=settings, judged=by_id, of_bank=tuple(of_bank))
