"""What changed since the last release: working copies against the controlled store, which holds the curator's own files."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from catalog.bank import Bank, Line, read_line
from catalog.checksums import sha256_of, sha256_of_file
from catalog.findings import Severity
from catalog.index.current import check_seen
from catalog.ledger import Ledger, load_ledger
from catalog.loading import read_rows
from catalog.model.files import RECORD_PATH, TABLE_PATHS, FileRow
from catalog.store import Store
from publish.journal import read_journal
from publish.planning import next_free_name
from publish.releasing import now_utc

_WITHDRAWN = "withdrawn, still in files.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStatus:
    """One line: ``new``, ``changed``, ``unchanged``, ``errors``, ``withdrawn`` or ``missing``; and what is different."""

    id: str
    state: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A bank's working copies against its last release.

    Attributes:
        release: the last release; empty when there is none.
        notes: what else a curator should know.
        next_command: what to run next; empty when nothing is to be run.
        advice: what to do by hand, or why nothing is to be done; empty when a command is next.
    """

    title: str
    release: str
    lines: tuple[LineStatus, ...]
    notes: tuple[str, ...]
    next_command: str
    advice: str = ""

    def to_json(self) -> dict[str, object]:
        """The status for ``--json``."""
        return asdict(self)


def read_status(bank: Bank) -> Status:
    """Compares without hashing what is as old as its row: sizes, times, ``files.csv`` and the curator's own files tell."""
    keys = bank.keys()
    public = load_ledger(bank.ledger_path, keys)
    controlled = load_ledger(bank.controlled_ledger_path, keys)
    check_seen(bank.index_folder, public)
    store = Store(bank.controlled_folder)
    lines = [_line_status(bank, line_id, controlled, store) for line_id in bank.line_ids()]
    known = {each.id for each in lines}
    for name in sorted(controlled.released_packages()):
        if name not in known:
            lines.append(
                LineStatus(id=name, state="missing", changes=("no folder in lines/; what was released stays",))
            )
    last = public.last.release if public.last else ""
    journal = read_journal(bank.work_folder)
    notes = [f"{journal.kind} {journal.release} was cut off: run the same command again"] if journal else []
    command, advice = _next(lines, public, controlled, sorted(bank.settings.targets))
    return Status(
        title=bank.settings.title, release=last, lines=tuple(lines), notes=tuple(notes), next_command=command,
        advice=advice,
    )  # fmt: skip


def _line_status(bank: Bank, line_id: str, ledger: Ledger, store: Store) -> LineStatus:
    gone = ledger.withdrawal_of(line_id)
    if gone is not None:
        return LineStatus(id=line_id, state="withdrawn", changes=(f"on {gone.date}: {gone.reason}",))
    line = read_line(bank.lines_folder / line_id)
    errors = sum(finding.severity is Severity.ERROR for finding in line.findings)
    if errors:
        return LineStatus(
            id=line_id, state="errors", changes=(f"{errors} errors: run 'fairline validate lines/{line_id}'",)
        )
    changes = [f"not in files.csv: {f.path}" for f in line.findings if f.code == "file-unregistered"]
    gone_paths = {each.path for each in ledger.withdrawals(line_id)}
    kept = [row for row in line.files if row.path not in gone_paths]
    changes += _size_changes(line, kept)
    changes += [f"{_WITHDRAWN}: {row.path}" for row in line.files if row.path in gone_paths]
    entry = ledger.released_packages().get(line_id)
    if entry is None:
        return LineStatus(id=line_id, state="new", changes=(f"{len(line.files)} files", *changes))
    inventory = store.inventory(entry.object, entry.version)
    released = inventory.state()
    changes += _document_changes(line, released)
    if TABLE_PATHS["files"] in released:
        found = _file_changes(line, store.read(inventory, TABLE_PATHS["files"]))
        changes += [each for each in found if each.partition(": ")[2] not in gone_paths]
    return LineStatus(id=line_id, state="changed" if changes else "unchanged", changes=tuple(dict.fromkeys(changes)))


def _size_changes(line: Line, rows: Sequence[FileRow]) -> list[str]:
    """Files that are not as ``files.csv`` says: by their size; by their digest where they are newer than the table."""
    table = line.folder / TABLE_PATHS["files"]
    added_ns = table.stat().st_mtime_ns if table.exists() else 0
    changes = []
    for row in rows:
        path = line.folder / row.path
        try:
            seen = path.lstat()
            other = row.bytes is not None and seen.st_size != row.bytes
            if not other and seen.st_mtime_ns > added_ns and stat.S_ISREG(seen.st_mode):
                other = bool(row.sha256) and sha256_of_file(path) != row.sha256
        except OSError:
            changes.append(f"missing: {row.path}")
            continue
        if other:
            changes.append(f"changed on disk, not added again: {row.path}")
    return changes


def _document_changes(line: Line, released: Mapping[str, str]) -> list[str]:
    changes = []
    if released.get(RECORD_PATH) != sha256_of(line.record_bytes):
        changes.append(f"changed: {RECORD_PATH}")
    for name, path in TABLE_PATHS.items():
        content = line.tables[name].content if name in line.tables else None
        if name != "files" and (sha256_of(content) if content is not None else None) != released.get(path):
            changes.append(f"changed: {path}")
    return changes


def _file_changes(line: Line, released: bytes) -> list[str]:
    before = {row.get("path"): dict(row.cells) for row in read_rows(released).rows}
    after = (
        {row.get("path"): dict(row.cells) for row in line.tables["files"].rows.rows} if "files" in line.tables else {}
    )
    changes = [f"added: {path}" for path in after if path not in before]
    changes += [f"removed: {path}" for path in before if path not in after]
    changes += [f"changed: {path}" for path, row in after.items() if path in before and row != before[path]]
    return changes


def _next(lines: list[LineStatus], public: Ledger, controlled: Ledger, targets: Sequence[str]) -> tuple[str, str]:
    """The next command, or what else is to be done."""
    if not lines:
        return "fairline line new LINE_ID", ""
    if any(each.state == "errors" for each in lines):
        return "fairline validate", ""
    returned = [each for each in lines for change in each.changes if change.startswith(_WITHDRAWN)]
    if returned:
        return "", f"take the withdrawn files out of lines/{returned[0].id}/files.csv and out of the folder"
    unregistered = [
        each for each in lines for change in each.changes if change.startswith(("not in files.csv", "changed on disk"))
    ]
    if unregistered:
        return f"fairline add lines/{unregistered[0].id} --line {unregistered[0].id}", ""
    empty = [each for each in lines if each.state == "new" and each.changes[:1] == ("0 files",)]
    if empty and len(empty) == sum(each.state in {"new", "changed"} for each in lines):
        where = f"lines/{empty[0].id}/data"
        return (
            "",
            f"copy files to {where} and run 'fairline add {where} --line {empty[0].id}', or release the record alone",
        )
    if any(each.state in {"new", "changed"} for each in lines):
        return f"fairline release {next_free_name((public, controlled), now_utc())}", ""
    publishing = "".join(f", 'fairline publish {name}' brings it to {name}" for name in targets)
    return "", f"nothing to do; 'fairline serve' shows what is released{publishing}"
