"""The reference of a CRAM: found on this machine, and proved by its checksums (CRAMv3, 11; SAMv1, 1.3.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from catalog.formats.alignment.header import Header
from catalog.formats.containers import HEAD_BYTES, Source, peek

_SUFFIXES = (".fa", ".fasta", ".fna", ".fa.gz", ".fasta.gz", ".fna.gz")
_MOST_LISTED = 1000
_LONGEST_TITLE = 10_000
_NOT_A_BASE = bytes(each for each in range(256) if not 33 <= each <= 126)


def reference_of(header: Header, path: str) -> Path | None:
    """The FASTA file that the header names, if it is on this machine; else one beside the file.

    Args:
        header: of the CRAM.
        path: of the CRAM, as it was given.
    """
    folder = Path(path).parent
    named = [_local(url.decode("utf-8", "replace"), folder) for url in header.urls]
    try:
        beside = [each for _, each in zip(range(_MOST_LISTED), sorted(folder.iterdir()), strict=False)]
    except OSError:
        beside = []
    return next((each for each in (*named, *beside) if each is not None and _may_be(each, header)), None)


def _local(url: str, folder: Path) -> Path | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost") or "\0" in parts.path:
        return None
    return folder / unquote(parts.path) if parts.path else None


def _may_be(path: Path, header: Header) -> bool:
    """Whether a file may hold the sequences: by its name, its index where it has one, else its first sequence."""
    if not path.name.lower().endswith(_SUFFIXES):
        return False
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            text = peek(stream.read(HEAD_BYTES))
        index = path.with_name(path.name + ".fai")
        lines = index.read_bytes().splitlines() if index.is_file() else []
    except (OSError, ValueError):
        return False
    if not text.startswith(b">"):
        return False
    if not lines:
        return text[1:].split(maxsplit=1)[:1] in [[name] for name in header.contigs]
    known = {name: header.lengths[number] for name, number in header.contigs.items()}
    shared = [fields[:2] for line in lines if (fields := line.split(b"\t"))[0] in known]
    return bool(shared) and all(fields[1:] == [b"%d" % known[fields[0]]] for fields in shared)


def is_reference(path: Path, header: Header) -> bool:
    """Whether a FASTA file has every sequence whose checksum the header states, and no other under its name."""
    return _agreement(path, header.md5) is True


def has_other(path: Path, header: Header, names: Collection[str]) -> bool:
    """Whether a FASTA file has a sequence under one of the names whose checksum is not that of the header."""
    return _agreement(path, {name: header.md5[name] for name in names if name in header.md5}) is False


def _agreement(path: Path, wanted: Mapping[str, str]) -> bool | None:
    """Whether the sequences of a FASTA file have these checksums by name; None when some are not there to be compared."""
    left = {name: md5.lower() for name, md5 in wanted.items()}
    try:
        with path.open("rb") as stream:
            for name, md5 in checksums(Source(stream).blocks()) if left else ():
                if left.pop(name, md5) != md5:
                    return False
                if not left:
                    break
    except OSError:
        return None
    return None if left else True


def checksums(blocks: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    """Names and checksums of the sequences of a FASTA file, whatever the length of its lines.

    Args:
        blocks: its content in pieces of any size.
    """
    title: bytes | None = None
    is_title = False
    checksum = hashlib.md5(usedforsecurity=False)
    for block in blocks:
        at = 0
        while at < len(block):
            end = block.find(b"\n" if is_title else b">", at)
            piece = block[at : end if end >= 0 else len(block)]
            at += len(piece) + (end >= 0)
            if is_title:
                title = ((title or b"") + piece)[:_LONGEST_TITLE]
            else:
                checksum.update(piece.upper().translate(None, _NOT_A_BASE))
                if title is not None and end >= 0:
                    yield _name(title), checksum.hexdigest()
            if end >= 0:
                title, checksum = (title, checksum) if is_title else (b"", hashlib.md5(usedforsecurity=False))
                is_title = not is_title
    if title is not None:
        yield _name(title), checksum.hexdigest()


def _name(title: bytes) -> str:
    return (title.split(maxsplit=1) or [b""])[0].decode("utf-8", "replace")
