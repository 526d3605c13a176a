"""Strangers who read all the while: no half line, no dead link, no pointer to anything unproved.

Two things they may see. A listing mixes two releases while the lines change; that window is measured, printed, and
compared with what the publisher itself says. And CKAN 2.12 reads a dataset's metadata and its links one after the
other: ``package_show``, asked at the moment of a commit, may answer with the new metadata and the former links, both
whole. Such answers are counted and printed; the next answer is right, and the search never gives one.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import rdflib

from catalog.bank import Bank
from catalog.identifiers import portal_name
from catalog.library import public_ledger
from catalog.store import Store
from publish.targets.descriptor import WHOLE_DESCRIPTOR
from tests.ckan.banks import (
    ALL_CHANGED,
    EMBARGOED,
    FIRST,
    MIXED,
    OPEN,
    SECOND,
    Ran,
    aim,
    change_all,
    copy_of,
    publish_here,
    small_bank,
    take_back,
)
from tests.ckan.faults import FaultProxy, Request, Rule, delay
from tests.ckan.stack.asking import AnswerRefused
from tests.ckan.stack.live import Stack

LINES = {portal_name(each): each for each in (OPEN, MIXED, EMBARGOED)}
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCT = rdflib.Namespace("http://purl.org/dc/terms/")
GONE = "gone"
_BREATH_SECONDS = 0.1
_MOST_TORN = 20


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    bank = small_bank(tmp_path_factory.mktemp("three"), later="change")
    change_all(bank)
    return bank


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What the bank has released: the digest of each path, by line and by the release that made the version."""

    versions: Mapping[tuple[str, str], Mapping[str, str]]

    @classmethod
    def of(cls, bank: Bank) -> Truth:
        ledger, store, found = public_ledger(bank), Store(bank.store_folder), {}
        for name in ledger.current():
            if ledger.withdrawal_of(name) is not None:
                continue
            for version in ledger.versions(name):
                state = store.inventory(version.object, version.bound_version).state(version.version)
                found[name, version.release] = state
        return cls(versions=found)


