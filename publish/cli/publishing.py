"""The command publish: a release to a target."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from catalog.cli.options import bank_of, bank_option, json_option, settings_of
from catalog.cli.output import note, print_json, print_json_line, progress, table
from catalog.errors import UsageError
from catalog.events import Event, Listener
from catalog.identifiers import ReleaseName
from publish.targets.planning import Plan
from publish.targets.protocol import Note, Tell
from publish.targets.publishing import (
    FORWARD,
    RESUME,
    ROLLBACK,
    PublishJob,
    PublishStatus,
    prepare,
    publish_status,
)
from publish.targets.publishing import publish as publish_release

_SHOWN_REASONS = 4


@click.command(epilog="\b\nExamples:\n  fairline publish ckan --dry-run\n  fairline publish ckan")
@click.argument("target", metavar="TARGET")
@click.option("--release", metavar="NAME", help="Which release (the last one).")
@click.option("-n", "--dry-run", is_flag=True, help="Print the plan and stop; nothing is written.")
@click.option("--status", is_flag=True, help="Say what the target shows and what is left to do; nothing is written.")
@click.option("--resume", is_flag=True, help="Go on with a run that was cut off, and do nothing else.")
@click.option("--rollback", is_flag=True, help="Give up an unfinished run; else go back to the release before.")
@click.option("--jobs", type=click.IntRange(1, 32), default=4, help="How many requests at a time (4).")
@bank_option
@json_option
def publish(
    target: str,
    release: str | None,
    bank_folder: Path | None,
    as_json: bool,
    jobs: int,
    **modes: bool,
) -> None:
    """Publish a release to a target of fairline.toml, whole or not at all. Run again, it goes on where it stopped."""
    bank = bank_of(bank_folder)
    with progress(as_json=as_json) as listen:
        job = PublishJob(
            bank=bank,
            settings=settings_of(bank_folder),
            target=target,
            release=release,
            mode=_mode(modes),
            jobs=jobs,
            tell=_teller(listen, as_json=as_json),
        )
        if modes["status"]:
            _print_status(publish_status(job), as_json=as_json)
            return
        if modes["dry_run"]:
            _print_plan(prepare(job).plan, as_json=as_json)
            return
        _run(job, listen, as_json=as_json)


def _mode(modes: dict[str, bool]) -> str:
    """What is asked for; at most one of them."""
    chosen = [name for name in ("status", "resume", "rollback") if modes[name]]
    if modes["dry_run"] and modes["status"]:
        chosen = ["dry-run", "status"]
    if len(chosen) > 1:
        raise UsageError("publish-mode", f"--{chosen[0]} and --{chosen[1]} do not go together", got=", ".join(chosen))
    return {"resume": RESUME, "rollback": ROLLBACK}.get("".join(chosen), FORWARD)


def _teller(listen: Listener, *, as_json: bool) -> Tell:
    """Where retries and warnings go: among the events, or to people."""

    def tell(told: Note) -> None:
        if as_json:
            print_json_line(told.to_json())
        elif told.type == "retry":
            listen(Event(stage="retry", text=told.text))
        else:
            note(f"{told.type}: {told.name + ': ' if told.name else ''}{told.text}")

    return tell


def _run(job: PublishJob, listen: Listener, *, as_json: bool) -> None:
    pace = Pace()
    for told in publish_release(job):
        if as_json:
            print_json_line(told.to_json())
        elif told.type == "summary":
            _print_summary(told, job)
        elif told.type == "plan":
            pace.begin(told)
        elif told.type == "warning":
            note(f"warning: {told.text}")
        else:
            event = pace.event(told)
            if event is not None:
                listen(event)


class Pace:
    """Turns notes into events of progress: files n of m, bytes, rate, time left."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._totals = {"upload": 0, "verify": 0, "record": 0}
        self._done = dict.fromkeys(self._totals, 0)
        self._bytes = self._sent = 0
        self._sending: dict[str, int] = {}

    def begin(self, plan: Note) -> None:
        """Learns from a plan how much there is."""
        self._totals = {
            "upload": sum(len(each["files"]) for each in plan.members["uploads"]),
            "verify": plan.members["verify"] + plan.members["verify_links"],
            "record": len(plan.members["records"]),
        }
        self._bytes = plan.members["bytes"]

    def event(self, told: Note) -> Event | None:
        """The event that a note stands for; None for steps that take no time."""
        if told.step not in self._totals:
            return None
        if told.type == "progress":
            self._sending[told.name] = int(told.members["bytes"])
        else:
            self._done[told.step] += int(told.members.get("files", 1))
        if told.step == "upload" and told.type == "step":
            self._sent += int(told.members["bytes"])
            self._sending.clear()
        unit = "packages" if told.step == "record" else "files"
        text = self._words() if told.step == "upload" else told.name
        return Event(
            stage=told.step, text=text, done=self._done[told.step], total=self._totals[told.step] or None, unit=unit
        )

    def _words(self) -> str:
        sent = self._sent + sum(self._sending.values())
        seconds = max(time.monotonic() - self._started, 0.001)
        rate = sent / seconds
        left = f", {max(self._bytes - sent, 0) / rate:.0f} s left" if rate else ""
        return f"{sent / 1e6:.1f} of {self._bytes / 1e6:.1f} MB, {rate / 1e6:.1f} MB/s{left}"


