"""Trust on first use: the first key of a bank is remembered under its base IRI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import IntegrityError
from catalog.signing import make_key
from catalog.verify import Trust, pinned_key, remember_key
from tests.builders import make_settings

BANK, OTHER_BANK = "https://bank.example.org/", "https://other.example.org/"


def test_key_when_seen_for_the_first_time_then_remembered_and_later_the_known_one(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    first, other = make_key(tmp_path), make_key(tmp_path)
    trust = pinned_key(settings, BANK, [first, other])
    assert (trust.key, trust.finding, trust.first_use) == (first, None, True)
    assert not settings.config_folder.exists(), "not before a ledger was found to hold with it"
    remember_key(settings, BANK, trust)
    again = pinned_key(settings, BANK, [first])
    assert (again.key, again.finding, again.first_use) == (first, None, False)
    remember_key(settings, OTHER_BANK, pinned_key(settings, OTHER_BANK, [other]))
    known = json.loads((settings.config_folder / "known-keys.json").read_bytes())
    assert known == {BANK: first.base64, OTHER_BANK: other.base64}


def test_key_when_another_is_offered_then_a_finding_and_the_known_one_is_used(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    first, other = make_key(tmp_path), make_key(tmp_path)
    remember_key(settings, BANK, Trust(key=first, first_use=True))
    trust = pinned_key(settings, BANK, [other, first])
    remember_key(settings, BANK, trust)
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
    remember_key(settings, BANK, trust)
    assert not settings.config_folder.exists()


def test_key_when_named_by_the_caller_then_it_alone_counts_and_is_not_remembered(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    first, named = make_key(tmp_path), make_key(tmp_path)
    (tmp_path / "named.pub").write_text(named.file_text())
    for given in (named.base64, named.file_text(), str(tmp_path / "named.pub")):
        trust = pinned_key(settings, BANK, [first], given)
        remember_key(settings, BANK, trust)
        assert trust.key == named
    assert not settings.config_folder.exists()
    with pytest.raises(IntegrityError) as caught:
        pinned_key(settings, BANK, [first], "nonsense")
    assert caught.value.code == "key-malformed"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'"x"', b'{"https://bank.example.org/": 7}'])
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
