"""Inventories: the same history always has the same bytes, and nothing but our own form is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import IntegrityError
from catalog.store.inventory import (
    Inventory,
    Version,
    extend,
    is_version,
    next_version,
    parse,
    render,
    sidecar,
    version_number,
)

DIGESTS = [hashlib.sha256(bytes([number])).hexdigest() for number in range(4)]
paths = st.sampled_from(["record.json", "data/a.vcf", "data/b.vcf", "data/deep/é.txt"])
states = st.dictionaries(paths, st.sampled_from(DIGESTS), max_size=4)
versions = st.builds(Version, state=states, created=st.just("2026-11-22T00:00:00Z"), message=st.text(max_size=5))


def history(made: list[Version]) -> list[Inventory]:
    """The inventories after each of some versions."""
    found: list[Inventory] = []
    for version in made:
        found.append(extend(found[-1] if found else None, "KSCBi005-A", version))
    return found


@given(st.lists(versions, min_size=1, max_size=4))
def test_inventory_when_written_and_read_then_equal_and_the_same_bytes_again(made: list[Version]) -> None:
    newest = history(made)[-1]
    content = render(newest)
    read = parse(content, "here")
    assert read == newest
    assert read.sha256 == hashlib.sha256(content).hexdigest()
    assert render(read) == content
    assert sidecar(content) == f"{read.sha256} inventory.json\n".encode()


@given(st.lists(versions, min_size=1, max_size=4))
def test_inventory_when_cut_back_to_a_version_then_the_one_that_was_written_with_it(made: list[Version]) -> None:
    found = history(made)
    for number, earlier in enumerate(found, start=1):
        assert render(found[-1].upto(f"v{number}")) == render(earlier)


@given(st.lists(versions, min_size=1, max_size=4))
def test_content_when_it_was_there_before_then_stored_once_under_its_first_version(made: list[Version]) -> None:
    newest = history(made)[-1]
    assert newest.head == f"v{len(made)}"
    for digest, path in newest.manifest.items():
        first = next(number for number, version in enumerate(made, start=1) if digest in version.state.values())
        assert path == f"v{first}/content/{digest}"
    assert set(newest.manifest) == {digest for version in made for digest in version.state.values()}
    for number, version in enumerate(made, start=1):
        assert dict(newest.state(f"v{number}")) == dict(version.state)
    assert newest.state() == made[-1].state
    with pytest.raises(KeyError):
        newest.state("v99")


def valid() -> dict[str, Any]:
    made = [
        Version(state={"a": DIGESTS[0]}, created="2026-11-22T00:00:00Z", message="x"),
        Version(state={"a": DIGESTS[1], "b": DIGESTS[0]}, created="2026-11-22T00:00:00Z", message="y"),
    ]
    members: dict[str, Any] = json.loads(render(history(made)[-1]))
    return members


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "other algorithm": lambda members: members.update(digestAlgorithm="md5"),
    "other type": lambda members: members.update(type="https://ocfl.io/1.0/spec/#inventory"),
    "no head": lambda members: members.pop("head"),
    "head that is not there": lambda members: members.update(head="v3"),
    "head that is not the highest": lambda members: members.update(head="v1"),
    "version missing": lambda members: members["versions"].pop("v1"),
    "version too much": lambda members: members["versions"].update(v4=members["versions"]["v1"]),
    "version with zeros": lambda members: members["versions"].update(v002=members["versions"].pop("v2")),
    "no versions": lambda members: members.update(versions={}),
    "content outside": lambda members: members["manifest"].update({DIGESTS[0]: ["../../x"]}),
    "content absolute": lambda members: members["manifest"].update({DIGESTS[0]: ["/etc/passwd"]}),
    "content climbs": lambda members: members["manifest"].update({DIGESTS[0]: [f"v1/content/../../{DIGESTS[0]}"]}),
    "content in another folder": lambda members: members["manifest"].update({DIGESTS[0]: [f"x/content/{DIGESTS[0]}"]}),
    "content twice below": lambda members: members["manifest"].update({DIGESTS[0]: [f"v1/content/content/{DIGESTS[0]}"]}),
    "content of another digest": lambda members: members["manifest"].update({DIGESTS[0]: [f"v1/content/{DIGESTS[1]}"]}),
    "digest in capitals": lambda members: members["manifest"].update({DIGESTS[0].upper(): [f"v1/content/{DIGESTS[0].upper()}"]}),
    "short digest": lambda members: members["manifest"].update({"ab": ["v1/content/ab"]}),
    "no content path": lambda members: members["manifest"].update({DIGESTS[0]: []}),
    "state of nothing": lambda members: members["manifest"].pop(DIGESTS[1]),
    "state is a list": lambda members: members["versions"]["v1"].update(state=[]),
    "paths are text": lambda members: members["versions"]["v1"].update(state={DIGESTS[2]: "a"}),
    "manifest is a list": lambda members: members.update(manifest=[]),
    "version is text": lambda members: members["versions"].update(v1="x"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_inventory_when_it_is_not_as_we_write_it_then_refused_with_its_place(name: str) -> None:
    members = valid()
    assert parse(json.dumps(members).encode(), "here").head == "v2"
    CHANGES[name](members)
    with pytest.raises(IntegrityError) as caught:
        parse(json.dumps(members).encode(), "store/x/inventory.json")
    assert (caught.value.code, caught.value.exit_status, caught.value.at) == (
        "inventory-malformed", 7, "store/x/inventory.json",
    )  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"7", b"\xff", b"{}", b"[" * 100_000], ids=range(8))
def test_bytes_when_they_are_no_inventory_then_refused(content: bytes) -> None:
    with pytest.raises(IntegrityError) as caught:
        parse(content, "here")
    assert caught.value.code == "inventory-malformed"


@pytest.mark.parametrize(("name", "wanted"), [("v1", True), ("v10", True), ("v0", False), ("v01", False), ("v", False), ("1", False), ("v1\n", False), ("content", False)])  # fmt: skip
def test_folder_when_its_name_is_judged_then_only_versions(name: str, wanted: bool) -> None:
    assert is_version(name) is wanted


def test_versions_when_numbered_then_one_after_the_other() -> None:
    assert next_version(None) == "v1"
    assert next_version(Inventory(object_id="x", head="v9", manifest={}, versions={})) == "v10"
    assert version_number("v10") == 10
