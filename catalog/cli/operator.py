"""Commands for operators: index, serve."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from catalog.cli.options import bank_of, bank_option, json_option
from catalog.cli.output import note, print_json, progress
from catalog.errors import IntegrityError


@click.group()
def index() -> None:
    """The search index: a projection of ledger and store."""


@index.command()
@bank_option
@json_option
def build(bank_folder: Path | None, as_json: bool) -> None:
    """Build the index again from ledger and store; running readers change over without an error."""
    from catalog.index import build_index

    bank = bank_of(bank_folder)
    with progress(as_json=as_json) as tell:
        current = build_index(bank, tell)
    if as_json:
        print_json(asdict(current))
    else:
        click.echo(
            f"index {current.file}: release {current.release or 'none'}, ledger line {current.sequence}, {current.bytes} bytes"
        )


@index.command()
@bank_option
@json_option
def check(bank_folder: Path | None, as_json: bool) -> None:
    """Say whether the index is whole and shows the last release."""
    from catalog.index.current import check_current, read_current
    from catalog.library import public_ledger

    bank = bank_of(bank_folder)
    current = read_current(bank.index_folder)
    check_current(bank.index_folder, current)
    sequence = public_ledger(bank).sequence
    if current.sequence != sequence:
        raise IntegrityError(
            "index-behind", "the index does not show the last release", at=str(bank.index_folder / current.file),
            want=f"ledger line {sequence}", got=f"ledger line {current.sequence}", hint="run 'fairline index build'",
        )  # fmt: skip
    if as_json:
        print_json(asdict(current))
    else:
        click.echo(
            f"index {current.file} is whole and shows ledger line {sequence} ({current.release or 'no release'})"
        )


@click.command(epilog="\b\nExample:\n  fairline serve --port 8000")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="The port (8000); 0 for a free one.")
@click.option("--host", default="127.0.0.1", help="The address to listen on (127.0.0.1).")
@bank_option
def serve(port: int, host: str, bank_folder: Path | None) -> None:
    """Serve the released state: portal, JSON API, RDF. Ctrl-C ends it."""
    from catalog.web.server import serve_bank

    bank = bank_of(bank_folder)
    serve_bank(
        bank, host, port, ready=lambda address: note(f"serving {bank.settings.title} at {address} (Ctrl-C ends it)")
    )
