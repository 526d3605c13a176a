"""Editing a bank: make it, make a line, register files. Each edit is one atomic step; doing it again changes nothing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalog import durable
from catalog.bank.folder import SETTINGS_NAME, Bank, open_bank, valid_settings
from catalog.bank.paths import check_path, check_status, scan
from catalog.bank.templates import bank_settings, line_record
from catalog.errors import ConflictError, InvalidError, UsageError
from catalog.findings import Level, Subject
from catalog.formats.inspect import formats, inspect_file
from catalog.formats.protocol import Declared
from catalog.identifiers import is_line_id, path_twin_key
from catalog.loading import read_rows
from catalog.loading.rows import Rows, write_rows
from catalog.model.files import MODALITIES, RECORD_PATH, RESERVED_PATHS, TABLE_PATHS, Role
from catalog.profiles import table_schema
from catalog.settings import Settings
from catalog.signing import PublicKey, make_key, public_key_of

_FOLDERS = ("lines", "store", "store-controlled", "index", "work")
_MATE = re.compile(r"^(?P<stem>.+?)(?:_R?|\.)(?P<mate>[12])(?:_001)?\.(?:fastq|fq)(?:\.gz)?$")
#: An address that was taken for a path has lost one of its slashes.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,12}:/")
_RAW_FORMATS = {"fastq", "cel", "bam", "cram", "idat"}


def init_bank(root: Path, settings: Settings, *, title: str, base_iri: str, publisher: str) -> tuple[Bank, list[str]]:
    """Makes a bank in a folder, or completes one whose making was cut off.

    Args:
        root: the folder; it is made when missing.
        settings: where the secret key goes.
        title: the bank's name.
        base_iri: the start of its addresses.
        publisher: who publishes.

    Returns:
        The bank, and what was made now (empty when everything was there).
    """
    made = []
    settings_text = bank_settings(title, base_iri, publisher)
    if not (root / SETTINGS_NAME).exists():
        valid_settings(settings_text, root)
    with durable.disk_errors(root):
        durable.make_directories(root)
        for name in _FOLDERS:
            if not (root / name).is_dir():
                durable.make_directories(root / name)
                made.append(f"{name}/")
        if not (root / SETTINGS_NAME).exists():
            durable.replace_file(root / SETTINGS_NAME, settings_text)
            made.append(SETTINGS_NAME)
        bank = open_bank(root)
        if not bank.keys_path.exists():
            key = first_key(settings)
            durable.replace_file(bank.keys_path, key.file_text().encode())
            made.append(f"{bank.keys_path.name} (secret key {key.key_id}.key in {settings.keys_folder})")
    return bank, made


def first_key(settings: Settings) -> PublicKey:
    """The public key for a new bank: that of ``FAIRLINE_KEY_FILE`` where it exists, else of a new pair."""
    if settings.key_file is not None and settings.key_file.exists():
        return public_key_of(settings.key_file)
    return make_key(settings.keys_folder, settings.key_file)


def new_line(bank: Bank, line_id: str) -> tuple[Path, bool]:
    """Makes a line's folder with a commented ``line.yaml``.

    Returns:
        The folder, and whether anything was made.

    Raises:
        UsageError: the id is not one that a line may have.
        ConflictError: another line has the same id but for case.
    """
    if not is_line_id(line_id):
        raise UsageError(
            "line-id",
            f"{line_id} is not a line id",
            want="2 to 61 characters of A-Z a-z 0-9 . _ -, not 'catalog'",
            got=line_id,
        )
    for other in bank.line_ids():
        if other != line_id and path_twin_key(other) == path_twin_key(line_id):
            raise ConflictError("line-twin", f"the line {other} differs from {line_id} only in case", at=other)
    folder = bank.lines_folder / line_id
    if (folder / RECORD_PATH).exists():
        return folder, False
    with durable.disk_errors(folder):
        durable.make_directories(folder / "data")
        durable.replace_file(folder / RECORD_PATH, line_record(line_id))
    return folder, True


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What ``add`` did with one file: ``added``, ``updated`` or ``unchanged``; and what was seen in it."""

    path: str
    outcome: str
    subject: Subject
    modality: str
    declared: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The row as ``add --json`` prints it: the size as a number, what nobody stated as null; outcome and findings."""
        cells: dict[str, object] = {column: value or None for column, value in self.declared.items()}
        findings = [finding.to_json() for finding in self.subject.findings]
        return {**cells, "bytes": self.subject.bytes, "outcome": self.outcome, "findings": findings}


def add_files(folder: Path, paths: Sequence[Path], values: Mapping[str, str], *, copy: bool = False) -> list[Added]:
    """Registers files of a line's folder in ``files.csv``.

    Args:
        folder: the line's folder.
        paths: files or folders; folders are taken with everything in them.
        values: cells that the caller states for every file (modality, role, assembly, ...).
        copy: whether a file outside of the folder is copied into its ``data/``.

    Returns:
        One entry a file, in order of path.

    Raises:
        UsageError: a path lies outside of the line's folder and ``copy`` is false, or is no usable path.
        InvalidError: ``files.csv`` itself has errors.
    """
    names = [name for path in paths for name in _names(folder, path, copy=copy)]
    table = folder / TABLE_PATHS["files"]
    rows = _read_table(table)
    if rows is not None and not rows.usable:
        first = rows.findings[0]
        raise InvalidError(first.code, first.message, at=f"{table}: line {first.line}", hint=first.hint)
    columns = list(rows.columns) if rows else [each["name"] for each in table_schema("files")["fields"]]
    cells = {row.get("path"): dict(row.cells) for row in rows.rows} if rows else {}
    added = []
    for name in dict.fromkeys(names):
        new, entry = _register(folder, name, cells.get(name, {}), values)
        cells[name] = new
        columns += [column for column in new if column not in columns]
        added.append(entry)
    if any(entry.outcome != "unchanged" for entry in added):
        with durable.disk_errors(table):
            durable.replace_file(table, write_rows(columns, cells.values()))
    return added


def _read_table(table: Path) -> Rows | None:
    """The rows of ``files.csv``, None when there is none; a link is refused with the words of ``validate``."""
    try:
        fault = check_status(table.name, table.lstat())
    except FileNotFoundError:
        return None
    if fault is not None:
        raise UsageError(fault.code, fault.message, at=str(table), want=fault.expected, got=fault.got, hint=fault.hint)
    return read_rows(table.read_bytes())


def _names(folder: Path, path: Path, *, copy: bool) -> list[str]:
    """The paths, relative to the line's folder, that one argument stands for."""
    absolute = Path(os.path.abspath(path))
    inside = Path(os.path.abspath(folder))
    if not absolute.exists() and not absolute.is_symlink():
        if _ADDRESS.match(str(path)):
            hint = "download the file into the line's data/ folder and add it there"
            raise UsageError(
                "path-missing", "this is an address, and addresses are not fetched", at=str(path), hint=hint
            )
        raise UsageError("path-missing", "there is nothing here", at=str(path), hint="check the spelling")
    if not absolute.is_relative_to(inside):
        real_parent = Path(os.path.realpath(absolute.parent))
        if real_parent.is_relative_to(os.path.realpath(inside)):
            absolute = inside / real_parent.relative_to(os.path.realpath(inside)) / absolute.name
        elif copy:
            return [_copy_in(inside, absolute)]
        else:
            raise UsageError(
                "path-outside",
                "the file lies outside of the line's folder",
                at=str(path),
                want=f"a path below {folder}",
                hint="pass --copy to copy it into the line's data/ folder",
            )
    name = absolute.relative_to(inside).as_posix()
    if absolute.is_dir() and not absolute.is_symlink():
        prefix = "" if name == "." else f"{name}/"
        found = [prefix + entry.path for entry in scan(absolute)]
        return [each for each in found if each not in RESERVED_PATHS and not _is_hidden(each)]
    return [name]


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _copy_in(folder: Path, source: Path) -> str:
    """Copies a file into ``data/``; an equal file that is there already is left."""
    name = f"data/{source.name}"
    target = folder / name
    if source.is_symlink() or not source.is_file():
        raise UsageError("path-outside", "only single regular files are copied", at=str(source))
    _check(folder, name)
    if target.exists():
        if inspect_file(target).sha256 == inspect_file(source).sha256:
            return name
        raise ConflictError(
            "path-taken", f"{name} exists with other content", at=str(target), hint="rename one of the two"
        )
    with durable.disk_errors(target):
        durable.make_directories(target.parent)
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, part)
        durable.sync_file(part)
        durable.rename(part, target)
    return name


