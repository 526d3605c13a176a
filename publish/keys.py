"""The bank's keys: which there are, and how a new one comes in."""

from __future__ import annotations

from pathlib import Path

from catalog import durable
from catalog.bank import Bank
from catalog.errors import CatalogError, ConflictError
from catalog.ledger import current_key, load_ledger
from catalog.settings import Settings
from catalog.signing import PublicKey, find_secret_key, make_key


def list_keys(bank: Bank, settings: Settings) -> list[dict[str, str | None]]:
    """The public keys of a bank, first to last, each with its state: past, signs, or announced by the next release."""
    keys = bank.keys()
    signing = current_key(load_ledger(bank.ledger_path, keys), keys[0])
    rows: list[dict[str, str | None]] = []
    for number, each in enumerate(keys):
        state = "signs" if each == signing else "past" if number < keys.index(signing) else "pending"
        rows.append({"key_id": each.key_id, "state": state, "public": each.base64, "secret": _secret(each, settings)})
    return rows


def _secret(key: PublicKey, settings: Settings) -> str | None:
    try:
        return str(find_secret_key(key, settings.keys_folder, settings.key_file))
    except CatalogError:
        return None


def add_key(bank: Bank, settings: Settings) -> tuple[PublicKey, Path]:
    """Makes a new key pair and appends its public half to ``signing-key.pub``.

    Raises:
        ConflictError: a key is waiting to be announced already.
        UnauthorisedError: the key that must sign the announcement is not here.
    """
    keys = bank.keys()
    signing = current_key(load_ledger(bank.ledger_path, keys), keys[0])
    if keys[-1] != signing:
        raise ConflictError(
            "key-pending",
            f"the key {keys[-1].key_id} waits for the next release already",
            at=str(bank.keys_path),
            hint="release first, then make another key",
        )
    find_secret_key(signing, settings.keys_folder, settings.key_file)
    public = make_key(settings.keys_folder)
    with durable.disk_errors(bank.keys_path):
        text = bank.keys_path.read_text(encoding="utf-8") + public.file_text()
        durable.replace_file(bank.keys_path, text.encode())
    return public, settings.keys_folder / f"{public.key_id}.key"
