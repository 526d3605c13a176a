"""Withdrawing: a release of its own. A tombstone with the reason stays, the bytes go, identifiers keep answering.

The object of the package is replayed into a new one (``ID~2``) whose versions lack what is withdrawn; the
signed line that names it is the commit; then the old object is purged. Each step can be repeated, so a
withdrawal that was cut off is finished by the next command that writes (docs/ledger.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.bank import Bank
from catalog.errors import ConflictError, NotFoundError, UsageError
from catalog.events import Listener, silent
from catalog.identifiers import CATALOG_ID
from catalog.index import build_index
from catalog.ledger import WITHDRAWN, PackageEntry, Withdrawal
from catalog.settings import Settings
from catalog.store import History, Inventory
from publish.catalog_object import TERMS_NAME, ReleaseNote, catalog_contents
from publish.journal import Journal, clear_journal, read_journal, write_journal
from publish.planning import WithdrawnContent, check_words, next_free_name
from publish.replay import controlled_file_history, data_paths, line_history, next_object, public_file_history
from publish.writing import (
    Chain,
    LineDraft,
    Writer,
    append,
    entry_of,
    open_for_writing,
    read_withdrawn,
    reopen,
    settle_catalog,
    signing_key,
    withdrawn_document,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What a withdrawal did: the release that it became, and which chains it changed."""

    release: str
    issued: str
    public: bool
    controlled: bool


def withdraw(
    bank: Bank, settings: Settings, target: str, reason: str, clock: Callable[[], str], tell: Listener = silent
) -> Withdrawn:
    """Withdraws a line, or one file of it.

    Args:
        bank: the bank.
        settings: where the key lies.
        target: ``LINE`` or ``LINE/PATH``.
        reason: shown to everybody for ever; never empty.
        clock: gives the time, RFC 3339 in UTC.
        tell: hears of progress.

    Raises:
        NotFoundError: nothing of that name was ever released.
        ConflictError: it is withdrawn already, or another writer is at work.
    """
    if not reason.strip():
        raise UsageError("reason-missing", "a withdrawal needs a reason", hint="pass --reason TEXT; it is public")
    check_words("reason", reason.strip())
    line_id, _, path = target.partition("/")
    with open_for_writing(bank, settings) as writer:
        pending = read_journal(bank.work_folder)
        if pending is not None and pending.kind == "withdraw":
            done = _run(writer, pending, tell)
            if (pending.line_id, pending.path) == (line_id, path or None):
                return done
            writer = reopen(writer)
        _check_target(writer, line_id, path or None)
        for chain in (writer.public, writer.controlled):
            signing_key(writer, chain.ledger)
        issued = clock()
        journal = Journal(
            kind="withdraw",
            release=next_free_name((writer.public.ledger, writer.controlled.ledger), issued),
            issued=issued,
            message=f"withdraw {target}",
            line_id=line_id,
            path=path or None,
            reason=reason.strip(),
        )
        write_journal(bank.work_folder, journal)
        return _run(writer, journal, tell)


def finish_withdrawal(writer: Writer, tell: Listener) -> Writer:
    """Finishes a withdrawal that was cut off, before anything else is written; else returns the writer as it is."""
    pending = read_journal(writer.bank.work_folder)
    if pending is None or pending.kind != "withdraw":
        return writer
    _run(writer, pending, tell)
    return reopen(writer)


def _check_target(writer: Writer, line_id: str, path: str | None) -> None:
    """Makes sure that the target was released in one of the chains and is not withdrawn yet."""
    known = False
    target = f"{line_id}/{path}" if path else line_id
    for chain in (writer.public, writer.controlled):
        gone = chain.ledger.withdrawal_of(line_id, path)
        if gone is not None and (path is not None or gone.path is None):
            raise ConflictError("withdrawn-already", f"it was withdrawn on {gone.date}", at=target, got=gone.reason)
        known = known or _holds(chain, line_id, path)
    if not known:
        raise NotFoundError(
            "target-not-found",
            "nothing of this name was ever released",
            at=target,
            hint=f"'fairline show {line_id}' lists its files" if path else "'fairline search' lists what was released",
        )


def _held(chain: Chain, line_id: str) -> tuple[PackageEntry, Inventory] | None:
    """The current entry of a package and its inventory."""
    current = chain.current(line_id)
    if current is None:
        return None
    return current, chain.store.inventory(current.object, current.version)


def _holds(chain: Chain, line_id: str, path: str | None) -> bool:
    """Whether a chain has the line, and in any of its versions the path as a data file."""
    held = _held(chain, line_id)
    if held is None:
        return False
    inventory = held[1]
    return path is None or any(path in data_paths(chain.store, inventory, version) for version in inventory.versions)


