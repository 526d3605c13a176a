"""What a kind of target must be able to do. Kinds enter by the entry points ``fairline.targets`` (docs/plugins.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from catalog.settings import Settings
from publish.targets.planning import Batch, RecordStep
from publish.targets.publication import Publication, PublishedFile
from publish.targets.state import Held, Layout, TargetState, Urls


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that a publication tells while it runs.

    Attributes:
        type: ``step`` (finished, and read back), ``progress``, ``retry``, ``warning`` or ``summary``.
        step: what kind of step: create, upload, verify, open, record, pointer, erase, drop, prove.
        name: the container, file or package.
        text: for people.
        members: what else there is to know, for ``--json`` and the journal.
    """

    type: str
    step: str = ""
    name: str = ""
    text: str = ""
    members: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The object that ``publish --json`` prints; empty members are left out."""
        named = {"type": self.type, "step": self.step, "name": self.name, "text": self.text}
        return {**{name: value for name, value in named.items() if value}, **self.members}


Tell = Callable[[Note], None]


@dataclass(slots=True)
class Traffic:
    """What went over the wire: requests, those of them that changed the target, and bytes of files sent and read."""

    requests: int = 0
    writes: int = 0
    sent_bytes: int = 0
    read_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing that a look at a target found.

    Attributes:
        name: what was looked at.
        state: ``ok``, ``warn`` or ``bad``; ``mended`` for a step of a cure that was taken and read back.
        mend: what to do, in words.
        heal: does it, and tells each step; None when people must.
        is_first: whether it must be healed before the lease can be taken.
    """

    name: str
    state: str
    text: str
    mend: str = ""
    heal: Callable[[], Iterable[str]] | None = field(default=None, compare=False)
    is_first: bool = False


class Target(Protocol):
    """One place that releases go to.

    Every step may be repeated: it looks first and does only what is still missing. A step returns when the target
    was read back and holds what was wanted. Steps are called from several threads, but never two for one container
    or one package.
    """

    name: str

    @property
    def layout(self) -> Layout:
        """Names, addresses, limits; only after :meth:`check`."""

    @property
    def traffic(self) -> Traffic:
        """What went over the wire so far."""

    def check(self) -> Iterable[Diagnosis]:
        """What must hold before anything is written: reachable, permissions, version; nothing is written."""

    def read(self, publication: Publication) -> TargetState:
        """What the target holds of the bank.

        Raises:
            ConflictError: something that is not ours has a name that the release needs.
            TemporaryError: the target does not answer.
        """

    def hold(self, run: str, mine: Sequence[str]) -> AbstractContextManager[None]:
        """Keeps other publishers away while the body runs.

        Args:
            run: the name of this run.
            mine: names of dead runs of this machine, whose lease may be taken over.

        Raises:
            ConflictError: another publisher is at work.
        """

    def drop(self, held: Held) -> None:
        """Erases a file from a container that was never open."""

    def create(self, container: str, publication: Publication) -> None:
        """Makes a closed container."""

    def upload(self, batch: Batch, tell: Tell) -> None:
        """Puts files into a closed container."""

    def verify(self, container: str, file: PublishedFile) -> None:
        """Reads a file back from a container, closed or open, and compares its bytes.

        Raises:
            IntegrityError: they are others.
        """

    def verify_link(self, file: PublishedFile, url: str) -> None:
        """Reads a file that stays in the bank as everybody does, and compares its bytes."""

    def open(self, container: str) -> None:
        """Lets everybody read a container."""

    def record(self, step: RecordStep, publication: Publication, urls: Urls) -> None:
        """Makes what is said of a package what it should be, in one step."""

    def point(self, publication: Publication, urls: Urls) -> None:
        """Makes the pointer name the release: the commit."""

    def erase(self, held: Held) -> None:
        """Erases the bytes of a withdrawn file."""

    def prove(self, publication: Publication, urls: Urls, tell: Tell) -> None:
        """Looks as a stranger does: pointer, records, containers, listing.

        Raises:
            IntegrityError: a stranger sees something else.
        """

    def examine(self, publication: Publication | None) -> Iterable[Diagnosis]:
        """Everything that ``fairline doctor --target`` looks at, one line after the other; nothing is written.

        Args:
            publication: the release that the target shows, or the last one; None for what can be told without a
                release: it is asked first, and comes before everything else.
        """


class TargetKind(Protocol):
    """A kind of target, as an entry point names it."""

    def open(self, name: str, table: Mapping[str, Any], surroundings: Surroundings) -> Target:
        """The target of a table ``[targets.NAME]``, without ``kind``; nothing is asked yet.

        Raises:
            UsageError: the table has an error.
            UnauthorisedError: it wants a token, and there is none.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a target may know of the machine.

    Attributes:
        root: the bank's folder, for paths in its settings.
        settings: the user's folders.
        environment: variables, for tokens.
        tell: hears of retries and warnings.
        wait: sleeps, in seconds.
    """

    root: Path
    settings: Settings
    environment: Mapping[str, str]
    tell: Tell
    wait: Callable[[float], None]
