"""Where an object lies: layout 0003 of OCFL's extensions, and a root that can be made again without harm."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import re
from pathlib import Path

import ocfl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import IntegrityError
from catalog.identifiers import LINE_ID
from catalog.store import Content, Store
from catalog.store.layout import check_root, make_root, object_id_of, object_path
from tests.crash import DIED, Killer, count_calls, run_with


@pytest.mark.parametrize(
    ("object_id", "path"),
    [
        # extension 0003, examples with sha256
        ("object-01", "3c0/ff4/240/object-01"),
        ("..hor/rib:le-$id", "487/326/d8c/%2e%2ehor%2frib%3ale-%24id"),
    ],
)
def test_object_when_it_is_an_example_of_the_extension_then_at_its_place(object_id: str, path: str) -> None:
    assert object_path(object_id).as_posix() == path


def test_object_when_its_name_is_very_long_then_cut_and_told_apart() -> None:
    long = "abcdefghij" * 26
    assert (
        object_path(long).as_posix()
        == "55b/432/806/" + "abcdefghij" * 10 + f"-{hashlib.sha256(long.encode()).hexdigest()}"
    )


@given(st.from_regex(LINE_ID, fullmatch=True), st.integers(1, 99))
def test_line_id_when_made_a_folder_then_found_again_and_never_outside(line_id: str, number: int) -> None:
    for object_id in (line_id, f"{line_id}~{number}"):
        path = object_path(object_id)
        assert object_id_of(path) == object_id
        assert len(path.parts) == 4
        assert re.fullmatch(r"[A-Za-z0-9_%-]+", path.name)
        assert ".." not in path.parts


def test_root_when_made_then_as_the_specification_wants_and_again_unchanged(tmp_path: Path) -> None:
    root = tmp_path / "a" / "store"
    make_root(root)
    assert (root / "0=ocfl_1.1").read_bytes() == b"ocfl_1.1\n"
    layout = json.loads((root / "ocfl_layout.json").read_bytes())
    settings = json.loads((root / "extensions" / layout["extension"] / "config.json").read_bytes())
    assert settings == {
        "extensionName": "0003-hash-and-id-n-tuple-storage-layout", "digestAlgorithm": "sha256", "tupleSize": 3,
        "numberOfTuples": 3,
    }  # fmt: skip
    times = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    make_root(root)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == times
    check_root(root)


def test_root_when_its_making_is_killed_at_any_call_then_the_next_one_completes_it(tmp_path: Path) -> None:
    calls = count_calls(lambda: make_root(tmp_path / "count"))
    for at, when in itertools.product(range(len(calls)), ("before", "half")):
        if when == "half" and calls[at][0] != "write":
            continue
        root = tmp_path / f"{at}-{when}"
        assert run_with(Killer(at, when), lambda root=root: make_root(root)).status == DIED  # type: ignore[misc]
        make_root(root)
        check_root(root)
        assert (root / "0=ocfl_1.1").read_bytes() == b"ocfl_1.1\n"


def test_root_when_another_program_judges_it_then_valid(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    store.commit(
        "KSCBi005-A", [Content.of_bytes("a/b.txt", b"x")], expect=None, created="2026-11-22T00:00:00Z", message="m"
    )
    logging.disable(logging.CRITICAL)
    try:
        assert ocfl.StorageRoot(root=str(tmp_path / "store")).validate(validate_objects=True)
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda root: (root / "0=ocfl_1.1").unlink(), "store-not-ocfl"),
        (lambda root: (root / "ocfl_layout.json").unlink(), "store-layout"),
        (lambda root: (root / "ocfl_layout.json").write_text('{"extension": "0002-flat-direct-storage-layout"}'), "store-layout"),
    ],
    ids=["no declaration", "no layout", "other layout"],
)  # fmt: skip
def test_root_when_it_is_not_ours_then_refused(tmp_path: Path, spoil: object, code: str) -> None:
    root = tmp_path / "store"
    make_root(root)
    assert callable(spoil)
    spoil(root)
    with pytest.raises(IntegrityError) as caught:
        check_root(root)
    assert (caught.value.code, caught.value.exit_status) == (code, 7)
