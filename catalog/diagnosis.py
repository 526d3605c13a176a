"""What ``fairline doctor`` looks at: versions, disk, clock, keys, data files, the bank's parts; each with its mend."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from catalog import durable
from catalog.bank import Bank
from catalog.errors import CatalogError
from catalog.index.current import check_current, read_current
from catalog.ledger import current_key, load_ledger
from catalog.profiles import TABLES, profile_schema, table_schema
from catalog.registry import CHECKS, COMPANIONS, EXPORTS, FORMATS, broken_plugins, plugins
from catalog.settings import VERSION, Settings
from catalog.signing import find_secret_key
from catalog.vocabulary import open_vocabulary, read_installed

_LOW_DISK_BYTES = 1 << 30
_LIBRARIES = (
    "duckdb", "frictionless", "pyoxigraph", "starlette", "isal", "py-minisign", "msgspec", "jsonschema", "numpy", "pyarrow",
    "h5py",
)  # fmt: skip
#: Without these fairline does less, or slower, and says so.
_SPARABLE = {"numba": "large files are judged slowly", "pysam": "records of CRAM are not judged"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One line of the doctor: what was looked at, how it is (``ok``, ``warn``, ``bad``), and the mend."""

    name: str
    state: str
    text: str
    mend: str = ""


def examine(settings: Settings, bank: Bank | None) -> Iterator[Diagnosis]:
    """Everything that the doctor looks at, in order; the bank's parts only where there is a bank."""
    yield Diagnosis(
        name="fairline", state="ok", text=f"{VERSION} on Python {platform.python_version()}, {platform.system()}"
    )
    yield _python()
    yield _libraries()
    for group in (FORMATS, COMPANIONS, CHECKS, EXPORTS):
        yield from _plugins(group)
    yield _tried("data files", _data_files, "install fairline again")
    yield _tried(
        "ontologies", lambda: _ontologies(settings), "delete the term store's folder and run 'fairline ontology update'"
    )
    if bank is None:
        yield Diagnosis(name="bank", state="ok", text="none here", mend="change into a bank's folder, or pass --bank")
        return
    yield Diagnosis(name="bank", state="ok", text=f"{bank.settings.title} in {bank.root}")
    yield _disk(bank)
    yield _tried("ledger", lambda: _ledger(bank), "run 'fairline verify' to see the place")
    yield _clock(bank)
    yield _tried(
        "key", lambda: _key(bank, settings), "copy the secret key from its backup, or point FAIRLINE_KEY_FILE at it"
    )
    yield _tried("index", lambda: _index(bank), "run 'fairline index build'")
    yield _journal(bank)
    yield _backup(bank, settings)


def _tried(name: str, look: Callable[[], str], mend: str) -> Diagnosis:
    """A line from a look that raises when something is wrong."""
    try:
        return Diagnosis(name=name, state="ok", text=look())
    except CatalogError as error:
        return Diagnosis(name=name, state="bad", text=f"{error.message} ({error.code})", mend=error.hint or mend)
    except (OSError, ValueError) as error:
        return Diagnosis(name=name, state="bad", text=str(error), mend=mend)


def _python() -> Diagnosis:
    supported = (3, 11) <= sys.version_info[:2] < (3, 15)
    mend = "" if supported else "use Python 3.11 to 3.14"
    return Diagnosis(name="python", state="ok" if supported else "bad", text=platform.python_version(), mend=mend)


def _libraries() -> Diagnosis:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            return Diagnosis(
                name="libraries", state="bad", text=f"{name} is missing", mend="install fairline again with pip"
            )
    for name, loss in _SPARABLE.items():
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}: {loss}")
    return Diagnosis(name="libraries", state="ok", text=", ".join(found))


def _plugins(group: str) -> Iterator[Diagnosis]:
    try:
        yield Diagnosis(name=group, state="ok", text=", ".join(plugins(group)))
    except CatalogError as error:
        yield Diagnosis(name=group, state="bad", text=error.message, mend=error.hint or "")
        return
    for each in broken_plugins(group):
        text = f"{each.name} of {each.distribution}: {each.reason}"
        yield Diagnosis(name=group, state="warn", text=text, mend=f"mend or uninstall {each.distribution}")


def _data_files() -> str:
    for name in ("line-1", "bank-1"):
        profile_schema(name)
    for name in TABLES:
        table_schema(name)
    return f"2 profiles, {len(TABLES)} table schemas"


def _ontologies(settings: Settings) -> str:
    installed = read_installed(settings.ontologies_folder)
    with open_vocabulary(settings.ontologies_folder) as vocabulary:
        term = vocabulary.term("CLO:0037308")
    if term is None:
        raise ValueError("the shipped terms lack CLO:0037308")
    names = ", ".join(f"{each.name} {each.version}" for each in installed)
    return f"{names or 'the shipped core only'} ({settings.ontologies_folder})"


def _disk(bank: Bank) -> Diagnosis:
    free = durable.free_bytes(bank.root)
    state = "ok" if free > _LOW_DISK_BYTES else "warn"
    return Diagnosis(
        name="disk",
        state=state,
        text=f"{free / 1e9:.1f} GB free",
        mend="" if state == "ok" else "free some space before the next release",
    )


def _ledger(bank: Bank) -> str:
    keys = bank.keys()
    public = load_ledger(bank.ledger_path, keys)
    controlled = load_ledger(bank.controlled_ledger_path, keys)
    last = f", the last is {public.last.release}" if public.last else ""
    return f"{public.sequence} releases{last}; {controlled.sequence} lines in the controlled chain"


def _clock(bank: Bank) -> Diagnosis:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        last = load_ledger(bank.ledger_path, bank.keys()).last
    except CatalogError:
        last = None
    if last is not None and now < last.issued:
        return Diagnosis(
            name="clock",
            state="bad",
            text=f"{now} is before the last release ({last.issued})",
            mend="set the machine's clock",
        )
    return Diagnosis(name="clock", state="ok", text=now)


def _key(bank: Bank, settings: Settings) -> str:
    keys = bank.keys()
    key = current_key(load_ledger(bank.ledger_path, keys), keys[0])
    path = find_secret_key(key, settings.keys_folder, settings.key_file)
    return f"{key.key_id}, secret key in {path}"


def _index(bank: Bank) -> str:
    if not bank.ledger_path.exists():
        return "nothing is released yet"
    current = read_current(bank.index_folder)
    check_current(bank.index_folder, current)
    sequence = load_ledger(bank.ledger_path, bank.keys()).sequence
    if current.sequence != sequence:
        raise ValueError(f"the index shows line {current.sequence} of {sequence}")
    return f"generation {current.generation}, release {current.release}"


def _journal(bank: Bank) -> Diagnosis:
    left = sorted(path.name for path in bank.work_folder.glob("*.journal.json"))
    if left:
        return Diagnosis(
            name="journal",
            state="warn",
            text=f"a job was cut off ({', '.join(left)})",
            mend="run the same command again",
        )
    return Diagnosis(name="journal", state="ok", text="no job was cut off")


def _backup(bank: Bank, settings: Settings) -> Diagnosis:
    parts = [
        Path("fairline.toml"),
        Path("signing-key.pub"),
        Path("lines"),
        Path("ledger.jsonl"),
        Path("store"),
        Path("store-controlled"),
    ]
    text = f"must hold {', '.join(map(str, parts))} and the secret keys in {settings.keys_folder}; index and work can be made again"
    return Diagnosis(name="backup", state="ok", text=text)
