"""The guard before the parsers: bounded sizes, honest compression, harmless entities, nothing from elsewhere.

Real OBO files declare internal entities (``<!ENTITY obo "http://purl.obolibrary.org/obo/">``), so entities are counted
and bounded, not forbidden. Only the prolog is read here, with expat; no entity is ever expanded here, and nothing is
fetched.

Source: XML 1.0, 4.2 and 4.3 (entities); docs/ontologies.md, what is refused.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from xml.parsers import expat

from catalog.errors import CatalogError, IntegrityError, NotFoundError

_GZIP = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20
#: Below this size no ratio is asked for: small files compress well for honest reasons.
_RATIO_FLOOR_BYTES = 16 << 20
_EXPANSION_FLOOR = 64 << 20
_EXPANSION_RATIO = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a file may cost.

    Attributes:
        bytes: after decompression.
        ratio: decompressed bytes to compressed bytes.
        prolog_bytes: up to the end of the document type declaration.
        entities: internal general entities.
        entity_characters: of one entity's value.
    """

    bytes: int = 4 << 30
    ratio: int = 200
    prolog_bytes: int = 1 << 20
    entities: int = 1000
    entity_characters: int = 256


LIMITS = Limits()


class GuardedFile:
    """The decompressed bytes of a file, with their sha256 and a watch on what they cost. A context manager.

    Parsers swallow exceptions of the stream that they read; :attr:`refusal` keeps the first one, and
    :func:`refusals_first` puts it in front of whatever the parser says.
    """

    def __init__(self, path: Path, limits: Limits = LIMITS) -> None:
        self.path = path
        self.limits = limits
        self.bytes_read = 0
        self.refusal: CatalogError | None = None
        self._digest = hashlib.sha256()
        self._references = 0
        self._longest_entity = 0
        try:
            self._raw = path.open("rb")
        except OSError as error:
            raise NotFoundError("ontology-file", f"cannot be opened: {error.strerror}", at=str(path)) from error
        self.compressed = self._raw.peek(2)[:2] == _GZIP
        self._source: io.BufferedIOBase = gzip.GzipFile(fileobj=self._raw) if self.compressed else self._raw
        self._head = b""

    def __enter__(self) -> GuardedFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.close()
        self._raw.close()

    @property
    def sha256(self) -> str:
        """Of the decompressed bytes; call it after :meth:`drain`."""
        return self._digest.hexdigest()

    def head(self, size: int) -> bytes:
        """The first bytes, which :meth:`read` gives again."""
        while len(self._head) < size:
            block = self._take(size - len(self._head))
            if not block:
                break
            self._head += block
        return self._head[:size]

    def read(self, size: int = -1) -> bytes:
        """The next bytes; empty at the end.

        Raises:
            IntegrityError: ``ontology-too-large``, ``ontology-bomb``, ``ontology-truncated``.
        """
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(_CHUNK_BYTES), b""))
        if self._head:
            block, self._head = self._head[:size], self._head[size:]
            return block
        return self._take(size)

    def drain(self) -> None:
        """Reads to the end, so that the digest covers the whole file."""
        while self.read(_CHUNK_BYTES):
            pass

    def watch_entities(self, longest: int) -> None:
        """From now on the references in the text are counted: many short ones multiply as one bomb does."""
        self._longest_entity = longest
        self._references = self._head.count(b"&")

    def _take(self, size: int) -> bytes:
        try:
            block = self._source.read(size)
            self._digest.update(block)
            self.bytes_read += len(block)
            self._check(block)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise self._refuse("ontology-truncated", f"the compressed file is damaged or cut off: {error}") from error
        except OSError as error:
            raise self._refuse("ontology-truncated", f"the file cannot be read to its end: {error}") from error
        return block

    def _check(self, block: bytes) -> None:
        if self.bytes_read > self.limits.bytes:
            want = f"at most {self.limits.bytes} bytes"
            raise self._refuse("ontology-too-large", "the file is larger than an ontology may be", want)
        if self.compressed and self.bytes_read > _RATIO_FLOOR_BYTES:
            ratio = self.bytes_read / max(self._raw.tell(), 1)
            if ratio > self.limits.ratio:
                want = f"at most {self.limits.ratio} bytes from one compressed byte"
                raise self._refuse("ontology-bomb", "the compressed file expands like a bomb", want)
        if self._longest_entity:
            self._references += block.count(b"&")
            expansion = self._references * self._longest_entity
            if expansion > _EXPANSION_FLOOR + _EXPANSION_RATIO * self.bytes_read:
                raise self._refuse("ontology-bomb", "the references to entities expand like a bomb")

    def _refuse(self, code: str, message: str, want: str | None = None) -> CatalogError:
        hint = "get the file again from its publisher"
        self.refusal = IntegrityError(code, message, at=str(self.path), want=want, hint=hint)
        return self.refusal


