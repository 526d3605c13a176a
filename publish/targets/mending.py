"""Looking at a target, and mending what can be mended: under its lock and its lease, each step told."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog import durable
from catalog.bank import Bank
from catalog.errors import CatalogError, ConflictError, NotFoundError, TemporaryError, UnauthorisedError
from catalog.settings import Settings
from catalog.store.locks import exclusive
from publish.targets.journal import PublishJournal
from publish.targets.protocol import Diagnosis, Target, Tell
from publish.targets.publication import Publication
from publish.targets.reading import read_publication
from publish.targets.settings import open_target
from publish.targets.tokens import variable_of

BAD = "bad"
MENDED = "mended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorJob:
    """What the doctor is given.

    Attributes:
        bank: the bank.
        settings: the user's folders.
        target: the target's name in ``fairline.toml``.
        tell: hears of retries and progress.
    """

    bank: Bank
    settings: Settings
    target: str
    tell: Tell = field(default=lambda _: None)

    @property
    def journal(self) -> PublishJournal:
        """The journal of this target."""
        return PublishJournal(path=self.bank.work_folder / f"publish-{self.target}.journal")


def list_targets(bank: Bank, settings: Settings) -> Iterator[Diagnosis]:
    """The bank's targets with kind and place, without asking them; a table with an error is bad."""
    for name, table in bank.settings.targets.items():
        try:
            open_target(bank, name, settings, lambda _: None)
        except UnauthorisedError as error:  # the table is right; perhaps somebody publishes from another machine
            state = "warn" if error.code == "token-missing" else BAD
            yield Diagnosis(
                name="targets", state=state, text=f"{_label(name, table)}: {error.message}", mend=_hint(error, name)
            )
        except CatalogError as error:
            text = f"{name}: {error.message}{f': {error.got}' if error.got else ''}"
            yield Diagnosis(name="targets", state=BAD, text=text, mend=_hint(error, name))
        else:
            yield Diagnosis(name="targets", state="ok", text=_label(name, table))


def _label(name: str, table: object) -> str:
    members = table if isinstance(table, Mapping) else {}
    place = next((f", {members[each]}" for each in ("url", "folder", "path") if members.get(each)), "")
    return f"{name} ({members.get('kind')}{place})"


