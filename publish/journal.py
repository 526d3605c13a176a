"""The journal of a release or withdrawal: what was decided before the first byte is written.

One small file in ``work/``. Each step of a job is idempotent, so the journal needs no progress: it fixes the
name and the time, and names the job, so that running the same command again makes the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog import durable

NAME = "release.journal.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One job under way.

    Attributes:
        kind: ``release`` or ``withdraw``.
        release: the name of the ledger line to be.
        issued: RFC 3339 in UTC, fixed before the first commit.
        message: the curator's words.
        line_id: what is withdrawn.
        path: the withdrawn file; None for the whole line.
        reason: why it is withdrawn.
    """

    kind: str
    release: str
    issued: str
    message: str = ""
    line_id: str = ""
    path: str | None = None
    reason: str = ""


def read_journal(folder: Path) -> Journal | None:
    """The job that was cut off, if any. A file that is no journal counts as none: it is only a memory aid."""
    try:
        return Journal(**json.loads((folder / NAME).read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_journal(folder: Path, journal: Journal) -> None:
    """Notes a job durably."""
    with durable.disk_errors(folder):
        durable.make_directories(folder)
        durable.replace_file(folder / NAME, (json.dumps(asdict(journal), indent=2) + "\n").encode())


def clear_journal(folder: Path) -> None:
    """Forgets the job: it is done."""
    with durable.disk_errors(folder):
        durable.remove_file(folder / NAME)
