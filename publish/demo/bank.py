"""Building the example bank: 22 published lines with synthetic files, and its first release.

Cut off at any point, the same call completes it: a line's folder appears in one step, the release is resumed by its
own journal, and what is there already is left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog import durable
from catalog.bank import Bank, add_files, init_bank, open_bank
from catalog.bank.folder import SETTINGS_NAME
from catalog.errors import ConflictError, IntegrityError, UnauthorisedError, UsageError
from catalog.events import Event, Listener, silent
from catalog.findings import Severity
from catalog.ledger import LedgerLine, load_ledger
from catalog.loading import read_toml
from catalog.model.files import RECORD_PATH
from catalog.profiles import check_bank
from catalog.settings import Settings
from catalog.signing import find_secret_key, parse_public_key
from catalog.store.locks import exclusive
from catalog.vocabulary import open_vocabulary
from publish.demo.files import DataFile, data_files
from publish.demo.published import TABLE_DOI, PublishedLine, published_lines
from publish.demo.records import record_file
from publish.demo.sheets import sheets
from publish.journal import read_journal
from publish.releasing import ReleaseJob, release

BASE_IRI = "http://127.0.0.1:8000/"
RELEASE = "2026.11"
TITLE = "Korea National Stem Cell Bank (example)"
_PUBLISHER = "fairline demo"
#: In the user's config folder: the public key of example banks.
_KEY_NAME = "demo-key.pub"
_MESSAGE = "The published table of 22 lines; every data file is synthetic."
_DESCRIPTION = (
    "An example, built by fairline from the table of 22 research lines that the Korea National Stem Cell Bank published "
    f"(doi {TABLE_DOI}, Table 1). That bank neither runs nor approves it. Names, passages, years and accessions are those "
    "of the table and of public registries, with their gaps and conflicts; the abstract counts 19 iPSC lines, the table "
    "has 18. Every data file is synthetic and holds no person's data."
)
_SETTINGS = """\
# The example bank of fairline: built by 'fairline demo', not run by the bank whose published table it shows.
profile = "bank-1"
title = {title}
description = {description}

# The start of every address of the bank. It ends with a slash and never changes.
base_iri = {base_iri}

# The licence of the descriptions; the synthetic files are CC0-1.0 as well.
licence = "CC0-1.0"
languages = ["en"]

[publisher]
name = {publisher}

