"""A real CKAN for every test in this folder, brought up when the first one asks for it.

The stack lies in ``FAIRLINE_CKAN_DIR`` (default: the user's cache). One that ran already is used, emptied and left
running; two runs of the tests on one machine take turns. CKAN waits for Solr no longer than 5 s here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import absent
from tests.ckan.stack.failures import StackError
from tests.ckan.stack.folder import Folder, default_root
from tests.ckan.stack.live import Stack, command, is_up

HERE = Path(__file__).resolve().parent
SOLR_TIMEOUT_SECONDS = 5.0


def pytest_itemcollected(item: pytest.Item) -> None:
    """All tests of this folder need the one CKAN: one mark, so that ``make test`` runs them in one process."""
    if item.path.is_relative_to(HERE):
        item.add_marker(pytest.mark.ckan)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The CKAN of this machine, in whatever state the last test left it; most tests want :func:`ckan`."""
    root = default_root()
    with Folder.opened(root).locked("tests.lock"):
        was_up = is_up(root)
        try:
            running = Stack.brought_up(root, SOLR_TIMEOUT_SECONDS)
        except StackError as error:
            absent(f"CKAN is missing, so nothing was published to one: {error}")
        yield running
        if was_up:
            running.reset()
        else:
            command(root, "down")


@pytest.fixture
def ckan(stack: Stack) -> Stack:
    """An empty CKAN whose parts all work."""
    stack.reset()
    return stack
