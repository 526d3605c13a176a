"""What commands print: data on stdout, everything else on stderr; the error shape; progress from events."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import click

from catalog.errors import CatalogError
from catalog.events import Event, Listener, silent
from catalog.findings import Finding, Severity
from catalog.wording import human_bytes

_QUIET_SECONDS = 30.0
#: A rate is told after so long; before it is a guess.
_SURE_SECONDS = 1.0
_LONGEST_TEXT = 80
_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    click.echo(_json_text(value, indent=2))


def print_json_line(value: object) -> None:
    """One JSON object on one line of stdout, at once."""
    click.echo(_json_text(value))
    sys.stdout.flush()


def _json_text(value: object, indent: int | None = None) -> str:
    """JSON that is always UTF-8: where a file's name is not, it is escaped (PEP 383), so that no byte is lost."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    return text


def nobody_reads() -> None:
    """Lets stdout go: the reader of a pipe has seen enough, and Python must not complain again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def note(text: str) -> None:
    """A line for people, on stderr."""
    click.echo(text, err=True)


def color_choice() -> bool | None:
    """Whether colours are wanted: never, always, or (None) on a terminal (no-color.org, bixense.com/clicolors)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return True if os.environ.get("CLICOLOR_FORCE", "0") != "0" else None


def styled(text: str, **style: Any) -> str:
    """A text in colour, when colours are wanted."""
    choice = color_choice()
    wanted = sys.stdout.isatty() if choice is None else choice
    return click.style(text, **style) if wanted else text


def printable(text: str) -> str:
    """A text that cannot steer a terminal: control characters are escaped, lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def on_one_line(text: str) -> str:
    """A text, such as a path, that can neither steer a terminal nor begin a line of its own."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def table(rows: Sequence[Sequence[object]], header: Sequence[str]) -> None:
    """A table on stdout: columns as wide as their cells, two spaces between."""
    texts = [[_cell(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(header))]
    for number, row in enumerate(texts):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.echo(styled(line, bold=True) if number == 0 else line)


def _cell(value: object) -> str:
    """A value on one line."""
    return on_one_line(str(value)) if value is not None else ""


def finding_lines(finding: Finding, path: str | None = None) -> list[str]:
    """A finding as people read it: what, where, want and got, what to do."""
    place = finding.path or path or ""
    for word, value in (
        ("line", finding.line),
        ("record", finding.record),
        ("column" if isinstance(finding.column, int) else "", finding.column),
        ("byte", finding.offset),
    ):
        if value is not None:
            place += f"{', ' if place else ''}{word}{' ' if word else ''}{value}"
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    title = styled(f"{finding.severity}[{finding.code}]", fg=_COLORS[finding.severity])
    lines = [f"{title}: {finding.message}{times}"]
    if place:
        lines.append(f"  at    {on_one_line(place)}")
    if finding.expected is not None:
        lines.append(f"  want  {finding.expected}")
    if finding.got is not None:
        lines.append(f"  got   {finding.got}")
    if finding.hint:
        lines.append(f"  next  {finding.hint}")
    return lines


def placed(finding: Finding, path: str) -> Finding:
    """A finding whose path is told from the caller's folder, not from its subject's."""
    return replace(finding, path=f"{path}/{finding.path}" if finding.path else path)


def print_findings(findings: Iterable[Finding], path: str | None = None) -> None:
    """Findings on stdout, the worst first."""
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    for finding in sorted(findings, key=lambda each: order[each.severity]):
        for line in finding_lines(finding, path):
            click.echo(line)


def show_error(error: CatalogError, *, as_json: bool) -> None:
    """Why a command could not go on, on stderr."""
    if as_json:
        note(_json_text(error.to_json()))
        return
    note(printable(f"error[{error.code}]: {error.message}"))
    for word, value in (("at", error.at), ("want", error.want), ("got", error.got), ("next", error.hint)):
        if value is not None:
            note(printable(f"  {word:<5} {value}"))
    note(f"  more  fairline explain {error.code}")


def show_usage(error: click.ClickException, *, as_json: bool) -> None:
    """What is wrong with the arguments, on stderr."""
    if as_json:
        note(_json_text({"error": "usage", "message": error.format_message(), "exit_status": error.exit_code}))
    else:
        error.show()


def show_interrupted(*, as_json: bool) -> None:
    """That somebody stopped the command, on stderr."""
    text = "interrupted"
    note(_json_text({"error": text, "message": text, "exit_status": 130}) if as_json else text)


def show_bug(error: Exception, *, as_json: bool) -> None:
    """A bug of ours, in words; the traceback only where FAIRLINE_DEBUG asks for it."""
    text = f"{type(error).__name__}: {error}"
    if as_json:
        note(_json_text({"error": "bug", "message": text, "exit_status": 70}))
    else:
        note(f"error[bug]: fairline made a mistake: {text}")
        note("  next  run it again with FAIRLINE_DEBUG=1 and report what it prints")
    if os.environ.get("FAIRLINE_DEBUG"):
        traceback.print_exc()


class Progress:
    """A listener that draws bars on a terminal, and prints a line every 30 seconds elsewhere."""

    def __init__(self) -> None:
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}
        self._spoken = time.monotonic()
        self._began: dict[str, tuple[float, int]] = {}

    def __enter__(self) -> Listener:
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._bars = _make_bars()
            self._bars.start()
        return self._take

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def _take(self, event: Event) -> None:
        self._began.setdefault(event.stage, (time.monotonic(), event.done))
        if event.stage == "retry":
            note(event.text)
        elif self._bars is not None:
            if event.stage not in self._tasks:
                self._tasks[event.stage] = self._bars.add_task(event.stage, total=event.total)
            text = f"{self._amount(event)} {event.text}".strip()
            self._bars.update(
                self._tasks[event.stage], completed=event.done, total=event.total, text=text[:_LONGEST_TEXT]
            )
        elif time.monotonic() - self._spoken > _QUIET_SECONDS:
            self._spoken = time.monotonic()
            note(f"{event.stage}: {self._amount(event)} {event.text}".rstrip())

    def _amount(self, event: Event) -> str:
        """How much of how much; of bytes also how fast since the first event, and how long still."""
        if event.unit != "bytes" or not event.total:
            return f"{event.done}{f' of {event.total}' if event.total else ''} {event.unit}"
        amount = f"{human_bytes(event.done)} of {human_bytes(event.total)}"
        began, before = self._began[event.stage]
        seconds = time.monotonic() - began
        if seconds < _SURE_SECONDS or event.done <= before:
            return amount
        rate = (event.done - before) / seconds
        return f"{amount}, {human_bytes(int(rate))}/s, {(event.total - event.done) / rate:.0f} s left"


def _make_bars() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[text]}"),
    )
    console = Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR")))
    bars = Bars(*columns, console=console, transient=True)
    original = bars.add_task

    def add_task(description: str, total: float | None) -> Any:
        return original(description, total=total, text="")

    bars.add_task = add_task  # type: ignore[method-assign,assignment]  # every task needs the field 'text'
    return bars


class Quiet:
    """A progress that says nothing, for ``--json``."""

    def __enter__(self) -> Listener:
        return silent

    def __exit__(self, *_: object) -> None:
        return None


def progress(*, as_json: bool) -> Progress | Quiet:
    """The progress to use."""
    return Quiet() if as_json else Progress()
