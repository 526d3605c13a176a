"""What lies about on a portal beside a bank's release: leftovers, orphans, things of others, the lease, the search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from publish.targets.ckan import healing
from publish.targets.ckan.lease import holder_of
from publish.targets.ckan.survey import Survey, uri_of
from publish.targets.planning import Plan
from publish.targets.protocol import Diagnosis, Target
from publish.targets.state import Held, TargetState

_MEND = "fairline doctor --target NAME --mend"
_CLEAR = "ask the portal's operator for: ckan search-index clear-orphans"


def withdrawn(target: Target, plan: Plan) -> Iterator[Diagnosis]:
    """Files that were withdrawn and whose bytes are still there."""
    for held in plan.erase:
        label = f"{held.key[0]}/{held.key[1]}"

        def heal(held: Held = held, label: str = label) -> Iterator[str]:
            target.erase(held)
            yield f"{label}: erased from {held.container}; read back"

        yield Diagnosis(
            name=held.container, state="bad", text=f"{label} was withdrawn, and its bytes are still there",
            mend=f"{_MEND} erases them", heal=heal,
        )  # fmt: skip


def orphans(survey: Survey, state: TargetState) -> Iterator[Diagnosis]:
    """What nothing refers to, and what is not ours; it is named and never touched."""
    found = False
    known = {str(dataset["id"]) for _, dataset in survey.known()} | {str(each.dataset["id"]) for each in survey.faults}
    base = survey.publication.bank.base_iri
    for entry in survey.listed:
        if str(entry["id"]) not in known and uri_of(entry).startswith(base) and survey.show(str(entry["id"])):
            found = True
            yield Diagnosis(
                name=str(entry["name"]), state="warn", text="bears an address of this bank, and no release knows it",
                mend="look at it there, and delete it by hand if nobody needs it; it is not touched",
            )  # fmt: skip
    for words in survey.reading.strangers:
        found = True
        yield Diagnosis(
            name="orphans", state="warn", text=words,
            mend="look at it there, and delete it by hand if nobody needs it; it is not touched",
        )  # fmt: skip
    for twin in state.twins:
        if twin.is_open:
            found = True
            yield Diagnosis(
                name="orphans", state="warn", text=f"{twin.container} has {twin.key[1]} once more, and nothing links to it",
                mend="it does no harm: addresses that were public once stay",
            )  # fmt: skip
    if not found:
        yield Diagnosis(name="orphans", state="ok", text="none: everything of ours is known to a release")


def leftovers(target: Target, survey: Survey, state: TargetState) -> Iterator[Diagnosis]:
    """What dead runs sent to files datasets that were never opened."""
    quiet = True
    for name, is_open in state.containers.items():
        if is_open:
            continue
        copies = [each for each in (*state.held.values(), *state.twins) if each.container == name]
        quiet = False
        if not copies:
            yield Diagnosis(name="leftovers", state="ok", text=f"{name} is closed and empty; the next run uses it")
            continue
        yield Diagnosis(
            name="leftovers", state="warn", text=f"{name} is closed, with {len(copies)} files of a run that did not end",
            mend=f"fairline publish {target.name} --resume goes on; {_MEND} erases them",
            heal=partial(healing.empty_leftovers, target, name, copies),
        )  # fmt: skip
    if quiet:
        yield Diagnosis(name="leftovers", state="ok", text="none")


def lease(survey: Survey) -> Diagnosis:
    """Who may publish there now, and until when."""
    text = str((survey.reading.bank or {}).get("maintainer") or "")
    if not text:
        return Diagnosis(name="lease", state="ok", text="nobody is publishing")
    held = holder_of(text)
    if held is not None and held[1] > datetime.now(UTC):
        return Diagnosis(
            name="lease", state="warn", text=text,
            mend="wait until that run has ended; if it died on this machine, run the same command again",
            heal=_end_lease,
        )  # fmt: skip
    words = f"a run that died holds it: {text}" if held is not None else f"the field of the lease says: {text}"
    return Diagnosis(name="lease", state="warn", text=words, mend=f"{_MEND} ends it", heal=_end_lease)


def _end_lease() -> Iterator[str]:
    """By now the lease is the doctor's own, which ends with it."""
    yield "the lease was taken over, and ends with this command"


def search_entries(survey: Survey) -> Iterator[Diagnosis]:
    """What the search shows against what is there: ghosts, and entries that are missing or old."""
    bad = False
    there = {str(dataset["id"]): name for name, dataset in survey.known()}
    listed = {str(each["id"]): each for each in survey.listed}
    for identifier, entry in listed.items():
        if identifier not in there and survey.show(identifier) is None:
            bad = True
            yield _ghost(survey, entry)
    misplaced = survey.misplaced()
    for name, dataset in survey.known():
        if name in misplaced:
            continue
        old = listed.get(str(dataset["id"]))
        if old is None or _is_old(old, dataset):
            bad = True
            text = "the search does not show it" if old is None else "the search shows an old copy of it"
            yield Diagnosis(
                name=name, state="bad", text=text, mend=f"{_MEND} has it indexed again",
                heal=partial(healing.show_in_search, survey.client, name),
            )  # fmt: skip
    if not bad:
        yield Diagnosis(
            name="search", state="ok", text=f"shows all {len(there)} datasets of ours as they are, no ghosts"
        )


def _is_old(entry: Mapping[str, Any], dataset: Mapping[str, Any]) -> bool:
    if entry.get("metadata_modified") != dataset.get("metadata_modified"):
        return True
    ids = [[each["id"] for each in one.get("resources", ())] for one in (entry, dataset)]
    return ids[0] != ids[1] or any(entry.get(each) != dataset.get(each) for each in ("title", "notes", "version"))


def _ghost(survey: Survey, entry: Mapping[str, Any]) -> Diagnosis:
    name, layout = str(entry["name"]), survey.portal.layout
    is_ours = uri_of(entry).startswith(survey.publication.bank.base_iri) or name.startswith(
        (f"{layout.choices.prefix}-files-", layout.bank_name)
    )
    text = "a ghost: the search shows it, and it is not on the portal"
    if not is_ours:
        return Diagnosis(name=name, state="warn", text=f"{text}; it is not ours", mend=_CLEAR)
    if not survey.portal.is_sysadmin:
        return Diagnosis(name=name, state="bad", text=text, mend=f"{_CLEAR} (or use a sysadmin's token for --mend)")
    return Diagnosis(
        name=name, state="bad", text=text, mend=f"{_MEND} removes it",
        heal=partial(healing.lay_ghost, survey.client, survey.portal, entry),
    )  # fmt: skip
