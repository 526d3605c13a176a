"""Every fault between a publisher and CKAN: the run ends with a status that says what to do, and after the same command
was given again the portal is, field by field and byte by byte, what a clean run leaves.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.bank import Bank
from tests.builders import absent
from tests.ckan.banks import (
    COUNTS,
    FIRST,
    OPEN,
    Ran,
    aim,
    copy_of,
    forget,
    publish_here,
    publish_until,
    small_bank,
    take_back,
)
from tests.ckan.conftest import SOLR_TIMEOUT_SECONDS
from tests.ckan.faults import (
    Fault,
    FaultProxy,
    Predicate,
    Request,
    Rule,
    answer,
    answer_500_after,
    answer_500_before,
    at_moment,
    corrupt_body,
    cut_reply,
    delay,
    drop_reply,
    is_action,
    is_download,
    refuse,
    reset_mid_upload,
)
from tests.ckan.portal_state import PortalState, read_state, resent, sees
from tests.ckan.stack.live import Stack

WRITES = ("package_create", "package_revise", "package_patch", "resource_patch", "resource_delete")
HTML_413 = b"<html><head><title>413 Request Entity Too Large</title></head></html>"
INVALID = json.dumps({"success": False, "error": {"__type": "Validation Error", "notes": ["Missing value"]}}).encode()
FORBIDDEN = json.dumps(
    {"success": False, "error": {"__type": "Authorization Error", "message": "Access denied"}}
).encode()


@dataclass(frozen=True, kw_only=True)
class Banks:
    """One bank at two times, and what clean publications of it leave.

    Attributes:
        two: has two releases.
        gone: has two more, that withdraw a file and a line.
        after_first, after_second, after_gone: the portal's states.
    """

    two: Bank
    gone: Bank
    after_first: PortalState
    after_second: PortalState
    after_gone: PortalState


@pytest.fixture(scope="module")
def banks(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Banks:
    folder = tmp_path_factory.mktemp("banks")
    gone = small_bank(folder / "gone", later="change")
    two = copy_of(gone, folder / "two")
    take_back(gone)
    stack.reset()
    states = []
    for bank, release in ((two, FIRST), (two, None), (gone, None)):
        well(bank, stack.url, stack.token, release)
        states.append(read_state(stack))
    return Banks(two=two, gone=gone, after_first=states[0], after_second=states[1], after_gone=states[2])


def well(bank: Bank, url: str, token: str, release: str | None = None, **members: object) -> Ran:
    """A publication that must go well."""
    ran = publish_here(aim(bank, url, **members), token, release=release)
    assert ran.went_well, ran.error
    return ran


@pytest.fixture
def clean(banks: Banks, ckan: Stack) -> Banks:
    """The banks before an empty portal, without journals."""
    forget(banks.two)
    forget(banks.gone)
    return banks


@contextmanager
def watched(stack: Stack, **options: Any) -> Iterator[FaultProxy]:
    """A proxy before CKAN; no id of a resource is sent twice."""
    twice: list[str] = []
    with FaultProxy(stack.url, **options) as proxy:
        proxy.on_request(resent(stack, twice))
        yield proxy
    assert twice == []


def first_tries(*actions: str) -> Predicate:
    """Holds for the first try of each request of some actions, of each download where none is named."""
    seen: set[tuple[str, str]] = set()

    def when(request: Request) -> bool:
        if request.action not in actions if actions else not is_download(request):
            return False
        boundary = request.headers.get("content-type", "").partition("boundary=")[2]
        body = (request.body or b"").replace(boundary.encode() or b"\0", b"")
        key = (request.path, hashlib.sha256(body).hexdigest())
        is_first = key not in seen
        seen.add(key)
        return is_first

    return when


def is_upload(request: Request) -> bool:
    """Holds for files on their way to the portal."""
    return request.headers.get("content-type", "").startswith("multipart/")


def is_write(request: Request) -> bool:
    """Holds for whatever may change the portal."""
    return request.action in WRITES


def in_turn(*faults: Fault) -> Callable[[FaultProxy, Predicate], None]:
    """Adds rules that let faults take turns among the requests for which something holds."""

    def add(proxy: FaultProxy, when: Predicate) -> None:
        count = itertools.count()
        turns: dict[int, int] = {}

        def turn(request: Request) -> int:
            if request.number not in turns:
                turns[request.number] = next(count) % len(faults) if when(request) else -1
            return turns[request.number]

        def has(number: int) -> Predicate:
            return lambda request: turn(request) == number

        for number, fault in enumerate(faults):
            proxy.add(Rule(fault, when=has(number)))

    return add


# Faults that pass


TRANSIENT = [
    pytest.param(answer_500_before(), id="500 before"),
    pytest.param(answer_500_after(html=True), id="500 after, in HTML"),
    pytest.param(refuse(), id="reset at once"),
    pytest.param(reset_mid_upload(0.5), id="reset in the middle"),
    pytest.param(drop_reply(), id="done, and the answer is lost"),
]


@pytest.mark.parametrize("fault", TRANSIENT)
def test_run_when_every_write_fails_at_first_then_it_ends_like_a_clean_one(
    clean: Banks, ckan: Stack, fault: Fault
) -> None:
    with watched(ckan) as proxy:
        proxy.add(Rule(fault, when=first_tries(*WRITES)))
        first = well(clean.two, proxy.url, ckan.token, FIRST)
        second = well(clean.two, proxy.url, ckan.token)
        hit = {each.action for each in proxy.log if each.fault}
    assert hit == {"package_create", "package_revise", "package_patch"}
    assert {each.type for each in (*first.told, *second.told)} <= {"retry", "warning"}
    assert read_state(ckan).unlike(clean.after_second) == {}


def test_erasing_when_every_write_fails_at_first_then_it_ends_like_a_clean_one(clean: Banks, ckan: Stack) -> None:
    well(clean.two, ckan.url, ckan.token, FIRST)
    well(clean.two, ckan.url, ckan.token)
    with watched(ckan) as proxy:
        faults = (answer_500_before(), answer_500_after(), refuse(), reset_mid_upload(0.5), drop_reply())
        in_turn(*faults)(proxy, first_tries("resource_patch", "resource_delete"))
        well(clean.gone, proxy.url, ckan.token)
        assert len({each.fault for each in proxy.log if each.fault}) == len(faults)
    assert read_state(ckan).unlike(clean.after_gone) == {}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(delay(before_seconds=2.5), id="it arrives when the publisher has given it up"),
        pytest.param(delay(after_seconds=2.5), id="the answer comes too late"),
    ],
)
def test_run_when_writes_take_longer_than_the_timeout_then_nothing_is_there_twice(
    clean: Banks, ckan: Stack, fault: Fault
) -> None:
    with watched(ckan) as proxy:
        proxy.add(Rule(fault, when=first_tries("package_create"), nth=2, times=2))
        proxy.add(Rule(fault, when=first_tries("package_revise"), times=3))
        well(clean.two, proxy.url, ckan.token, FIRST, timeout_seconds=1.5)
        second = well(clean.two, proxy.url, ckan.token)
        assert sum(bool(each.fault) for each in proxy.log) == 5
    assert second.summary["created"] == 0
    assert read_state(ckan).unlike(clean.after_second) == {}


def test_run_when_every_read_fails_at_first_then_it_ends_like_a_clean_one(clean: Banks, ckan: Stack) -> None:
    reads = ("status_show", "user_show", "organization_list_for_user", "package_search", "package_show")
    with watched(ckan) as proxy:
        in_turn(answer_500_before(html=True), refuse(), cut_reply(0.5), answer(502, b"<p>bad gateway", "text/html"))(
            proxy, first_tries(*reads)
        )
        in_turn(corrupt_body(), cut_reply(0.5), answer_500_before(html=True), refuse())(proxy, first_tries())
        well(clean.two, proxy.url, ckan.token, FIRST)
    assert read_state(ckan).unlike(clean.after_first) == {}


def test_run_when_told_to_wait_then_waits_as_long_as_it_is_asked_to(clean: Banks, ckan: Stack) -> None:
    with watched(ckan) as proxy:
        proxy.add(Rule(answer(429, b"slow", "text/plain", {"Retry-After": "1"}), when=first_tries(*WRITES), times=2))
        proxy.add(Rule(answer(503, b"<p>busy", "text/html"), when=first_tries(*WRITES), times=3))
        ran = well(clean.two, proxy.url, ckan.token, FIRST)
        told = [each for each in proxy.log if each.fault == "answer-429"]
        tries = [next(again for again in proxy.log[each.number :] if again.action == each.action) for each in told]
    assert sum("429" in each.text and "again in 1.0 s" in each.text for each in ran.told) == len(told) == 2
    assert all(again.at_seconds - each.at_seconds >= 1 for each, again in zip(told, tries, strict=True))
    assert read_state(ckan).unlike(clean.after_first) == {}


def test_upload_when_too_large_for_the_server_then_sent_in_smaller_requests(clean: Banks, ckan: Stack) -> None:
    def has_many(request: Request) -> bool:
        return is_upload(request) and (request.body or b"").count(b"; filename=") > 4

    with watched(ckan) as proxy:
        proxy.add(Rule(answer(413, HTML_413, "text/html"), when=has_many))
        well(clean.two, proxy.url, ckan.token, FIRST)
    assert read_state(ckan).unlike(clean.after_first) == {}


# Faults that stay


@dataclass(frozen=True, kw_only=True)
class Lasting:
    """A fault that does not pass, and how the run ends."""

    fault: Fault
    when: Predicate
    nth: int = 1
    code: str
    status: int
    tries: int = 1


def holds(word: bytes, *actions: str) -> Predicate:
    """Holds for calls of some actions with a word in their bodies."""
    return lambda request: request.action in actions and word in (request.body or b"")


LASTING = {
    "409 for a container": Lasting(
        fault=answer(409, INVALID), when=holds(b"release_files", "package_create"), code="portal-invalid", status=6
    ),
    "409 for a line": Lasting(
        fault=answer(409, INVALID), when=holds(OPEN.encode(), "package_create"), code="portal-invalid", status=6
    ),
    "409 for the pointer": Lasting(
        fault=answer(409, INVALID), when=holds(b"manifest_url", "package_revise"), code="portal-invalid", status=6
    ),
    "403 for an upload": Lasting(fault=answer(403, FORBIDDEN), when=is_upload, nth=3, code="publish-refused", status=4),
    "403 for the opening": Lasting(
        fault=answer(403, FORBIDDEN), when=is_action("package_patch"), code="publish-refused", status=4
    ),
    "413 for one file": Lasting(
        fault=answer(413, HTML_413, "text/html"),
        when=lambda request: is_upload(request) and COUNTS.encode() in (request.body or b""),
        code="portal-too-large",
        status=2,
        tries=4,
    ),
    "413 for a line": Lasting(
        fault=answer(413, HTML_413, "text/html"),
        when=holds(OPEN.encode(), "package_create"),
        code="portal-too-large",
        status=2,
    ),
    "500 for ever": Lasting(
        fault=answer_500_before(html=True), when=is_upload, nth=2, code="portal-failed", status=5, tries=4
    ),
    "wrong bytes served": Lasting(
        fault=corrupt_body(),
        when=lambda request: is_download(request) and request.path.endswith("/counts.tsv"),
        code="portal-bytes",
        status=7,
        tries=4,
    ),
    "no bytes served": Lasting(
        fault=answer(404, b"<p>nothing", "text/html"), when=is_download, nth=5, code="portal-bytes", status=7, tries=4
    ),
    "downloads break off": Lasting(
        fault=cut_reply(0.9), when=is_download, nth=5, code="portal-failed", status=5, tries=4
    ),
}


@pytest.mark.parametrize("lasting", LASTING.values(), ids=LASTING)
def test_run_when_a_fault_stays_then_it_says_so_and_goes_on_when_it_has_gone(
    clean: Banks, ckan: Stack, lasting: Lasting
) -> None:
    with watched(ckan) as proxy:
        rule = proxy.add(Rule(lasting.fault, when=lasting.when, nth=lasting.nth))
        ran = publish_here(aim(clean.two, proxy.url), ckan.token, release=FIRST)
        assert (ran.code, ran.status) == (lasting.code, lasting.status), ran.error
        assert rule.applied >= lasting.tries
        if lasting.tries == 1:
            assert rule.applied <= 4  # of threads that were at it already; nothing is tried again
        assert not sees(ckan, "bank-bank")
        assert ckan.token not in ran.text()
        proxy.clear()
        well(clean.two, proxy.url, ckan.token, FIRST)
    state = read_state(ckan)
    if lasting.code == "portal-bytes":  # what was sent once more stands at the end of its container
        assert (state.disk, state.links) == (clean.after_first.disk, clean.after_first.links)
    else:
        assert state.unlike(clean.after_first) == {}


def test_run_when_the_portal_dies_after_each_write_then_every_run_ends_with_5_and_the_last_like_a_clean_one(
    clean: Banks, ckan: Stack
) -> None:
    runs = 0
    with watched(ckan) as proxy:
        bank = aim(clean.two, proxy.url, tries=2)
        while True:
            gate = Gate(allowed=2 + runs % 2)
            proxy.add(Rule(refuse(), when=gate.is_closed))
            ran = publish_here(bank, ckan.token, release=FIRST)
            proxy.clear()
            if ran.went_well:
                break
            assert (ran.code, ran.status) == ("portal-failed", 5), ran.error
            assert not sees(ckan, "bank-bank")
            runs += 1
    assert runs >= 6
    assert read_state(ckan).unlike(clean.after_first) == {}


@dataclass
class Gate:
    """Lets a number of writes pass, and then nothing at all."""

    allowed: int

    def is_closed(self, request: Request) -> bool:
        if request.action in WRITES:
            self.allowed -= 1
        return self.allowed < 0


def test_run_when_nobody_listens_then_ends_with_5(clean: Banks, ckan: Stack) -> None:
    with FaultProxy(ckan.url) as proxy:
        proxy.refuse_connections()
        ran = publish_here(aim(clean.two, proxy.url, tries=2), ckan.token, release=FIRST)
        assert (ran.code, ran.status) == ("portal-failed", 5)
        proxy.accept_connections()
        proxy.on_request(at_moment(proxy_refuses(proxy), "answered", is_upload, nth=2))
        ran = publish_here(aim(clean.two, proxy.url, tries=2), ckan.token, release=FIRST)
        assert (ran.code, ran.status) == ("portal-failed", 5)
        proxy.accept_connections()
        well(clean.two, proxy.url, ckan.token, FIRST)
    assert read_state(ckan).unlike(clean.after_first) == {}


def proxy_refuses(proxy: FaultProxy) -> Callable[[], None]:
    """Closes a proxy's door from one of its own threads."""
    return lambda: threading.Thread(target=proxy.refuse_connections, daemon=True).start()