@dataclass
class Stage:
    """What is going on: set by the publisher's side, read by the readers.

    Attributes:
        truth: of the bank as it is.
        releases: between which everything must be now.
        is_first: whether nothing was published before.
    """

    truth: Truth
    releases: tuple[str, ...] = ()
    is_first: bool = True

    def may_be(self, line: str) -> set[str]:
        """The versions of a line that may be seen now, each named by the release that made it."""
        found = set()
        for release in (each for each in self.releases if each != GONE):
            known = sorted(made for name, made in self.truth.versions if name == line and made <= release)
            found.add(known[-1])
        return found


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What one search showed.

    Attributes:
        began, ended: of the monotonic clock.
        versions: by line, the release that made the version shown; ``gone`` for a tombstone.
    """

    began: float
    ended: float
    versions: Mapping[str, str]


@dataclass
class Reader:
    """Strangers, each in a thread of its own, until they are stopped.

    Attributes:
        complaints: what they saw and should not have.
        listings: what the search showed, in order.
        looks: how often each has looked.
        torn: how many answers had the metadata of one version and the links of the other.
    """

    stack: Stack
    stage: Stage
    complaints: list[str] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    looks: dict[str, int] = field(default_factory=dict)
    torn: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _read_whole: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Reader:
        for look in (self.look_at_pointer, self.look_at_lines, self.look_at_search, self.look_at_catalogue):
            thread = threading.Thread(target=self._poll, args=(look,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _poll(self, look: Callable[[], None]) -> None:
        name = look.__name__
        while not self._stop.is_set():
            try:
                look()
            except Exception as error:
                self.complaints.append(f"{name}: {type(error).__name__}: {error}")
            self.looks[name] = self.looks.get(name, 0) + 1
            self._stop.wait(_BREATH_SECONDS)

    def _show(self, name: str) -> dict[str, Any] | None:
        try:
            shown: dict[str, Any] = self.stack.action("package_show", {"id": name}, token="")
        except AnswerRefused as error:
            if error.status in {403, 404}:
                return None
            raise
        return shown

    def look_at_pointer(self) -> None:
        """The pointer, its manifest, and every file that this names."""
        shown = self._show("bank-bank")
        if shown is None:
            return
        extras = extras_of(shown)
        self._expect(extras["release"] in self.stage.releases, f"the pointer names {extras['release']}")
        manifest = self._read(extras["manifest_url"], extras["manifest_sha256"], "bank-bank", shown)
        if manifest is None:
            return
        members = json.loads(manifest)
        self._expect(members["release"] == extras["release"], "the manifest is of another release")
        packages = members["packages"].values()
        files = [*members["documents"].values(), *(one for each in packages for one in each.get("files", {}).values())]
        self._read_links([(each["url"], each["sha256"]) for each in files], shown)

    def look_at_lines(self) -> None:
        """Each line's dataset, and every link in it."""
        for name in LINES:
            shown = self._show(name)
            if shown is None:
                self._expect(self.stage.is_first, f"{name} is not there")
                continue
            shown = self._untorn(shown)
            self._check_whole(shown)
            self._read_links([(link["url"], link["hash"]) for link in shown["resources"]], shown)

    def look_at_search(self) -> None:
        """What a search lists: each entry is a whole line; together they may be of two releases for a moment."""
        began = time.monotonic()
        page = self.stack.action("package_search", {"rows": 100}, token="")
        ended = time.monotonic()
        found = [each for each in page["results"] if each["name"] in LINES]
        for each in found:
            self._check_whole(each)
        self._expect(len({each["name"] for each in found}) == len(found), "a line is listed twice")
        versions = {each["name"]: version_of(each) for each in found}
        self.listings.append(Listing(began=began, ended=ended, versions=versions))

    def look_at_catalogue(self) -> None:
        """The catalogue as RDF: each line has the files of one version."""
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{self.stack.url}/catalog.ttl") as got:
            graph = rdflib.Graph().parse(data=got.read(), format="turtle")
        for line in LINES.values():
            subjects = [each for each in graph.subjects(DCT.identifier, None) if str(each).endswith(f"/package/{line}")]
            if not subjects:
                continue
            (subject,) = set(subjects)
            links = {str(each) for each in graph.objects(subject, DCAT.distribution)}
            made = {each.partition(f"/package/{line}/")[2].partition("/")[0] for each in links} - {""}
            self._expect(len(made) <= 1, f"the catalogue mixes {sorted(made)} in {line}")
            if made:
                self._expect(made <= self.stage.may_be(line), f"the catalogue has {made} of {line}")

    def _untorn(self, shown: dict[str, Any]) -> dict[str, Any]:
        """The dataset, asked for again while it has the metadata of one version and the links of the other."""
        name, line = str(shown["name"]), LINES[str(shown["name"])]
        for _ in range(_MOST_TORN):
            versions = {each: self.stage.truth.versions[line, each] for each in self.stage.may_be(line)}
            version, held = version_of(shown), held_by(shown)
            if held == versions.get(version) or version == GONE or held not in versions.values():
                return shown
            self.torn += 1
            shown = self._show(name) or shown
        return shown

    def _check_whole(self, shown: Mapping[str, Any]) -> None:
        """A dataset of a line is exactly one of the versions that may be seen."""
        line, version = LINES[shown["name"]], version_of(shown)
        if version == GONE:
            self._expect(shown["resources"] == [], f"the tombstone of {line} has files")
            self._expect(GONE in self.stage.releases, f"{line} is gone too early")
            return
        held = held_by(shown)
        if version not in self.stage.may_be(line):
            self.complaints.append(f"{line} is of {version}, and may be {self.stage.may_be(line)}")
        elif held != self.stage.truth.versions.get((line, version)):
            self.complaints.append(f"{line} of {version} is not whole: {sorted(held)}")
        positions = [each["position"] for each in shown["resources"]]
        self._expect(positions == list(range(len(positions))), f"{line} has gaps: {positions}")

    def _read_links(self, links: list[tuple[str, str]], shown: Mapping[str, Any]) -> None:
        """All links of a dataset when it is new, else some of them."""
        name, changed = str(shown["name"]), str(shown["metadata_modified"])
        if self._read_whole.get(name) == changed:
            links = random.sample(links, min(5, len(links)))
        if all(self._read(url, digest, name, shown) is not None for url, digest in links):
            self._read_whole[name] = changed

    def _read(self, url: str, digest: str, name: str, shown: Mapping[str, Any]) -> bytes | None:
        """The bytes of a link; None when the dataset that named it has changed meanwhile."""
        got, status = b"", 0
        try:
            request = urllib.request.Request(url, headers={"Accept-Encoding": "identity"})
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                got, status = answer.read(), answer.status
        except urllib.error.HTTPError as error:
            with error:
                status = error.code
        if hashlib.sha256(got).hexdigest() == digest:
            return got
        again = self._show(name)
        if again is not None and again["metadata_modified"] != shown["metadata_modified"]:
            return None
        self.complaints.append(f"{name} names {url}, which answers {status} with other bytes")
        return None

    def _expect(self, holds: bool, complaint: str) -> None:
        if not holds:
            self.complaints.append(complaint)


def extras_of(dataset: Mapping[str, Any]) -> dict[str, str]:
    """Extras by key."""
    return {each["key"]: each["value"] for each in dataset.get("extras") or ()}


def held_by(dataset: Mapping[str, Any]) -> dict[str, str]:
    """The digests of the files that a line links to, by path; without the one that the portal's publisher makes."""
    return {each["path"]: each["hash"] for each in dataset["resources"] if each["path"] != WHOLE_DESCRIPTOR}


def version_of(dataset: Mapping[str, Any]) -> str:
    """The release that made the version of a line, or that the line is gone."""
    extras = extras_of(dataset)
    return GONE if "withdrawn" in extras else extras["release"]


