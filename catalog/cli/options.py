"""Options that many commands share, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from catalog.bank import Bank, find_bank, open_bank
from catalog.cli.paths import UsablePath
from catalog.settings import Settings, read_settings

Command = TypeVar("Command", bound=Callable[..., Any])


def bank_option(command: Command) -> Command:
    """``--bank DIR``, after the command as well as before it."""
    return click.option(
        "--bank",
        "bank_folder",
        type=UsablePath(),
        help="The bank's folder (else FAIRLINE_BANK, else upwards from here).",
    )(command)


def json_option(command: Command) -> Command:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON; the exit status is the same.")(command)


def url_option(command: Command) -> Command:
    """``--url PORTAL``."""
    return click.option("--url", metavar="PORTAL", help="Ask a portal at this address instead of a bank on this disk.")(
        command
    )


def key_option(command: Command) -> Command:
    """``--key KEY``."""
    return click.option(
        "--key", metavar="KEY", help="The bank's first public key (text or file) instead of the known one."
    )(command)


def settings_of(bank_folder: Path | None = None) -> Settings:
    """The settings of this call; the root's ``--bank`` counts when the command has none."""
    context = click.get_current_context(silent=True)
    inherited = (context.obj or {}).get("bank") if context is not None else None
    return read_settings(bank=bank_folder or inherited)


def bank_of(bank_folder: Path | None = None) -> Bank:
    """The bank of this call.

    Raises:
        NotFoundError: there is none.
        InvalidError: its settings have errors.
    """
    settings = settings_of(bank_folder)
    return open_bank(settings.bank or find_bank(Path.cwd()))


def split_release(name: str) -> tuple[str, str | None]:
    """``ID`` or ``ID@RELEASE``."""
    package, _, release = name.partition("@")
    return package, release or None
