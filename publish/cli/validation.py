"""The command ``validate``: files, line folders and banks; terminal, JSON, HTML."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from catalog import durable
from catalog.bank import find_bank, open_bank, read_line
from catalog.bank.folder import SETTINGS_NAME, read_settings_file
from catalog.checks.companions import judge_companions, siblings
from catalog.checks.files import CHECKSUM
from catalog.checks.mates import with_mates
from catalog.checks.run import Surroundings, judge_bank, judge_lines
from catalog.checks.tables import check_table
from catalog.checks.workers import Task, inspect_all, watch_for
from catalog.cli.options import bank_option, json_option, settings_of
from catalog.cli.output import nobody_reads, note, on_one_line, placed, print_findings, print_json, progress, styled
from catalog.cli.paths import UsablePath
from catalog.errors import UsageError
from catalog.events import Listener
from catalog.findings import Finding, Level, Report, Severity, Subject
from catalog.formats.inspect import find_format
from catalog.model.files import RECORD_PATH, TABLE_PATHS
from catalog.profiles import table_schema
from catalog.settings import VERSION, Settings
from catalog.vocabulary import open_vocabulary
from catalog.wording import human_bytes
from publish.report_html import render_report
from publish.report_place import check_place

_LISTED_TABLES = 10


@click.command(
    epilog="\b\nExamples:\n  fairline validate reads_R1.fastq.gz calls.vcf.gz\n  fairline validate lines/KSCBi005-A --html report.html"
)
@click.argument("paths", nargs=-1, type=UsablePath(as_written=True), metavar="[PATH...]")
@click.option(
    "--rules",
    type=click.Choice([each.value for each in Level]),
    help="spec: what the format's specification forbids; bank: the platform's rules too. Files default to spec, lines and banks to bank.",
)
@click.option("--html", type=UsablePath(dir_okay=False), help="Write a self-contained report to this file.")
@click.option(
    "--format", "format_name", default="", metavar="NAME", help="Take the files for this format instead of sniffing."
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Files at a time (as many as there are cores).")
@click.option(
    "--tables",
    type=UsablePath(file_okay=False),
    help="Write what scientists query (variants, methylation, expression, array genotypes, copy numbers) into this folder, as Parquet.",
)
@bank_option
@json_option
def validate(paths: tuple[str, ...], **options: Any) -> int:
    """Judge files, line folders or banks; without PATH, the bank around the working directory."""
    settings = settings_of(options["bank_folder"])
    if options["format_name"]:
        find_format(options["format_name"])
    targets = list(paths) or [str(_here(settings))]
    if options["html"]:
        files = _files_of(targets)
        check_place(options["html"], [*targets, *_siblings(files, _level_of_files(options))])
    with progress(as_json=options["as_json"]) as tell:
        report = judge_paths(targets, settings, options, tell)
    try:
        if options["as_json"]:
            print_json(report.to_json(VERSION))
        else:
            _print(report)
    except BrokenPipeError:  # whoever asks for the page and the exit status gets them all the same
        nobody_reads()
    # The verdict is told first: it is there even when the disk is full by now.
    if options["html"]:
        with durable.disk_errors(options["html"]):
            durable.write_out(options["html"], render_report(report, VERSION))
        note(f"report: {on_one_line(str(options['html']))}")
    return exit_status(report)


def _here(settings: Settings) -> Path:
    """The bank that is meant when no path is given, named as short as it can be."""
    root = settings.bank or find_bank(Path.cwd())
    return Path() if root == Path.cwd() else root


def exit_status(report: Report) -> int:
    """0 valid, 1 errors, 7 when a file is not the one that was added."""
    if any(finding.code == CHECKSUM.code for subject in report.subjects for finding in subject.findings):
        return 7
    return 0 if report.valid else 1


def judge_paths(paths: Sequence[str], settings: Settings, options: dict[str, Any], tell: Listener) -> Report:
    """A report on many paths, in their order and as written; files are inspected together, on all cores."""
    jobs = options["jobs"] or os.cpu_count() or 1
    files, level = _files_of(paths), _level_of_files(options)
    named = frozenset(files)
    shown = [*files, *_siblings(files, level)]
    tasks = [
        Task(
            path=Path(path),
            shown=path,
            level=level,
            tables=options["tables"],
            format_name=options["format_name"] if path in named else "",
        )
        for path in shown
    ]
    if options["tables"]:
        _refuse_equal_names(shown)
        _make_usable(options["tables"])
    watch = watch_for(tell)
    found = map(with_its_form, map(Path, shown), inspect_all(tasks, jobs, watch))
    judged = judge_companions(list(zip(map(Path, shown), found, strict=True)), level)
    inspected = dict(zip(shown, judged, strict=True))
    subjects: list[Subject] = []
    folder_level = Level(options["rules"]) if options["rules"] else Level.BANK
    for path in paths:
        if path in inspected:
            subjects.append(inspected[path])
            continue
        with open_vocabulary(settings.ontologies_folder) as vocabulary:
            surroundings = Surroundings(
                vocabulary=vocabulary, level=folder_level, jobs=jobs, watch=watch, tables=options["tables"]
            )
            subjects += _judge_folder(Path(path), path, surroundings)
    rules = folder_level if any(path not in inspected for path in paths) else level
    subjects += [inspected[path] for path in shown if path not in named]
    return Report(rules=rules, subjects=tuple(with_mates(subjects)))


def _files_of(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if not os.path.isdir(path) or os.path.islink(path)]


def _level_of_files(options: dict[str, Any]) -> Level:
    return Level(options["rules"]) if options["rules"] else Level.SPEC


def _refuse_equal_names(paths: Sequence[str]) -> None:
    """Derived tables bear the names of their files."""
    names = [os.path.basename(path) for path in paths]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(
            "tables-name-twice", f"the derived tables of two files would have one name: {twice}", at="--tables",
            hint="give the files in two calls, with a folder each",
        )  # fmt: skip


def _make_usable(folder: Path) -> None:
    """Whoever waits for tables hears before the files are read that there can be none."""
    with durable.disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def _siblings(files: Sequence[str], level: Level) -> list[str]:
    """Files beside the named ones that are judged together with them, as the caller would write them."""
    named = {os.path.abspath(path) for path in files}
    found = {}
    for path, name in siblings(files, level):
        each = os.path.join(os.path.dirname(path), name)
        place = os.path.abspath(each)
        if place not in named and not os.path.isdir(each):
            found[place] = each
    return list(found.values())


def with_its_form(path: Path, subject: Subject) -> Subject:
    """A record or a curator's table that is given by path is also judged by its own form."""
    if subject.sha256 is None:
        return subject
    folder = path.absolute().parent
    if path.name == RECORD_PATH:
        line = read_line(folder)
        own = [replace(each, path=None) for each in line.findings if each.path == RECORD_PATH]
        return replace(subject, kind="record", format=None, findings=(), more=0, more_errors=False).adding(own)
    name = next((each for each, table in TABLE_PATHS.items() if table == path.name), None)
    if name is None or not (folder / RECORD_PATH).exists():
        return subject
    return replace(subject, kind="table").adding(check_table(path.name, path.read_bytes(), table_schema(name)))