def _run(writer: Writer, journal: Journal, tell: Listener) -> Withdrawn:
    """Carries a withdrawal out, from wherever it was cut off: replay both objects, sign both lines, purge, index."""
    public = _replay(writer.public, journal, lambda inventory: _public_history(writer, journal, inventory))
    controlled = _replay(writer.controlled, journal, lambda inventory: _controlled_history(writer, journal, inventory))
    if not writer.controlled.has_line(journal.release):
        _append_controlled(writer, journal, controlled)
    if public is not None and not writer.public.has_line(journal.release):
        _append_public(writer, journal, public)
    after = reopen(writer)
    for chain in (after.public, after.controlled):
        for object_id in sorted(chain.ledger.gone_objects()):
            chain.store.purge(object_id)
    build_index(writer.bank, tell, generations=1)
    clear_journal(writer.bank.work_folder)
    return Withdrawn(
        release=journal.release,
        issued=journal.issued,
        public=after.public.has_line(journal.release),
        controlled=_changed(after.controlled, journal),
    )


def _changed(chain: Chain, journal: Journal) -> bool:
    """Whether the withdrawal's line of a chain changes the package, whoever wrote the line."""
    last = chain.ledger.last
    return chain.has_line(journal.release) and last is not None and any(e.id == journal.line_id for e in last.packages)


@dataclass(frozen=True, slots=True)
class _Replayed:
    """A package's entry in its new object, and the object that it replaces."""

    entry: PackageEntry
    replaced: str


def _replay(chain: Chain, journal: Journal, history: Callable[[Inventory], list[History] | None]) -> _Replayed | None:
    """Makes the new object of the package; None when the chain has nothing of the target, or its line is signed."""
    held = _held(chain, journal.line_id)
    if held is None or chain.has_line(journal.release):
        return None
    current, inventory = held
    versions = history(inventory)
    if versions is None:
        return None
    object_id = next_object(current.object, journal.line_id)
    try:
        made = chain.store.replay(object_id, versions)
    except ConflictError:
        chain.store.purge(object_id)  # what another, abandoned withdrawal left; no line names it
        made = chain.store.replay(object_id, versions)
    entry = entry_of(journal.line_id, made, WITHDRAWN if journal.path is None else "released")
    return _Replayed(entry, current.object)


def _public_history(writer: Writer, journal: Journal, inventory: Inventory) -> list[History] | None:
    if journal.path is None:
        return line_history(inventory, journal)
    if not any(journal.path in data_paths(writer.public.store, inventory, version) for version in inventory.versions):
        return None
    return public_file_history(writer.public, inventory, journal, writer.bank.settings)


def _controlled_history(writer: Writer, journal: Journal, inventory: Inventory) -> list[History] | None:
    if journal.path is None:
        return line_history(inventory, journal)
    return controlled_file_history(writer.controlled, inventory, journal)


def _append_controlled(writer: Writer, journal: Journal, replayed: _Replayed | None) -> None:
    """Signs the controlled chain's line; its catalogue remembers the digests that may never come back."""
    digests: set[str] = set()
    for chain in (writer.public, writer.controlled):
        held = _held(chain, journal.line_id)
        if held is not None:
            digests |= _digests(chain, held[1], journal.path)
    gone = WithdrawnContent(journal.line_id, journal.path, tuple(sorted(digests)))
    kept = withdrawn_document([*read_withdrawn(writer.controlled), gone])
    catalog = settle_catalog(writer.controlled, [kept], issued=journal.issued, release=journal.release)
    append(writer, writer.controlled, _draft(journal, replayed, catalog))


def _digests(chain: Chain, inventory: Inventory, path: str | None) -> set[str]:
    """The digests of the withdrawn data files over all versions."""
    digests = set()
    for version in inventory.versions:
        state = inventory.state(version)
        names = data_paths(chain.store, inventory, version)
        digests |= {state[name] for name in names if path in (None, name)}
    return digests


def _append_public(writer: Writer, journal: Journal, replayed: _Replayed) -> None:
    """Signs the public line: this is the moment in which the withdrawal happens."""
    version = writer.public.catalog_version()
    assert version is not None, "a package that is current has a line"
    inventory = writer.public.store.inventory(CATALOG_ID, version)
    terms = writer.public.store.read(inventory, TERMS_NAME)
    note = ReleaseNote(release=journal.release, issued=journal.issued, message=journal.message)
    contents = catalog_contents(writer.bank.settings, note, terms)
    catalog = settle_catalog(writer.public, contents, issued=journal.issued, release=journal.release)
    append(writer, writer.public, _draft(journal, replayed, catalog))


def _draft(journal: Journal, replayed: _Replayed | None, catalog: Mapping[str, str]) -> LineDraft:
    gone = Withdrawal(id=journal.line_id, path=journal.path, reason=journal.reason, date=journal.issued)
    return LineDraft(
        release=journal.release,
        issued=journal.issued,
        message=journal.message,
        catalog=catalog,
        withdrawn=[gone],
        packages=[replayed.entry] if replayed else [],
        replaced=[{"id": journal.line_id, "object": replayed.replaced}] if replayed else [],
    )