def publish_watched(bank: Bank, proxy: FaultProxy, stack: Stack, **options: Any) -> tuple[Ran, float, float]:
    """Publishes, and gives the times of the first line that changed and of the pointer's answer."""
    proxy.log.clear()
    ran = publish_here(aim(bank, proxy.url), stack.token, **options)
    ended = time.monotonic()
    assert ran.went_well, ran.error
    changes = [each.at_seconds for each in proxy.log if any(changes_line(each, name) for name in LINES)]
    return ran, min(changes), ended


def changes_line(request: Request, name: str) -> bool:
    """Whether a request changes the dataset of a line; files on their way have other bodies."""
    is_json = "json" in request.headers.get("content-type", "")
    writes = request.action in {"package_create", "package_revise", "package_patch"}
    return is_json and writes and f'"name": "{name}"'.encode() in (request.body or b"")


def changes_mixed(request: Request) -> bool:
    """Whether a request changes the dataset of the line with a controlled file."""
    return changes_line(request, portal_name(MIXED))


def settle(reader: Reader) -> None:
    """Waits until every stranger has ended the look that it is at now."""
    begun = dict(reader.looks)
    while any(reader.looks.get(name, 0) <= begun.get(name, 0) for name in begun or ["look_at_catalogue"]):
        assert any(each.is_alive() for each in reader._threads)
        time.sleep(0.02)


def check_window(
    seen: list[Listing], stage: Stage, before: str, after: str, span: tuple[float, float], ran: Ran
) -> tuple[float, float, int]:
    """Compares what listings showed with what the publisher did.

    Args:
        seen: the listings, from before the run until after it.
        stage: what may be seen.
        before, after: the releases.
        span: when the first line was changed, and when the run had ended.
        ran: what the publisher says.

    Returns:
        How long the window was by the publisher's account, from the first to the last mixed listing, and their number.
    """
    ends = [{name: only(Stage(truth=stage.truth, releases=(each,)).may_be(line)) for name, line in LINES.items()}
            for each in (before, after)]  # fmt: skip
    differing = [name for name in LINES if ends[0][name] != ends[1][name]]
    assert differing
    for name in differing:  # from the one to the other, once
        shown = [each.versions[name] for each in seen]
        place = shown.index(ends[1][name])
        assert set(shown[:place]) == {ends[0][name]}
        assert set(shown[place:]) == {ends[1][name]}
    mixed = [each for each in seen if len({each.versions[name] == ends[1][name] for name in differing}) > 1]
    for each in mixed:
        assert each.ended >= span[0]
        assert each.began <= span[1]
    spread = mixed[-1].ended - mixed[0].began if mixed else 0.0
    return ran.summary["window_seconds"], spread, len(mixed)


def only(values: set[str]) -> str:
    """The one value of a set."""
    (value,) = values
    return value


def test_readers_when_releases_come_and_go_then_never_see_anything_half_or_unproved(
    ckan: Stack, three: Bank, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = copy_of(three, tmp_path / "gone")
    take_back(gone)
    stage = Stage(truth=Truth.of(three))
    runs: list[tuple[str, str, dict[str, Any]]] = [
        ("", FIRST, {"release": FIRST}),
        (FIRST, SECOND, {"release": SECOND}),
        (SECOND, ALL_CHANGED, {}),
        (ALL_CHANGED, SECOND, {"mode": "rollback"}),
        (SECOND, ALL_CHANGED, {}),
    ]
    windows: list[tuple[float, float, int]] = []
    with FaultProxy(ckan.url) as proxy, Reader(ckan, stage) as reader:
        for before, after, options in runs:
            stage.releases = (before, after) if before else (after,)
            settle(reader)
            start = len(reader.listings)
            if len(windows) == 1:  # one window is held open, so that a listing is certain to fall into it
                proxy.add(Rule(delay(before_seconds=1.5), when=changes_mixed, times=1))
            ran, first_change, ended = publish_watched(three, proxy, ckan, **options)
            settle(reader)
            stage.releases, stage.is_first = (after,), False
            settle(reader)
            if before:
                seen = reader.listings[start:]
                windows.append(check_window(seen, stage, before, after, (first_change, ended), ran))
        ledger = public_ledger(gone)
        assert ledger.last is not None
        stage.truth = Truth(versions={**Truth.of(gone).versions, **stage.truth.versions})
        stage.releases = (ALL_CHANGED, ledger.last.release, GONE)
        publish_watched(gone, proxy, ckan)
        settle(reader)
        stage.releases = (ledger.last.release, GONE)
        settle(reader)
    assert reader.complaints == []
    assert min(reader.looks.values()) >= 2 * len(runs), reader.looks
    assert windows[1][2] > 0, "no listing fell into the window that was held open"
    with capsys.disabled():
        print(f"\nlooks: {reader.looks}; listings: {len(reader.listings)}; torn answers: {reader.torn}")
        for number, ((before, after, _), (told, spread, count)) in enumerate(zip(runs[1:], windows, strict=True)):
            held = " (held open)" if number == 1 else ""
            print(f"{before} to {after}: window {told:.3f} s; {count} mixed listings over {spread:.3f} s{held}")
