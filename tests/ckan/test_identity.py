"""A target that is another one than before: another prefix, another ledger, another address."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.bank import open_bank
from tests.builders import release, write_line
from tests.ckan.banks import FIRST, SECOND, aim, copy_of, publish_here, small_bank
from tests.ckan.faults import FaultProxy, Rule, answer, is_action
from tests.ckan.portal_state import read_state
from tests.ckan.stack.live import Stack


def test_prefix_when_changed_after_a_publication_then_refused_and_nothing_is_touched(
    ckan: Stack, tmp_path: Path
) -> None:
    bank = small_bank(tmp_path)
    assert publish_here(aim(bank, ckan.url, prefix="old"), ckan.token).went_well
    before = read_state(ckan)
    for options in ({"prefix": "new"}, {}):
        refused = publish_here(aim(bank, ckan.url, **options), ckan.token)
        assert (refused.code, refused.status) == ("portal-prefix-changed", 6)
        assert refused.error["want"] == "prefix old"
    assert read_state(ckan) == before
    assert publish_here(aim(bank, ckan.url, prefix="old"), ckan.token).summary["writes"] == 0


def test_copy_of_a_bank_when_it_went_its_own_way_then_refused_and_nothing_is_touched(
    ckan: Stack, tmp_path: Path
) -> None:
    bank = small_bank(tmp_path / "one")
    other = copy_of(bank, tmp_path / "other")
    for number, each in enumerate((bank, other)):
        write_line(each, f"EXMPi10{number}-A", files={"data/notes.txt": f"Copy {number}.\n".encode()})
        release(each, SECOND)
    assert publish_here(aim(bank, ckan.url), ckan.token).went_well
    before = read_state(ckan)
    for options in ({}, {"mode": "rollback", "release": FIRST}):
        refused = publish_here(aim(other, ckan.url), ckan.token, **options)
        assert (refused.code, refused.status) == ("publish-diverged", 6)
    assert read_state(ckan) == before


def test_name_when_taken_by_somebody_elses_closed_dataset_then_refused_by_name(ckan: Stack, tmp_path: Path) -> None:
    bank = aim(small_bank(tmp_path), ckan.url)
    taken = {"name": "exmpi001-a", "title": "Mine", "notes": "Mine", "private": True, "owner_org": "other"}
    ckan.action("package_create", taken)
    refused = publish_here(bank, ckan.editor_token)
    assert (refused.code, refused.status, refused.error["at"]) == ("portal-name-foreign", 6, "exmpi001-a")


def test_address_when_it_sends_elsewhere_then_the_other_address_is_told_at_once(ckan: Stack, tmp_path: Path) -> None:
    with FaultProxy(ckan.url) as proxy:
        moved = {"Location": "https://data.example.org/api/3/action/status_show"}
        proxy.add(Rule(answer(302, b"", "text/html", moved), when=is_action("status_show"), times=None))
        refused = publish_here(aim(small_bank(tmp_path), proxy.url), ckan.token)
        assert (refused.code, refused.status) == ("portal-answer-odd", 2)
        assert refused.error["got"] == moved["Location"]
        assert len(proxy.log) == 1


@pytest.mark.parametrize(
    "members",
    [
        {"token": "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJmb28ifQ.c2lnbmF0dXJlc2lnbmF0dXJl"},
        {"token_file": "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJmb28ifQ.c2lnbmF0dXJlc2lnbmF0dXJl"},
    ],
    ids=["token", "token_file"],
)
def test_token_when_written_into_the_settings_then_refused_and_not_repeated(
    members: dict[str, object], tmp_path: Path
) -> None:
    bank = aim(small_bank(tmp_path), "http://127.0.0.1:9", **members)
    refused = publish_here(open_bank(bank.root), "")
    assert (refused.code, refused.status) == ("token-in-settings", 4)
    assert "eyJ" not in refused.text()
