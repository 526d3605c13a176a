"""What a target holds, and what it says about its own layout. Values and protocols only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from publish.targets.publication import FileKey, Publication, PublishedFile, PublishedPackage


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A file that a target holds.

    Attributes:
        key: which one.
        bytes: its size, as the target says.
        container: what holds it there.
        is_open: whether everybody can read the container.
    """

    key: FileKey
    bytes: int
    container: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a target says of one package, or of the bank.

    Attributes:
        document: in the target's own shape.
        is_open: whether everybody can read it.
        is_tombstone: whether it says that the package is withdrawn.
    """

    document: Mapping[str, Any]
    is_open: bool = True
    is_tombstone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """What a target holds now.

    Attributes:
        release: the release that its pointer names; empty before the first.
        line_sha256: the digest of that release's ledger line, as the pointer says.
        containers: whether each is open, by name.
        held: every file that it holds, by key; of a key in several containers the first open one.
        twins: further copies of a held key.
        shown: what it says of each package, by id.
        pointer: what it says of the bank; None before the first publication.
        leftovers: what dead runs left there, in words.
        holder: who is publishing there at this moment, in words.
    """

    release: str = ""
    line_sha256: str = ""
    containers: Mapping[str, bool] = field(default_factory=dict)
    held: Mapping[FileKey, Held] = field(default_factory=dict)
    twins: Sequence[Held] = ()
    shown: Mapping[str, Shown] = field(default_factory=dict)
    pointer: Shown | None = None
    leftovers: Sequence[str] = ()
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much goes where.

    Attributes:
        container_files: files in one container at most.
        request_files, request_bytes: files and bytes in one request at most; one file may be larger.
    """

    container_files: int = 100
    request_files: int = 50
    request_bytes: int = 256 << 20


class Layout(Protocol):
    """What a target says about itself without asking anything: names, addresses, limits, and what differs."""

    limits: Limits
    #: Whether files lie there at their paths relative to each other, so that a descriptor works as it is.
    keeps_paths: bool

    def container(self, release: str, number: int) -> str:
        """The name of a release's n-th container, from 1."""

    def is_linked(self, file: PublishedFile) -> bool:
        """Whether a file stays in the bank and is only pointed at."""

    def address(self, container: str, file: PublishedFile) -> str:
        """Where everybody reads a file that a container holds."""

    def link(self, release: str, file: PublishedFile) -> str:
        """Where everybody reads a file that stays in the bank."""

    def changes(self, publication: Publication, package: PublishedPackage, urls: Urls, shown: Shown) -> Sequence[str]:
        """The fields in which what is shown of a package is not what it should be."""

    def addresses(self, publication: Publication, urls: Urls) -> Mapping[str, str]:
        """Where people look first, by what it is: the pointer, the manifest, a package; for the end of a run."""

    def pointer_changes(self, publication: Publication, urls: Urls, shown: Shown) -> Sequence[str]:
        """The fields in which what is shown of the bank is not what it should be."""


#: Where everybody reads each file of the release.
Urls = Mapping[FileKey, str]
