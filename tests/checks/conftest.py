"""The vocabulary that the checks of lines are given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.vocabulary import Vocabulary
from tests.checks.subjects import core


@pytest.fixture(scope="module")
def vocabulary() -> Iterator[Vocabulary]:
    with core() as opened:
        yield opened
