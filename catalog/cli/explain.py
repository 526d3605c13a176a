"""What a code means."""

from __future__ import annotations

import difflib
import re
from dataclasses import asdict, replace

import click

from catalog.cli.options import json_option
from catalog.cli.output import print_json, table
from catalog.errors import NotFoundError
from catalog.explanations import explanations, markdown


@click.command(epilog="\b\nExample:\n  fairline explain vcf-info-type")
@click.argument("code", required=False)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the page of all codes.")
@json_option
def explain(code: str | None, as_markdown: bool, as_json: bool) -> None:
    """What a code of a finding or an error means, and what to do; without a code, all of them."""
    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    known = explanations()
    if code is None:
        if as_json:
            print_json([asdict(each) for each in known.values()])
            return
        table(
            [(each.code, each.severity or each.kind, _filled(each.title)[:70]) for each in known.values()],
            ("code", "kind", "means"),
        )
        return
    found = known.get(code)
    if found is None:
        near = difflib.get_close_matches(code, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "'fairline explain' lists all codes"
        raise NotFoundError("code-not-found", f"there is no code {code}", got=code, hint=hint)
    if as_json:
        print_json(asdict(found))
        return
    found = replace(found, title=_filled(found.title), mend=_filled(found.mend))
    click.echo(f"{found.code} ({', '.join(word for word in (found.kind, found.severity, found.level) if word)})")
    click.echo(f"  {found.title}")
    if found.why:
        click.echo(f"  why   {found.why}")
    click.echo(f"  mend  {found.mend}")
    click.echo(f"  from  {found.source}")


def _filled(text: str) -> str:
    """A rule's text with its blanks as people write them: ``<key>`` for ``{key}``."""
    return re.sub(r"\{(\w+)\}", r"<\1>", text)