# Bytes that change on the portal


def stored(stack: Stack, resource: str) -> Path:
    """Where CKAN keeps the file of a resource."""
    return stack.storage / "resources" / resource[:3] / resource[3:6] / resource[6:]


def spoil(stack: Stack, resource: str) -> None:
    """Changes the bytes of a file in CKAN's storage."""
    path = stored(stack, resource)
    path.write_bytes(b"x" + path.read_bytes()[1:])


def test_upload_when_other_bytes_are_stored_then_sent_once_more(clean: Banks, ckan: Stack) -> None:
    spoiled: list[str] = []

    def spoil_first(request: Request, moment: str) -> None:
        if moment == "answered" and is_upload(request) and not spoiled:
            shown = ckan.action("package_show", {"id": "bank-files-2026-11-p01"})
            spoiled.append(shown["resources"][3]["id"])
            spoil(ckan, spoiled[0])

    with watched(ckan) as proxy:
        proxy.on_request(spoil_first)
        well(clean.two, proxy.url, ckan.token, FIRST)
    state = read_state(ckan)
    assert spoiled
    assert state.disk == clean.after_first.disk
    assert state.links == clean.after_first.links
    assert {row for row in state.rows if len(row) == 3} >= {("bank-bank", "active", "f")}
    positions = [
        each["position"] for each in ckan.action("package_show", {"id": "bank-files-2026-11-p01"})["resources"]
    ]
    assert positions == list(range(len(clean.after_first.disk)))


