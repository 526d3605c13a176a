"""One update: a file or an address becomes an installed ontology, or nothing changes."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import durable
from catalog.errors import IntegrityError, UsageError
from catalog.ontology.build import Identity, current_manifest, write_store
from catalog.ontology.content import Content
from catalog.ontology.fetch import download, is_address
from catalog.ontology.guard import LIMITS, GuardedFile, Limits
from catalog.ontology.sources import Source

#: Trust in a file: its digest is the pinned one of ``sources.toml``, where that states one.
PINNED = "pinned"
#: Trust in a file: whatever its digest is.
ANY = "any"

_SUFFIXES = {".owl": "owl", ".rdf": "owl", ".xml": "owl", ".ttl": "ttl", ".obo": "obo"}
_SNIFFED_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What an update did.

    Attributes:
        version_source: ``file``: the file states the version; ``sources``: the pinned file states none, so that of
            ``sources.toml`` is taken; ``sha256``: nobody states one, so the first digits of the digest stand for it.
        terms: with those of other ontologies that the file mentions with a label; ``own`` are the ontology's own.
        skipped: class expressions that say nothing the tables can hold.
        imports: addresses of ``owl:imports``, not followed.
        cycles: groups of terms that are each other's ancestors (the first 20).
        unchanged: the same file was installed already.
    """

    name: str
    version: str
    version_source: str
    licence: str
    sha256: str
    terms: int
    own: int
    obsolete: int
    synonyms: int
    xrefs: int
    is_a: int
    edges: int
    closure: int
    skipped: int
    imports: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]
    seconds: float
    unchanged: bool = False


def update_ontology(
    source: Source,
    given: str | Path | None,
    ontologies_folder: Path,
    *,
    trust: str = PINNED,
    limits: Limits = LIMITS,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Reads an ontology into the term store.

    Args:
        source: which ontology it is, see :func:`catalog.ontology.sources.source`.
        given: a file (owl, rdf, ttl, obo; plain or gzip), an http(s) address, or None for the source's own address.
        ontologies_folder: where the store lies; see :class:`catalog.settings.Settings`.
        trust: :data:`PINNED`, :data:`ANY`, or the 64 hexadecimal digits that the decompressed file must have.
        limits: how large it may be.
        clock: seconds, for the summary.

    Raises:
        UsageError: ``ontology-address``, ``ontology-no-file``, ``ontology-format``, ``ontology-digest-form``.
        NotFoundError: ``ontology-file``.
        IntegrityError: ``ontology-digest``, ``ontology-empty`` and what the guard and the parsers refuse.
        TemporaryError: ``ontology-download``, ``disk-full``, ``disk-error``.
    """
    began = clock()
    expected = _expected(source, trust)
    with _local_file(source, given, ontologies_folder) as path:
        sha256 = _check_digest(path, expected, limits)
        manifest = current_manifest(ontologies_folder, source.name)
        if manifest is not None and manifest["sha256"] == sha256:
            return _summary(manifest, clock() - began, unchanged=True)
        content = _read(path, limits)
    if not any(True for _ in content.own_terms(source.ids)):
        raise IntegrityError(
            "ontology-empty",
            f"the file has no term of {source.title}",
            at=str(given or source.url),
            want=f"terms such as {source.ids[0]}...",
            hint="give the file of this ontology, as OWL (RDF/XML), Turtle or OBO",
        )
    version, version_source = _version(content, source, sha256)
    identity = Identity(
        name=source.name,
        title=source.title,
        ids=source.ids,
        version=version,
        version_source=version_source,
        licence=source.licence,
        sha256=sha256,
    )
    return _summary(write_store(content, identity, ontologies_folder), clock() - began, unchanged=False)


def _expected(source: Source, trust: str) -> str | None:
    if trust == PINNED:
        return source.sha256
    if trust == ANY:
        return None
    digest = trust.removeprefix("sha256:").lower()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise UsageError("ontology-digest-form", "a SHA-256 has 64 hexadecimal digits", got=trust[:80])
    return digest


@contextmanager
def _local_file(source: Source, given: str | Path | None, folder: Path) -> Iterator[Path]:
    """The file to read; a download lies beside the store and is gone afterwards."""
    wanted = source.url if given is None else given
    if wanted is None:
        raise UsageError(
            "ontology-no-file",
            f"{source.title} has no address to download from",
            hint=f"give its file: fairline ontology update {source.name} FILE",
        )
    if isinstance(wanted, Path) or not is_address(wanted):
        yield Path(wanted)
        return
    with durable.disk_errors(folder):
        durable.make_directories(folder)
        name = re.sub(r"[^A-Za-z0-9._-]", "-", wanted.partition("?")[0])[-40:]
        part = folder / f".download-{os.getpid()}-{time.time_ns()}-{name}"
        try:
            download(wanted, part)
            yield part
        finally:
            durable.remove_file(part)


def _check_digest(path: Path, expected: str | None, limits: Limits) -> str:
    """Reads the file once before anything parses it: sizes, compression and digest."""
    with GuardedFile(path, limits) as stream:
        stream.drain()
        found = stream.sha256
    if expected is not None and found != expected:
        raise IntegrityError(
            "ontology-digest",
            "this is not the file that is pinned",
            at=str(path),
            want=f"sha256 {expected} of the decompressed file",
            got=found,
            hint="to install this version all the same, check where it is from and name its digest with --sha256",
        )
    return found


def _read(path: Path, limits: Limits) -> Content:
    with GuardedFile(path, limits) as stream:
        kind = _format(stream)
        if kind == "obo":
            from catalog.ontology.obo import read_obo

            return read_obo(stream)
        from catalog.ontology.owl import read_owl

        return read_owl(stream, kind)


def _format(stream: GuardedFile) -> str:
    """By the file's name, else by its first bytes."""
    suffixes = [suffix.lower() for suffix in stream.path.suffixes if suffix.lower() != ".gz"]
    if suffixes and suffixes[-1] in _SUFFIXES:
        return _SUFFIXES[suffixes[-1]]
    head = stream.head(_SNIFFED_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<") and not head.startswith(b"<http"):
        return "owl"
    if head.startswith((b"format-version:", b"ontology:")):
        return "obo"
    if head.startswith((b"@prefix", b"@base", b"PREFIX", b"BASE", b"<http")):
        return "ttl"
    raise UsageError(
        "ontology-format",
        "the file is none of the forms of an ontology that fairline reads",
        at=str(stream.path),
        want="OWL (RDF/XML), Turtle or OBO, plain or gzip",
    )


def _version(content: Content, source: Source, sha256: str) -> tuple[str, str]:
    if content.version:
        return content.version, "file"
    if source.version and sha256 == source.sha256:
        return source.version, "sources"
    return sha256[:12], "sha256"


def _summary(manifest: Mapping[str, Any], seconds: float, *, unchanged: bool) -> Summary:
    counts = manifest["counts"]
    return Summary(
        name=manifest["name"],
        version=manifest["version"],
        version_source=manifest["version_source"],
        licence=manifest["licence"],
        sha256=manifest["sha256"],
        terms=counts["term"],
        own=counts["own"],
        obsolete=counts["obsolete"],
        synonyms=counts["synonym"],
        xrefs=counts["xref"],
        is_a=counts["is_a"],
        edges=counts["edge"],
        closure=counts["closure"],
        skipped=counts["skipped"],
        imports=tuple(manifest["imports"]),
        cycles=tuple(tuple(group) for group in manifest["cycles"]),
        seconds=seconds,
        unchanged=unchanged,
    )
