"""Publishing to a real CKAN: forwards, again, back, withdrawn; and all that must be refused with nothing touched."""

from __future__ import annotations

import hashlib
import json
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from catalog.bank import Bank
from catalog.library import public_ledger
from catalog.store import Store
from tests.ckan.banks import (
    CALLS,
    FIRST,
    MIXED,
    OPEN,
    SECOND,
    aim,
    copy_of,
    forget,
    publish_as_user,
    publish_here,
    publish_until,
    small_bank,
    take_back,
)
from tests.ckan.faults import FaultProxy, Moment, Request
from tests.ckan.portal_state import PortalState, fetched, read_state, resent, sees
from tests.ckan.stack.live import Stack
from tests.ckan.test_faults_matrix import WRITES

POINTER, CONTAINER = "bank-bank", "bank-files-2026-11-p01"
NAME = OPEN.lower()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bank, Bank]:
    two = small_bank(tmp_path_factory.mktemp("two"), later="change")
    gone = copy_of(two, tmp_path_factory.mktemp("gone"))
    take_back(gone)
    return two, gone


@pytest.fixture
def two(made: tuple[Bank, Bank], ckan: Stack) -> Bank:
    """A bank of two releases, aimed at an empty portal."""
    forget(made[0])
    return aim(made[0], ckan.url)


@pytest.fixture
def gone(made: tuple[Bank, Bank], ckan: Stack) -> Bank:
    """The same bank after the withdrawals."""
    forget(made[1])
    return aim(made[1], ckan.url)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The portal's states after each part of the main flow."""

    first: PortalState
    second: PortalState
    back: PortalState
    gone: PortalState


FLOWS: dict[str, Flow] = {}


@contextmanager
def watched(stack: Stack) -> Iterator[FaultProxy]:
    """A proxy before CKAN; no id of a resource is sent twice."""
    twice: list[str] = []
    with FaultProxy(stack.url) as proxy:
        proxy.on_request(resent(stack, twice))
        yield proxy
    assert twice == []


def writes(log: list[Request]) -> list[Request]:
    """The requests that may change the portal; all others are known not to."""
    reading = re.compile(r"(package|user|status|scheming_dataset_schema)_(show|search)|organization_list_for_user")
    assert all(each.action in WRITES or reading.match(each.action) or each.method in {"GET", "HEAD"} for each in log)
    return [each for each in log if each.action in WRITES]


@pytest.mark.parametrize("user", ["sysadmin", "editor"])
def test_releases_when_published_one_after_the_other_then_only_what_changed_is_touched(
    ckan: Stack, two: Bank, gone: Bank, user: str
) -> None:
    token = ckan.token if user == "sysadmin" else ckan.editor_token
    with watched(ckan) as proxy:
        two = aim(two, proxy.url)
        ran = publish_here(two, token, release=FIRST)
        assert ran.went_well, ran.error
        assert (ran.summary["created"], ran.summary["writes"]) == (3, len(writes(proxy.log)))
        first = read_state(ckan)
        before = times(ckan)

        proxy.log.clear()
        ran = publish_here(two, token)
        assert ran.went_well, ran.error
        numbers = {name: ran.summary[name] for name in ("created", "updated", "unchanged", "kept")}
        assert numbers["created"] == 0
        assert (numbers["updated"], numbers["unchanged"]) == (1, 2)
        changed = {name for name, time in times(ckan).items() if before.get(name) != time}
        assert changed == {NAME, POINTER, "bank-files-2026-12-p01"}
        sent = [each for each in writes(proxy.log) if each.headers["content-type"].startswith("multipart/")]
        assert sum((each.body or b"").count(b"; filename=") for each in sent) == ran.summary["uploaded"] < 20
        second = read_state(ckan)

        proxy.log.clear()
        again = publish_as_user(two, token)
        assert again.status == 0
        assert re.search(r"already published \(3 packages, [0-9]+ files verified\)", again.err)
        assert writes(proxy.log) == []
        assert len([each for each in proxy.log if "/download/" in each.path]) >= 40
        assert read_state(ckan).unlike(second) == {}
        assert times(ckan) == {**before, **{name: times(ckan)[name] for name in changed}}

        back = publish_as_user(two, token, "--rollback", "--json")
        assert back.status == 0, back.err
        after_back = read_state(ckan)
        assert after_back.datasets[NAME] == first.datasets[NAME]
        assert after_back.datasets[POINTER] == first.datasets[POINTER]
        over = publish_as_user(two, token, "--rollback", "--json")
        assert (over.status, json.loads(over.err.splitlines()[-1])["error"]) == (6, "publish-first")
        assert publish_here(two, token).went_well
        assert read_state(ckan).unlike(second) == {}

        gone = aim(gone, proxy.url)
        ran = publish_here(gone, token)
        assert ran.went_well, ran.error
    check_withdrawn(ckan, withdrawn_digests(two))
    after = read_state(ckan)
    for release in (FIRST, SECOND):
        older = publish_as_user(gone, token, "--rollback", "--release", release, "--json")
        assert (older.status, older.error()["error"]) == (6, "publish-withdrawn")
    assert read_state(ckan).unlike(after) == {}
    FLOWS[user] = Flow(first=first, second=second, back=after_back, gone=after)
    for name in ("first", "second", "back", "gone"):
        assert getattr(FLOWS[user], name).unlike(getattr(next(iter(FLOWS.values())), name)) == {}


