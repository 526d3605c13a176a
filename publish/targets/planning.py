"""Planning a publication: a release and what a target holds in, a printable plan out. Pure.

``fairline publish TARGET --dry-run`` prints the very plan that would be carried out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from catalog.errors import ConflictError, InvalidError
from catalog.identifiers import ReleaseName, portal_name
from publish.targets.descriptor import whole_descriptor
from publish.targets.manifest import render_manifest
from publish.targets.publication import FileKey, Publication, PublishedFile
from publish.targets.state import Held, Layout, Limits, TargetState, Urls

CREATE = "create"
REVISE = "revise"
ENTOMB = "entomb"
HIDE = "hide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Files that go into a container in one request."""

    container: str
    files: tuple[PublishedFile, ...]

    @property
    def bytes(self) -> int:
        """How much is sent."""
        return sum(each.bytes for each in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStep:
    """What happens to what a target says of one package, and why."""

    package: str
    action: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a publication does, in the order of the fields.

    Attributes:
        target, release: where and what; ``before`` is the release that the pointer names now.
        drop: files of unfinished containers that do not belong there.
        create: containers to make, closed.
        uploads: what to send.
        stage: files that are in closed containers, or will be, with their containers: proved before anything opens.
        links: files that stay in the bank: proved there before anything points at them.
        open: containers to open after that.
        records: packages to change.
        move_pointer: why the pointer changes; empty when it does not.
        erase: files to erase after that.
        unchanged: packages that stay as they are.
        kept: how many files are there already.
        urls: where each file will be read.
        publication: the release with what this target adds to it; None where nothing is published.
    """

    target: str
    release: str
    before: str
    drop: tuple[Held, ...] = ()
    create: tuple[str, ...] = ()
    uploads: tuple[Batch, ...] = ()
    stage: tuple[tuple[str, PublishedFile], ...] = ()
    links: tuple[PublishedFile, ...] = ()
    open: tuple[str, ...] = ()
    records: tuple[RecordStep, ...] = ()
    move_pointer: tuple[str, ...] = ()
    erase: tuple[Held, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: int = 0
    urls: Urls = field(default_factory=dict)
    publication: Publication | None = field(default=None, repr=False, compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.drop or self.create or self.uploads or self.open or self.records or self.erase) and not (
            self.move_pointer
        )

    @property
    def bytes(self) -> int:
        """How much is sent."""
        return sum(each.bytes for each in self.uploads)

    def to_json(self) -> dict[str, object]:
        """The plan, for ``--dry-run --json``."""
        return {
            "type": "plan",
            "target": self.target,
            "release": self.release,
            "before": self.before or None,
            "drop": [_held(each) for each in self.drop],
            "create": list(self.create),
            "uploads": [
                {
                    "container": each.container,
                    "bytes": each.bytes,
                    "files": [{"file": file.label, "bytes": file.bytes, "sha256": file.sha256} for file in each.files],
                }
                for each in self.uploads
            ],
            "verify": len(self.stage),
            "verify_links": len(self.links),
            "open": list(self.open),
            "records": [
                {"package": each.package, "action": each.action, "why": list(each.why)} for each in self.records
            ],
            "pointer": list(self.move_pointer),
            "erase": [_held(each) for each in self.erase],
            "unchanged": list(self.unchanged),
            "kept_files": self.kept,
            "bytes": self.bytes,
        }


def _held(each: Held) -> dict[str, object]:
    package, path, digest = each.key
    return {"file": f"{package}/{path}" if package else path, "sha256": digest, "container": each.container}


def plan_publication(target: str, publication: Publication, state: TargetState, layout: Layout) -> Plan:
    """The plan of a publication.

    Args:
        target: the target's name in the settings.
        publication: the release.
        state: what the target holds now.
        layout: names, addresses, and what differs.

    Raises:
        InvalidError: two packages would bear one name there.
    """
    _check_names(publication)
    linked = [each for each in publication.files() if layout.is_linked(each)]
    urls = {each.key: layout.link(publication.package(each.package).release, each) for each in linked}
    wanted = [each for each in (*publication.files(), *publication.documents) if each.key not in urls]
    parts = _Parts(publication.release, state, layout)
    for each in wanted:
        urls[each.key] = parts.place(each)
    if not layout.keeps_paths:
        publication = _with_descriptors(publication, parts, urls)
    manifest = render_manifest(publication, urls)
    urls[manifest.key] = parts.place(manifest)
    records = _plan_records(publication, state, layout, urls)
    erase = tuple(each for each in (*state.held.values(), *state.twins) if _is_gone(publication, each, urls))
    pointer = _plan_pointer(publication, state, layout, urls)
    changed = {each.package for each in records}
    relinked = [each for each in linked if each.package in changed]
    return Plan(
        target=target,
        release=publication.release,
        before=state.release,
        drop=parts.strays(),
        create=tuple(name for name in parts.names if name not in state.containers),
        uploads=tuple(_batches(parts.missing, layout.limits)),
        stage=tuple(parts.staged),
        links=tuple(relinked),
        open=tuple(parts.names),
        records=records,
        move_pointer=pointer,
        erase=erase,
        unchanged=tuple(each.id for each in publication.packages if each.id not in changed),
        kept=len(urls) - len(linked) - len(parts.staged),
        urls=urls,
        publication=publication,
    )


def _with_descriptors(publication: Publication, parts: _Parts, urls: dict[FileKey, str]) -> Publication:
    """The publication with descriptors that have whole addresses; they are files like others, with a place."""
    packages = []
    for package in publication.packages:
        made = whole_descriptor(package, urls)
        if made is not None:
            urls[made.key] = parts.place(made)
            package = replace(package, files=tuple(sorted((*package.files, made), key=lambda each: each.path)))
        packages.append(package)
    return replace(publication, packages=tuple(packages))


def _check_names(publication: Publication) -> None:
    taken: dict[str, str] = {}
    for each in publication.packages:
        other = taken.setdefault(portal_name(each.id), each.id)
        if other != each.id:
            raise InvalidError(
                "portal-name-taken",
                f"{other} and {each.id} would have one name on the portal",
                at=each.id,
                got=portal_name(each.id),
                hint="one of the lines needs another id",
            )


class _Parts:
    """Gives every file its place: where it is already, or the next of this release's unfinished containers.

    The places depend on the release and on what is open alone, so that a run that was cut off goes on in the same.
    """

    def __init__(self, release: str, state: TargetState, layout: Layout) -> None:
        self._release = release
        self._state = state
        self._layout = layout
        self._first = 1
        while state.containers.get(layout.container(release, self._first)):
            self._first += 1
        self.names: list[str] = []
        self.staged: list[tuple[str, PublishedFile]] = []
        self.missing: list[tuple[str, PublishedFile]] = []

    def place(self, file: PublishedFile) -> str:
        """The address of a file, now or after the upload."""
        held = self._state.held.get(file.key)
        if held is not None and held.is_open:
            return self._layout.address(held.container, file)
        number = self._first + len(self.staged) // self._layout.limits.container_files
        container = self._layout.container(self._release, number)
        if container not in self.names:
            self.names.append(container)
        self.staged.append((container, file))
        if held is None or held.container != container:
            self.missing.append((container, file))
        return self._layout.address(container, file)

    def strays(self) -> tuple[Held, ...]:
        """Files in the containers to be that have no place there."""
        placed = {(container, file.key) for container, file in self.staged}
        copies = (*self._state.held.values(), *self._state.twins)
        return tuple(
            each
            for each in copies
            if not each.is_open and each.container in self.names and (each.container, each.key) not in placed
        )


def _batches(missing: Iterable[tuple[str, PublishedFile]], limits: Limits) -> Iterable[Batch]:
    """Files of one container together, in order, each request within the limits."""
    container, files = "", list[PublishedFile]()
    for name, file in missing:
        full = len(files) >= limits.request_files or (
            bool(files) and sum(each.bytes for each in files) + file.bytes > limits.request_bytes
        )
        if files and (name != container or full):
            yield Batch(container=container, files=tuple(files))
            files = []
        container = name
        files.append(file)
    if files:
        yield Batch(container=container, files=tuple(files))


def _plan_records(publication: Publication, state: TargetState, layout: Layout, urls: Urls) -> tuple[RecordStep, ...]:
    steps = []
    for package in publication.packages:
        shown = state.shown.get(package.id)
        if shown is None:
            if package.withdrawal is None:
                steps.append(RecordStep(package=package.id, action=CREATE, why=("not there yet",)))
            continue
        why = tuple(layout.changes(publication, package, urls, shown))
        if why:
            action = REVISE if package.withdrawal is None else ENTOMB
            steps.append(RecordStep(package=package.id, action=action, why=why))
    for name in publication.later:
        shown = state.shown.get(name)
        if shown is not None and shown.is_open and not shown.is_tombstone:
            steps.append(
                RecordStep(package=name, action=HIDE, why=(f"release {publication.release} does not have it",))
            )
    return tuple(steps)


def _plan_pointer(publication: Publication, state: TargetState, layout: Layout, urls: Urls) -> tuple[str, ...]:
    if state.pointer is None or not state.release:
        return ("not there yet",)
    return tuple(layout.pointer_changes(publication, urls, state.pointer))


def _is_gone(publication: Publication, held: Held, urls: Urls) -> bool:
    """Whether a withdrawal took a file that the target holds."""
    package, path, digest = held.key
    left = publication.surviving.get(package)
    return left is not None and (path, digest) not in left and held.key not in urls


def plan_return(plan: Plan | None, target: str, state: TargetState) -> Plan:
    """The plan that gives up an unfinished run: back to what the pointer names, and closed containers emptied.

    Args:
        plan: that of the release which the pointer names; None when it names none yet.
        target: the target's name in the settings.
        state: what the target holds now.
    """
    drop = tuple(each for each in (*state.held.values(), *state.twins) if not each.is_open)
    if plan is not None:
        return replace(plan, drop=drop)
    hide = tuple(
        RecordStep(package=name, action=HIDE, why=("the first release was given up",))
        for name, shown in state.shown.items()
        if shown.is_open
    )
    return Plan(target=target, release="", before="", drop=drop, records=hide)


def check_history(publication: Publication, state: TargetState) -> None:
    """Makes sure that what the target shows was released by this very ledger.

    Raises:
        ConflictError: the pointer names a line that the ledger does not have: of another copy of the bank.
    """
    if state.line_sha256 and publication.history and state.line_sha256 not in publication.history:
        raise ConflictError(
            "publish-diverged",
            f"the target shows a release {state.release} that is not in this bank's ledger",
            want="one of the ledger's lines",
            got=f"a line with sha256 {state.line_sha256}",
            hint="is this an older backup, or a copy of the bank that went its own way? publish from the other one",
        )


def check_order(publication: Publication, state: TargetState, *, rollback: bool) -> None:
    """Makes sure that the pointer goes forward, or that going back was asked for.

    Raises:
        ConflictError: the target shows a later release.
    """
    before, after = ReleaseName.parse(state.release), ReleaseName.parse(publication.release)
    if before is None or after is None or rollback or not after < before:
        return
    raise ConflictError(
        "publish-older",
        f"the target shows release {before}, which is later than {after}",
        want=f"release {before} or a later one",
        got=str(after),
        hint=f"to go back on purpose: fairline publish TARGET --rollback --release {after}",
    )
