"""What of a release goes to a target: its packages, their open files, and the documents of the release. Values only.

Everything here is made from public records and the public store. Controlled files are not in it, so that no target
can send one.
"""

from __future__ import annotations

import bisect
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from catalog.access import PublicRecord
from catalog.ledger import LedgerLine, Withdrawal
from catalog.model import BankSettings

#: (package, path, sha256): other bytes are another file. The package of a release's own documents is empty.
FileKey = tuple[str, str, str]

#: The bytes of a small document (in the class, the name ``bytes`` is a size).
_Content = bytes | None

#: Beside the manifest, the documents of a release.
LEDGER = "ledger.jsonl"
KEYS = "signing-key.pub"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """One open file, or one document.

    Attributes:
        package: the package; empty for a document of the release.
        path: the logical path in the package.
        bytes: its size.
        sha256: its digest, as the ledger binds it.
        mediatype: the media type.
        title: a few words for people.
        format: fairline's name of the format; None for documents.
        edam_format: EDAM's, as a CURIE.
        is_document: whether fairline made it.
        licence: the address of its licence; empty when none is stated.
        source: where the bytes lie; None when ``content`` has them.
        content: the bytes of a small document.
    """

    package: str
    path: str
    bytes: int
    sha256: str
    mediatype: str
    title: str = ""
    format: str | None = None
    edam_format: str | None = None
    is_document: bool = True
    licence: str = ""
    source: Path | None = None
    content: _Content = field(default=None, repr=False)

    @property
    def key(self) -> FileKey:
        """What tells it from every other file."""
        return self.package, self.path, self.sha256

    @property
    def label(self) -> str:
        """Package and path, for people."""
        return f"{self.package}/{self.path}" if self.package else self.path

    def open(self) -> BinaryIO:
        """The bytes, from the start."""
        if self.content is not None:
            return io.BytesIO(self.content)
        assert self.source is not None
        return self.source.open("rb")


def document(path: str, content: bytes, mediatype: str, title: str) -> PublishedFile:
    """A document of the release."""
    digest = hashlib.sha256(content).hexdigest()
    return PublishedFile(
        package="", path=path, bytes=len(content), sha256=digest, mediatype=mediatype, title=title, content=content
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPackage:
    """One package as it is in a release.

    Attributes:
        id: the line and its package.
        version: the OCFL version, such as ``v2``; it counts the versions of the package.
        record: its public record; None when it is withdrawn.
        withdrawal: why it is gone; None while it is there.
        files: open files and documents, by path.
    """

    id: str
    version: str
    record: PublicRecord | None = None
    withdrawal: Withdrawal | None = None
    files: tuple[PublishedFile, ...] = ()

    @property
    def release(self) -> str:
        """The release in which this version first appeared; empty when it is withdrawn."""
        return self.record.release if self.record is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A release as targets see it.

    Attributes:
        bank: the bank's settings.
        line: the ledger's line.
        newest: the number of the ledger's newest line; higher than the line's own for an older release.
        releases: the names of all releases, oldest first, later ones too.
        packages: every package that the release knows, by id.
        later: packages that later releases added.
        history: the digests of all lines of the bank's ledger.
        documents: ledger up to the line, and the public keys.
        surviving: every (path, sha256) of each package that was ever touched by a withdrawal and is not withdrawn
            itself; anything else of it must be erased.
    """

    bank: BankSettings
    line: LedgerLine
    newest: int
    releases: tuple[str, ...]
    packages: tuple[PublishedPackage, ...]
    later: tuple[str, ...] = ()
    history: frozenset[str] = frozenset()
    documents: tuple[PublishedFile, ...] = ()
    surviving: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    @property
    def release(self) -> str:
        """Its name."""
        return self.line.release

    @property
    def live(self) -> tuple[PublishedPackage, ...]:
        """The packages that are not withdrawn."""
        return tuple(each for each in self.packages if each.withdrawal is None)

    def files(self) -> Iterator[PublishedFile]:
        """The files of all packages, by package and path."""
        for package in self.packages:
            yield from package.files

    def package(self, name: str) -> PublishedPackage:
        """The package of an id that the release knows; they are sorted by id."""
        place = bisect.bisect_left(self.packages, name, key=lambda each: each.id)
        return self.packages[place]
