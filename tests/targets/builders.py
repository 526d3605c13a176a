"""What tests of targets share: releases without a bank, a target in memory, and small banks with a folder beside them."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.bank import Bank
from catalog.bank.folder import open_bank
from catalog.ledger import NO_PREVIOUS, LedgerLine, Withdrawal
from catalog.model import BankSettings
from catalog.model.bank import Publisher
from publish.targets.journal import PublishJournal
from publish.targets.planning import HIDE, Batch, Plan, RecordStep, plan_publication
from publish.targets.protocol import Diagnosis, Note, Tell, Traffic
from publish.targets.publication import (
    KEYS,
    LEDGER,
    MANIFEST,
    FileKey,
    Publication,
    PublishedFile,
    PublishedPackage,
    document,
)
from publish.targets.publishing import PublishJob, publish
from publish.targets.running import Run
from publish.targets.state import Held, Layout, Limits, Shown, TargetState, Urls
from tests.builders import (
    BASE_IRI,
    counts_bytes,
    make_bank,
    release,
    sealed,
    settings_of,
    text_bytes,
    vcf_bytes,
    withdraw,
    write_line,
)

BANK = BankSettings(
    profile="bank-1", title="Example Bank", base_iri=BASE_IRI, publisher=Publisher(name="Example Institute")
)

#: What is in a release: package to path to text; None for a package that is withdrawn.
Contents = Mapping[str, Mapping[str, str] | None]


def file_of(package: str, path: str, text: str) -> PublishedFile:
    """A file whose bytes are a text."""
    content = text.encode()
    return PublishedFile(
        package=package,
        path=path,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        mediatype="text/plain",
        title=path,
        is_document=False,
        content=content,
    )


@dataclass(slots=True)
class History:
    """The releases of a bank that is not there, in order; each gives a publication as a real one would."""

    releases: list[tuple[str, Contents]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, contents: Contents) -> History:
        """One more release: everything that it holds, not only what is new."""
        self.releases.append((name, contents))
        return self

    def publication(self, name: str | None = None) -> Publication:
        """A release; the last one for None."""
        number = next((at for at, (each, _) in enumerate(self.releases) if each == name), len(self.releases) - 1)
        wanted, contents = self.releases[number]
        line = LedgerLine(
            sequence=number + 1,
            release=wanted,
            issued=f"{wanted[:4]}-{wanted[5:7]}-01T00:00:00Z",
            previous=NO_PREVIOUS,
            packages=(),
            state_sha256="0" * 64,
            catalog={},
            bytes_sha256=hashlib.sha256(f"{wanted} {self.titles.get(wanted)}".encode()).hexdigest(),
        )
        later = {each for _, held in self.releases[number + 1 :] for each in held} - set(contents)
        return Publication(
            bank=BANK,
            line=line,
            newest=len(self.releases),
            releases=tuple(each for each, _ in self.releases),
            packages=tuple(self._package(each, number) for each in sorted(contents)),
            later=tuple(sorted(later)),
            documents=(
                document(LEDGER, "\n".join(each for each, _ in self.releases[: number + 1]).encode(), "text/plain", ""),
                document(KEYS, b"key", "text/plain", ""),
            ),
            surviving=self._surviving(),
        )

    def _package(self, name: str, number: int) -> PublishedPackage:
        contents = self.releases[number][1][name]
        if contents is None:
            gone = Withdrawal(id=name, path=None, reason="consent withdrawn", date="2026-12-01")
            return PublishedPackage(id=name, version="v9", withdrawal=gone)
        first = number
        while first and self._state(name, first - 1) == self._state(name, number):
            first -= 1
        title = self.titles.get(self.releases[first][0], name)
        record = sealed(line_id=name, title=title, release=self.releases[first][0])
        files = tuple(file_of(name, path, text) for path, text in sorted(contents.items()))
        return PublishedPackage(id=name, version=f"v{first + 1}", record=record, files=files)

    def _state(self, name: str, number: int) -> object:
        release_name, contents = self.releases[number]
        return contents.get(name), self.titles.get(release_name)

    def _surviving(self) -> dict[str, frozenset[tuple[str, str]]]:
        """A package that is withdrawn loses everything; nothing else is ever lost here."""
        return {name: frozenset() for name, held in self.releases[-1][1].items() if held is None}


@dataclass(slots=True)
class MemoryLayout:
    """Names and addresses of a target in memory."""

    limits: Limits = field(default_factory=Limits)
    link_above_bytes: int | None = None
    keeps_paths: bool = True

    def container(self, release: str, number: int) -> str:
        return f"{release}-p{number:02d}"

    def is_linked(self, file: PublishedFile) -> bool:
        return bool(file.package) and self.link_above_bytes is not None and file.bytes > self.link_above_bytes

    def address(self, container: str, file: PublishedFile) -> str:
        return f"https://target.example.org/{container}/{file.package}/{file.path}/{file.sha256}"

    def link(self, release: str, file: PublishedFile) -> str:
        return f"{BASE_IRI}package/{file.package}/{release}/files/{file.path}"

    def changes(self, publication: Publication, package: PublishedPackage, urls: Urls, shown: Shown) -> Sequence[str]:
        return _changes(record_of(package, urls), shown)

    def addresses(self, publication: Publication, urls: Urls) -> Mapping[str, str]:
        return {}

    def pointer_changes(self, publication: Publication, urls: Urls, shown: Shown) -> Sequence[str]:
        return _changes(pointer_of(publication, urls), shown)


def record_of(package: PublishedPackage, urls: Urls) -> dict[str, Any]:
    """What a target in memory says of a package."""
    if package.record is None:
        return {"withdrawn": True}
    return {"title": package.record.title, "links": {each.path: urls[each.key] for each in package.files}}


def pointer_of(publication: Publication, urls: Urls) -> dict[str, Any]:
    """What a target in memory says of the bank."""
    manifest = next(url for (_, path, _), url in urls.items() if path == MANIFEST)
    return {"release": publication.release, "manifest": manifest}


def _changes(wanted: Mapping[str, Any], shown: Shown) -> list[str]:
    found = [name for name in {**wanted, **shown.document} if wanted.get(name) != shown.document.get(name)]
    return found if shown.is_open else [*found, "open"]


class Died(BaseException):
    """The process was killed."""


@dataclass(slots=True)
class MemoryTarget:
    """A target that holds everything in dictionaries.

    Attributes:
        acts: every change that was made, in order: what and of what.
        fail: is asked before every change, and raises what is to go wrong.
    """

    layout: Layout = field(default_factory=MemoryLayout)
    name: str = "memory"
    traffic: Traffic = field(default_factory=Traffic)
    containers: dict[str, bool] = field(default_factory=dict)
    files: dict[tuple[str, FileKey], bytes] = field(default_factory=dict)
    records: dict[str, Shown] = field(default_factory=dict)
    pointer: dict[str, Any] | None = None
    acts: list[tuple[str, str]] = field(default_factory=list)
    verified: list[tuple[str, FileKey]] = field(default_factory=list)
    fail: Callable[[str, str], None] = lambda what, name: None

    def _act(self, what: str, name: str) -> None:
        self.fail(what, name)
        self.acts.append((what, name))
        self.traffic.writes += 1

    def check(self) -> Iterable[Diagnosis]:
        return []

    def read(self, publication: Publication) -> TargetState:
        held: dict[FileKey, Held] = {}
        twins = []
        copies = [
            Held(key=key, bytes=len(content), container=name, is_open=self.containers[name])
            for (name, key), content in self.files.items()
        ]
        for each in sorted(copies, key=lambda each: not each.is_open):
            if each.key in held:
                twins.append(each)
            else:
                held[each.key] = each
        return TargetState(
            release=self.pointer["release"] if self.pointer else "",
            containers=dict(self.containers),
            held=held,
            twins=twins,
            shown=dict(self.records),
            pointer=Shown(document=self.pointer) if self.pointer else None,
            leftovers=[name for name, is_open in self.containers.items() if not is_open],
        )

    @contextlib.contextmanager
    def hold(self, run: str, mine: Sequence[str]) -> Iterator[None]:
        yield

    def create(self, container: str, publication: Publication) -> None:
        self._act("create", container)
        assert container not in self.containers
        self.containers[container] = False

    def upload(self, batch: Batch, tell: Tell) -> None:
        self._act("upload", batch.container)
        assert not self.containers[batch.container], "nothing is added to an open container"
        for each in batch.files:
            with each.open() as stream:
                self.files[batch.container, each.key] = stream.read()

    def verify(self, container: str, file: PublishedFile) -> None:
        self.fail("verify", file.label)
        assert hashlib.sha256(self.files[container, file.key]).hexdigest() == file.sha256
        self.verified.append((container, file.key))

    def verify_link(self, file: PublishedFile, url: str) -> None:
        self.fail("verify-link", file.label)
        self.verified.append((url, file.key))

    def open(self, container: str) -> None:
        self._act("open", container)
        self.containers[container] = True

    def record(self, step: RecordStep, publication: Publication, urls: Urls) -> None:
        self._act("record", step.package)
        if step.action == HIDE:
            shown = self.records[step.package]
            self.records[step.package] = Shown(document=shown.document, is_open=False, is_tombstone=shown.is_tombstone)
            return
        package = publication.package(step.package)
        said = record_of(package, urls)
        self.records[step.package] = Shown(document=said, is_tombstone=package.withdrawal is not None)

    def point(self, publication: Publication, urls: Urls) -> None:
        self._act("point", publication.release)
        self.pointer = pointer_of(publication, urls)

    def drop(self, held: Held) -> None:
        assert not self.containers[held.container], "nothing is dropped from an open container"
        self.erase(held)

    def erase(self, held: Held) -> None:
        self._act("erase", held.key[1])
        del self.files[held.container, held.key]

    def prove(self, publication: Publication, urls: Urls, tell: Tell) -> None:
        self.fail("prove", publication.release)

    def examine(self, publication: Publication | None) -> Iterable[Diagnosis]:
        return []

    def plan(self, publication: Publication) -> Plan:
        """The plan of a release for what is held now."""
        return plan_publication(self.name, publication, self.read(publication), self.layout)

    def run(self, publication: Publication, journal: PublishJournal, *, jobs: int = 1) -> list[Note]:
        """Plans and applies, as ``fairline publish`` does."""
        plan, past = self.plan(publication), journal.read()
        journal.begin(f"run-{len(self.acts)}", publication.release, "2026-12-01T00:00:00Z")
        notes = list(Run(target=self, publication=publication, journal=journal, jobs=jobs).apply(plan, past))
        journal.end({})
        return notes

    def apply(self, plan: Plan, publication: Publication) -> None:
        """Carries a plan out without journal and threads, in the order of its fields."""
        for held in plan.drop:
            self.drop(held)
        for name in plan.create:
            self.create(name, publication)
        for batch in plan.uploads:
            self.upload(batch, lambda _: None)
        for container, file in plan.stage:
            self.verify(container, file)
        for name in plan.open:
            self.open(name)
        for step in plan.records:
            self.record(step, publication, plan.urls)
        if plan.move_pointer:
            self.point(publication, plan.urls)
        for held in plan.erase:
            self.erase(held)


FIRST, SECOND, CLOSED = "EXMPi001-A", "EXMPi002-A", "EXMPi003-A"
CONTROLLED_PATH = "data/wes/secret-calls.vcf.gz"
SITE_URL = "https://files.example.org/bank/"


def with_target(bank: Bank, name: str = "site", **members: Any) -> Bank:
    """The bank with a target of kind folder, by default the folder ``site`` beside the bank."""
    table = {"kind": "folder", "path": "../site", "url": SITE_URL, **members}
    text = "".join(
        f"{key} = {value if isinstance(value, int) else chr(34) + str(value) + chr(34)}\n"
        for key, value in table.items()
    )
    path = bank.root / "fairline.toml"
    path.write_text(f"{path.read_text()}\n[targets.{name}]\n{text}")
    return open_bank(bank.root)


def small_bank(folder: Path, **members: Any) -> Bank:
    """Three lines in one release: one with open files, one with an open and a controlled one, one without files."""
    bank = make_bank(folder)
    write_line(bank, FIRST, files={"data/rna-seq/a_count.tsv": counts_bytes(FIRST), "data/notes.txt": text_bytes()})
    write_line(
        bank,
        SECOND,
        files={"data/rna-seq/b_count.tsv": counts_bytes(SECOND), CONTROLLED_PATH: vcf_bytes(SECOND)},
        cells={CONTROLLED_PATH: {"tier": "controlled"}},
        donor={"donor_id": "EXMP-D002"},
    )
    write_line(bank, CLOSED, donor={"donor_id": "EXMP-D003"})
    release(bank, "2026.10", now="2026-10-01T08:00:00Z")
    return with_target(bank, **members)


def release_change(bank: Bank, name: str = "2026.11") -> None:
    """A release in which one file of the first line has other bytes; all else is as it was."""
    write_line(bank, FIRST, files={"data/notes.txt": text_bytes("Colonies are round.")})
    release(bank, name, now="2026-11-01T08:00:00Z")


def withdraw_notes(bank: Bank) -> None:
    """Withdraws a file of the first line."""
    withdraw(bank, f"{FIRST}/data/notes.txt", now="2026-12-01T08:00:00Z")


def job_of(bank: Bank, target: str = "site", **members: Any) -> PublishJob:
    """A publication with a clock that stands still."""
    return PublishJob(
        bank=bank, settings=settings_of(bank), target=target, clock=lambda: "2026-12-24T00:00:00Z", **members
    )


def run_job(bank: Bank, **members: Any) -> Mapping[str, Any]:
    """Publishes, and gives the members of the summary."""
    notes = list(publish(job_of(bank, **members)))
    assert notes[-1].type == "summary"
    return notes[-1].members
