"""The pointer to the index that is served: ``CURRENT``, replaced in one step; its file is checked before it is opened.

DuckDB does not notice at open that the end of a file is missing, so the digest in ``CURRENT`` decides. ``CURRENT`` is
also a witness: it keeps the highest ledger line that was ever indexed (docs/ledger.md).
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from catalog import durable
from catalog.checksums import sha256_of_file
from catalog.database import Database, DatabaseSettings, open_file
from catalog.errors import IntegrityError, NotFoundError
from catalog.findings import Place
from catalog.index.tables import SCHEMA_VERSION
from catalog.ledger import Ledger
from catalog.ledger.chain import SHORTER

CURRENT = "CURRENT"
_FILE = re.compile(r"index-(?P<generation>[0-9]+)\.duckdb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Which index is served.

    Attributes:
        schema: the version of its tables.
        generation: counts builds, from 1.
        file: its name in the index folder.
        sha256: its digest.
        bytes: its size.
        duckdb: the version of DuckDB that wrote it.
        sequence: the ledger's line that it shows; 0 for a bank without releases.
        release: the name of that line; empty without releases.
        ledger_sha256: the digest of that line.
    """

    schema: int
    generation: int
    file: str
    sha256: str
    bytes: int
    duckdb: str
    sequence: int
    release: str
    ledger_sha256: str


def read_current(folder: Path) -> Current:
    """The pointer.

    Raises:
        NotFoundError: there is none: nothing was indexed yet.
        IntegrityError: it cannot be read.
    """
    path = folder / CURRENT
    try:
        members = json.loads(path.read_bytes())
        current = Current(**members)
        if any(type(getattr(current, each.name)).__name__ != each.type for each in fields(current)):
            raise TypeError("a member is of another kind")
    except FileNotFoundError:
        raise NotFoundError(
            "index-missing",
            "the bank has no index",
            at=str(path),
            hint="release something first ('fairline release NAME'); else run 'fairline index build'",
        ) from None
    except (ValueError, TypeError, OSError) as error:
        raise IntegrityError(
            "index-pointer",
            "CURRENT cannot be read",
            at=str(path),
            got=str(error)[:80],
            hint="run 'fairline index build'",
        ) from error
    if not _FILE.fullmatch(current.file):
        raise IntegrityError("index-pointer", "CURRENT names no index of ours", at=str(path), got=current.file[:80])
    return current


def check_seen(folder: Path, ledger: Ledger) -> None:
    """Makes sure that a ledger has every line that the index saw, before somebody builds upon it.

    A ledger from an older backup would let the next release take the versions of the lost lines for leftovers of a
    killed writer, and remove them.

    Raises:
        IntegrityError: ``ledger-shorter``.
    """
    try:
        current = read_current(folder)
    except (NotFoundError, IntegrityError):
        return  # nothing remembers anything
    known = current.sequence
    seen = ledger.lines[known - 1].bytes_sha256 if 0 < known <= ledger.sequence else ""
    if known and seen != current.ledger_sha256:
        found = SHORTER.at(Place(line=min(known, ledger.sequence + 1)), got_sequence=ledger.sequence, known=known)
        raise IntegrityError(
            found.code, found.message, at=f"ledger.jsonl line {found.line}", want=f"the line {known} that the index saw",
            got=seen or f"{ledger.sequence} lines", hint=found.hint,
        )  # fmt: skip


def write_current(folder: Path, current: Current) -> None:
    """Points at an index. Its file lies in the folder and is synced."""
    durable.replace_file(folder / CURRENT, (json.dumps(asdict(current), indent=2) + "\n").encode())


def check_current(folder: Path, current: Current) -> None:
    """Makes sure that the index is the one that was built, whole, and of tables that we know.

    Raises:
        IntegrityError: it is missing, cut off, changed, or of another version.
    """
    path = folder / current.file
    rebuild = "run 'fairline index build'"
    if current.schema != SCHEMA_VERSION:
        raise IntegrityError(
            "index-version",
            "the index has tables of another version",
            at=str(path),
            want=str(SCHEMA_VERSION),
            got=str(current.schema),
            hint=rebuild,
        )
    if not path.is_file():
        raise IntegrityError("index-damaged", "the index is missing", at=str(path), hint=rebuild)
    got = sha256_of_file(path)
    if got != current.sha256:
        got = f"{got} ({path.stat().st_size} bytes)"
        want = f"{current.sha256} ({current.bytes} bytes)"
        raise IntegrityError(
            "index-damaged", "the index is not the one that was built", at=str(path), want=want, got=got, hint=rebuild
        )


def open_current(folder: Path, settings: DatabaseSettings) -> tuple[Current, Database]:
    """The index that ``CURRENT`` points at, checked and open for reading.

    Raises:
        NotFoundError: there is no index.
        IntegrityError: it is damaged or of another version.
    """
    current = read_current(folder)
    check_current(folder, current)
    return current, open_file(folder / current.file, settings)


def next_generation(folder: Path) -> int:
    """The number of the next build: above every file that is there, so that no name is used twice."""
    numbers = [
        int(match["generation"]) for path in folder.glob("index-*.duckdb") if (match := _FILE.fullmatch(path.name))
    ]
    with contextlib.suppress(NotFoundError, IntegrityError):
        numbers.append(read_current(folder).generation)
    return max(numbers, default=0) + 1


def remove_old(folder: Path, keep: int) -> None:
    """Removes all but the newest generations. A reader that has one open keeps it until it closes it."""
    files = sorted(
        (int(match["generation"]), path)
        for path in folder.glob("index-*.duckdb")
        if (match := _FILE.fullmatch(path.name))
    )
    for _, path in files[:-keep]:
        durable.remove_file(path)
