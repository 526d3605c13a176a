"""What the lines of a ledger add up to: current packages, versions, withdrawals, objects that are gone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import rfc8785

from catalog.ledger import Ledger, PackageVersion, Withdrawal, append_to_ledger, load_ledger, state_sha256
from tests.ledger.chains import Chain, entry, three_lines


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A-1: two versions, then its object is replayed without a file, then it grows. B-1: withdrawn. C-1: comes late."""
    chain = Chain(tmp_path_factory.mktemp("keys"))
    chain.append("2026.01", [entry("A-1", 1), entry("B-1", 1)])
    chain.append("2026.02", [entry("A-1", 2)])
    chain.append(
        "2026.02.1",
        [entry("A-1", 3, object_id="A-1~2")],
        withdrawn=(Withdrawal(id="A-1", path="data/x", reason="r", date="d"),),
        replaced=({"id": "A-1", "object": "A-1"},),
    )
    chain.append("2026.03", [entry("A-1", 4, object_id="A-1~2"), entry("C-1", 1)])
    chain.append(
        "2026.04",
        [entry("B-1", 2, object_id="B-1~2", state="withdrawn")],
        withdrawn=(Withdrawal(id="B-1", path=None, reason="all", date="d"),),
        replaced=({"id": "B-1", "object": "B-1"},),
    )
    return chain.ledger()


def version(package: str, release: str, number: int, object_id: str, bound: int) -> PackageVersion:
    held = entry(package, bound, object_id=object_id if object_id != package else "")
    return PackageVersion(
        id=package, release=release, object=object_id, version=f"v{number}", bound_version=f"v{bound}",
        inventory_sha256=held.inventory_sha256,
    )  # fmt: skip


def test_versions_when_the_object_was_replayed_then_older_ones_are_found_in_the_new_object(history: Ledger) -> None:
    assert history.versions("A-1") == (
        version("A-1", "2026.01", 1, "A-1~2", 3),
        version("A-1", "2026.02", 2, "A-1~2", 3),
        version("A-1", "2026.02.1", 3, "A-1~2", 3),
        version("A-1", "2026.03", 4, "A-1~2", 4),
    )
    assert history.upto(2).versions("A-1") == (
        version("A-1", "2026.01", 1, "A-1", 1),
        version("A-1", "2026.02", 2, "A-1", 2),
    )
    assert history.versions("B-1")[0] == version("B-1", "2026.01", 1, "B-1~2", 2)
    assert history.versions("none") == ()


@pytest.mark.parametrize(
    ("package", "release", "wanted"),
    [
        ("A-1", "2026.01", "2026.01"),
        ("A-1", "2026.02", "2026.02"),
        ("A-1", "2026.02.1", "2026.02.1"),
        ("A-1", "2026.04", "2026.03"),
        ("A-1", None, "2026.03"),
        ("B-1", "2026.03", "2026.01"),
        ("C-1", "2026.02", None),
        ("C-1", None, "2026.03"),
        ("A-1", "2025.12", None),
        ("A-1", "2026.99", None),
        ("none", None, None),
    ],
)
def test_version_when_asked_for_a_release_then_the_one_that_was_current_in_it(
    history: Ledger, package: str, release: str | None, wanted: str | None
) -> None:
    found = history.version_at(package, release)
    assert (found.release if found else None) == wanted


def test_packages_when_listed_then_newest_entries_by_id_and_withdrawn_ones_apart(history: Ledger) -> None:
    assert {name: (each.version, each.state) for name, each in history.current().items()} == {
        "A-1": ("v4", "released"), "B-1": ("v2", "withdrawn"), "C-1": ("v1", "released"),
    }  # fmt: skip
    assert list(history.released_packages()) == ["A-1", "C-1"]
    assert list(history.upto(4).released_packages()) == ["A-1", "B-1", "C-1"]


def test_withdrawals_when_asked_then_a_whole_package_covers_its_files_and_a_file_only_itself(history: Ledger) -> None:
    assert [(each.id, each.path) for each in history.withdrawals()] == [("A-1", "data/x"), ("B-1", None)]
    assert [each.path for each in history.withdrawals("A-1")] == ["data/x"]
    assert history.withdrawal_of("A-1") is None
    assert history.withdrawal_of("A-1", "data/y") is None
    assert history.withdrawal_of("A-1", "data/x") is not None
    for path in (None, "data/anything"):
        gone = history.withdrawal_of("B-1", path)
        assert gone is not None
        assert gone.reason == "all"


def test_objects_when_replaced_then_gone_from_that_line_on(history: Ledger) -> None:
    assert history.gone_objects() == {"A-1", "B-1"}
    assert history.upto(2).gone_objects() == set()
    assert history.upto(3).gone_objects() == {"A-1"}


def test_line_when_asked_for_by_release_then_it_or_none(history: Ledger) -> None:
    line = history.line("2026.02.1")
    assert line is not None
    assert (line.sequence, history.sequence, history.last) == (3, 5, history.lines[-1])
    assert history.line("2026.05") is None
    assert Ledger().last is None
    assert Ledger().sequence == 0


def test_state_when_digested_then_over_the_sorted_list_of_current_entries() -> None:
    entries = [entry("B-1", 1), entry("A-1", 3, object_id="A-1~2", state="withdrawn")]
    listed = [
        {"id": each.id, "inventory_sha256": each.inventory_sha256, "object": each.object, "version": each.version}
        for each in reversed(entries)
    ]
    wanted = hashlib.sha256(rfc8785.dumps(listed)).hexdigest()
    assert state_sha256(entries) == state_sha256(reversed(entries)) == wanted
    assert state_sha256([]) == hashlib.sha256(b"[]").hexdigest()


def test_line_when_stored_then_canonical_json_with_exactly_the_documented_members(tmp_path: Path) -> None:
    line = three_lines(tmp_path).lines[2]
    stored = line.stored_bytes()
    assert stored.endswith(b"\n")
    members = json.loads(stored)
    assert set(members) == {
        "sequence", "release", "issued", "previous", "packages", "state_sha256", "catalog", "withdrawn", "replaced",
        "message", "fairline", "signature",
    }  # fmt: skip
    assert rfc8785.dumps(members) + b"\n" == stored
    assert set(members["packages"][0]) == {"id", "object", "version", "inventory_sha256", "state"}
    assert line.bytes_sha256 == hashlib.sha256(stored).hexdigest()
    signature = members.pop("signature")
    assert rfc8785.dumps(members) == line.signed_bytes()
    assert "trusted comment: fairline 2026.11.1" in signature


def test_ledger_file_when_lines_are_appended_then_loaded_equal_and_an_absent_one_is_empty(tmp_path: Path) -> None:
    chain = three_lines(tmp_path)
    path = tmp_path / "ledger.jsonl"
    assert load_ledger(path, [chain.first_key]) == Ledger()
    for line in chain.lines:
        append_to_ledger(path, line)
    assert path.read_bytes() == chain.content()
    assert load_ledger(path, [chain.first_key]) == chain.ledger()
