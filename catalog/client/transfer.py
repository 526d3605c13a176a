"""Getting a package: a plan that is decided purely, then ranged, resumable, verified downloads, each ended by one rename.

Nothing is believed without a signature: the ledger is checked with the known key, it binds the inventory, the
inventory binds every file. A file under its final name is always whole and right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog import durable
from catalog.client.contents import read_contents
from catalog.client.fetching import Fetcher
from catalog.client.folder import check_companions, check_place, read_earlier, write_companions
from catalog.client.offer import EXISTING, OVERWRITE, Offer, Request, find_offer
from catalog.client.plan import FETCH, RESUME, SKIP, Ground, Plan, plan_download, select
from catalog.client.source import PackageSource
from catalog.errors import UsageError
from catalog.events import Event, Listener, silent
from catalog.settings import Settings
from catalog.verify.download import DOWNLOAD

__all__ = ["EXISTING", "SKIP", "Got", "Request", "get"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A finished download: files and bytes that were fetched now, and files that were there."""

    plan: Plan
    fetched: int
    fetched_bytes: int
    present: int
    new_key: str | None


def get(source: PackageSource, settings: Settings, request: Request, tell: Listener = silent) -> Got:
    """Downloads a version of a package and verifies every byte.

    Args:
        source: a portal or a bank.
        settings: where known keys are kept.
        request: what is wanted.
        tell: hears of progress.

    Raises:
        NotFoundError: no such package, release or file.
        ConflictError: the folder is not one to download to, or other bytes or links are in the way.
        IntegrityError: something does not agree; no wrong file is left under its name.
        TemporaryError: network or disk; the same call goes on where it stopped.
    """
    if request.existing not in EXISTING:
        raise UsageError("existing", "--existing wants error, skip or overwrite", got=request.existing)
    folder = request.folder or Path(request.package)
    with durable.disk_errors(folder):
        check_place(folder)
        earlier = read_earlier(folder)
        offer = find_offer(source, settings, request, earlier)
        contents = read_contents(source, offer.version, offer.inventory)
        paths = select(offer.state, request.pattern, contents.data, offer.ledger.withdrawals(request.package))
        companions = {**offer.companions, DOWNLOAD: _note(offer, paths, source.address)}
        mine = offer.version.id, offer.base_iri
        check_companions(folder, companions, earlier, mine, replace=request.existing == OVERWRITE)
        known = {
            path: size for path in paths if (size := source.size(offer.version, offer.inventory, path)) is not None
        }
        sizes = {**known, **contents.sizes}  # what is signed comes before what the source says
        ground = Ground(folder=folder, existing=request.existing, sizes=sizes, earlier=earlier)
        plan = plan_download(offer, ground, paths)
        if request.dry_run:
            return Got(plan=plan, fetched=0, fetched_bytes=0, present=0, new_key=offer.new_key)
        write_companions(folder, companions)
        fetched = _fetch_all(Fetcher(source=source, offer=offer, folder=folder), plan, tell)
    whole = {item.path: (folder / item.path).stat().st_size for item in plan.items if item.path in fetched}
    return Got(
        plan=plan.measured(whole),
        fetched=len(fetched),
        fetched_bytes=sum(fetched.values()),
        present=sum(item.action == SKIP for item in plan.items),
        new_key=offer.new_key,
    )


def _note(offer: Offer, paths: list[str], address: str) -> bytes:
    note = {
        "id": offer.version.id,
        "release": offer.version.release,
        "base_iri": offer.base_iri,
        "source": address,
        "sequence": offer.ledger.sequence,
        "paths": paths,
    }
    return (json.dumps(note, indent=2) + "\n").encode()


def _fetch_all(fetcher: Fetcher, plan: Plan, tell: Listener) -> Mapping[str, int]:
    """Fetches what is missing; returns the bytes fetched now by path."""
    wanted = [item for item in plan.items if item.action in {FETCH, RESUME}]
    total = sum((item.bytes or 0) - item.have_bytes for item in wanted)
    done = 0
    fetched = {}
    for item in wanted:
        before = done
        for size in fetcher.fetch(item):
            done += size
            tell(Event(stage="download", text=item.path, done=done, total=max(total, done), unit="bytes"))
        fetched[item.path] = done - before
    return fetched