def test_run_when_a_proved_file_is_sent_anew_then_proved_anew(clean: Banks, ckan: Stack) -> None:
    bank = aim(clean.two, ckan.url)
    assert publish_until(bank, ckan.token, kind="barrier", nth=1, when="before") == -9
    ckan.reset()  # as after a restored backup: the journal says that all was proved
    spoiled: list[str] = []

    def spoil_first(request: Request, moment: str) -> None:
        if moment == "answered" and is_upload(request) and not spoiled:
            shown = ckan.action("package_show", {"id": "bank-files-2026-12-p01"})
            spoiled.append(shown["resources"][3]["id"])
            spoil(ckan, spoiled[0])

    with watched(ckan) as proxy:
        proxy.on_request(spoil_first)
        well(clean.two, proxy.url, ckan.token)
    addresses = [each["url"] for each in ckan.action("package_show", {"id": "exmpi001-a"})["resources"]]
    assert spoiled
    assert any(spoiled[0] in each for each in addresses)
    state = read_state(ckan)
    for dataset in state.datasets.values():
        for name, link in dataset.items():
            if name.startswith("resource ") and link.get("url") in state.links and link.get("hash"):
                assert state.links[link["url"]][1] == link["hash"]


# The portal's own troubles


def test_run_when_ckan_is_killed_and_comes_back_then_goes_on(clean: Banks, ckan: Stack) -> None:
    with watched(ckan) as proxy:
        proxy.on_request(at_moment(ckan.kill_ckan, "during", is_upload, nth=3))
        ran = publish_here(aim(clean.two, proxy.url, tries=2), ckan.token, release=FIRST)
        assert (ran.code, ran.status) == ("portal-failed", 5), ran.error
        ckan.up()
        well(clean.two, proxy.url, ckan.token, FIRST)
    assert read_state(ckan).unlike(clean.after_first) == {}


