"""Small banks to publish, and publishing them: three lines of three files, of which one is controlled, three embargoed.

bank = small_bank(tmp_path)                        # release 2026.11
change(bank)                                       # release 2026.12: other bytes in one file of one line
take_back(bank)                                    # two more: one file, then one line withdrawn
aim(bank, proxy.url)
ran = publish_here(bank, stack.token)
assert (ran.code, ran.status) == ("", 0)
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from catalog.bank import Bank, open_bank
from catalog.bank.folder import SETTINGS_NAME
from catalog.errors import CatalogError
from publish.targets.journal import PublishJournal
from publish.targets.protocol import Note
from publish.targets.publishing import PublishJob, publish
from tests.builders import (
    bgzf,
    counts_bytes,
    make_bank,
    release,
    settings_of,
    text_bytes,
    vcf_bytes,
    withdraw,
    write_line,
)
from tests.cli.calls import PROGRAM, Answer, program

FIRST, SECOND, ALL_CHANGED = "2026.11", "2026.12", "2027.01"
OPEN, MIXED, EMBARGOED = "EXMPi001-A", "EXMPi002-A", "EXMPi003-A"
COUNTS, NOTES, CALLS = "data/rna-seq/counts.tsv", "data/notes.txt", "data/wes/calls.vcf.gz"
#: A word that only the controlled file has, in its name and in its content.
CANARY = "canary8d1f"
CONTROLLED = f"data/wes/{CANARY}.vcf.gz"
VEILED = ("data/rna-seq/veiled_counts.tsv", "data/veiled_notes.txt", "data/wes/veiled_calls.vcf.gz")
TOKEN_VARIABLE = "FAIRLINE_CKAN_TOKEN"
_OVER = {"embargo_until": "2030-01-01"}
_BEGIN = "\n[targets.ckan]\n"


def controlled_bytes() -> bytes:
    """A VCF that carries the canary, of a size that no other file has."""
    text = (
        "##fileformat=VCFv4.3\n"
        f"##source={CANARY}-in-the-header\n"
        "##contig=<ID=chr1,length=248956422>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{MIXED}\n"
    )
    chance = random.Random(5)
    text += "".join(
        f"chr1\t{n}\t{CANARY}{chance.getrandbits(48):012x}\tA\tC\t30\tPASS\t.\tGT\t0/1\n" for n in range(10001, 11100)
    )
    return bgzf(text.encode())


def veiled_files() -> dict[str, bytes]:
    """The files of the line under embargo."""
    counts, notes, calls = VEILED
    return {
        counts: counts_bytes(EMBARGOED, counts=range(7000, 7700)),
        notes: text_bytes("Veiled until the paper is out. " * 500),
        calls: vcf_bytes(EMBARGOED, positions=sorted(random.Random(7).sample(range(10001, 90_000_001), 2000))),
    }


def _open_files(generation: int = 0) -> dict[str, bytes]:
    return {
        COUNTS: counts_bytes(OPEN, counts=range(generation, 4000 + generation)),
        NOTES: text_bytes("Colonies are compact."),
        CALLS: vcf_bytes(OPEN),
    }


def _mixed_files(generation: int = 0) -> dict[str, bytes]:
    notes = text_bytes(f"Passage {20 + generation}.")
    return {COUNTS: counts_bytes(MIXED, counts=range(10, 900)), NOTES: notes, CONTROLLED: controlled_bytes()}


def _write_mixed(bank: Bank, generation: int = 0) -> None:
    write_line(bank, MIXED, files=_mixed_files(generation), cells={CONTROLLED: {"tier": "controlled"}})


def small_bank(folder: Path, *, later: str = "") -> Bank:
    """A bank in ``folder/bank`` with the first release.

    Args:
        folder: where.
        later: what else happens: ``change`` (:func:`change`), or ``take_back`` (that, and :func:`take_back`).
    """
    bank = make_bank(folder)
    write_line(bank, OPEN, files=_open_files())
    _write_mixed(bank)
    write_line(bank, EMBARGOED, files=veiled_files(), access=_OVER)
    release(bank, FIRST)
    if later:
        change(bank)
    if later == "take_back":
        take_back(bank)
    return bank


def change(bank: Bank) -> None:
    """Releases other bytes in one file of one line."""
    write_line(bank, OPEN, files=_open_files(1))
    release(bank, SECOND, now="2026-12-22T08:00:00Z")


def change_all(bank: Bank) -> None:
    """Releases other bytes in two lines, and another record of the third."""
    write_line(bank, OPEN, files=_open_files(2))
    _write_mixed(bank, 2)
    write_line(bank, EMBARGOED, files=veiled_files(), access=_OVER, notes=["grows slowly"])
    release(bank, ALL_CHANGED, now="2027-01-22T08:00:00Z")


def take_back(bank: Bank) -> None:
    """Withdraws a file of one line, and another line wholly: two releases."""
    withdraw(bank, f"{OPEN}/{CALLS}", "names a person", now="2026-12-23T08:00:00Z")
    withdraw(bank, MIXED, "consent withdrawn", now="2026-12-24T08:00:00Z")


def copy_of(bank: Bank, folder: Path) -> Bank:
    """The bank with its keys in another folder, as if on another machine: the journal stays behind."""
    shutil.copytree(bank.root.parent, folder, dirs_exist_ok=True)
    copied = open_bank(folder / "bank")
    forget(copied)
    return copied


def forget(bank: Bank) -> None:
    """Takes the journal away."""
    for path in bank.work_folder.glob("publish-*"):
        path.unlink()


def aim(bank: Bank, url: str, **members: object) -> Bank:
    """The bank with a target ``ckan`` at an address, which is asked briefly and seldom."""
    table: dict[str, object] = {
        "kind": "ckan",
        "url": url,
        "organization": "bank",
        "request_files": 12,
        "timeout_seconds": 20.0,
        "tries": 4,
        "first_wait_seconds": 0.01,
        **members,
    }
    path = bank.root / SETTINGS_NAME
    kept = path.read_text().partition(_BEGIN)[0]
    lines = [f"{name} = {_toml(value)}" for name, value in table.items()]
    path.write_text(kept + _BEGIN + "\n".join(lines) + "\n")
    return open_bank(bank.root)


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a publication in this process ended.

    Attributes:
        code: of the error; empty when it went well.
        status: what the command would end with.
        notes: what it yielded.
        told: retries and warnings.
        error: all that the error says.
    """

    code: str = ""
    status: int = 0
    notes: list[Note] = field(default_factory=list)
    told: list[Note] = field(default_factory=list)
    error: Mapping[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> Mapping[str, Any]:
        """What it did."""
        (found,) = [each for each in self.notes if each.type == "summary"]
        return found.members

    @property
    def went_well(self) -> bool:
        """Whether it did all that was asked."""
        return self.status == 0 and not self.code

    def text(self) -> str:
        """Everything that was said."""
        return "\n".join(map(str, [*self.notes, *self.told, self.error]))


def publish_here(bank: Bank, token: str, **options: Any) -> Ran:
    """Publishes in this process; errors that are none of ours are not caught.

    Args:
        bank: that was aimed.
        token: of CKAN.
        **options: of :class:`PublishJob`.
    """
    notes: list[Note] = []
    told: list[Note] = []
    job = PublishJob(bank=bank, settings=settings_of(bank), target="ckan", tell=told.append, **options)
    with mock.patch.dict(os.environ, {TOKEN_VARIABLE: token}):
        try:
            notes.extend(publish(job))
        except CatalogError as error:
            return Ran(code=error.code, status=error.exit_status, notes=notes, told=told, error=error.to_json())
    return Ran(notes=notes, told=told)


def environment(bank: Bank, token: str) -> dict[str, str]:
    """Variables for the program."""
    return {"FAIRLINE_CONFIG": str(settings_of(bank).config_folder), TOKEN_VARIABLE: token}


def publish_as_user(bank: Bank, token: str, *arguments: str) -> Answer:
    """Publishes with the installed program."""
    return program("--bank", str(bank.root), "publish", "ckan", *arguments, folder=None, **environment(bank, token))


def start_publisher(bank: Bank, token: str, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
    """Starts the installed program; whoever starts it waits for it."""
    with log.open("wb") as stream:
        return subprocess.Popen(
            [PROGRAM, "--bank", str(bank.root), "publish", "ckan", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={**os.environ, **environment(bank, token)},
        )


def fork_publisher(bank: Bank, token: str, **options: Any) -> int:
    """Publishes in a forked child that ends with the command's exit status, or with 70 and a traceback; its number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of proxies: the child needs none of them
        child = os.fork()
    if child == 0:
        status = 70
        try:
            ran = publish_here(bank, token, **options)
            print(ran.error or "ended well", file=sys.stderr)
            status = ran.status
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def ended(child: int) -> int:
    """Waits for a child; its exit status, or a signal as a negative number."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def publish_until(bank: Bank, token: str, *, kind: str, nth: int, when: str, release: str | None = None) -> int:
    """Publishes in a forked child that kills itself at a line of the journal.

    Args:
        bank: that was aimed.
        token: of CKAN.
        kind: of the line: a step such as ``upload``, or ``run`` and ``done``.
        nth: which line of this kind, from 1.
        when: ``before`` it is written, or ``after``.
        release: which; the last one for None.

    Returns:
        -9 when it was killed; else the exit status.
    """
    seen = 0
    append = PublishJournal._append

    def counted(self: PublishJournal, line: Mapping[str, Any]) -> None:
        nonlocal seen
        mine = line.get("step", line["type"]) == kind
        seen += mine
        if mine and seen == nth and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        append(self, line)
        if mine and seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    with mock.patch.object(PublishJournal, "_append", counted):
        return ended(
            fork_publisher(bank, token, jobs=1, release=release)
        )  # one step after the other: the next line is the next step
