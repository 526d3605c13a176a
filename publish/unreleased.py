"""Building a line's package without releasing it: the folder that the next release would publish."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from catalog import durable
from catalog.bank import Bank
from catalog.checks.run import Surroundings, judge_line
from catalog.errors import ConflictError, InvalidError
from catalog.ledger import load_ledger
from catalog.package import DESCRIPTOR
from catalog.vocabulary import Vocabulary
from publish.contents import public_documents
from publish.planning import WithdrawnContent, refuse_withdrawn
from publish.releasing import work_out

UNRELEASED = "unreleased"


def stamp(folder: Path) -> str:
    """The time that an unreleased package bears: the same input gives the same bytes.

    It is that of ``SOURCE_DATE_EPOCH`` (reproducible-builds.org), else of the line's newest file; RFC 3339 in UTC.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    newest = max((int(each.lstat().st_mtime) for each in folder.rglob("*") if not each.is_dir()), default=0)
    seconds = int(given) if given.isascii() and given.isdigit() and len(given) < 12 else newest
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def build_package(bank: Bank, line_id: str, folder: Path, vocabulary: Vocabulary, now: str) -> list[str]:
    """Builds a package folder in one step: beside it first, then renamed.

    Args:
        bank: the bank.
        line_id: the line.
        folder: where to; an earlier build of the same line is replaced, anything else is refused.
        vocabulary: the installed terms.
        now: decides on embargoes; RFC 3339 in UTC.

    Returns:
        The logical paths, sorted.

    Raises:
        InvalidError: the line has errors.
        ConflictError: the folder holds something else, or the line or a file of it was withdrawn.
    """
    surroundings = Surroundings(vocabulary=vocabulary, line_ids=frozenset(bank.line_ids()))
    judged = judge_line(bank.line_folder(line_id), surroundings)
    if not judged.valid:
        raise InvalidError(
            "line-has-errors",
            f"the line {line_id} has errors",
            at=str(judged.line.folder),
            hint=f"run 'fairline validate lines/{line_id}' to see them",
        )
    taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if taken and not (folder / DESCRIPTOR).is_file():
        raise ConflictError(
            "folder-taken", "something else is at this place", at=str(folder), hint="pass another --out"
        )
    if folder.resolve().is_relative_to(judged.line.folder.resolve()):
        raise ConflictError(
            "folder-taken", "a package is not built inside its line's folder", at=str(folder), hint="pass another --out"
        )
    ledger = load_ledger(bank.ledger_path, bank.keys())
    working = work_out(judged, vocabulary, now, ledger)
    refuse_withdrawn([working], [WithdrawnContent(each.id, each.path, ()) for each in ledger.withdrawals(line_id)])
    named = working.public.released_as(UNRELEASED, stamp(judged.line.folder))
    part = folder.absolute().with_name(f".{folder.name}.part")
    with durable.disk_errors(folder):
        durable.remove_tree(part)
        durable.make_directories(part)
        paths = []
        for path, content in public_documents(named, bank.settings).items():
            durable.write_new(part / path, content)
            paths.append(path)
        for path, source in working.sources().items():
            durable.make_directories((part / path).parent)
            shutil.copyfile(source, part / path)
            paths.append(path)
        durable.remove_tree(folder)
        durable.make_directories(folder.absolute().parent)
        durable.rename(part, folder.absolute())
    return sorted(paths)