def test_run_when_the_token_is_revoked_in_the_middle_then_ends_with_4(clean: Banks, ckan: Stack) -> None:
    token = str(ckan.action("api_token_create", {"user": "admin", "name": "short"})["token"])

    def revoke() -> None:
        ckan.action("api_token_revoke", {"token": token})

    with watched(ckan) as proxy:
        proxy.on_request(at_moment(revoke, "answered", is_upload, nth=2))
        ran = publish_here(aim(clean.two, proxy.url), token, release=FIRST)
        assert (ran.code, ran.status) == ("publish-refused", 4), ran.error
        assert token not in ran.text()
        well(clean.two, proxy.url, ckan.token, FIRST)
    assert read_state(ckan).unlike(clean.after_first) == {}


@pytest.fixture
def small_disk(ckan: Stack) -> Iterator[Path]:
    """CKAN's storage on a disk of 250 kB."""
    folder = ckan.storage / "resources"
    folder.mkdir(exist_ok=True)
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=250k", "tmpfs", folder]).returncode:
        absent("a disk that is full cannot be made here: mounting one needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_run_when_the_portals_disk_is_full_then_ends_with_5_and_goes_on_with_more_room(
    clean: Banks, ckan: Stack, small_disk: Path
) -> None:
    ran = publish_here(aim(clean.two, ckan.url, tries=2), ckan.token, release=FIRST)
    assert (ran.code, ran.status) == ("portal-failed", 5), ran.error
    assert not sees(ckan, "bank-bank")
    subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
    well(clean.two, ckan.url, ckan.token, FIRST)
    assert read_state(ckan).unlike(clean.after_first) == {}


