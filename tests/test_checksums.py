"""Checksums: size, sha256 and md5 in one read."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksums import (
    CHUNK_BYTES,
    Hasher,
    ThreadedHasher,
    representation_digest,
    sha256_of,
    sha256_of_file,
    sha256_of_stream,
)


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_hasher_when_fed_in_pieces_then_digests_of_the_whole(pieces: list[bytes]) -> None:
    hasher = Hasher()
    for piece in pieces:
        hasher.update(memoryview(piece))
    whole = b"".join(pieces)
    found = hasher.finish()
    assert (found.bytes, found.sha256, found.md5) == (
        len(whole),
        hashlib.sha256(whole).hexdigest(),
        hashlib.md5(whole, usedforsecurity=False).hexdigest(),
    )
    assert sha256_of(whole) == found.sha256 == sha256_of_stream(io.BytesIO(whole))


def test_file_when_larger_than_a_chunk_then_read_to_its_end(tmp_path: Path) -> None:
    content = b"fairline" * (CHUNK_BYTES // 8) + b"end"
    (tmp_path / "file").write_bytes(content)
    assert sha256_of_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_representation_digest_when_of_a_known_text_then_as_in_rfc_9530() -> None:
    # RFC 9530, appendix B.1: {"hello": "world"} and a line end
    digest = sha256_of(b'{"hello": "world"}\n')
    assert representation_digest(digest) == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_threaded_hasher_when_bytes_are_given_in_parts_then_digests_are_those_of_one_thread() -> None:
    plain, threaded = Hasher(), ThreadedHasher()
    for part in (b"", b"ACGT" * 70_000, b"\n"):
        plain.update(part)
        threaded.update(part)
    assert threaded.finish() == plain.finish()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a thread a niceness of its own")
def test_threaded_hasher_when_it_runs_then_its_threads_give_way_and_the_caller_does_not() -> None:
    before = set(threading.enumerate())
    own = os.getpriority(os.PRIO_PROCESS, 0)
    hasher = ThreadedHasher()
    try:
        lanes = set(threading.enumerate()) - before
        deadline = time.monotonic() + 10
        while not all(_niceness(lane) > own for lane in lanes) and time.monotonic() < deadline:
            time.sleep(0.001)
        assert [_niceness(lane) for lane in lanes] == [min(19, own + 7)] * 2
        assert os.getpriority(os.PRIO_PROCESS, 0) == own
    finally:
        hasher.finish()


def _niceness(thread: threading.Thread) -> int:
    return os.getpriority(os.PRIO_PROCESS, thread.native_id or 0)
