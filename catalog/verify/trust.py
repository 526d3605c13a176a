"""Which key to trust: the one that the caller names, else the one that was seen first, else the one that is offered now.

Trust on first use: the first key of a bank is kept in the user's config folder under the bank's base IRI and under the
address of every portal that offered it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog import durable
from catalog.errors import IntegrityError, UnauthorisedError
from catalog.findings import Finding
from catalog.settings import Settings
from catalog.signing import PublicKey, find_secret_key, parse_public_key
from catalog.verify.outcome import KEY_CHANGED

_NAME = "known-keys.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The outcome of looking for a key.

    Attributes:
        key: the key to check with.
        finding: it is not the known one.
        first_use: neither the bank nor the portal was known.
        own: the secret key is on this machine.
        unknown: the names under which the key is not known yet: :func:`remember_key` adds them.
    """

    key: PublicKey | None
    finding: Finding | None = None
    first_use: bool = False
    own: bool = False
    unknown: tuple[str, ...] = ()


def pinned_key(
    settings: Settings,
    bank: str,
    offered: Sequence[PublicKey],
    override: str | None = None,
    *,
    portal: str | None = None,
) -> Trust:
    """The key that a bank's ledger must begin with.

    A portal says itself, unsigned, which bank it is; so its address is a name of the key as well, and both must agree.

    Args:
        settings: where known keys are kept.
        bank: the bank's base IRI.
        offered: the keys that came with the data, first to last.
        override: a public key from the caller, as text or as the path of its file.
        portal: the address of the portal that offers them.
    """
    if override is not None:
        return Trust(key=parse_public_key(_read_override(override)))
    first = offered[0] if offered else None
    kept = _known(settings)
    names = tuple(dict.fromkeys((bank, portal) if portal else (bank,)))
    unknown = tuple(name for name in names if name not in kept)
    known = {name: parse_public_key(kept[name]) for name in names if name in kept}
    for name, key in known.items():
        if first is not None and first != key:
            return Trust(key=key, finding=KEY_CHANGED.at(expected=key.key_id, got=first.key_id, bank=name))
    return Trust(key=next(iter(known.values()), first), first_use=not known, unknown=unknown)


def own_key(settings: Settings, bank: str, offered: Sequence[PublicKey], override: str | None = None) -> Trust:
    """As :func:`pinned_key`, for a bank on this disk: who holds the secret key needs nobody to vouch for it."""
    if override is None and offered:
        with contextlib.suppress(UnauthorisedError):
            find_secret_key(offered[0], settings.keys_folder, settings.key_file)
            unknown = () if bank in _known(settings) else (bank,)
            return Trust(key=offered[0], first_use=bool(unknown), own=True, unknown=unknown)
    return pinned_key(settings, bank, offered, override)


def require_key(trust: Trust, at: str) -> None:
    """Refuses to go on without any key: signatures that nobody looks at prove nothing.

    Raises:
        IntegrityError: neither a known key nor an offered one is there.
    """
    if trust.key is None:
        raise IntegrityError("key-malformed", "there is no public key here, so no signature can be checked", at=at)


def remember_key(settings: Settings, trust: Trust) -> None:
    """Remembers a key under the names that were seen for the first time; only after a ledger was found to hold with it."""
    if not trust.unknown or trust.key is None or trust.finding is not None:
        return
    known = {**_known(settings), **dict.fromkeys(trust.unknown, trust.key.base64)}
    path = settings.config_folder / _NAME
    with durable.disk_errors(path):
        durable.make_directories(path.parent)
        durable.replace_file(path, (json.dumps(known, indent=2, sort_keys=True) + "\n").encode())


def _read_override(text: str) -> str:
    try:
        return Path(text).read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):  # no file of this name, or no name of a file
        return text


def _known(settings: Settings) -> dict[str, str]:
    path = settings.config_folder / _NAME
    try:
        return {str(bank): str(key) for bank, key in json.loads(path.read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, RecursionError) as error:
        raise IntegrityError(
            "known-keys",
            "the list of known keys cannot be read",
            at=str(path),
            hint="restore it from a backup, or delete it",
        ) from error
