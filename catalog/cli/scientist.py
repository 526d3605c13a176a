"""Commands for scientists: search, show, get, verify, query, cite. Each is the twin of a function of ``catalog``."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import click

from catalog import library
from catalog.cli.options import bank_of, bank_option, json_option, key_option, settings_of, split_release, url_option
from catalog.cli.output import note, print_findings, print_json, printable, progress, table
from catalog.cli.package_text import package_lines
from catalog.cli.paths import Target, UsablePath, is_address
from catalog.client.remote import Portal
from catalog.client.source import BankSource
from catalog.client.transfer import EXISTING, SKIP, Request
from catalog.client.transfer import get as transfer
from catalog.events import Event, silent
from catalog.index import FACETS, Query, from_pairs
from catalog.index.query import SORTS
from catalog.wording import human_bytes


def facet_options(command: Any) -> Any:
    """One repeatable option a facet, and the rest of a query."""
    for each in reversed(FACETS):
        name = f"--{each.name.replace('_', '-')}"
        command = click.option(name, each.name, multiple=True, metavar="VALUE", help=f"{each.title}; may be repeated.")(
            command
        )
    for option in (
        click.option("--term", multiple=True, metavar="CURIE", help="An ontology term; its descendants match too."),
        click.option("--year-from", metavar="YEAR", help="First year of banking."),
        click.option("--year-to", metavar="YEAR", help="Last year of banking."),
        click.option("--sort", type=click.Choice(SORTS), help="Order of the results."),
        click.option("--limit", metavar="N", help="Packages a page (25)."),
        click.option("--after", metavar="TEXT", help="The value 'next' of the page before."),
    ):
        command = option(command)
    return command


def query_of(text: tuple[str, ...], options: dict[str, Any]) -> Query:
    """The query in the words and options of a command line."""
    pairs = [("q", " ".join(text))] if text else []
    for each in FACETS:
        pairs += [(each.name, value) for value in options[each.name]]
    pairs += [("term", value) for value in options["term"]]
    for name in ("year_from", "year_to", "sort", "limit", "after"):
        if options[name] is not None:
            pairs.append((name, str(options[name])))
    return from_pairs(pairs)


@click.command(
    epilog="\b\nExamples:\n  fairline search fibroblast --modality rna-seq\n  fairline search --term UBERON:0000178 --files"
)
@click.argument("text", nargs=-1)
@facet_options
@click.option("--facets", is_flag=True, help="Print counts per facet.")
@click.option("--files", is_flag=True, help="Print the open files that the search stands for, with address and sha256.")
@url_option
@bank_option
@json_option
def search(text: tuple[str, ...], **options: Any) -> None:
    """Find packages by words, facets and ontology terms."""
    query = query_of(text, options)
    with contextlib.ExitStack() as stack:
        source: Any
        if options["url"]:
            source = Portal(options["url"], tell=_announce)
        else:
            source = stack.enter_context(contextlib.closing(library.index_of(bank_of(options["bank_folder"]))))
        if options["files"]:
            _print_manifest(source.manifest(query), as_json=options["as_json"])
            return
        found = source.search(query)
        if options["facets"]:
            found["facets"] = source.facets(query)
    if options["as_json"]:
        print_json(found)
        return
    rows = [
        (
            each["id"],
            each["release"],
            each["line_type"],
            ", ".join(each["modalities"]),
            each["audit_level"],
            each["title"],
        )
        for each in found["packages"]
    ]
    table(rows, ("package", "release", "type", "measurements", "findings", "title"))
    note(f"{len(rows)} of {found['total']} packages, {human_bytes(found['bytes'])} of open files in all")
    if found["next"]:
        note(f"next page: --after {found['next']}")
    for name, values in found.get("facets", {}).items():
        click.echo(f"\n{name}")
        for value in values:
            click.echo(
                f"  {value['count']:>6}  {value['value']}"
                + (f"  {value['label']}" if value["label"].lower() != value["value"] else "")
            )


def _print_manifest(files: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({"files": files})
        return
    for each in files:
        click.echo(f"{each['sha256']}  {each['bytes']}  {each['url']}")
    note(f"{len(files)} files, {human_bytes(sum(each['bytes'] for each in files))}")


@click.command(epilog="\b\nExample:\n  fairline show KSCBi005-A@2026.11")
@click.argument("package")
@url_option
@bank_option
@json_option
def show(package: str, url: str | None, bank_folder: Path | None, as_json: bool) -> None:
    """One package: what, how, quality, rights, files. PACKAGE is ID or ID@RELEASE."""
    name, release = split_release(package)
    if url:
        found = Portal(url).show(name, release)
    else:
        bank = bank_of(bank_folder)
        found = library.describe(bank, library.public_ledger(bank), name, release)
    if as_json:
        print_json(found)
        return
    for line in package_lines(found):
        click.echo(printable(line))


@click.command(
    epilog="\b\nExamples:\n  fairline get KSCBi005-A --url http://127.0.0.1:8000/\n  fairline get KSCBi005-A@2026.11 '*.vcf.gz'"
)
@click.argument("package")
@click.argument("pattern", required=False, metavar="[GLOB]")
@click.option("--out", type=UsablePath(), help="The folder to download to (./ID).")
@click.option(
    "--existing", type=click.Choice(EXISTING), default="error", help="What to do with other bytes under a file's name."
)
@click.option("-n", "--dry-run", is_flag=True, help="Print the plan and stop.")
@url_option
@key_option
@bank_option
@json_option
def get(package: str, pattern: str | None, **options: Any) -> None:
    """Download a package and verify every byte; goes on where it stopped. PACKAGE is ID or ID@RELEASE."""
    name, release = split_release(package)
    announce = silent if options["as_json"] else _announce
    source = Portal(options["url"], tell=announce) if options["url"] else BankSource(bank_of(options["bank_folder"]))
    request = Request(
        package=name, release=release, pattern=pattern, folder=options["out"], existing=options["existing"],
        key=options["key"], dry_run=options["dry_run"],
    )  # fmt: skip
    with progress(as_json=options["as_json"]) as tell:
        got = transfer(source, settings_of(options["bank_folder"]), request, tell)
    if options["as_json"]:
        summary = {"fetched": got.fetched, "fetched_bytes": got.fetched_bytes, "present": got.present}
        print_json({**got.plan.to_json(), **summary, "dry_run": request.dry_run})
        return
    if request.dry_run:
        table([(each.action, each.bytes, each.path) for each in got.plan.items], ("action", "bytes", "path"))
        return
    if got.new_key:
        note(f"the bank's key {got.new_key} was seen for the first time and is trusted from now on")
    kept = [each.path for each in got.plan.items if each.action not in {SKIP, "fetch", "resume"}]
    note(
        f"{got.plan.package} {got.plan.release} in {got.plan.folder}: {got.fetched} files fetched ({human_bytes(got.fetched_bytes)}), {got.present} already there, every byte verified"
    )
    if kept:
        note(f"left with other bytes: {', '.join(kept)}")
    note(f"next: fairline verify {got.plan.folder}")


def _announce(event: Event) -> None:
    note(event.text)


@click.command(epilog="\b\nExamples:\n  fairline verify ./KSCBi005-A\n  fairline verify http://127.0.0.1:8000/")
@click.argument("target", metavar="PATH|URL", default=".", type=Target())
@click.option("--quick", is_flag=True, help="Look at signatures and inventories only; hash no content.")
@key_option
@bank_option
@json_option
def verify(target: str, quick: bool, key: str | None, bank_folder: Path | None, as_json: bool) -> int:
    """Check a download, package, store, bank or portal against its hashes and signatures."""
    from catalog.client.portal_check import verify_portal
    from catalog.verify import verify_path

    settings = settings_of(bank_folder)
    with progress(as_json=as_json) as tell:
        if is_address(target):
            portal = Portal(target, tell=silent if as_json else _announce)
            outcome = verify_portal(portal, settings, key=key, full=not quick, tell=tell)
        else:
            path = settings.bank if target == "." and settings.bank is not None else Path(target)
            outcome = verify_path(path, settings, key=key, full=not quick)
    if as_json:
        print_json(outcome.to_json())
    else:
        print_findings(outcome.findings)
        seen = f"{outcome.lines} ledger lines, {outcome.objects} objects, {outcome.files} files"
        click.echo(f"{'holds' if outcome.valid else 'DOES NOT HOLD'}: {outcome.kind} {outcome.target} ({seen})")
        for sentence in outcome.unproved:
            note(f"not proved: {sentence}")
    return 0 if outcome.valid else 7


@click.command(epilog='\b\nExample:\n  fairline query "SELECT line_type, count(*) FROM line GROUP BY ALL"')
@click.argument("sql")
@click.option(
    "--format", "form", type=click.Choice(("table", "csv", "json", "parquet")), default="table", help="How to print."
)
@click.option("--out", type=UsablePath(dir_okay=False), help="The file to write to; needed for parquet.")
@click.option("--limit", type=click.IntRange(1, 10_000_000), default=100_000, help="Most rows.")
@bank_option
@json_option
def query(sql: str, form: str, out: Path | None, limit: int, bank_folder: Path | None, as_json: bool) -> None:
    """Run read-only SQL over the index; tables: docs/query.md."""
    from catalog.cli.rows import print_rows

    if as_json and form not in {"table", "json"}:
        raise click.UsageError(f"--json and --format {form} exclude each other")
    if out is not None and form == "table" and not as_json:
        raise click.UsageError("--out wants --format csv, json or parquet")
    bank = bank_of(bank_folder)
    with library.open_for_sql(bank) as database:
        names, rows = database.head(sql, limit=limit + 1)
    if len(rows) > limit:
        rows = rows[:limit]
        note(f"cut off after {limit} rows; there are more (--limit)")
    print_rows(names, rows, "json" if as_json else form, out)


@click.command(epilog="\b\nExample:\n  fairline cite KSCBi005-A --format bibtex")
@click.argument("package")
@click.option("--format", "form", type=click.Choice(tuple(library.CITATIONS)), default="text", help="The form.")
@url_option
@bank_option
@json_option
def cite(package: str, form: str, url: str | None, bank_folder: Path | None, as_json: bool) -> None:
    """How to cite a package: BibTeX, RIS, CSL-JSON or text. PACKAGE is ID or ID@RELEASE."""
    name, release = split_release(package)
    folder = None if url else bank_of(bank_folder).root
    click.echo(library.cite(name, release, form="csl-json" if as_json else form, bank=folder, url=url), nl=False)
