"""Building a line's package without releasing it: the folder that the next release would publish."""

from __future__ import annotations

import shutil
from pathlib import Path

from catalog import durable
from catalog.bank import Bank
from catalog.checks.run import Surroundings, judge_line
from catalog.errors import ConflictError, InvalidError
from catalog.ledger import load_ledger
from catalog.package import DESCRIPTOR
from catalog.vocabulary import Vocabulary
from publish.contents import public_documents
from publish.releasing import work_out

UNRELEASED = "unreleased"


def build_package(bank: Bank, line_id: str, folder: Path, vocabulary: Vocabulary, now: str) -> list[str]:
    """Builds a package folder in one step: beside it first, then renamed.

    Args:
        bank: the bank.
        line_id: the line.
        folder: where to; an earlier build of the same line is replaced, anything else is refused.
        vocabulary: the installed terms.
        now: RFC 3339 in UTC.

    Returns:
        The logical paths, sorted.

    Raises:
        InvalidError: the line has errors.
        ConflictError: the folder holds something else.
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
    working = work_out(judged, vocabulary, now, load_ledger(bank.ledger_path, bank.keys()))
    named = working.public.released_as(UNRELEASED, now)
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
