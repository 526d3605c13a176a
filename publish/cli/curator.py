"""Commands that edit a bank: init, line new, add, status, key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from catalog.bank import add_files, init_bank, new_line
from catalog.cli.options import bank_of, bank_option, json_option, settings_of
from catalog.cli.output import note, print_findings, print_json, table
from catalog.cli.paths import UsablePath
from catalog.model.files import MODALITIES, Role, Tier
from catalog.wording import human_bytes


@click.command(
    epilog='\b\nExample:\n  fairline init my-bank --title "Example Stem Cell Bank" --base-iri https://bank.example.org/'
)
@click.argument("folder", metavar="DIR", type=UsablePath())
@click.option("--title", default="A cell-line bank", help="The bank's name.")
@click.option("--base-iri", default="http://127.0.0.1:8000/", help="The start of every address; ends with /.")
@click.option("--publisher", default="The bank's institute", help="Who publishes.")
@json_option
def init(folder: Path, title: str, base_iri: str, publisher: str, as_json: bool) -> None:
    """Make a bank in DIR: commented fairline.toml, signing key pair, empty folders."""
    bank, made = init_bank(folder, settings_of(), title=title, base_iri=base_iri, publisher=publisher)
    if as_json:
        print_json(
            {"bank": str(bank.root), "made": made, "title": bank.settings.title, "base_iri": bank.settings.base_iri}
        )
        return
    if not made:
        click.echo(f"unchanged: {bank.root} is a bank already")
    for each in made:
        click.echo(f"made {bank.root / each}")
    note(f"next: edit {bank.root / 'fairline.toml'}, then: fairline --bank {bank.root} line new LINE_ID")


@click.group()
def line() -> None:
    """Lines of a bank."""


@line.command("new", epilog="\b\nExample:\n  fairline line new KSCBi005-A")
@click.argument("line_id")
@bank_option
@json_option
def line_new(line_id: str, bank_folder: Path | None, as_json: bool) -> None:
    """Make the folder of a line with a commented line.yaml."""
    folder, made = new_line(bank_of(bank_folder), line_id)
    if as_json:
        print_json({"line": line_id, "folder": str(folder), "made": made})
        return
    click.echo(f"{'made' if made else 'unchanged:'} {folder / 'line.yaml'}")
    if made:
        note(
            f"next: fill in line.yaml, copy files to {folder / 'data'}, then: fairline add {folder / 'data'} --line {line_id}"
        )


_CELLS = ("modality", "role", "assembly", "passage", "replicate", "sample_id", "group", "assay_id", "accession", "tier")


@click.command(
    epilog="\b\nExample:\n  fairline add lines/KSCBi005-A/data/wes --line KSCBi005-A --modality wes --assembly GRCh38"
)
@click.argument("paths", nargs=-1, required=True, type=UsablePath(), metavar="PATHS...")
@click.option("--line", "line_id", required=True, metavar="ID", help="The line that the files belong to.")
@click.option(
    "--modality",
    type=click.Choice(tuple(MODALITIES)),
    help="What was measured (else the name of a folder on the path).",
)
@click.option("--role", type=click.Choice([each.value for each in Role]), help="What the files are to the measurement.")
@click.option("--assembly", help="Genome build: GRCh37, GRCh38, T2T-CHM13v2.0, unknown.")
@click.option("--passage", help="Passage of the cells that were measured.")
@click.option("--replicate", help="Number of the replicate.")
@click.option("--sample-id", help="The sample's name inside the files.")
@click.option("--group", help="A word for files that belong together.")
@click.option("--assay-id", help="The assay, as in assays.csv.")
@click.option("--accession", help="Accession in a public archive.")
@click.option(
    "--tier", type=click.Choice([each.value for each in Tier]), help="Who may have the files (else the line's tier)."
)
@click.option("--copy", is_flag=True, help="Copy files from elsewhere into the line's data/ folder.")
@bank_option
@json_option
def add(paths: tuple[Path, ...], **options: Any) -> None:
    """Register files of a line's folder in its files.csv: size, sha256, format, media type."""
    bank = bank_of(options["bank_folder"])
    values = {name: str(options[name]) for name in _CELLS if options[name]}
    added = add_files(bank.line_folder(options["line_id"]), paths, values, copy=options["copy"])
    if options["as_json"]:
        print_json([each.to_json() for each in added])
        return
    rows = [
        (
            each.outcome,
            human_bytes(each.subject.bytes or 0),
            each.subject.format or "unknown",
            each.modality or "-",
            each.path,
        )
        for each in added
    ]
    table(rows, ("outcome", "size", "format", "modality", "path"))
    counts = {word: sum(each.outcome == word for each in added) for word in ("added", "updated", "unchanged")}
    note(", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no files here")
    for each in added:
        print_findings([finding for finding in each.subject.findings if finding.severity == "error"], each.path)
    if any(not each.modality and each.declared.get("role") != Role.DOCUMENT for each in added):
        note(
            "some files have no modality: nobody will find them, and no approval covers them; add again with --modality"
        )
    note(f"next: fairline validate {bank.lines_folder / options['line_id']}")


@click.command()
@bank_option
@json_option
def status(bank_folder: Path | None, as_json: bool) -> None:
    """What changed in the working copies since the last release, and the next command."""
    from publish.status import read_status

    found = read_status(bank_of(bank_folder))
    if as_json:
        print_json(found.to_json())
        return
    click.echo(f"{found.title}: last release {found.release or 'none'}")
    rows = [(each.id, each.state, "; ".join(each.changes)) for each in found.lines]
    if rows:
        table(rows, ("line", "state", "changes"))
    for each in found.notes:
        note(each)
    note(f"next: {found.next_command or found.advice}")


@click.group()
def key() -> None:
    """Signing keys (minisign format)."""


@key.command("show")
@bank_option
@json_option
def key_show(bank_folder: Path | None, as_json: bool) -> None:
    """The bank's public keys: which one signs, and where the secret key is."""
    from publish.keys import list_keys

    rows = list_keys(bank_of(bank_folder), settings_of(bank_folder))
    if as_json:
        print_json(rows)
        return
    table(
        [(each["key_id"], each["state"], each["public"], each["secret"] or "not here") for each in rows],
        ("key", "state", "public key", "secret key"),
    )


@key.command("new")
@bank_option
@json_option
def key_new(bank_folder: Path | None, as_json: bool) -> None:
    """Make a new key: the next release announces it, signed with the old one, and the one after is signed with it."""
    from publish.keys import add_key

    public, path = add_key(bank_of(bank_folder), settings_of(bank_folder))
    if as_json:
        print_json({"key_id": public.key_id, "public": public.base64, "secret": str(path)})
        return
    click.echo(f"made key {public.key_id}; secret key in {path}")
    note("next: back the secret key up, then release: the ledger announces the new key")