def _judge_folder(path: Path, shown: str, surroundings: Surroundings) -> list[Subject]:
    """A bank, a line, or a folder that is neither: then every file in it."""
    if (path / SETTINGS_NAME).is_file():
        return _judge_bank(path, shown, surroundings)
    around = Path(os.path.abspath(path)).parent
    if (path / RECORD_PATH).exists() or around.name == "lines":
        ids = frozenset(each.name for each in around.iterdir() if each.is_dir())
        [judged] = judge_lines([path], replace(surroundings, line_ids=ids))
        return judged.subjects(shown)
    names = sorted(each for each in path.rglob("*") if not each.is_dir() or each.is_symlink())
    tasks = [
        Task(
            path=each,
            shown=os.path.join(shown, each.relative_to(path)),
            level=surroundings.level,
            tables=surroundings.tables / each.relative_to(path).parent if surroundings.tables else None,
        )
        for each in names
    ]
    subjects = inspect_all(tasks, surroundings.jobs, surroundings.watch)
    return judge_companions(list(zip(names, subjects, strict=True)), surroundings.level)


def _judge_bank(path: Path, shown: str, surroundings: Surroundings) -> list[Subject]:
    settings, findings = read_settings_file(path)
    own = [replace(finding, path=SETTINGS_NAME) for finding in findings]
    if settings is None:
        return [Subject(path=shown, kind="bank", findings=tuple(own))]
    bank = open_bank(path)
    ids = bank.line_ids()
    folders = [bank.lines_folder / line_id for line_id in ids]
    judged = judge_lines(folders, replace(surroundings, line_ids=frozenset(ids)))
    judged, bank_findings = judge_bank(settings, judged, surroundings.vocabulary)
    subjects = [Subject(path=shown, kind="bank", findings=(*own, *bank_findings))]
    for each in judged:
        subjects += each.subjects(os.path.join(shown, "lines", each.line.line_id))
    return subjects


def _print(report: Report) -> None:
    """The report for a terminal: subjects with findings, then a summary; equal findings of many files once."""
    shared: dict[tuple[str, str], list[Finding]] = {}
    for subject in report.subjects:
        for finding in subject.findings:
            # Warnings of one kind are one thing to read; each error is one thing to mend.
            what = finding.message if finding.severity is Severity.ERROR else ""
            shared.setdefault((finding.code, what), []).append(placed(finding, subject.path))
    order = [Severity.INFO, Severity.WARNING, Severity.ERROR]
    for findings in sorted(shared.values(), key=lambda findings: order.index(findings[0].severity)):
        print_findings(findings[:1])
        if len(findings) > 1:
            others = list(dict.fromkeys(_where(each) for each in findings[1:]))
            shown = ", ".join(others[:4]) + (f" and {len(others) - 4} more" if len(others) > 4 else "")
            click.echo(f"  also  {shown}")
    counts = report.counts
    files = [subject for subject in report.subjects if subject.kind in {"file", "table"}]
    size = human_bytes(sum(subject.bytes or 0 for subject in files))
    verdict = styled("valid", fg="green") if report.valid else styled("NOT VALID", fg="red")
    bad = sum(not subject.valid for subject in report.subjects)
    words = f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes"
    click.echo(
        f"{verdict}: {len(report.subjects)} subjects ({len(files)} files, {size}) under {report.rules} rules; {words}"
        + (f"; {bad} not valid" if bad else "")
    )
    tables = [table for subject in report.subjects for table in subject.tables]
    for table in tables[:_LISTED_TABLES]:
        note(f"table: {on_one_line(str(table))}")
    if len(tables) > _LISTED_TABLES:
        note(f"{len(tables) - _LISTED_TABLES} further tables, see --json")
    more = sum(subject.more for subject in report.subjects)
    if more:
        note(f"{more} further findings are not listed")
    if any(shared):
        note("more about a code: fairline explain CODE")


def _where(finding: Finding) -> str:
    return on_one_line(f"{finding.path} {finding.column}" if finding.column is not None else str(finding.path))