@dataclass(slots=True)
class Visit:
    """One look at a target, and the mending of what it found.

    Attributes:
        job: which target of which bank.
        shown: the release that the target shows.
    """

    job: DoctorJob
    shown: str = ""
    _target: Target | None = None
    _publication: Publication | None = None

    def look(self) -> Iterator[Diagnosis]:
        """Everything about the target, line by line; nothing is written.

        Whatever ends the look early is a bad line itself, after the lines that were found before.

        Raises:
            NotFoundError: the bank has no target of this name.
        """
        for stage, lines in (("settings", self._opened), ("release", self._published), ("datasets", self._examined)):
            try:
                for each in lines():
                    yield replace(each, mend=each.mend.replace("--target NAME", f"--target {self.job.target}"))
            except NotFoundError as error:
                if error.code == "target-unknown":
                    raise
                yield self._failed(stage, error)
                return
            except CatalogError as error:
                yield self._failed(stage, error)
                return

    def mend(self, found: Iterable[Diagnosis]) -> Iterator[Diagnosis]:
        """Mends what the look found: a line for each step, which was read back.

        Args:
            found: lines of the look; those without a cure are passed over.

        Raises:
            ConflictError: a publisher is at work.
            TemporaryError, UnauthorisedError: the target does not answer, or not to us.
        """
        cures = [each for each in found if each.heal is not None]
        if not cures:
            return
        assert self._target is not None
        with self._lock():
            for each in (each for each in cures if each.is_first):
                yield from _heal(each)
            rest = [each for each in cures if not each.is_first]
            if rest:
                with self._target.hold(str(uuid.uuid4()), self.job.journal.read().runs):
                    self._check_shown()
                    for each in rest:
                        yield from _heal(each)
            # It would spare the next run the proof of files that were erased just now.
            journal = self.job.journal.path
            with durable.disk_errors(journal):
                durable.remove_file(journal)

    def _failed(self, stage: str, error: CatalogError) -> Diagnosis:
        kinds = {UnauthorisedError: "token", TemporaryError: "connection"}
        name = next((word for kind, word in kinds.items() if isinstance(error, kind)), stage)
        text = f"{error.message} ({error.code})"
        return Diagnosis(name=name, state=BAD, text=text, mend=_hint(error, self.job.target))

    def _opened(self) -> Iterator[Diagnosis]:
        job = self.job
        self._target = open_target(job.bank, job.target, job.settings, job.tell)
        table = job.bank.settings.targets[job.target]
        yield Diagnosis(name="target", state="ok", text=_label(job.target, table))
        place = _token_place(job, table)
        if place:
            yield Diagnosis(name="token", state="ok", text=place)

    def _published(self) -> Iterator[Diagnosis]:
        """The release that the target shows, else the last one."""
        assert self._target is not None
        yield from self._target.examine(None)
        newest = read_publication(self.job.bank)
        self._publication = newest
        try:
            self.shown = self._target.read(newest).release
        except ConflictError:
            return  # what stands in the way is told by the look at the datasets
        if self.shown == newest.release:
            yield Diagnosis(name="release", state="ok", text=f"{self.shown} is published, the bank's last")
        elif not self.shown:
            mend = f"fairline publish {self.job.target}"
            yield Diagnosis(name="release", state="warn", text="no release is published there yet", mend=mend)
        elif self.shown in newest.releases:
            self._publication = read_publication(self.job.bank, self.shown)
            yield Diagnosis(
                name="release", state="warn", text=f"{self.shown} is published; the bank's last is {newest.release}",
                mend=f"fairline publish {self.job.target}",
            )  # fmt: skip

    def _examined(self) -> Iterator[Diagnosis]:
        assert self._target is not None
        yield from self._target.examine(self._publication)

    def _check_shown(self) -> None:
        """Makes sure that nobody published between the look and the lease."""
        assert self._target is not None
        assert self._publication is not None
        try:
            now = self._target.read(self._publication).release
        except ConflictError:
            return
        if self.shown and now != self.shown:
            raise ConflictError(
                "publish-running", "another publisher was at work meanwhile", want=f"release {self.shown}",
                got=f"release {now}", hint="run the same command again: it looks at everything anew",
            )  # fmt: skip

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        folder = self.job.bank.work_folder
        with durable.disk_errors(folder):
            durable.make_directories(folder)
        with exclusive(folder / f"publish-{self.job.target}.lock", wait=False, what="publishes to this target"):
            yield


def _heal(found: Diagnosis) -> Iterator[Diagnosis]:
    """One cure; that it failed is no reason to leave the others out."""
    assert found.heal is not None
    try:
        for text in found.heal():
            yield Diagnosis(name=found.name, state=MENDED, text=text.removeprefix(f"{found.name}: "))
    except CatalogError as error:
        text = f"could not be mended: {error.message} ({error.code})"
        yield Diagnosis(name=found.name, state=BAD, text=text, mend=error.hint or found.mend)


def _hint(error: CatalogError, target: str) -> str:
    return error.hint or error.want or f"see 'fairline explain {error.code}' and [targets.{target}] in fairline.toml"


def _token_place(job: DoctorJob, table: object) -> str:
    """Where the token comes from; a file that others may read was refused when the target was opened."""
    members = table if isinstance(table, Mapping) else {}
    variable = variable_of(job.target)
    if members.get("kind") != "ckan":
        return ""
    if os.environ.get(variable, "").strip():
        return f"from the variable {variable}"
    if members.get("token_file"):
        path = job.bank.root / Path(str(members["token_file"])).expanduser()
        return f"from {path}, mode {path.stat().st_mode & 0o777:o}"
    return "from the keyring"