@contextmanager
def refusals_first(stream: GuardedFile) -> Iterator[None]:
    """Whatever fails inside, a refusal of the stream is the reason that is told."""
    try:
        yield
    except BaseException as error:
        if stream.refusal is not None and error is not stream.refusal:
            raise stream.refusal from error
        raise


class _PrologEnds(Exception):
    """Raised inside expat where the prolog is over, so that nothing behind it is parsed here."""


class _Prolog:
    """Collects the entity declarations of a document type declaration, and refuses the harmful ones."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.longest = 0
        self.count = 0
        self.parser = expat.ParserCreate()
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.EndDoctypeDeclHandler = self._end
        self.parser.StartElementHandler = lambda name, attributes: self._end()

    def refuse(self, message: str, got: str) -> IntegrityError:
        return IntegrityError(
            "ontology-entity",
            message,
            at=str(self.path),
            want=f"internal entities, at most {self.limits.entities}, each up to {self.limits.entity_characters} characters",
            got=got[:120],
            hint="get the file again from its publisher; no ontology needs this",
        )

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in {"utf-8", "us-ascii", "ascii"}:
            raise IntegrityError(
                "ontology-encoding", "the file is not in UTF-8", at=str(self.path), want="UTF-8", got=encoding
            )

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        if system is not None or public is not None:
            raise self.refuse("the file names an external document type, which is never read", str(system or public))

    def _entity(self, name: str, is_parameter: int, value: str | None, *elsewhere: str | None) -> None:
        if is_parameter:
            raise self.refuse("the file declares a parameter entity", name)
        if value is None:
            address = next((each for each in elsewhere if each), "")
            raise self.refuse("the file declares an external entity, which is never read", f"{name} {address}")
        self.count += 1
        self.longest = max(self.longest, len(value.encode()))
        if self.count > self.limits.entities:
            raise self.refuse("the file declares too many entities", str(self.count))
        if len(value) > self.limits.entity_characters or "&" in value or "<" in value:
            raise self.refuse("the file declares an entity that is long or holds another entity", f"{name} {value}")

    def _end(self) -> None:
        raise _PrologEnds


def check_prolog(stream: GuardedFile) -> None:
    """Reads the prolog of an XML document and refuses entities that do harm; the stream's position stays.

    Raises:
        IntegrityError: ``ontology-entity``, ``ontology-encoding``, ``ontology-unreadable``.
    """
    head = stream.head(4)
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in head:
        raise IntegrityError("ontology-encoding", "the file is not in UTF-8", at=str(stream.path), want="UTF-8")
    prolog = _Prolog(stream.path, stream.limits)
    size, fed = 1 << 14, 0
    while True:
        head = stream.head(size)
        if len(head) == fed or size > stream.limits.prolog_bytes:
            raise IntegrityError("ontology-unreadable", "no XML element begins in this file", at=str(stream.path))
        try:
            prolog.parser.Parse(head[fed:], False)
        except _PrologEnds:
            break
        except expat.ExpatError as error:
            raise IntegrityError("ontology-unreadable", f"the file is not XML: {error}", at=str(stream.path)) from error
        fed, size = len(head), size * 2
    if prolog.longest:
        stream.watch_entities(prolog.longest)
