"""One released bank for all tests of searching."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.bank import Bank
from catalog.index import Index
from tests.index.released import Naive, make_released_bank, open_of


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return make_released_bank(tmp_path_factory.mktemp("released"))


@pytest.fixture(scope="session")
def index(released: Bank) -> Iterator[Index]:
    opened = open_of(released)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def naive(index: Index) -> Naive:
    return Naive.of(index)
