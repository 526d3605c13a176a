"""What is wrong with a bank's datasets on a CKAN: every one is compared, every file is downloaded and hashed.

Nothing is written here; each line knows its cure (:mod:`publish.targets.ckan.healing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any
from urllib.parse import quote

from catalog.errors import CatalogError, TemporaryError
from publish.targets.ckan import healing, trail
from publish.targets.ckan.client import CkanClient
from publish.targets.ckan.layout import resource_id
from publish.targets.ckan.reading import state_of
from publish.targets.ckan.survey import CLOSED, DELETED, FOREIGN, GIVEN_AWAY, RENAMED, Fault, Survey, has_gap
from publish.targets.manifest import render_manifest
from publish.targets.planning import CREATE, HIDE, Plan, RecordStep, plan_publication
from publish.targets.protocol import Diagnosis, Note, Target
from publish.targets.publication import FileKey, Publication, PublishedFile
from publish.targets.state import Held, TargetState

_THREADS = 4
_SHOWN_FIELDS = 6
_MEND = "fairline doctor --target NAME --mend"

_SAID = {
    DELETED: "was deleted by hand",
    RENAMED: "bears another name: {name}",
    GIVEN_AWAY: "belongs to another organization: {organization}",
    CLOSED: "was closed by hand: strangers cannot read the files that lines link to",
}
_MENDS = {
    DELETED: f"{_MEND} restores it",
    RENAMED: f"{_MEND} gives it its name again; harvesters know it by that",
    GIVEN_AWAY: f"{_MEND} takes it back where the user may (a sysadmin may); else ask an admin of that organization",
    CLOSED: f"{_MEND} opens it again",
}


@dataclass(slots=True)
class Doctor:
    """One look at a bank's datasets.

    Attributes:
        target: does what cures need.
        survey: what was read.
        state, plan: what publishing the shown release again would do: nothing, where all is well.
    """

    target: Target
    survey: Survey
    state: TargetState = field(default_factory=TargetState)
    plan: Plan = field(default_factory=lambda: Plan(target="", release="", before=""))
    _missing: set[tuple[str, FileKey]] = field(default_factory=set)
    _silent: Event = field(default_factory=Event)

    @property
    def client(self) -> CkanClient:
        """The portal."""
        return self.survey.client

    def look(self) -> Iterator[Diagnosis]:
        """Every line, in the order in which cures must come."""
        yield from self._places()
        yield from self._gaps()
        entries = list(self._entries())
        self.state = state_of(self.survey.reading, self.survey.publication)
        self.plan = plan_publication(self.target.name, self.survey.publication, self.state, self.target.layout)
        yield self._limits()
        yield from self._cures(entries)
        if self.survey.release == self.survey.publication.release:
            yield from self._bytes()
            yield from self._records()
        elif self.survey.release:
            yield self._other_release()
        yield from trail.withdrawn(self.target, self.plan)
        yield from trail.orphans(self.survey, self.state)
        yield from trail.leftovers(self.target, self.survey, self.state)
        yield trail.lease(self.survey)
        yield from trail.search_entries(self.survey)
        if self.survey.release == self.survey.publication.release:
            yield from self._pointer()

    def _other_release(self) -> Diagnosis:
        return Diagnosis(
            name="release", state="warn", text=f"the portal shows {self.survey.release}; lines and bytes were not compared with it",
            mend="mend what is named, then ask again; if the bank has no such release, publish one",
        )  # fmt: skip

    def _limits(self) -> Diagnosis:
        """What is known of the portal's limit for one file: CKAN tells it to nobody."""
        files = [each for each in self.survey.publication.files() if not self.target.layout.is_linked(each)]
        largest = max((each.bytes for each in files), default=0)
        sent = max((each.bytes for each in self.state.held.values() if each.is_open), default=0)
        text = f"CKAN does not tell ckan.max_resource_size; the largest file here has {largest} bytes, there {sent}"
        if largest <= sent:
            return Diagnosis(name="limits", state="ok", text=text)
        return Diagnosis(
            name="limits", state="warn", text=f"{text}: none of this size was sent yet",
            mend="ask the portal's operator for ckan.max_resource_size (10 MiB unless set), or set link_above_bytes",
        )  # fmt: skip

    def _places(self) -> Iterator[Diagnosis]:
        for fault in self.survey.faults:
            if fault.kind == FOREIGN:
                yield Diagnosis(
                    name=fault.name, state="bad", text="is a dataset that this bank did not make",
                    mend="rename it there, or publish with another prefix; it is not touched",
                )  # fmt: skip
                continue
            organization = (fault.dataset.get("organization") or {}).get("name")
            text = _SAID[fault.kind].format(name=fault.dataset["name"], organization=organization)
            yield Diagnosis(
                name=fault.name, state="bad", text=text, mend=_MENDS[fault.kind], heal=self._put_back(fault),
                is_first=fault.name == self.survey.portal.layout.bank_name,
            )  # fmt: skip
        if not self.survey.faults:
            count = len(list(self.survey.known()))
            yield Diagnosis(name="datasets", state="ok", text=f"{count} of ours, each in its place")

    def _put_back(self, fault: Fault) -> Callable[[], Iterator[str]]:
        every: dict[str, dict[str, Any]] = {
            DELETED: {"state": "active", "name": fault.name},
            RENAMED: {"name": fault.name},
            GIVEN_AWAY: {"owner_org": self.survey.portal.organization_id},
            CLOSED: {"private": False},
        }
        fields = every[fault.kind]
        return partial(healing.put_back, self.client, fault.name, str(fault.dataset["id"]), fields)

    def _gaps(self) -> Iterator[Diagnosis]:
        found = [name for name, dataset in self.survey.known() if has_gap(dataset)]
        for name in found:
            yield Diagnosis(
                name=name, state="bad", text="its entries have a gap: CKAN 2.12 refuses every change of it (500)",
                mend=f"{_MEND} takes the entries out and puts them back; the bytes stay",
                heal=partial(healing.close_gap, self.client, name),
                is_first=name == self.survey.portal.layout.bank_name,
            )  # fmt: skip
        if not found:
            yield Diagnosis(name="entries", state="ok", text="no gap in their positions")

    def _entries(self) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        """Entries of files datasets that were changed, with what they should be; in the reading they are put right.

        One that is missing is put into the reading as well, so that everything else is compared as if it were there.
        """
        keys = self.survey.keys()
        files = {each.key: each for each in (*self.survey.publication.files(), *self.survey.publication.documents)}
        for container, dataset in self.survey.reading.containers.items():
            shown = {each["id"]: each for each in dataset["resources"]}
            for key in keys:
                name = resource_id(container, key)
                if name in shown:
                    wanted = self._entry(container, key, files.get(key))
                    fields = healing.entry_changes(wanted, shown[name])
                    shown[name].update(wanted)
                    if shown[name].get("url_type") != "upload":
                        self._missing.add((container, key))
                        shown[name]["url_type"] = "upload"
                    elif fields:
                        yield container, wanted, fields
                elif name in self.survey.links.get(container, ()):
                    self._missing.add((container, key))
                    package, path, digest = key
                    dataset["resources"].append(
                        {"id": name, "line_id": package, "path": path, "hash": digest, "url_type": "upload", "size": 0}
                    )

    def _entry(self, container: str, key: FileKey, file: PublishedFile | None) -> dict[str, Any]:
        """What the entry of a file should say; of documents that are made for this portal, what its id stands for."""
        if file is None:
            package, path, digest = key
            label = f"{package}/{path}" if package else path
            name = resource_id(container, key)
            return {"id": name, "name": label, "line_id": package, "path": path, "hash": digest}
        wanted = self.survey.portal.layout.file_resource(container, file)
        return {name: value for name, value in wanted.items() if name != "url"}

    def _cures(self, entries: list[tuple[str, dict[str, Any], list[str]]]) -> Iterator[Diagnosis]:
        for container, wanted, fields in entries:
            yield Diagnosis(
                name=container, state="bad", text=f"the entry of {wanted['name']} was changed: {_few(fields)}",
                mend=f"{_MEND} puts it right",
                heal=partial(healing.correct_entry, self.client, container, wanted),
            )  # fmt: skip

    def _bytes(self) -> Iterator[Diagnosis]:
        """Downloads and hashes every file of open files datasets, and every file that stays in the bank."""
        misplaced = self.survey.misplaced()
        copies = [
            each
            for each in (*self.state.held.values(), *self.state.twins)
            if each.is_open and each.container not in misplaced
        ]
        linked = [each for each in self._released.files() if self.target.layout.is_linked(each)]
        total, done, size, bad = len(copies) + len(linked), 0, 0, 0
        with ThreadPoolExecutor(max_workers=_THREADS) as pool:
            checks = [pool.submit(self._check_copy, each) for each in copies]
            checks += [pool.submit(self._check_link, each) for each in linked]
            items: list[Held | PublishedFile] = [*copies, *linked]
            try:
                for check, item in zip(checks, items, strict=True):
                    wrong = check.result()
                    done, size = done + 1, size + item.bytes
                    self.client.tell(
                        Note(type="progress", step="examine", name=item.key[1], members={"done": done, "total": total})
                    )
                    if wrong is not None:
                        bad += 1
                        yield wrong
            finally:
                for each in checks:
                    each.cancel()
        if not bad:
            yield Diagnosis(name="bytes", state="ok", text=f"{done} files downloaded and hashed ({size / 1e6:.1f} MB)")

    def _check_copy(self, held: Held) -> Diagnosis | None:
        address = self._address(held.container, held.key)
        package, path, digest = held.key
        label = f"{package}/{path}" if package else path
        if (held.container, held.key) in self._missing:
            return self._wrong_copy(held, f"{label} is not there any more")
        try:
            is_closed = any(each.kind == CLOSED and each.name == held.container for each in self.survey.faults)
            got, _ = self.client.digest(address, anonymous=not is_closed)
        except CatalogError as error:
            self.client.read("status_show", {})  # a portal that is away says nothing about one file
            return self._wrong_copy(held, f"{label} cannot be read: {error.message}")
        if got == digest:
            return None
        return self._wrong_copy(held, f"{label} has other bytes than were released (sha256 {got})")

    def _wrong_copy(self, held: Held, text: str) -> Diagnosis:
        file = self._source(held.key)
        if file is None:
            return Diagnosis(
                name=held.container, state="bad", text=f"{text}; it belongs to an older release",
                mend="nothing of the shown release has these bytes: go back to that release, mend, and publish again",
            )  # fmt: skip
        address = self._address(held.container, held.key)
        cure = healing.send if self._has_no_entry(held) else healing.send_again
        return Diagnosis(
            name=held.container, state="bad", text=text,
            mend=f"{_MEND} sends the right bytes under the same id: its address promises them",
            heal=partial(cure, self.target, self.client, held.container, file, address),
        )  # fmt: skip

    def _has_no_entry(self, held: Held) -> bool:
        entries = self.survey.reading.containers[held.container]["resources"]
        name = resource_id(held.container, held.key)
        return any(each["id"] == name and "name" not in each for each in entries)

    @property
    def _released(self) -> Publication:
        """The release with what is made for this portal."""
        return self.plan.publication or self.survey.publication

    def _source(self, key: FileKey) -> PublishedFile | None:
        """The file of a key, from the bank."""
        released = self._released
        found = {each.key: each for each in (*released.files(), *released.documents)}
        manifest = render_manifest(released, self.plan.urls)
        return {**found, manifest.key: manifest}.get(key)

    def _address(self, container: str, key: FileKey) -> str:
        file = quote(key[1].rpartition("/")[2])
        return f"{self.client.url}/dataset/{container}/resource/{resource_id(container, key)}/download/{file}"

    def _check_link(self, file: PublishedFile) -> Diagnosis | None:
        if self._silent.is_set():
            return None
        mend = "is the server of the bank's files running, and does it serve this release?"
        try:
            self.target.verify_link(file, self.plan.urls[file.key])
        except TemporaryError as error:
            if self._silent.is_set():
                return None
            self._silent.set()
            text = f"{file.label}: {error.message}; the other linked files were not asked for"
            return Diagnosis(name="links", state="bad", text=text, mend=mend)
        except CatalogError as error:
            text = f"{file.label} at {self.plan.urls[file.key]}: {error.message}"
            return Diagnosis(name="links", state="bad", text=text, mend=mend)
        return None

    def _records(self) -> Iterator[Diagnosis]:
        """Lines that are not what they should be."""
        bad = 0
        for step in self.plan.records:
            fields = [each for each in step.why if each != "resources.position"]
            if fields:
                bad += 1
                yield self._record(step, fields)
        if self.plan.uploads:
            count = sum(len(each.files) for each in self.plan.uploads)
            bad += 1
            yield Diagnosis(
                name="files", state="bad", text=f"{count} files of the release are not there, and nothing links to them",
                mend=f"fairline publish {self.target.name}",
            )  # fmt: skip
        if not bad:
            text = f"{len(self.plan.unchanged)} lines say what release {self.survey.publication.release} says"
            yield Diagnosis(name="metadata", state="ok", text=text)

    def _record(self, step: RecordStep, fields: list[str]) -> Diagnosis:
        text = {
            CREATE: "is not there",
            HIDE: f"is open, and {step.why[0]}",
        }.get(step.action, f"was changed: {_few(fields)}")

        def heal() -> Iterator[str]:
            self.target.record(step, self._released, self.plan.urls)
            yield f"{step.package}: made what it should be ({step.action}); read back"

        return Diagnosis(name=step.package, state="bad", text=text, mend=f"{_MEND} puts it right", heal=heal)

    def _pointer(self) -> Iterator[Diagnosis]:
        name = self.survey.portal.layout.bank_name
        fields = [each for each in self.plan.move_pointer if each not in {"maintainer", "resources.position"}]
        if not fields:
            yield Diagnosis(name="pointer", state="ok", text=f"names release {self.survey.release}")
            return

        def heal() -> Iterator[str]:
            self.target.point(self._released, self.plan.urls)
            yield f"{name}: made what it should be; read back"

        yield Diagnosis(
            name=name, state="bad", text=f"was changed: {_few(fields)}", mend=f"{_MEND} puts it right", heal=heal
        )


def _few(fields: list[str]) -> str:
    more = f" and {len(fields) - _SHOWN_FIELDS} more" if len(fields) > _SHOWN_FIELDS else ""
    return ", ".join(fields[:_SHOWN_FIELDS]) + more
