"""Commands for ontologies: update, lookup, annotate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from catalog.bank import read_line
from catalog.cli.options import bank_of, bank_option, json_option, settings_of
from catalog.cli.output import note, print_findings, print_json, table
from catalog.errors import InvalidError
from catalog.formats.inspect import formats
from catalog.model.files import FileRow
from catalog.ontology.annotate import annotate_modality, annotate_record, format_annotation
from catalog.ontology.annotation import Annotation
from catalog.ontology.sources import read_sources, source
from catalog.ontology.update import ANY, PINNED, update_ontology
from catalog.vocabulary import Vocabulary, open_vocabulary, read_installed


@click.group()
def ontology() -> None:
    """Ontology terms: update, lookup, annotate."""


@ontology.command(epilog="\b\nExamples:\n  fairline ontology update clo clo.owl.gz\n  fairline ontology update cl")
@click.argument("name")
@click.argument("file_or_url", required=False)
@click.option("--any-version", is_flag=True, help="Accept a file whose sha256 is not the pinned one.")
@click.option("--sha256", help="Accept exactly this sha256 instead of the pinned one.")
@json_option
def update(name: str, file_or_url: str | None, any_version: bool, sha256: str | None, as_json: bool) -> None:
    """Read an ontology (OWL, OBO, Turtle; file or URL) into the term store."""
    settings = settings_of()
    trust = sha256 or (ANY if any_version else PINNED)
    summary = update_ontology(source(name), file_or_url, settings.ontologies_folder, trust=trust)
    if as_json:
        print_json(asdict(summary))
        return
    for field, value in asdict(summary).items():
        shown = ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else value
        shown = ("yes" if value else "no") if isinstance(value, bool) else shown
        click.echo(f"{field:<16} {f'{value:.1f}' if isinstance(value, float) else shown}")


@ontology.command("list")
@json_option
def list_sources(as_json: bool) -> None:
    """The ontologies that fairline knows, and what is installed."""
    installed = {each.name: each.version for each in read_installed(settings_of().ontologies_folder)}
    rows = [
        (each.name, each.title, each.version, installed.get(each.name, "core only")) for each in read_sources().values()
    ]
    if as_json:
        print_json([dict(zip(("name", "title", "known_version", "installed"), row, strict=True)) for row in rows])
        return
    table(rows, ("name", "title", "known version", "installed"))


@ontology.command(epilog="\b\nExample:\n  fairline ontology lookup 'umbilical cord blood'")
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 200), default=10, help="Most matches.")
@json_option
def lookup(text: tuple[str, ...], limit: int, as_json: bool) -> int:
    """Find the term of a label, synonym, cross reference or some words."""
    with open_vocabulary(settings_of().ontologies_folder) as vocabulary:
        matches = vocabulary.lookup(" ".join(text), limit=limit)
    rows = [(each.curie, each.label, each.why, each.matched, each.ontology, each.obsolete) for each in matches]
    if as_json:
        names = ("curie", "label", "why", "matched", "ontology", "obsolete")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        shown = [(*row[:5], "obsolete" if row[5] else "") for row in rows]
        table(shown, ("term", "label", "found by", "matched", "ontology", ""))
    if not rows and not as_json:
        note("no term; 'fairline ontology update NAME' installs whole ontologies")
    return 0 if rows else 3


@ontology.command(epilog="\b\nExample:\n  fairline ontology annotate KSCBi005-A")
@click.argument("line_id")
@bank_option
@json_option
def annotate(line_id: str, bank_folder: Path | None, as_json: bool) -> None:
    """The terms of a line's record and files, with evidence: what a release states, formats of open files only."""
    bank = bank_of(bank_folder)
    line = read_line(bank.line_folder(line_id))
    if line.record is None:
        first = next((finding for finding in line.findings if finding.severity == "error"), line.findings[0])
        raise InvalidError(
            first.code, first.message, at=f"lines/{line_id}/{first.path}", hint="run 'fairline validate' first"
        )
    with open_vocabulary(settings_of(bank_folder).ontologies_folder) as vocabulary:
        annotations, findings = annotate_record(line.record, vocabulary)
        annotations += annotate_files(line.files, vocabulary)
    if as_json:
        print_json(
            {"annotations": [each.to_json() for each in annotations], "findings": [each.to_json() for each in findings]}
        )
        return
    rows = [
        (
            each.term,
            each.label,
            each.property_label,
            each.evidence + (", provisional" if each.provisional else ""),
            each.source,
        )
        for each in annotations
    ]
    table(rows, ("term", "label", "relation", "evidence", "source"))
    print_findings(findings)


def annotate_files(rows: Sequence[FileRow], vocabulary: Vocabulary) -> list[Annotation]:
    """The terms of what was measured, and of the files' formats, once each."""
    known = formats()
    curies = {known[row.format].edam for row in rows if row.format in known}
    found = [
        annotate_modality(modality, vocabulary) for modality in sorted({row.modality for row in rows if row.modality})
    ]
    found += [format_annotation(curie, vocabulary) for curie in sorted(each for each in curies if each)]
    return [each for each in found if each is not None]
