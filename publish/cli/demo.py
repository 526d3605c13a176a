"""The command ``demo``: the example bank, built and released."""

from __future__ import annotations

from pathlib import Path

import click

from catalog.cli.options import json_option, settings_of
from catalog.cli.output import note, print_json, progress
from catalog.cli.paths import UsablePath
from catalog.wording import human_bytes


@click.command(epilog="\b\nExample:\n  fairline demo demo-bank\n  fairline --bank demo-bank serve")
@click.argument("folder", metavar="DIR", type=UsablePath())
@click.option("--base-iri", metavar="IRI", help="The start of every address (http://127.0.0.1:8000/); ends with /.")
@json_option
def demo(folder: Path, base_iri: str | None, as_json: bool) -> None:
    """Build the example bank in DIR: 22 published lines with synthetic files, released. Again, it changes nothing."""
    from publish.demo.bank import RELEASE, build_demo, sizes

    if not as_json:
        note(f"the example bank in {folder}: lines of a published table, with synthetic files")
    with progress(as_json=as_json) as tell:
        outcome = build_demo(folder, settings_of(), base_iri, tell)
    bytes_of = sizes(outcome.bank)
    if as_json:
        print_json(
            {
                "bank": str(outcome.bank.root),
                "title": outcome.bank.settings.title,
                "base_iri": outcome.bank.settings.base_iri,
                "release": RELEASE,
                "released_now": outcome.released,
                "sequence": outcome.sequence,
                "issued": outcome.issued,
                "lines": list(outcome.lines),
                "made": list(outcome.made),
                "bytes": bytes_of,
            }
        )
        return
    if outcome.made:
        note(f"wrote {len(outcome.made)} of {len(outcome.lines)} lines ({human_bytes(bytes_of['lines'])})")
    if outcome.released:
        note(f"released {RELEASE}: ledger line {outcome.sequence}, {human_bytes(bytes_of['bank'])} in all")
    else:
        note(f"unchanged: release {RELEASE} was made {outcome.issued}")
    note(f"next: fairline --bank {outcome.bank.root} serve")