def _check(folder: Path, name: str) -> None:
    """Refuses a path that no file of a line may have, and what is no plain file or lies behind a link."""
    fault = check_path(folder, name)
    if fault is not None:
        raise UsageError(fault.code, fault.message, at=name, want=fault.expected, got=fault.got, hint=fault.hint)


def _register(
    folder: Path, name: str, old: Mapping[str, str], values: Mapping[str, str]
) -> tuple[dict[str, str], Added]:
    _check(folder, name)
    stated = {column: value for column, value in {**old, **values}.items() if value}
    modality = stated.get("modality") or _modality_of(name)
    declared = Declared(modality=modality, role=stated.get("role", ""))
    subject = inspect_file(folder / name, shown=name, level=Level.SPEC, declared=declared)
    if subject.bytes is None:
        # A row without size and digest would say nothing true of the file.
        fault = subject.findings[0]
        raise UsageError(fault.code, fault.message, at=name, want=fault.expected, got=fault.got, hint=fault.hint)
    new = dict(old)
    new.update({column: value for column, value in values.items() if value})
    new["path"] = name
    new["bytes"] = str(subject.bytes)
    new["sha256"] = subject.sha256 or ""
    new["format"] = subject.format or ""
    new["mediatype"] = _mediatype(subject)
    new["modality"] = modality
    new["role"] = new.get("role") or _role_of(subject.format)
    new["group"] = new.get("group") or _group_of(name)
    new.setdefault("tier", "")
    outcome = "added"
    if old:
        same = {column: value for column, value in new.items() if value} == {c: v for c, v in old.items() if v}
        outcome = "unchanged" if same else "updated"
    return new, Added(path=name, outcome=outcome, subject=subject, modality=modality, declared=new)


def _mediatype(subject: Subject) -> str:
    """The media type of the file as stored: that of gzip for a compressed one."""
    if subject.facts.get("container"):
        return "application/gzip"
    stated = subject.facts.get("mediatype")
    if isinstance(stated, str):
        return stated
    known = formats().get(subject.format or "")
    return known.mediatype if known else "application/octet-stream"


def _modality_of(name: str) -> str:
    """The modality that a folder's name states, such as ``data/wes/x.vcf``; nothing is guessed from content."""
    return next((part for part in name.split("/")[:-1] if part in MODALITIES), "")


def _role_of(format_name: str | None) -> str:
    if format_name in {None, "pdf", "text", "image", "json"}:
        return Role.DOCUMENT
    return Role.RAW if format_name in _RAW_FORMATS else Role.PROCESSED


def _group_of(name: str) -> str:
    """Mates of a FASTQ pair get the same group, from their common stem."""
    match = _MATE.match(name.rsplit("/", 1)[-1])
    return match["stem"] if match else ""
