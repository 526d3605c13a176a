"""Trust on first use: the first key of a bank is remembered under its base IRI and under the portal's address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import IntegrityError
from catalog.signing import make_key
from catalog.verify import Trust, pinned_key, remember_key
from tests.builders import make_settings

BANK, OTHER_BANK = "https://bank.example.org/", "https://other.example.org/"
PORTAL, MIRROR = "http://127.0.0.1:8000/", "http://127.0.0.1:8001/"


def test_key_when_seen_for_the_first_time_then_remembered_and_later_the_known_one(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    first, other = make_key(tmp_path), make_key(tmp_path)
    trust = pinned_key(settings, BANK, [first, other])
    assert (trust.key, trust.finding, trust.first_use) == (first, None, True)
    assert not settings.config_folder.exists(), "not before a ledger was found to hold with it"
    remember_key(settings, trust)
    again = pinned_key(settings, BANK, [first])
    assert (again.key, again.finding, again.first_use) == (first, None, False)
    remember_key(settings, pinned_key(settings, OTHER_BANK, [other]))
    known = json.loads((settings.config_folder / "known-keys.json").read_bytes())
    assert known == {BANK: first.base64, OTHER_BANK: other.base64}


def test_key_when_another_is_offered_then_a_finding_and_the_known_one_is_used(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    first, other = make_key(tmp_path), make_key(tmp_path)
    remember_key(settings, Trust(key=first, first_use=True, unknown=(BANK,)))
    trust = pinned_key(settings, BANK, [other, first])
    remember_key(settings, trust)
    assert trust.key == first
    assert trust.finding is not None
    assert (trust.finding.code, trust.finding.expected, trust.finding.got) == (
        "key-changed",
        first.key_id,
        other.key_id,
    )
    assert json.loads((settings.config_folder / "known-keys.json").read_bytes()) == {BANK: first.base64}


def test_key_when_none_is_offered_then_nothing_is_remembered(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    trust = pinned_key(settings, BANK, [])
    assert (trust.key, trust.first_use) == (None, True)
    remember_key(settings, trust)
    assert not settings.config_folder.exists()


def test_key_when_named_by_the_caller_then_it_alone_counts_and_is_not_remembered(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    first, named = make_key(tmp_path), make_key(tmp_path)
    (tmp_path / "named.pub").write_text(named.file_text())
    for given in (named.base64, named.file_text(), str(tmp_path / "named.pub")):
        trust = pinned_key(settings, BANK, [first], given)
        remember_key(settings, trust)
        assert trust.key == named
    assert not settings.config_folder.exists()
    with pytest.raises(IntegrityError) as caught:
        pinned_key(settings, BANK, [first], "nonsense")
    assert caught.value.code == "key-malformed"


def test_key_when_a_portal_offers_it_then_known_by_both_names_and_a_conflict_on_either_is_found(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    first, other = make_key(tmp_path), make_key(tmp_path)
    trust = pinned_key(settings, BANK, [first], portal=PORTAL)
    assert (trust.first_use, trust.unknown) == (True, (BANK, PORTAL))
    remember_key(settings, trust)
    for bank, portal in ((OTHER_BANK, PORTAL), (BANK, MIRROR), (BANK, PORTAL), (BANK, None)):
        found = pinned_key(settings, bank, [other], portal=portal)
        assert found.finding is not None
        assert (found.finding.code, found.key) == ("key-changed", first)
        remember_key(settings, found)
        named = pinned_key(settings, bank, [other], other.base64, portal=portal)
        assert (named.key, named.finding, named.unknown) == (other, None, ())
    mirror = pinned_key(settings, BANK, [first], portal=MIRROR)
    assert (mirror.first_use, mirror.finding, mirror.unknown) == (False, None, (MIRROR,))
    remember_key(settings, mirror)
    known = json.loads((settings.config_folder / "known-keys.json").read_bytes())
    assert known == dict.fromkeys((BANK, PORTAL, MIRROR), first.base64)


def test_key_when_the_banks_two_names_are_one_then_remembered_once(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    key = make_key(tmp_path)
    trust = pinned_key(settings, PORTAL, [key], portal=PORTAL)
    assert trust.unknown == (PORTAL,)
    remember_key(settings, trust)
    assert not pinned_key(settings, PORTAL, [key], portal=PORTAL).first_use


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", b'"x"', b'{"https://bank.example.org/": 7}', b"[" * 200_000]
)
def test_known_keys_when_they_cannot_be_read_then_an_error_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    settings = make_settings(tmp_path)
    settings.config_folder.mkdir()
    path = settings.config_folder / "known-keys.json"
    path.write_bytes(content)
    with pytest.raises(IntegrityError) as caught:
        pinned_key(settings, BANK, [make_key(tmp_path)])
    assert caught.value.exit_status == 7
    assert caught.value.code in {"known-keys", "key-malformed"}
    assert path.read_bytes() == content
