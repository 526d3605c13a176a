"""A CKAN as a target: each step looks, compares, acts, and looks again (docs/targets.md).

Four actions change datasets: package_create, package_revise with ``match``, package_patch and, to erase bytes,
resource_patch with ``clear_upload`` followed by resource_delete. Nothing else does what it says in CKAN 2.12.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.errors import CatalogError, ConflictError, IntegrityError, TemporaryError, UnauthorisedError, UsageError
from catalog.identifiers import portal_name
from publish.targets.ckan.client import CkanClient, Doubt, Mismatch, TooLarge
from publish.targets.ckan.comparison import differences
from publish.targets.ckan.doctor import Doctor
from publish.targets.ckan.layout import CkanLayout, dataset_id, resource_id, upload_name
from publish.targets.ckan.lease import Lease
from publish.targets.ckan.portal import Portal
from publish.targets.ckan.proof import prove_publication
from publish.targets.ckan.reading import Reading, read_portal, state_of
from publish.targets.ckan.survey import Survey
from publish.targets.planning import CREATE, HIDE, Batch, RecordStep
from publish.targets.protocol import Diagnosis, Tell, Traffic
from publish.targets.publication import Publication, PublishedFile
from publish.targets.state import Held, TargetState, Urls

_DOWNLOADS = 2
_SENDINGS = 2
_GONE_FROM_DISK = 500


@dataclass(slots=True)
class CkanTarget:
    """One organization of one CKAN.

    Attributes:
        name: of the target in the settings.
        client: the connection.
        portal: version, organization, user: asked once.
    """

    name: str
    client: CkanClient
    portal: Portal
    _reading: Reading = field(default_factory=Reading, repr=False)
    _lease: Lease | None = field(default=None, repr=False)
    _base_iri: str = ""
    _locks: dict[str, threading.Lock] = field(default_factory=dict, repr=False)

    @property
    def layout(self) -> CkanLayout:
        """Names and contents, for this portal."""
        return self.portal.layout

    @property
    def traffic(self) -> Traffic:
        """What went over the wire."""
        return self.client.traffic

    def check(self) -> Iterable[Diagnosis]:
        """Version, search, user and organization; nothing is written."""
        return self.portal.check()

    def read(self, publication: Publication) -> TargetState:
        """What the portal holds of the bank."""
        self._base_iri = self.layout.base_iri = publication.bank.base_iri
        self._reading = read_portal(self.client, self.layout, publication, self.portal.organization_id)
        return state_of(self._reading, publication)

    @contextlib.contextmanager
    def hold(self, run: str, mine: Sequence[str]) -> Iterator[None]:
        """Keeps other publishers away by a lease in the bank dataset."""
        dataset = {
            "name": self.layout.bank_name,
            "title": self.layout.bank_name,
            "notes": "The first release is being published.",
            "owner_org": self.layout.site.organization,
            "private": True,
            "uri": f"{self._base_iri}release/",
        }
        lease = Lease(client=self.client, run=run, dataset=self._with_id(dataset))
        lease.take(mine)
        self._lease = lease
        try:
            yield
        finally:
            self._lease = None
            with contextlib.suppress(CatalogError):  # it ends by itself; what stopped us is the error to tell
                lease.give_back()

    def create(self, container: str, publication: Publication) -> None:
        """Makes a closed files dataset."""
        self._renew()
        self._create(self.layout.files_dataset(publication, container))

    def upload(self, batch: Batch, tell: Tell) -> None:
        """Puts files into a closed files dataset in one request, or in more where the server takes no such size."""
        self._renew()
        try:
            self._upload(batch, tell)
        except TooLarge as error:
            if len(batch.files) == 1:
                file = batch.files[0]
                raise UsageError(
                    "portal-too-large", f"the portal takes no file of this size: {error}", at=file.label,
                    got=f"{file.bytes} bytes",
                    hint="ask the portal's operator for a higher ckan.max_resource_size, or set link_above_bytes",
                ) from error  # fmt: skip
            half = len(batch.files) // 2
            for part in (batch.files[:half], batch.files[half:]):
                self.upload(Batch(container=batch.container, files=part), tell)

    def _upload(self, batch: Batch, tell: Tell) -> None:
        wanted = {resource_id(batch.container, each): each for each in batch.files}
        shown: dict[str, Any] = {}
        refused = False

        def look() -> bool | None:
            nonlocal shown
            shown = self._must_show(batch.container)
            return True if wanted.keys() <= {each["id"] for each in shown["resources"]} else None

        def act() -> None:
            nonlocal refused
            there = {each["id"] for each in shown["resources"]}
            missing = [file for name, file in wanted.items() if name not in there]
            start = len(shown["resources"])
            resources = [dict(self.layout.file_resource(batch.container, each)) for each in missing]
            fields = {
                "match": json.dumps({"id": shown["id"], "num_resources": start}),
                "update__resources__extend": json.dumps(resources),
                "include": json.dumps(["-*"]),
            }
            parts = [
                (f"update__resources__{start + number}__upload", upload_name(each), each)
                for number, each in enumerate(missing)
            ]
            try:
                self.client.upload("package_revise", fields, parts, tell)
            except Mismatch as mismatch:
                if "Resource id already exists" in str(mismatch) and refused:
                    raise _deleted(batch.container) from mismatch
                refused = True
                raise

        self.client.settle(look, act, f"upload to {batch.container}", known=False)

    def verify(self, container: str, file: PublishedFile) -> None:
        """Downloads a file and compares its bytes; sends it once more when the portal holds others."""
        address = self.client.url + self.layout.download(container, file)
        got = ("", 0)
        for sending in range(_SENDINGS):
            if sending:
                self._send_again(container, file)
            for _ in range(_DOWNLOADS):
                got = self._read_back(address)
                if got == (file.sha256, file.bytes):
                    return
        raise _wrong_bytes(file, address, got)

    def _read_back(self, address: str) -> tuple[str, int]:
        """sha256 and size of a file there; of nothing when the portal is well, but cannot give this file.

        CKAN answers 500 for an entry whose file is gone from its disk (measured on 2.12.0), and 404 for none at all.
        """
        try:
            return self.client.digest(address)
        except TemporaryError as error:
            if not isinstance(error.__cause__, Doubt) or error.__cause__.status != _GONE_FROM_DISK:
                raise
            self.client.read("status_show", {})
        except IntegrityError:
            pass
        return "", 0

    def _send_again(self, container: str, file: PublishedFile) -> None:
        with self._locks.setdefault(container, threading.Lock()):
            self.drop(Held(key=file.key, bytes=file.bytes, container=container, is_open=False))
            self.upload(Batch(container=container, files=(file,)), lambda _: None)

    def verify_link(self, file: PublishedFile, url: str) -> None:
        """Downloads a file as everybody does, and compares its bytes."""
        address = url.replace(self.layout.site.address, self.client.url, 1)
        got = self.client.digest(address, anonymous=True)
        if got != (file.sha256, file.bytes):
            raise _wrong_bytes(file, address, got)

    def open(self, container: str) -> None:
        """Lets everybody read a files dataset."""
        self._renew()
        self._set_private(container, private=False)

    def _set_private(self, name: str, *, private: bool) -> None:
        def look() -> bool | None:
            return True if self._must_show(name)["private"] is private else None

        def act() -> None:
            with _naming(name):
                self.client.write("package_patch", {"id": name, "private": private})

        self.client.settle(look, act, f"{'close' if private else 'open'} {name}", known=False)

    def record(self, step: RecordStep, publication: Publication, urls: Urls) -> None:
        """Makes a line's dataset what it should be, in one write."""
        self._renew()
        if step.action == HIDE:
            self._set_private(portal_name(step.package), private=True)
            return
        wanted = self.layout.line_dataset(publication, publication.package(step.package), urls)
        if step.action == CREATE:
            self._create(wanted)
        else:
            self._revise(wanted, self._reading.lines[step.package])

    def point(self, publication: Publication, urls: Urls) -> None:
        """Makes the bank dataset name the release, if it is as this run left it."""
        self._renew()
        shown = self._must_show(self.layout.bank_name)
        if self._lease is not None and not self._lease.is_in(shown):
            raise ConflictError(
                "publish-lease-lost", "another publisher took over while this run was at work", at=self.layout.bank_name,
                hint="run 'fairline publish TARGET --status' to see what the portal shows",
            )  # fmt: skip
        self._revise(self.layout.bank_dataset(publication, urls), shown)
        if self._lease is not None:
            self._lease.is_over = True

    def _create(self, wanted: Mapping[str, Any]) -> None:
        """Makes a dataset that is not there yet."""
        name = str(wanted["name"])

        def look() -> dict[str, Any] | None:
            shown = self.client.show(name)
            if shown is not None and shown.get("uri") != wanted.get("uri") and differences(wanted, shown):
                raise ConflictError(
                    "portal-name-foreign", f"the portal has another dataset {name} meanwhile", at=name,
                    hint="look at it there; it is not touched",
                )  # fmt: skip
            return shown

        def act() -> None:
            try:
                self.client.write("package_create", self._with_id(wanted))
            except Mismatch as mismatch:
                if self.client.show(name) is None:
                    raise _deleted(name) from mismatch
                raise

        shown = self.client.settle(look, act, f"create {name}", known=True)
        if differences(wanted, shown):
            self._revise(wanted, shown)

    def _revise(self, wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
        """Makes a dataset exactly what is wanted, in one write that fails if somebody else was first."""
        name, current = str(wanted["name"]), dict(shown)

        def look() -> bool | None:
            nonlocal current
            current = self._must_show(name)
            return True if not differences(wanted, current) else None

        def act() -> None:
            match = {"id": current["id"], "metadata_modified": current["metadata_modified"]}
            data = {"match": match, "filter": ["-*"], "update": dict(wanted), "include": ["-*"]}
            with _naming(name):
                self.client.write("package_revise", data)

        self.client.settle(look, act, f"revise {name}", known=True)

    def drop(self, held: Held) -> None:
        """Erases a file from a closed files dataset."""
        self.erase(held)

    def erase(self, held: Held) -> None:
        """Erases the bytes of a file from the portal's disk, then its entry.

        Only ``clear_upload`` removes bytes: a deleted resource, dataset or purge leaves them (measured on 2.12.0).
        """
        self._renew()
        name = resource_id(held.container, held.key)
        gone = f"{self._base_iri}package/{held.key[0]}" if held.key[0] else self._base_iri

        def entry() -> Mapping[str, Any] | None:
            resources = self._must_show(held.container)["resources"]
            return next((each for each in resources if each["id"] == name), None)

        def is_cleared() -> bool | None:
            found = entry()
            return True if found is None or found.get("url_type") != "upload" else None

        def clear() -> None:
            self.client.write("resource_patch", {"id": name, "clear_upload": True, "url": gone, "size": 0})

        def delete() -> None:
            self.client.write("resource_delete", {"id": name})

        self.client.settle(is_cleared, clear, f"erase {held.key[1]}", known=False)
        self.client.settle(lambda: True if entry() is None else None, delete, f"remove {held.key[1]}", known=False)

    def prove(self, publication: Publication, urls: Urls, tell: Tell) -> None:
        """Looks at everything as a stranger does."""
        prove_publication(self.client, self.layout, publication, urls, tell)

    def examine(self, publication: Publication | None) -> Iterable[Diagnosis]:
        """Everything that ``fairline doctor --target`` looks at."""
        if publication is None:
            yield from self.portal.judge()
            return
        self._base_iri = self.layout.base_iri = publication.bank.base_iri
        survey = Survey(client=self.client, portal=self.portal, publication=publication)
        survey.read()
        self._reading = survey.reading
        yield from Doctor(target=self, survey=survey).look()

    def _with_id(self, dataset: Mapping[str, Any]) -> dict[str, Any]:
        """The dataset with our id where the user may choose it."""
        if not self.portal.is_sysadmin:
            return dict(dataset)
        return {**dataset, "id": dataset_id(self._base_iri, str(dataset["name"]))}

    def _must_show(self, name: str) -> dict[str, Any]:
        shown = self.client.show(name)
        if shown is None:
            raise ConflictError(
                "portal-dataset-gone",
                f"the dataset {name} is not on the portal any more",
                at=name,
                hint="was it deleted by hand? run the same command again: it looks at everything anew",
            )
        return shown

    def _renew(self) -> None:
        if self._lease is not None:
            self._lease.renew()


@contextlib.contextmanager
def _naming(dataset: str) -> Iterator[None]:
    """Says which dataset it is that we may not change."""
    try:
        yield
    except UnauthorisedError as error:
        raise UnauthorisedError(
            "publish-refused", f"CKAN does not let us change the dataset {dataset}", at=dataset, got=error.got,
            hint="is the token still valid, or was the dataset given to another organization? "
            "once that is put right, the same command goes on",
        ) from error  # fmt: skip


def _deleted(name: str) -> ConflictError:
    return ConflictError(
        "portal-dataset-deleted",
        f"the portal keeps a deleted dataset that bears our ids: {name}",
        at=name,
        hint="restore it there (package_patch with state active), or let a sysadmin purge it; then publish again",
    )


def _wrong_bytes(file: PublishedFile, address: str, got: tuple[str, int]) -> IntegrityError:
    return IntegrityError(
        "portal-bytes",
        f"{file.label} is not what was released when it is read from there",
        at=address,
        want=f"{file.bytes} bytes, sha256 {file.sha256}",
        got=f"{got[1]} bytes, sha256 {got[0]}",
        hint="run 'fairline verify' in the bank: if the file is right there, something between here and there changes it",
    )