[contact]
name = "fairline demo"
email = "demo@example.org"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What building the demo did.

    Attributes:
        bank: the bank.
        lines: the ids of its published lines.
        made: those whose folders were made now.
        released: whether the release was made now.
        sequence: the number of the release's line in the ledger.
        issued: when it was released, RFC 3339 in UTC.
    """

    bank: Bank
    lines: tuple[str, ...]
    made: tuple[str, ...]
    released: bool
    sequence: int
    issued: str


def build_demo(
    folder: Path,
    settings: Settings,
    base_iri: str | None = None,
    tell: Listener = silent,
    *,
    lines: Sequence[PublishedLine] | None = None,
) -> Outcome:
    """Builds the example bank and releases it; does nothing where that was done.

    Args:
        folder: the bank's folder; missing, empty, or an example bank.
        settings: where the secret key goes, and where the ontologies are.
        base_iri: the start of every address; that of the bank that is there, else :data:`BASE_IRI`, by default.
        tell: hears of progress.
        lines: the lines to build; all of the table by default.

    Raises:
        UsageError: the base IRI cannot be one.
        ConflictError: the folder holds something else, or a demo with another base IRI, or is being built.
        InvalidError: somebody's edits of the bank have errors; nothing was released.
    """
    wanted = published_lines() if lines is None else tuple(lines)
    _prepare(folder, base_iri)
    bank = _open(folder, settings)
    ids = tuple(line.line_id for line in wanted)
    with exclusive(bank.work_folder / "demo.lock", wait=False, what="builds this example bank"):
        done = _released(bank)
        if done is not None and not _is_under_way(bank):
            return Outcome(bank=bank, lines=ids, made=(), released=False, sequence=done.sequence, issued=done.issued)
        made = tuple(line.line_id for line in _write_lines(bank, wanted, tell)) if done is None else ()
        with open_vocabulary(settings.ontologies_folder) as vocabulary:
            job = ReleaseJob(bank=bank, settings=settings, vocabulary=vocabulary, tell=tell)
            made_now = release(job, RELEASE, _MESSAGE)
    return Outcome(bank=bank, lines=ids, made=made, released=True, sequence=made_now.sequence, issued=made_now.issued)


def _prepare(folder: Path, base_iri: str | None) -> None:
    """Makes sure that a folder is, or can become, an example bank; writes its settings first of all."""
    if (folder / SETTINGS_NAME).is_file():
        found = open_bank(folder).settings
        if (found.title, found.publisher.name) != (TITLE, _PUBLISHER):
            raise _taken(folder, f"the bank {found.title}")
        if base_iri is not None and found.base_iri != base_iri:
            raise ConflictError(
                "demo-base-iri-differs",
                "the example bank here has another base IRI, and identifiers never change",
                at=str(folder),
                want=base_iri,
                got=found.base_iri,
                hint="name another folder, or leave --base-iri out",
            )
        return
    if folder.exists() and (not folder.is_dir() or any(not each.name.startswith(".") for each in folder.iterdir())):
        raise _taken(folder, "something that is no example bank")
    content = _settings_file(base_iri or BASE_IRI)
    with durable.disk_errors(folder):
        durable.make_directories(folder)
        durable.replace_file(folder / SETTINGS_NAME, content)


def _open(folder: Path, settings: Settings) -> Bank:
    """The bank, completed; every example bank of one user is signed with the same key.

    A key is pinned with the base IRI at its first use (docs/ledger.md): with a key of its own, an example bank that
    is thrown away and built again would look like a forgery of the first.
    """
    remembered = settings.config_folder / _KEY_NAME
    bank = open_bank(folder)
    if settings.key_file is None and not bank.keys_path.exists():
        _sign_as_before(bank, settings, remembered)
    init_bank(folder, settings, title=TITLE, base_iri=BASE_IRI, publisher=_PUBLISHER)
    first = bank.keys()[0].file_text().encode()
    if settings.key_file is None and not (remembered.is_file() and remembered.read_bytes() == first):
        with durable.disk_errors(remembered):
            durable.make_directories(remembered.parent)
            durable.replace_file(remembered, first)
    return bank


def _sign_as_before(bank: Bank, settings: Settings, remembered: Path) -> None:
    """Gives a new example bank the key of those before it, where its secret part is still here."""
    if not remembered.is_file():
        return
    try:
        key = parse_public_key(remembered.read_text(encoding="utf-8"))
        find_secret_key(key, settings.keys_folder, None)
    except (IntegrityError, UnauthorisedError):
        return  # init_bank makes another key
    with durable.disk_errors(bank.keys_path):
        durable.replace_file(bank.keys_path, key.file_text().encode())


def _taken(folder: Path, what: str) -> ConflictError:
    hint = "name a folder that is empty or does not exist yet"
    return ConflictError("folder-taken", f"the folder holds {what}", at=str(folder), hint=hint)


def _settings_file(base_iri: str) -> bytes:
    """The text of ``fairline.toml``.

    Raises:
        UsageError: the base IRI cannot be one.
    """
    words = {"title": TITLE, "description": _DESCRIPTION, "base_iri": base_iri, "publisher": _PUBLISHER}
    content = _SETTINGS.format(**{name: json.dumps(text, ensure_ascii=False) for name, text in words.items()}).encode(
        "utf-8", "surrogateescape"
    )
    document = read_toml(content)
    for finding in (*document.findings, *(check_bank(document) if document.usable else ())):
        if finding.severity is Severity.ERROR:
            raise UsageError("demo-base-iri", finding.message, want=finding.expected, got=base_iri, hint=finding.hint)
    return content


def _released(bank: Bank) -> LedgerLine | None:
    """The ledger's line of the demo's release, where there is one."""
    ledger = load_ledger(bank.ledger_path, bank.keys())
    return next((line for line in ledger.lines if line.release == RELEASE), None)


def _is_under_way(bank: Bank) -> bool:
    """Whether the release was cut off after its line was signed: then its index is still to be built."""
    journal = read_journal(bank.work_folder)
    return journal is not None and (journal.kind, journal.release) == ("release", RELEASE)


def _write_lines(bank: Bank, lines: Sequence[PublishedLine], tell: Listener) -> list[PublishedLine]:
    """Writes the folders that are missing; returns their lines."""
    made = []
    with durable.disk_errors(bank.lines_folder):
        for done, line in enumerate(lines, start=1):
            if not (bank.lines_folder / line.line_id).exists():
                _write_line(bank, line)
                made.append(line)
            tell(Event(stage="generate", text=line.line_id, done=done, total=len(lines), unit="packages"))
    return made


def _write_line(bank: Bank, line: PublishedLine) -> None:
    """Writes a line's folder beside the others' and renames it, whole, to its place."""
    part = bank.work_folder / f"demo-{line.line_id}"
    durable.remove_tree(part)
    durable.make_directories(part)
    durable.write_new(part / RECORD_PATH, record_file(line))
    for name, content in sheets(line):
        durable.write_new(part / name, content)
    groups: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for each in data_files(line):
        groups.setdefault(tuple(sorted(each.cells.items())), []).append(_write_file(part, each))
    for cells, paths in groups.items():
        add_files(part, paths, dict(cells))
    for directory in sorted({path.parent for paths in groups.values() for path in paths}):
        durable.sync_directory(directory)
    durable.sync_directory(part)
    durable.rename(part, bank.lines_folder / line.line_id)


def _write_file(folder: Path, each: DataFile) -> Path:
    path = folder / each.path
    durable.make_directories(path.parent)
    durable.write_new(path, each.content)
    return path


def sizes(bank: Bank) -> Mapping[str, int]:
    """Bytes of a bank's parts: working copies, stores, index; and of everything together."""
    parts = {"lines": bank.lines_folder, "store": bank.store_folder, "store-controlled": bank.controlled_folder}
    found = {name: _bytes_below(folder) for name, folder in {**parts, "index": bank.index_folder}.items()}
    return {**found, "bank": _bytes_below(bank.root)}


def _bytes_below(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
