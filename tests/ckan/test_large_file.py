"""A file that is larger than the memory that the publisher may take."""

from __future__ import annotations

from pathlib import Path

from tests.ckan.large_file import send, write_file
from tests.ckan.stack.live import Stack

SIZE_BYTES = 300 << 20
MOST_MEGABYTES = 150


def test_memory_when_a_large_file_is_sent_and_read_back_then_stays_small(ckan: Stack, tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    digest = write_file(path, SIZE_BYTES)
    assert send(ckan, path, digest)["peak"] <= MOST_MEGABYTES
    assert SIZE_BYTES in ckan.files_on_disk().values()
