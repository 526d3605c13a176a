"""Opening a target by its name in ``fairline.toml``."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec

from catalog.bank import Bank
from catalog.bank.folder import SETTINGS_NAME
from catalog.errors import NotFoundError, UnauthorisedError, UsageError
from catalog.registry import TARGETS, plugins
from catalog.settings import Settings
from publish.targets.protocol import Surroundings, Target, TargetKind, Tell

Table = TypeVar("Table")

_EXAMPLE = '[targets.ckan]\nkind = "ckan"\nurl = "https://data.example.org"\norganization = "bank"'


def open_target(bank: Bank, name: str, settings: Settings, tell: Tell) -> Target:
    """A target of a bank; nothing is asked yet.

    Args:
        bank: the bank.
        name: the target's name in ``fairline.toml``.
        settings: the user's folders.
        tell: hears of retries and warnings.

    Raises:
        NotFoundError: the settings have no such target.
        UsageError: its table has an error.
        UnauthorisedError: its token is missing.
    """
    table = bank.settings.targets.get(name)
    if table is None:
        known = ", ".join(sorted(bank.settings.targets)) or "none"
        raise NotFoundError(
            "target-unknown", f"the bank has no target {name}", at=SETTINGS_NAME, want=known, got=name,
            hint=f"write it into fairline.toml, such as: {_EXAMPLE.replace(chr(10), '; ')}",
        )  # fmt: skip
    if not isinstance(table, Mapping) or not isinstance(table.get("kind"), str):
        raise _wrong(name, "a table with the member kind", "none")
    kinds = plugins(TARGETS)
    kind = kinds.get(str(table["kind"]))
    if kind is None:
        raise _wrong(name, f"kind = one of {', '.join(kinds)}", str(table["kind"]))
    rest = {str(member): value for member, value in table.items() if member != "kind"}
    surroundings = Surroundings(root=bank.root, settings=settings, environment=os.environ, tell=tell, wait=time.sleep)
    return cast(TargetKind, kind).open(name, rest, surroundings)


def read_table(name: str, table: Mapping[str, Any], form: type[Table]) -> Table:
    """The table of a target as a value.

    Args:
        name: the target's name.
        table: its members, without ``kind``.
        form: a ``msgspec.Struct`` that forbids unknown fields.

    Raises:
        UsageError: a member is missing, unknown or of another kind.
    """
    for member in ("token", "api_key", "apikey"):
        if member in table:
            raise UnauthorisedError(
                "token-in-settings", f"the target {name} has a member {member} in fairline.toml",
                hint="a token never stands there: take it out, revoke it on the portal, and see docs/targets.md",
            )  # fmt: skip
    try:
        return msgspec.convert(table, form)
    except msgspec.ValidationError as error:
        raise _wrong(name, "what docs/targets.md says", str(error)) from error


def _wrong(name: str, want: str, got: str) -> UsageError:
    return UsageError(
        "target-settings", f"the settings of the target {name} have an error",
        at=f"{SETTINGS_NAME}, [targets.{name}]", want=want, got=got, hint="docs/targets.md explains every member",
    )  # fmt: skip
