"""Commands around releases: package, release, diff, withdraw."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from catalog.bank import Bank
from catalog.cli.options import bank_of, bank_option, json_option, settings_of
from catalog.cli.output import finding_lines, note, placed, print_json, progress, table
from catalog.cli.paths import UsablePath
from catalog.vocabulary import open_vocabulary
from publish.comparison import compare_releases
from publish.planning import UNCHANGED, Working
from publish.releasing import Outcome, ReleaseJob, ReleaseStopped, now_utc
from publish.releasing import release as make_release
from publish.unreleased import build_package
from publish.withdrawal import withdraw as withdraw_target

_SHOWN_ERRORS = 20
_SHOWN_HIDDEN = 5


@click.command(epilog="\b\nExample:\n  fairline package KSCBi005-A --out /tmp/KSCBi005-A")
@click.argument("line_id", metavar="LINE")
@click.option("--out", type=UsablePath(), help="The folder to build in (./LINE).")
@bank_option
@json_option
def package(line_id: str, out: Path | None, bank_folder: Path | None, as_json: bool) -> None:
    """Build the data package of a line without releasing it: what the next release would publish."""
    bank = bank_of(bank_folder)
    folder = out or Path(line_id)
    with open_vocabulary(settings_of(bank_folder).ontologies_folder) as vocabulary:
        built = build_package(bank, line_id, folder, vocabulary, now_utc())
    if as_json:
        print_json({"id": line_id, "folder": str(folder), "files": built})
        return
    for path in built:
        click.echo(path)
    note(f"{len(built)} files in {folder}; nothing is released. Next: fairline verify {folder}")


@click.command(epilog='\b\nExample:\n  fairline release 2026.11 -m "First release"')
@click.argument("name", metavar="NAME")
@click.option("-m", "--message", default="", help="What this release is about; kept in the ledger.")
@click.option("-n", "--dry-run", is_flag=True, help="Print the plan and stop.")
@bank_option
@json_option
def release(name: str, message: str, dry_run: bool, bank_folder: Path | None, as_json: bool) -> None:
    """Freeze every changed package, sign, make it the public state. NAME is YYYY.MM or YYYY.MM.N."""
    bank = bank_of(bank_folder)
    settings = settings_of(bank_folder)
    with open_vocabulary(settings.ontologies_folder) as vocabulary, progress(as_json=as_json) as tell:
        job = ReleaseJob(bank=bank, settings=settings, vocabulary=vocabulary, tell=tell, dry_run=dry_run)
        try:
            outcome = make_release(job, name, message)
        except ReleaseStopped as stopped:
            if not as_json:
                _print_errors(stopped)
            raise
    if as_json:
        print_json(
            {**outcome.plan.to_json(), "sequence": outcome.sequence, "issued": outcome.issued, "dry_run": dry_run}
        )
        return
    _print_release(outcome, bank)


def _print_errors(stopped: ReleaseStopped) -> None:
    """The errors that stop a release, the first twenty, on stderr."""
    lines = [line for path, finding in stopped.errors[:_SHOWN_ERRORS] for line in finding_lines(placed(finding, path))]
    for line in lines:
        note(line)
    if len(stopped.errors) > _SHOWN_ERRORS:
        note(f"and {len(stopped.errors) - _SHOWN_ERRORS} more errors")


def _main_reason(working: Working) -> str:
    """What keeps most files of a line from being public."""
    reasons = Counter(reason for decision in working.decisions.values() for reason in decision.reasons)
    return reasons.most_common(1)[0][0] if reasons else "no reason is known"


def _print_release(outcome: Outcome, bank: Bank) -> None:
    changed = [each for each in outcome.plan.packages if (each.public, each.controlled) != (UNCHANGED, UNCHANGED)]
    rows = [
        (each.working.line_id, each.public, each.controlled, len(each.added), len(each.removed), len(each.replaced))
        for each in changed
    ]
    if rows:
        table(rows, ("package", "public", "controlled", "added", "removed", "replaced"))
    hidden = [each.working for each in changed if each.working.decisions and not each.working.public.files]
    for working in hidden[:_SHOWN_HIDDEN]:
        note(
            f"{working.line_id}: none of its {len(working.decisions)} files is public: {_main_reason(working)} (docs/tiers.md)"
        )
    if len(hidden) > _SHOWN_HIDDEN:
        note(f"and {len(hidden) - _SHOWN_HIDDEN} more packages without a public file")
    for each in outcome.plan.packages:
        for path in each.closed:
            note(f"{each.working.line_id}/{path} was public and is not any more; earlier versions still hold it")
            note(f"  to take it back: fairline withdraw {each.working.line_id}/{path} --reason TEXT")
    if outcome.dry_run:
        note(f"dry run: {outcome.plan.release} would change {len(changed)} packages; nothing was written")
    elif outcome.plan.is_empty and not outcome.issued:
        note("nothing to release: every package is as it was released")
    else:
        line = (
            f"ledger line {outcome.sequence}"
            if outcome.sequence
            else "controlled chain only; the public state is as it was"
        )
        note(f"released {outcome.plan.release}: {len(changed)} packages changed, {line}")
        targets = sorted(bank.settings.targets)
        note(f"next: fairline --bank {bank.root} {f'publish {targets[0]}' if targets else 'serve'}")


@click.command(epilog="\b\nExample:\n  fairline diff 2026.11 2026.12")
@click.argument("before", metavar="RELEASE")
@click.argument("after", metavar="RELEASE")
@bank_option
@json_option
def diff(before: str, after: str, bank_folder: Path | None, as_json: bool) -> None:
    """What was added, changed and withdrawn between two releases."""
    bank = bank_of(bank_folder)
    found = compare_releases(bank, before, after)
    if as_json:
        print_json(found)
        return
    for each in found["packages"]:
        click.echo(f"{each['change']:<10} {each['id']}")
        for word, mark in (("added", "+"), ("removed", "-"), ("changed", "~")):
            for path in each["files"][word]:
                click.echo(f"  {mark} {path}")
        for gone in each["files"]["withdrawn"]:
            click.echo(f"  x {gone['path']} withdrawn: {gone['reason']}")
        for field in each["fields"]:
            click.echo(f"  ~ {field['field']}: {field['before']} -> {field['after']}")
        if each.get("reason"):
            click.echo(f"  reason: {each['reason']}")
    if not found["packages"]:
        note(f"nothing changed between {before} and {after}")


@click.command(epilog='\b\nExample:\n  fairline withdraw KSCBi005-A/data/wes/calls.vcf.gz --reason "consent withdrawn"')
@click.argument("target", metavar="LINE[/FILE]")
@click.option("--reason", required=True, help="Why; everybody can read it, for ever.")
@bank_option
@json_option
def withdraw(target: str, reason: str, bank_folder: Path | None, as_json: bool) -> None:
    """Withdraw a line or one file of it: a release of its own; bytes are erased, identifiers keep answering (410)."""
    bank = bank_of(bank_folder)
    settings = settings_of(bank_folder)
    with progress(as_json=as_json) as tell:
        done = withdraw_target(bank, settings, target, reason, now_utc, tell)
    if as_json:
        print_json(
            {
                "target": target,
                "release": done.release,
                "issued": done.issued,
                "public": done.public,
                "controlled": done.controlled,
            }
        )
        return
    where = " and ".join(
        word for word, is_there in (("public", done.public), ("controlled", done.controlled)) if is_there
    )
    note(f"withdrew {target} as release {done.release} ({where} store); its bytes are erased")
    line_id, _, path = target.partition("/")
    note(
        f"next: {f'take {path} out of lines/{line_id} and its files.csv' if path else f'move lines/{line_id} away'}: later releases refuse it"
    )