def _print_summary(told: Note, job: PublishJob) -> None:
    members = told.members
    if told.text:
        note(told.text)
        return
    before = f", {members['verified_before']} in the run before" if members["verified_before"] else ""
    files = f"{members['verified']} files verified{before}"
    if not members["writes"]:
        note(f"already published ({members['packages']} packages, {files})")
        return
    note(
        f"{_headline(members, job.target)}: {members['created']} packages created, "
        f"{members['updated']} updated, {members['unchanged']} unchanged"
    )
    note(
        f"{members['uploaded']} files uploaded ({members['bytes'] / 1e6:.1f} MB), {members['kept']} were there, {files}"
    )
    window = f"; lines changed over {members['window_seconds']:.1f} s" if members["window_seconds"] else ""
    note(f"{members['writes']} writes in {members['seconds']:.1f} s{window}")
    for name, address in members.get("addresses", {}).items():
        note(f"{name}: {address}")


def _headline(members: Mapping[str, Any], target: str) -> str:
    """What happened, in words."""
    if members["gave_up"]:
        return f"gave up the unfinished run; {target} shows {members['before'] or 'no release'}"
    before, after = ReleaseName.parse(members["before"] or ""), ReleaseName.parse(members["release"])
    if before is not None and after is not None and after < before:
        return f"went back to {after} on {target}"
    return f"published {members['release']} to {target}"


def _print_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        print_json(plan.to_json())
        return
    if plan.is_empty:
        note(f"nothing to do: {plan.target} shows release {plan.release}, whole")
        return
    rows = [("create", name, "a closed container") for name in plan.create]
    rows += [("upload", each.container, f"{len(each.files)} files, {each.bytes} bytes") for each in plan.uploads]
    rows += [("verify", name, "every file is read back") for name in plan.open]
    rows += [("verify", "links", f"{len(plan.links)} files in the bank")] if plan.links else []
    rows += [("open", name, "everybody can read it") for name in plan.open]
    rows += [(each.action, each.package, _few(each.why)) for each in plan.records]
    rows += [("point", plan.release, _few(plan.move_pointer))] if plan.move_pointer else []
    rows += [("erase", f"{each.key[0]}/{each.key[1]}", each.container) for each in (*plan.drop, *plan.erase)]
    table(rows, ("step", "what", "why"))
    note(f"unchanged: {len(plan.unchanged)} packages; {plan.kept} files are there already")
    note(f"dry run: {plan.target} shows {plan.before or 'no release'}; nothing was written")


def _few(why: Sequence[str]) -> str:
    """The first reasons, and how many more there are."""
    more = f" and {len(why) - _SHOWN_REASONS} more" if len(why) > _SHOWN_REASONS else ""
    return ", ".join(why[:_SHOWN_REASONS]) + more


def _print_status(status: PublishStatus, *, as_json: bool) -> None:
    if as_json:
        print_json(status.to_json())
        return
    click.echo(f"{status.target} shows release {status.shown or 'none'}; the bank's last is {status.newest}")
    if status.unfinished:
        note(f"a run for {status.unfinished} did not end: {status.steps} steps are done")
    if status.holder:
        note(f"on the target: {status.holder}")
    for each in status.leftovers:
        note(f"left over: {each}")
    if status.plan.is_empty:
        note("nothing to do")
    else:
        plan = status.plan
        files = sum(len(each.files) for each in plan.uploads)
        note(f"to do: {files} files to upload ({plan.bytes} bytes), {len(plan.records)} packages to change")
        note(f"next: fairline publish {status.target}{' --resume' if status.unfinished else ''}")