# Trouble with the search


def test_run_when_solr_is_down_in_the_middle_then_ends_with_5_and_goes_on(clean: Banks, ckan: Stack) -> None:
    with watched(ckan) as proxy:
        proxy.on_request(at_moment(ckan.stop_solr, "answered", is_upload, nth=1))
        ran = publish_here(aim(clean.two, proxy.url, tries=2), ckan.token, release=FIRST)
        assert (ran.code, ran.status) == ("portal-failed", 5), ran.error
        ran = publish_here(aim(clean.two, proxy.url, tries=2), ckan.token, release=FIRST)
        assert (ran.code, ran.status) == ("portal-failed", 5), ran.error
        assert any("search" in each.text for each in ran.told)
        ckan.start_solr()
        well(clean.two, proxy.url, ckan.token, FIRST)
    assert read_state(ckan).unlike(clean.after_first) == {}


def is_index_write(request: Request) -> bool:
    """Holds where CKAN tells Solr of a dataset."""
    return "/update" in request.path


def is_index_read(request: Request) -> bool:
    """Holds where CKAN searches."""
    return "/select" in request.path


def test_run_when_the_search_fails_in_every_way_then_it_ends_like_a_clean_one(clean: Banks, ckan: Stack) -> None:
    with FaultProxy(ckan.solr_url) as solr, watched(ckan) as proxy:
        ckan.restart_ckan(solr.url)
        bank = aim(clean.two, proxy.url, tries=3)
        solr.add(Rule(answer_500_before(html=True), when=is_index_read))
        ran = publish_here(bank, ckan.token, release=FIRST)
        assert (ran.code, ran.status) == ("portal-failed", 5), ran.error
        assert {each.target_status for each in proxy.actions("package_search")} == {409}
        assert proxy.actions(*WRITES) == []
        solr.clear()
        solr.add(Rule(answer_500_before(html=True), when=is_index_write, nth=3))
        ran = publish_here(bank, ckan.token, release=FIRST)
        assert (ran.code, ran.status) == ("portal-failed", 5), ran.error
        solr.clear()
        in_turn(answer_500_before(html=True), drop_reply(), answer_500_after(html=True), refuse())(
            solr, first_tries_of_solr()
        )
        well(clean.two, proxy.url, ckan.token, FIRST, tries=6)
        assert len({each.fault for each in solr.log if each.fault}) >= 3
        solr.clear()
        assert read_state(ckan).unlike(clean.after_first) == {}
        solr.add(Rule(delay(before_seconds=7.0), when=is_index_write, nth=2, times=2))
        well(clean.two, proxy.url, ckan.token)
        while not all(each.target_status for each in solr.log if each.fault == "delay"):
            time.sleep(0.1)  # what CKAN had given up comes now, over what was stored since
        well(clean.two, proxy.url, ckan.token)
        assert read_state(ckan).unlike(clean.after_second) == {}