def times(stack: Stack) -> dict[str, str]:
    """When each dataset was last changed, by CKAN's own account."""
    names = stack.action("package_list")
    return {name: stack.action("package_show", {"id": name})["metadata_modified"] for name in names}


def withdrawn_digests(bank: Bank) -> set[str]:
    """Of every file of the line that will be withdrawn, in any version, and of the file of the other line."""
    ledger, store, found = public_ledger(bank), Store(bank.store_folder), set()
    for name in (MIXED, OPEN):
        for version in ledger.versions(name):
            state = store.inventory(version.object, version.bound_version).state(version.version)
            found |= {digest for path, digest in state.items() if name == MIXED or path == CALLS}
    return found


def check_withdrawn(stack: Stack, taken: set[str]) -> None:
    """A line's tombstone stays, its bytes and those of the withdrawn file have gone, and no file is without an entry."""
    line = stack.action("package_show", {"id": MIXED.lower()}, token="")
    extras = {each["key"]: each["value"] for each in line["extras"]}
    assert extras["withdrawal_reason"] == "consent withdrawn"
    assert line["resources"] == []
    on_disk = {hashlib.sha256((stack.storage / name).read_bytes()).hexdigest() for name in stack.files_on_disk()}
    assert on_disk.isdisjoint(taken)
    listed = [
        link
        for name in stack.action("package_list")
        for link in stack.action("package_show", {"id": name})["resources"]
        if link["url_type"] == "upload"
    ]
    assert MIXED not in {each["line_id"] for each in listed}
    kept = sorted(name.partition("/")[2].replace("/", "") for name in stack.files_on_disk())
    assert kept == sorted(each["id"] for each in listed)
    links = stack.action("package_show", {"id": NAME}, token="")["resources"]
    assert CALLS not in [each.get("path") for each in links]


def test_addresses_when_a_line_is_withdrawn_then_answer_404_or_410(ckan: Stack, two: Bank, gone: Bank) -> None:
    assert publish_here(two, ckan.token).went_well
    links = ckan.action("package_show", {"id": MIXED.lower()}, token="")["resources"]
    addresses = [each["url"] for each in links if each["url"].startswith(ckan.url)]
    assert {fetched(each)[1] != "" for each in addresses} == {True}
    assert publish_here(gone, ckan.token).went_well
    assert {fetched(each)[0] for each in addresses} <= {404, 410}


# Refusals


def rename(stack: Stack) -> None:
    stack.action("package_patch", {"id": NAME, "name": "other-name"})


def give_away(stack: Stack) -> None:
    other = stack.action("organization_show", {"id": stack.other_organization})["id"]
    stack.action("package_patch", {"id": NAME, "owner_org": other})


def delete(stack: Stack) -> None:
    stack.action("package_delete", {"id": NAME})


def delete_container(stack: Stack) -> None:
    stack.action("package_delete", {"id": CONTAINER})


def delete_bank(stack: Stack) -> None:
    stack.action("package_delete", {"id": POINTER})


def take_over(stack: Stack) -> None:
    stack.action("package_patch", {"id": NAME, "uri": "https://elsewhere.example.org/"})


@pytest.mark.parametrize(
    ("change", "code", "user"),
    [
        pytest.param(rename, "portal-renamed", "editor", id="renamed"),
        pytest.param(give_away, "portal-organization-changed", "editor", id="given away"),
        pytest.param(delete, "portal-dataset-deleted", "editor", id="deleted"),
        pytest.param(delete, "portal-dataset-deleted", "sysadmin", id="deleted, for a sysadmin"),
        pytest.param(delete_container, "portal-dataset-deleted", "editor", id="files deleted"),
        pytest.param(delete_bank, "portal-dataset-deleted", "editor", id="pointer deleted"),
        pytest.param(delete_bank, "portal-dataset-deleted", "sysadmin", id="pointer deleted, for a sysadmin"),
        pytest.param(take_over, "portal-name-foreign", "editor", id="made another's"),
    ],
)
def test_dataset_when_changed_by_hand_then_refused_and_nothing_is_touched(
    ckan: Stack, two: Bank, change: Callable[[Stack], None], code: str, user: str
) -> None:
    token = ckan.token if user == "sysadmin" else ckan.editor_token
    assert publish_here(two, token, release=FIRST).went_well
    change(ckan)
    before = read_state(ckan)
    ran = publish_here(two, token)
    assert (ran.code, ran.status) == (code, 6), ran.error
    assert read_state(ckan).unlike(before) == {}


