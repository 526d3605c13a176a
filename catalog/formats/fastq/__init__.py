"""FASTQ, judged by Cock et al. 2010: single reads, mates in two files, mates interleaved in one.

Sequence and quality may be wrapped, every printable quality is legal, and a read may be empty; what sequencers write
today is narrower, and those wishes are rules of the bank. Mates in two files are judged by
:mod:`catalog.formats.mates`.
"""

from __future__ import annotations

import re

from catalog.findings import Place
from catalog.formats.fastq.counts import PHRED_33, Counts
from catalog.formats.fastq.names import Names
from catalog.formats.fastq.records import RecordJudge
from catalog.formats.fastq.rules import DEMANDS, ENCODING, ERRORS, FINAL_NEWLINE, NO_READS, WISHES
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, judge_lines
from catalog.model import Tier

#: The last four as Galaxy names them.
_SUFFIXES = (".fastq", ".fq", ".fastqsanger", ".fastqsolexa", ".fastqillumina", ".fastqcssanger")
_SAM_HEADER = re.compile(rb"@(?:HD|SQ|RG|PG|CO)\t")
_RECORD = re.compile(rb"@[^\n]*+\n(?:[A-Za-z.*0-9-]*+\r?\n)+\+")
#: A first read that is longer than the head of the file.
_LONG_READ = re.compile(rb"@[^\n]*+\n(?:[A-Za-z.*-]*+\r?\n)*[A-Za-z.*-]{10000,}+\Z")


class FastqFormat:
    """Sequencing reads with qualities."""

    name = "fastq"
    title = "FASTQ"
    mediatype = "text/plain"
    edam = "EDAM:format_1930"
    floor = Tier.CONTROLLED
    rules = (*ERRORS, *DEMANDS, *WISHES)

    def sniff(self, head: Head) -> int:
        """Sure of a title, bases and a +; headers of SAM also start with @."""
        if _SAM_HEADER.match(head.text):
            return NO
        if _RECORD.match(head.text) or _LONG_READ.match(head.text):
            return SURE
        return BY_NAME if head.has_suffix(*_SUFFIXES) else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``records``, ``bases``; bases of a read as ``shortest``, ``longest``, ``mean_length``,
        ``median_length`` and ``n50_length`` (half of all bases are in reads at least this long; both exact below
        2,048, else to 0.1 %); ``gc_percent`` (of A, C, G, T and U), ``n_percent``; ``encoding`` (``Phred+33``,
        ``Phred+64`` or ``Solexa+64``, guessed from the range of qualities) and in it ``mean_quality``,
        ``q30_percent`` (bases of quality 30 and more) and ``mean_quality_by_cycle`` (at most 60 points up to cycle
        500, each of equally many cycles and named by the first of them); ``interleaved``; of the first read, where
        Illumina named it, ``instrument``, ``run``, ``flow_cell`` and ``lane``; ``synthetic`` where the first title
        says so; ``names_compared`` where not all names could be compared.

        Evidence (``fastq-names``, under the bank's rules): digests of the reads' names in blocks of 65,536, the
        line where each block begins, how many reads have which number of a mate, and whether there was no error.
        """
        counts, names = Counts(), Names(reading)
        judge = RecordJudge(reading, counts, names)
        judge_lines(reading, judge)
        is_whole = not reading.source.findings
        if is_whole:
            judge.end(reading.source.ends_with_newline)
        name_facts = names.finish(is_whole=is_whole)
        if is_whole:
            _judge_whole(reading, counts)
        return {**counts.facts(), **name_facts}


def _judge_whole(reading: Reading, counts: Counts) -> None:
    """The wishes for the whole file."""
    if not counts.records:
        reading.find(NO_READS.at(expected="reads"))
    if not reading.source.ends_with_newline:
        reading.find(FINAL_NEWLINE.at(expected="a line end"))
    if counts.encoding != PHRED_33:
        reading.find(ENCODING.at(Place(column="quality"), expected=PHRED_33, got=counts.encoding))


FASTQ = FastqFormat()