def first_tries_of_solr() -> Predicate:
    """Holds for every second write to the index."""
    count = itertools.count()
    return lambda request: is_index_write(request) and next(count) % 2 == 0


def test_run_when_solr_is_frozen_for_a_while_then_every_ghost_is_told_and_nothing_is_there_twice(
    clean: Banks, ckan: Stack
) -> None:
    """An editor's datasets get a new id with each try, so that what Solr stores too late stays as a ghost."""
    thaw = threading.Timer(SOLR_TIMEOUT_SECONDS + 1, ckan.thaw_solr)

    def freeze() -> None:
        ckan.freeze_solr()
        thaw.start()

    once = iter([freeze])
    with watched(ckan) as proxy:
        lines = is_action("package_create")
        proxy.on_request(
            lambda request, moment: (
                next(once, lambda: None)()
                if moment == "before" and lines(request) and b"package_id" in (request.body or b"")
                else None
            )
        )
        ran = publish_here(aim(clean.two, proxy.url), ckan.editor_token, release=FIRST)
    thaw.join()
    assert ran.went_well, ran.error
    state = read_state(ckan)
    ghosts = sorted(name for name, _, _, is_there in state.search if not is_there)
    assert ghosts
    told = [each for each in (*ran.told, *ran.notes) if each.type == "warning" and "ghost" in each.text]
    assert sorted(each.name for each in told) == ghosts
    ckan.ckan_command("search-index", "clear-orphans")
    assert read_state(ckan).unlike(clean.after_first) == {}
