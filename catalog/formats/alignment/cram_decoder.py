"""Runs the program that unpacks the records of a CRAM beside its reader, and judges what comes out as BAM."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from catalog.findings import Collector, Finding, Level, Severity
from catalog.formats.alignment.bam import RecordStream
from catalog.formats.alignment.binary_header import BinaryHeaderReader, HeaderEnded
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.listeners import ListenerFactory
from catalog.formats.alignment.margin import Margin
from catalog.formats.alignment.records import RecordJudge
from catalog.formats.containers import Source
from catalog.formats.cursor import Cursor
from catalog.formats.protocol import Reading

_SCRIPT = Path(__file__).with_name("cram_records.py")
#: That there is no index of a stream is none.
_ERROR = re.compile(r"\[E::(?!cram_index_load)\w+\] (.+)")
_BLOCKS_AHEAD = 16
#: The program is ended when it neither takes nor gives anything for so long.
_PATIENCE_SECONDS = 120.0


def can_decode() -> bool:
    """Whether htslib is there (it is not on Windows)."""
    return importlib.util.find_spec("pysam") is not None


class Decoder:
    """Unpacks the records of one CRAM.

    Attributes:
        problem: what the program said when it ended badly; empty else.
        has_died: whether it crashed, hung or was ended.
    """

    def __init__(
        self, header: Header, reading: Reading, listeners: Sequence[ListenerFactory], reference: Path | None
    ) -> None:
        self.problem = ""
        self.has_died = False
        self._reading = _Apart(reading)
        self._header = replace(header)
        self._listeners = listeners
        self._reference = reference
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_BLOCKS_AHEAD)
        self._folder = tempfile.TemporaryDirectory(prefix="fairline-cram-")
        self._program = self._start()
        self._judge: RecordJudge | None = None
        self._is_whole = False
        self._failure: Exception | None = None
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._feed, self._take)]
        for thread in self._threads:
            thread.start()

    def _start(self) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, "-I", str(_SCRIPT), self._folder.name]
        if self._reference is not None:
            # A link in a folder of our own, so that an index is made there and not beside the reference.
            link = Path(self._folder.name) / self._reference.name
            link.symlink_to(self._reference.absolute())
            for suffix in (".fai", ".gzi"):
                index = self._reference.with_name(self._reference.name + suffix)
                if index.is_file():
                    link.with_name(link.name + suffix).symlink_to(index.absolute())
            arguments.append(str(link))
        self._complaints = tempfile.TemporaryFile(dir=self._folder.name)  # noqa: SIM115  # closed in finish
        pipe = subprocess.PIPE
        return subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=self._complaints, cwd=self._folder.name)

    def _feed(self) -> None:
        """Hands the file on to the program, as long as it takes it."""
        stream = self._program.stdin
        assert stream is not None
        takes = True
        while (block := self._waiting.get()) is not None:
            if takes:
                try:
                    stream.write(block)
                except OSError:
                    takes = False
        with contextlib.suppress(OSError):
            stream.close()

    def _take(self) -> None:
        """Judges the records that come out."""
        try:
            self._judge_records()
        except Exception as error:  # it is raised again by the thread that waits for this one
            self._failure = error

    def _judge_records(self) -> None:
        source = Source(cast("BinaryIO", self._program.stdout))
        self._reading.source = source
        quiet = Margin(Reading(source, self._reading.declared, Level.SPEC, ""))
        cursor = Cursor(source)
        try:
            unpacked = BinaryHeaderReader(cursor, quiet).read()
        except HeaderEnded:
            return
        self._header.contigs, self._header.lengths = unpacked.contigs, unpacked.lengths
        stream = RecordStream(self._header, self._reading, Margin(self._reading), self._listeners)
        stream.records.may_lack_scores = True
        is_whole = stream.take_all(cursor.rest(), None)
        self._judge = stream.finish(self._reading, is_whole=True)
        self._is_whole = is_whole and not source.findings

    def put(self, block: bytes) -> None:
        """Takes the next bytes of the file."""
        try:
            self._waiting.put(block, timeout=_PATIENCE_SECONDS)
        except queue.Full:
            self._end()

    def _end(self) -> None:
        self.has_died = True
        self._program.kill()

    def finish(self) -> RecordJudge | None:
        """Waits for the end; what was judged, or None where the records could not be unpacked to their end."""
        self._waiting.put(None)
        given = -1
        while self._threads[1].is_alive():
            self._threads[1].join(_PATIENCE_SECONDS)
            now = self._reading.source.raw_bytes
            if self._threads[1].is_alive() and now == given:
                self._end()
            given = now
        status = self._program.wait()
        self._complaints.seek(0)
        said = self._complaints.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        self.close()
        if self._failure is not None:
            raise self._failure
        self.has_died = self.has_died or status < 0
        if status or not self._is_whole:
            self.problem = problem_of(said)
            return None
        return self._judge

    def close(self) -> None:
        """Ends the program if it still runs, and leaves nothing of it."""
        if self._complaints.closed:
            return
        self._program.kill()
        while self._threads[0].is_alive():
            try:
                self._waiting.put(None, timeout=0.1)
            except queue.Full:
                continue
            self._threads[0].join(1.0)
        self._threads[1].join()
        self._program.wait()
        self._complaints.close()
        if self._program.stdout is not None:
            self._program.stdout.close()
        self._folder.cleanup()

    def move_findings(self, reading: Reading) -> None:
        """Puts the findings and the evidence of the records down in another reading."""
        for finding in (*self._reading.errors, *self._reading.others):
            reading.find(finding)
        reading.evidence.update(self._reading.evidence)


def problem_of(said: Sequence[str]) -> str:
    """What htslib said is wrong: its first error; the last line is of the library around it, and always says the same."""
    errors = [match[1] for match in map(_ERROR.match, said) if match]
    return errors[0] if errors else "htslib cannot unpack them, and does not say why"


class _Apart(Reading):
    """A reading of what comes out of the program, in another thread than that of the file itself."""

    def __init__(self, of: Reading) -> None:
        level = Level.BANK if of.wants_bank_rules else Level.SPEC
        super().__init__(Source(cast("BinaryIO", io.BytesIO())), of.declared, level, of.path, is_fast=of.is_fast)
        self.errors = Collector()
        self.others = Collector()

    def find(self, finding: Finding) -> None:
        """Puts a finding down; errors apart, so that none is lost among many others."""
        if finding.rules is Level.SPEC or self.wants_bank_rules:
            (self.errors if finding.severity is Severity.ERROR else self.others).add(finding)