@pytest.mark.parametrize("name", [NAME, CONTAINER, POINTER])
def test_name_when_taken_by_a_foreign_dataset_then_refused_and_nothing_is_touched(
    ckan: Stack, two: Bank, name: str
) -> None:
    theirs = {"name": name, "title": "Another's", "notes": "Not ours.", "owner_org": ckan.organization}
    ckan.action("package_create", theirs)
    before = read_state(ckan)
    answer = publish_as_user(two, ckan.token, "--release", FIRST, "--json")
    assert (answer.status, answer.error()["error"]) == (6, "portal-name-foreign")
    assert read_state(ckan).unlike(before) == {}


def test_name_when_taken_in_the_middle_then_refused_and_the_foreign_dataset_stays(ckan: Stack, two: Bank) -> None:
    theirs = {"name": NAME, "title": "Another's", "notes": "Not ours.", "owner_org": ckan.organization}
    taken: list[Mapping[str, Any]] = []

    def take(request: Request, moment: Moment) -> None:
        if moment == "before" and request.action == "package_patch" and not taken:
            taken.append(ckan.action("package_create", theirs))

    with watched(ckan) as proxy:
        proxy.on_request(take)
        ran = publish_here(aim(two, proxy.url), ckan.token, release=FIRST)
        assert (ran.code, ran.status) == ("portal-name-foreign", 6), ran.error
        shown = ckan.action("package_show", {"id": NAME})
        assert (shown["id"], shown["title"], shown["metadata_modified"]) == (
            taken[0]["id"], "Another's", taken[0]["metadata_modified"],
        )  # fmt: skip
        assert not sees(ckan, POINTER)
        ckan.action("dataset_purge", {"id": NAME})
        assert publish_here(two, ckan.token, release=FIRST).went_well


def test_line_when_somebody_edits_it_in_the_middle_then_it_is_looked_at_again(ckan: Stack, two: Bank) -> None:
    assert publish_here(two, ckan.token, release=FIRST).went_well
    edited: list[bool] = []

    def edit(request: Request, moment: Moment) -> None:
        is_ours = request.action == "package_revise" and f'"name": "{NAME}"'.encode() in (request.body or b"")
        if moment == "before" and is_ours and not edited:
            ckan.action("package_patch", {"id": NAME, "notes": "Edited by hand."})
            edited.append(True)

    with watched(ckan) as proxy:
        proxy.on_request(edit)
        ran = publish_here(aim(two, proxy.url), ckan.token)
        assert ran.went_well, ran.error
        assert 409 in [each.status for each in proxy.actions("package_revise")]
    assert edited
    assert ckan.action("package_show", {"id": NAME})["notes"] != "Edited by hand."
    assert publish_here(two, ckan.token).summary["writes"] == 0


def test_order_when_an_older_release_is_published_then_refused(ckan: Stack, two: Bank) -> None:
    assert publish_here(two, ckan.token).went_well
    answer = publish_as_user(two, ckan.token, "--release", FIRST, "--json")
    assert (answer.status, answer.error()["error"]) == (6, "publish-older")
    assert ckan.action("package_show", {"id": POINTER})["version"] == SECOND


# Giving up


def test_run_when_given_up_then_nothing_of_it_is_seen_and_it_can_be_begun_anew(ckan: Stack, two: Bank) -> None:
    assert publish_until(two, ckan.token, kind="upload", nth=2, when="after", release=FIRST) == -signal.SIGKILL
    assert publish_as_user(two, ckan.token, "--rollback").status == 0
    assert (ckan.files_on_disk(), read_state(ckan).seen) == ({}, ())
    assert publish_here(two, ckan.token, release=FIRST).went_well
    first = read_state(ckan)
    assert publish_until(two, ckan.token, kind="record", nth=1, when="after") == -signal.SIGKILL
    assert publish_as_user(two, ckan.token, "--rollback").status == 0
    back = read_state(ckan)
    for name in first.datasets:
        assert back.datasets[name] == first.datasets[name]
    assert publish_as_user(two, ckan.token).status == 0
    second = read_state(ckan)
    assert publish_here(two, ckan.token).summary["writes"] == 0
    for name, digest in first.disk.items():
        assert second.disk[name] == digest


def test_looking_when_asked_for_a_plan_or_a_status_then_nothing_is_written(ckan: Stack, two: Bank) -> None:
    empty = read_state(ckan)
    with FaultProxy(ckan.url) as proxy:
        bank = aim(two, proxy.url)
        for arguments in (("--dry-run",), ("--dry-run", "--json"), ("--status",), ("--status", "--json")):
            assert publish_as_user(bank, ckan.editor_token, *arguments).status == 0
        assert writes(proxy.log) == []
    assert read_state(ckan).unlike(empty) == {}
    assert not list(bank.work_folder.glob("publish-*.journal"))
