"""Verifying an object against what signed lines bind: nothing to say of a sound one, one place for each fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import CatalogError, ConflictError
from catalog.findings import Finding
from catalog.store import Content, Inventory, Store
from catalog.store.inventory import Version, extend, render, sidecar
from catalog.store.verification import STORE_RULES, check_inventory_bytes, check_object

OBJECT = "KSCBi005-A"
CREATED = "2026-11-22T00:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "store")
    for number, content in enumerate((b"one", b"two"), start=1):
        contents = [Content.of_bytes("record.json", content), Content.of_bytes("data/a.vcf", b"same")]
        made.commit(
            OBJECT, contents, expect=f"v{number - 1}" if number > 1 else None, created=CREATED, message=f"{number}"
        )
    return made


def bound(store: Store) -> dict[str, str]:
    return {version: store.inventory(OBJECT, version).sha256 for version in ("v1", "v2")}


def check(store: Store, signed: dict[str, str], *, full: bool = True) -> list[tuple[str, str]]:
    folder = store.folder(OBJECT).relative_to(store.root).as_posix()
    found: list[Finding] = list(check_object(store, OBJECT, signed, full=full))
    assert all(each.path is not None and each.path.startswith(folder) for each in found)
    return [(each.code, str(each.path).removeprefix(folder).lstrip("/")) for each in found]


def test_object_when_sound_then_nothing_to_say(store: Store) -> None:
    assert check(store, bound(store)) == []
    assert check(store, {}) == []
    assert check(store, bound(store), full=False) == []


def test_object_when_absent_then_only_that(store: Store) -> None:
    assert [each.code for each in check_object(store, "none", {"v1": "0" * 64}, full=True)] == ["store-object-missing"]


def test_version_when_a_signed_one_is_missing_then_named(store: Store) -> None:
    assert check(store, {**bound(store), "v3": "0" * 64}) == [("store-inventory", "v3")]


def test_inventory_when_rewritten_together_with_its_sidecar_then_only_the_signature_tells(store: Store) -> None:
    signed = bound(store)
    old = store.inventory(OBJECT, "v1")
    state = dict(old.state("v1"))
    state["data/b.vcf"] = state.pop("data/a.vcf")
    content = render(extend(None, OBJECT, Version(state=state, created=CREATED, message="1")))
    folder = store.folder(OBJECT) / "v1"
    (folder / "inventory.json").write_bytes(content)
    (folder / "inventory.json.sha256").write_bytes(sidecar(content))
    assert check(store, signed) == [("store-inventory", "v1/inventory.json")]
    assert check(store, {}) == [("store-inventory", "v1/inventory.json")], "it does not agree with the newest one"


def test_newest_inventory_when_changed_then_the_rest_of_the_object_is_not_accused(store: Store) -> None:
    path = store.folder(OBJECT) / "v2" / "inventory.json"
    path.write_bytes(path.read_bytes().replace(b'"2"', b'"3"'))
    assert check(store, bound_of_old(store)) == [("store-inventory", "v2/inventory.json")]


def bound_of_old(store: Store) -> dict[str, str]:
    return {"v1": store.inventory(OBJECT, "v1").sha256, "v2": "1" * 64}


def test_sidecar_when_it_is_the_one_that_changed_then_it_is_named(store: Store) -> None:
    signed = bound(store)
    for content in (b"0" * 64 + b" inventory.json\n", b"", b"\n", sidecar(b"x"), b"\xff"):
        (store.folder(OBJECT) / "v2" / "inventory.json.sha256").write_bytes(content)
        assert check(store, signed) == [("store-inventory", "v2/inventory.json.sha256")]


def test_version_folder_when_renamed_then_its_inventory_is_of_another_version(store: Store) -> None:
    signed = bound(store)
    (store.folder(OBJECT) / "v2").rename(store.folder(OBJECT) / "v3")
    found = check(store, signed)
    assert ("store-inventory", "v3/inventory.json") in found
    assert ("store-inventory", "v2") in found


def test_content_when_changed_or_gone_then_its_file_and_what_it_was_called(store: Store) -> None:
    signed = bound(store)
    head = store.head(OBJECT)
    assert head is not None
    place = store.content_path(head, head.state()["record.json"])
    place.write_bytes(b"TWO")
    (finding,) = check_object(store, OBJECT, signed, full=True)
    assert finding.code == "store-content"
    assert "record.json" in finding.message
    assert finding.expected == head.state()["record.json"]
    assert check(store, signed, full=False) == []
    place.unlink()
    assert check(store, signed, full=False) == [("store-content-missing", f"v2/content/{head.state()['record.json']}")]
    place.mkdir()
    assert check(store, signed, full=False) == [("store-content-missing", f"v2/content/{head.state()['record.json']}")]


def test_commit_when_a_source_is_not_what_was_validated_then_conflict_and_the_old_state(
    store: Store, tmp_path: Path
) -> None:
    source = tmp_path / "growing.txt"
    source.write_bytes(b"validated")
    validated = Content.of_bytes("data/growing.txt", b"validated").sha256
    contents = [Content(path="data/growing.txt", sha256=validated, source=source)]
    source.write_bytes(b"validated, and then more")
    signed = bound(store)
    with pytest.raises(ConflictError) as caught:
        store.commit(OBJECT, contents, expect="v2", created=CREATED, message="3")
    assert (caught.value.code, caught.value.exit_status, caught.value.at) == ("file-changed", 6, str(source))
    (tmp_path / "link").symlink_to(source)
    linked = [Content(path="data/growing.txt", sha256=validated, source=tmp_path / "link")]
    with pytest.raises(CatalogError):
        store.commit(OBJECT, linked, expect="v2", created=CREATED, message="3")
    assert check(store, signed) == []
    assert list((store.root / "extensions" / "staging").iterdir()) == []
    with pytest.raises(ConflictError) as caught:
        store.commit(OBJECT, [Content.of_bytes("a", b"x")], expect="v1", created=CREATED, message="3")
    assert (caught.value.code, caught.value.want, caught.value.got) == ("version-conflict", "v1", "v2")


def test_downloaded_inventory_when_compared_then_only_the_signed_bytes(store: Store) -> None:
    content = store.inventory_bytes(OBJECT, "v2")
    signed = bound(store)["v2"]
    inventory, finding = check_inventory_bytes(content, signed, "inventory.json")
    assert isinstance(inventory, Inventory)
    assert finding is None
    for changed in (content + b" ", content[:-1], b"", content.replace(b"v2", b"v3")):
        none, fault = check_inventory_bytes(changed, signed, "inventory.json")
        assert none is None
        assert fault is not None
        assert (fault.code, fault.path, fault.expected) == ("store-inventory", "inventory.json", signed)


def test_rules_when_listed_then_all_are_errors() -> None:
    assert {str(rule.severity) for rule in STORE_RULES} == {"error"}
