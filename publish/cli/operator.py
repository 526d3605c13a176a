"""The command doctor: what is wrong here, with the bank, or with a target; and mending a target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import click

from catalog.bank import Bank
from catalog.cli.options import bank_of, bank_option, json_option, settings_of
from catalog.cli.output import note, print_json, printable, progress, styled
from catalog.diagnosis import examine
from catalog.errors import NotFoundError, UsageError
from catalog.events import Event, Listener
from publish.targets.mending import BAD, DoctorJob, Visit, list_targets
from publish.targets.protocol import Diagnosis, Note, Tell

_COLORS = {"ok": "green", "warn": "yellow", "bad": "red", "mended": "green"}
#: What is mended may show what lay behind it: a dataset that was restored is looked at like any other.
_MOST_ROUNDS = 3


class _Line(Protocol):
    """One line, of the doctor of this machine or of a target."""

    @property
    def name(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def mend(self) -> str: ...


@click.command(
    epilog="\b\nExamples:\n  fairline doctor\n  fairline doctor --target ckan\n  fairline doctor --target ckan --mend"
)
@click.option("--target", metavar="NAME", help="Look at a target of fairline.toml: every dataset, every byte.")
@click.option("--mend", is_flag=True, help="Mend what can be mended on the target; each step is told.")
@bank_option
@json_option
def doctor(target: str | None, mend: bool, bank_folder: Path | None, as_json: bool) -> int:
    """Versions, disk, clock, keys, data files, the bank's parts and targets; each line with its mend."""
    if target is not None:
        return _doctor_target(target, bank_folder, mend=mend, as_json=as_json)
    if mend:
        raise UsageError("doctor-mend", "--mend needs --target", want="fairline doctor --target NAME --mend")
    bank: Bank | None
    try:
        bank = bank_of(bank_folder)
    except NotFoundError:
        if bank_folder is not None:
            raise
        bank = None
    settings = settings_of(bank_folder)
    lines: list[_Line] = [*examine(settings, bank)]
    if bank is not None:
        lines += list_targets(bank, settings)
    if as_json:
        print_json([_members(each) for each in lines])
    else:
        for each in lines:
            _print(each)
    return _status(lines)


def _doctor_target(name: str, bank_folder: Path | None, *, mend: bool, as_json: bool) -> int:
    shown: list[_Line] = []
    with progress(as_json=as_json) as listen:
        job = DoctorJob(bank=bank_of(bank_folder), settings=settings_of(bank_folder), target=name, tell=_teller(listen))
        visit = Visit(job=job)
        lines = list(_told(visit.look(), shown, as_json=as_json))
        for _ in range(_MOST_ROUNDS if mend else 0):
            if not any(each.heal for each in lines):
                break
            steps = list(_told(visit.mend(lines), shown, as_json=as_json))
            shown[:] = [each for each in shown if each.state == "mended"]
            visit = Visit(job=job)
            lines = list(visit.look())
            if not as_json:
                note("after mending:")
                for each in lines:
                    if each.state != "ok":
                        _print(each)
            shown += lines
            if not any(each.state == "mended" for each in steps):
                break
    if as_json:
        print_json([_members(each) for each in shown])
    elif mend:
        left = sum(each.state == BAD for each in lines)
        note(f"{left} faults are left" if left else "no fault is left")
    return _status(lines)


def _told(lines: Iterator[Diagnosis], shown: list[_Line], *, as_json: bool) -> Iterator[Diagnosis]:
    """The lines, each printed as soon as it is found."""
    for each in lines:
        shown.append(each)
        if not as_json:
            _print(each)
        yield each


def _teller(listen: Listener) -> Tell:
    """Where retries and progress go."""

    def tell(told: Note) -> None:
        done, total = told.members.get("done", 0), told.members.get("total")
        stage = "retry" if told.type == "retry" else "hash"
        listen(Event(stage=stage, text=told.text or told.name, done=done, total=total, unit="files"))

    return tell


def _members(line: _Line) -> dict[str, str]:
    return {"name": line.name, "state": line.state, "text": line.text, "mend": line.mend}


def _print(line: _Line) -> None:
    width = 24 - max(len(line.state), 5) - 1
    click.echo(f"{styled(f'{line.state:<5}', fg=_COLORS[line.state])} {line.name:<{width}} {printable(line.text)}")
    if line.mend and line.state != "ok":
        click.echo(f"{'':<24} mend: {printable(line.mend)}")


def _status(lines: Iterable[_Line]) -> int:
    return 1 if any(each.state == BAD for each in lines) else 0
