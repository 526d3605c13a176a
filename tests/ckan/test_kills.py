"""A publisher that dies at any moment, and two at once: whoever comes next goes on, and ends like a clean run."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from catalog.bank import Bank
from tests.ckan.banks import (
    FIRST,
    aim,
    copy_of,
    ended,
    forget,
    fork_publisher,
    publish_as_user,
    publish_here,
    publish_until,
    small_bank,
    start_publisher,
    take_back,
)
from tests.ckan.faults import FaultProxy, Moment, Request, Rule, delay, is_action
from tests.ckan.portal_state import PortalState, read_state, resent, sees
from tests.ckan.stack.live import Stack

#: Lines of the journal at which the publisher of the second release dies, one run after the other.
STEPS = [
    ("run", 1),
    ("create", 1),
    ("upload", 1),
    ("upload", 1),
    ("upload", 1),
    ("upload", 1),
    ("verify", 1),
    ("verify", 7),
    ("barrier", 1),
    ("open", 1),
    ("record", 1),
    ("record", 3),
    ("pointer", 1),
    ("prove", 1),
    ("done", 1),
]
#: And at which that of a withdrawal dies.
LATER_STEPS = [
    ("create", 1),
    ("upload", 1),
    ("verify", 3),
    ("open", 1),
    ("record", 1),
    ("pointer", 1),
    ("erase", 1),
    ("erase", 20),
    ("prove", 1),
    ("done", 1),
]
KILLED = -signal.SIGKILL
MOMENTS = 20


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return small_bank(tmp_path_factory.mktemp("two"), later="change")


@pytest.fixture(scope="module")
def gone(two: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    bank = copy_of(two, tmp_path_factory.mktemp("gone"))
    take_back(bank)
    return bank


@pytest.fixture(scope="module")
def ends(stack: Stack, two: Bank, gone: Bank) -> tuple[PortalState, PortalState]:
    """What clean runs leave: the second release alone, and the withdrawals after it."""
    stack.reset()
    states = []
    for bank in (two, gone):
        assert publish_here(aim(bank, stack.url), stack.token).went_well
        states.append(read_state(stack))
        forget(bank)
    return states[0], states[1]


@pytest.mark.parametrize("when", ["before", "after"])
def test_publisher_when_killed_at_every_step_of_its_journal_then_the_next_goes_on_and_ends_like_a_clean_one(
    ckan: Stack, two: Bank, gone: Bank, ends: tuple[PortalState, PortalState], when: str
) -> None:
    bank = aim(two, ckan.url)
    forget(bank)
    for kind, nth in STEPS:
        status = publish_until(bank, ckan.token, kind=kind, nth=nth, when=when)
        if status == 0:  # this step, or those beside it, had been done when the last run died
            assert read_state(ckan).unlike(ends[0]) == {}
            ckan.reset()
            status = publish_until(bank, ckan.token, kind=kind, nth=nth, when=when)
        assert status == KILLED, kind
        assert sees(ckan, "bank-bank") is (kind in {"pointer", "prove", "done"}), kind
    assert publish_here(bank, ckan.token).went_well
    assert read_state(ckan).unlike(ends[0]) == {}
    bank = aim(gone, ckan.url)
    forget(bank)
    for kind, nth in LATER_STEPS:
        status = publish_until(bank, ckan.token, kind=kind, nth=nth, when=when)
        assert status in (KILLED, 0), (kind, status)
    assert publish_here(bank, ckan.token).went_well
    assert read_state(ckan).unlike(ends[1]) == {}
    assert publish_here(bank, ckan.token).summary["writes"] == 0
    forget(gone)


def test_publisher_when_killed_at_random_moments_of_its_uploads_then_the_next_goes_on_and_ends_like_a_clean_one(
    ckan: Stack, two: Bank, ends: tuple[PortalState, PortalState]
) -> None:
    chance = random.Random(20261122)
    twice: list[str] = []
    state = {"child": 0, "left": 0}

    def kill(request: Request, moment: Moment) -> bool:
        if moment == "during" and request.headers.get("content-type", "").startswith("multipart/") and state["child"]:
            state["left"] -= 4096
            if state["left"] < 0:
                os.kill(state["child"], signal.SIGKILL)
                state["child"] = 0
                return chance.random() < 0.5  # CKAN hears the rest of a small request, or it does not
        return False

    kills = 0
    with FaultProxy(ckan.url, block_bytes=4096) as proxy:
        proxy.on_request(resent(ckan, twice))
        proxy.on_request(kill)
        bank = aim(two, proxy.url, request_files=7)
        forget(bank)
        while kills < MOMENTS:
            state["left"] = chance.randrange(220_000)
            state["child"] = child = fork_publisher(bank, ckan.token)
            status = ended(child)
            state["child"] = 0
            assert status in (KILLED, 0), status
            kills += status == KILLED
            if status == 0:
                ckan.reset()
        assert publish_here(bank, ckan.token).went_well
    assert twice == []
    assert read_state(ckan).unlike(ends[0]) == {}
    forget(two)


def test_publishers_when_two_of_one_bank_run_at_once_then_the_second_ends_with_6(
    ckan: Stack, two: Bank, ends: tuple[PortalState, PortalState], tmp_path: Path
) -> None:
    with FaultProxy(ckan.url) as proxy:
        proxy.add(Rule(delay(before_seconds=4.0), when=is_action("package_patch"), times=1))
        bank = aim(two, proxy.url)
        first = start_publisher(bank, ckan.token, log=tmp_path / "first.txt")
        try:
            until(lambda: bool(proxy.actions("package_patch")))
            second = publish_as_user(bank, ckan.token, "--json")
            assert second.status == 6
            assert '"locked"' in second.err
        finally:
            assert first.wait(60) == 0, (tmp_path / "first.txt").read_text()
    assert ckan.token not in second.err + second.out + (tmp_path / "first.txt").read_text()
    assert read_state(ckan).unlike(ends[0]) == {}
    forget(two)


def test_publishers_when_two_machines_run_at_once_then_one_ends_with_6_and_the_other_well(
    ckan: Stack, two: Bank, ends: tuple[PortalState, PortalState], tmp_path: Path
) -> None:
    bank = aim(two, ckan.url)
    forget(bank)
    other = copy_of(bank, tmp_path / "other")
    for _ in range(2):
        ckan.reset()
        children = [fork_publisher(each, ckan.token) for each in (bank, other)]
        assert sorted(map(ended, children)) == [0, 6]
        assert read_state(ckan).unlike(ends[0]) == {}
        for each in (bank, other):
            assert publish_here(each, ckan.token).summary["writes"] == 0
            forget(each)


def test_publisher_when_one_died_on_another_machine_then_waits_for_its_lease_and_takes_nothing(
    ckan: Stack, two: Bank, ends: tuple[PortalState, PortalState], tmp_path: Path
) -> None:
    bank = aim(two, ckan.url)
    forget(two)
    other = copy_of(two, tmp_path / "other")
    assert publish_until(other, ckan.token, kind="upload", nth=2, when="after") == KILLED
    before = read_state(ckan)
    ran = publish_here(bank, ckan.token)
    assert (ran.code, ran.status) == ("publish-running", 6)
    assert read_state(ckan).unlike(before) == {}
    holder = ckan.action("package_show", {"id": "bank-bank"})
    over = holder["maintainer"].replace("until 2", "until 1")
    ckan.action("package_patch", {"id": "bank-bank", "maintainer": over})
    assert publish_here(bank, ckan.token).went_well
    assert publish_here(other, ckan.token).went_well
    assert read_state(ckan).unlike(ends[0]) == {}
    forget(two)


def test_publisher_when_its_lease_was_taken_then_does_not_move_the_pointer(
    ckan: Stack, two: Bank, ends: tuple[PortalState, PortalState]
) -> None:
    assert publish_here(aim(two, ckan.url), ckan.token, release=FIRST).went_well
    taken = {"maintainer": "publishing, run 00000000-0000-0000-0000-000000000000, until 2099-01-01T00:00:00Z"}

    def take(request: Request, moment: Moment) -> None:
        if moment == "answered" and request.action == "package_patch":
            ckan.action("package_patch", {"id": "bank-bank", **taken})

    with FaultProxy(ckan.url) as proxy:
        proxy.on_request(take)
        ran = publish_here(aim(two, proxy.url), ckan.token)
    assert (ran.code, ran.status) == ("publish-lease-lost", 6)
    shown = ckan.action("package_show", {"id": "bank-bank"})
    assert (shown["version"], shown["maintainer"]) == (FIRST, taken["maintainer"])
    ckan.action("package_patch", {"id": "bank-bank", "maintainer": ""})
    assert publish_here(aim(two, ckan.url), ckan.token).went_well
    forget(two)


def until(holds: object, limit_seconds: float = 60.0) -> None:
    """Waits until something holds."""
    end = time.monotonic() + limit_seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)
