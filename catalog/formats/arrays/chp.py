"""Affymetrix CHP: results of an analysis (genotypes, copy numbers, expression) in the Command Console container.

CYCHP, CNCHP and the CHP files of Genotyping Console, Expression Console and ChAS are of this kind. The older forms
(XDA of GCOS, "historical" of MAS 5) are known by their first bytes and refused, since nothing here can check them.

Sources: Affymetrix CHP data file formats (Command Console: Genotyping Console, Cyto, Expression Console; XDA; historical).
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.arrays.builds import judge_build
from catalog.formats.arrays.chp_tables import CHP_RULES, SOURCE, TABLE_RULES, ChpTables
from catalog.formats.arrays.command_console import GenericHeader, GenericReader, Stopped
from catalog.formats.arrays.console_header import (
    header_evidence,
    header_facts,
    header_rules,
    is_synthetic,
    judge_header,
    nearest,
    stated_build,
    texts,
)
from catalog.formats.containers import peek
from catalog.formats.cursor import Cursor
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts
from catalog.model import Tier


def _error(code: str, message: str, hint: str, part: str) -> Rule:
    return Rule(f"chp-{code}", Severity.ERROR, Level.SPEC, message, hint, f"{SOURCE}, {part}")


_AGAIN = "export the file again with Affymetrix' software"
MAGIC = _error(
    "magic", "the file does not start like a CHP file of any version", "get the analysis' own file", "versions"
)
OLD = _error(
    "old-version",
    "this is {form}, an older form that cannot be checked",
    "convert it with Affymetrix' APT or Command Console to the Command Console form",
    "versions; XDA CHP and historical CHP data file formats",
)
VERSION = _error("version", "the version of the container is not 1", _AGAIN, "file header")
IDENTIFIER = _error(
    "identifier",
    "the Command Console file does not hold results of an analysis",
    "give the CHP or CYCHP file; intensities are CEL files, images DAT files",
    "data type identifier",
)
NO_PARAMETER = Rule(
    "chp-no-parameter",
    Severity.WARNING,
    Level.SPEC,
    "the header does not state {part}",
    _AGAIN,
    f"{SOURCE}, generic data header",
    "Nobody can tell what the results are of, or how they were made.",
)
DATA_SETS = Rule(
    "chp-data-sets",
    Severity.ERROR,
    Level.BANK,
    "the file has no data set",
    "the analysis was stopped: run it again",
    f"{SOURCE}, data groups",
)
QUALITY = Rule(
    "chp-quality",
    Severity.WARNING,
    Level.BANK,
    "{part} is outside of what is accepted for CytoScan arrays",
    "look at the scan; hybridise the sample again before copy numbers are used",
    "Jo et al. 2020, Sci Rep 10:18582 (MAPD at most 0.25, SNP-QC at least 15, waviness SD at most 0.12)",
    "Copy numbers from noisy arrays have false gains and losses.",
)
HEADER_RULES = header_rules("chp")

_GENERIC_START = b"\x3b\x01"
_XDA_START = struct.pack("<i", 65)
_HISTORICAL_START = b"GeneChip Sequence File"
_IDENTIFIER_AT = 10
_IDENTIFIERS = frozenset(
    f"affymetrix-{kind}-analysis"
    for kind in (
        "multi-data-type",
        "expression-probeset",
        "genotyping-probeset",
        "genotype-probeset",
        "quantification",
        "quantification-detection",
        "tiling",
        "universal",
        "resequencing",
        "tag",
        "reseq",
    )
)
_REQUIRED = ("affymetrix-algorithm-name", "affymetrix-array-type")
_SUMMARY = "affymetrix-chipsummary-"
#: Metrics of CytoScan arrays: name in the header, name of the fact, lowest and highest that are accepted.
_METRICS = (
    ("MAPD", "mapd", -math.inf, 0.25),
    ("snp-qc", "snp_qc", 15.0, math.inf),
    ("waviness-sd", "waviness_sd", -math.inf, 0.12),
)
_GENDER = re.compile(r"(?i)gender(?:-call)?$|_gender$")
_SEXES = {"male": "M", "female": "F"}


class _Chp:
    """The CHP format (see :class:`catalog.formats.protocol.Format`)."""

    name = "chp"
    title = "Affymetrix CHP"
    mediatype = "application/octet-stream"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        *CHP_RULES.all(),
        *HEADER_RULES.all(),
        *TABLE_RULES,
        MAGIC,
        OLD,
        VERSION,
        IDENTIFIER,
        NO_PARAMETER,
        DATA_SETS,
        QUALITY,
    )

    def sniff(self, head: Head) -> int:
        """Sure of the three beginnings of a CHP file; a CEL file begins like one but names another kind."""
        text = head.text
        if text.startswith(_GENERIC_START):
            length = int.from_bytes(text[_IDENTIFIER_AT : _IDENTIFIER_AT + 4], "big")
            identifier = text[_IDENTIFIER_AT + 4 : _IDENTIFIER_AT + 4 + min(length, 200)].rstrip(b"\0")
            if identifier.startswith(b"affymetrix-") and identifier.endswith(b"-analysis"):
                return SURE
        if text.startswith(_HISTORICAL_START):
            return SURE
        has_suffix = head.has_suffix(".chp", ".cychp", ".cnchp", ".lohchp", ".cnvchp")
        if text.startswith(_XDA_START) and (has_suffix or text[4:8] in (b"\1\0\0\0", b"\2\0\0\0")):
            return SURE
        return BY_NAME if has_suffix else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``identifier``, ``chip_type``, ``file_guid``, ``parent_guids``, ``created``, ``scan_date``,
        ``algorithm``, ``algorithm_version``, ``software``, ``samples`` (always 1), ``data_sets`` (rows by name),
        ``probes``, ``call_rate``, ``het_rate`` (of the calls), ``log2_ratio_sd``, ``lrr_histogram``, ``mapd``, ``snp_qc``,
        ``waviness_sd``, ``sex_evidence`` (``stated``: M or F; ``chr_x_heterozygosity``, ``chr_y_call_rate``),
        ``assembly``, ``synthetic``.

        Evidence: ``chip_type``, ``identifiers``, ``scans``, ``arrays``; ``probe_count``, ``probe_digest`` (SHA-256 over the cells
        of ProbeSetName); numpy arrays of at most 8 million entries: ``calls`` (0 none, 1 AA, 2 AB, 3 BB) and, for a
        CYCHP, ``indexes`` (of each call's probe set), ``chromosomes`` (1 to 22, 23 X, 24 Y, 26 MT, 0 else) and
        ``positions`` of the probe sets.
        """
        try:
            return _read(reading, Cursor(reading.source))
        except Stopped as stopped:
            reading.find(stopped.finding)
            return {}


CHP = _Chp()


def _read(reading: Reading, cursor: Cursor) -> Facts:
    reader = GenericReader(cursor, reading.find, CHP_RULES)
    _judge_start(reading)
    header = reader.header()
    judge_header(reading, header, HEADER_RULES)
    reading.evidence |= header_evidence(header)
    _judge_header(reading, header)
    tables = ChpTables(reading, reader)
    try:
        for data_set in reader.data_sets():
            tables.take(data_set)
        if not cursor.ended:
            reading.find(CHP_RULES.trailing.at(Place(offset=cursor.offset), expected="the end of the file"))
        if not tables.rows:
            reading.find(DATA_SETS.at(expected="a data set"))
    except Stopped as stopped:
        reading.find(stopped.finding)
    return _facts(reading, header, tables)


def _judge_start(reading: Reading) -> None:
    """Refuses what is no Command Console file.

    Raises:
        Stopped: it is none.
    """
    start = peek(reading.source.head_raw)[:24]
    if start.startswith(_XDA_START):
        raise Stopped(OLD.at(Place(offset=0), expected="59 1", got="65", form="an XDA file of GCOS"))
    if start.startswith(_HISTORICAL_START):
        raise Stopped(OLD.at(Place(offset=0), expected="59 1", got=start[:22], form="a historical file of MAS 5"))
    if not start.startswith(_GENERIC_START[:1]):
        raise Stopped(MAGIC.at(Place(offset=0), expected="59 1", got=f"0x{start[:4].hex()}"))
    if start[1:2] != _GENERIC_START[1:]:
        got = start[1] if start[1:] else "nothing"
        raise Stopped(VERSION.at(Place(offset=1), expected="1", got=got))


def _judge_header(reading: Reading, header: GenericHeader) -> None:
    if header.identifier not in _IDENTIFIERS:
        place = Place(offset=_IDENTIFIER_AT)
        reading.find(IDENTIFIER.at(place, expected="affymetrix-multi-data-type-analysis", got=header.identifier))
    for name in _REQUIRED:
        if not nearest(header, name):
            place = Place(offset=header.offset, column=name)
            reading.find(NO_PARAMETER.at(place, expected=name, part=name))


def _metrics(reading: Reading, header: GenericHeader) -> Facts:
    """The metrics of the chip; those of CytoScan arrays are held against what is accepted."""
    facts: Facts = {}
    is_cytoscan = str(nearest(header, "affymetrix-array-type") or "").lower().startswith("cytoscan")
    for name, fact, low, high in _METRICS:
        value = header.parameters.get(_SUMMARY + name)
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            continue
        facts[fact] = round(float(value), 4)
        if is_cytoscan and not low <= value <= high:
            expected = f"at least {low:g}" if math.isinf(high) else f"at most {high:g}"
            place = Place(offset=header.offset, column=_SUMMARY + name)
            reading.find(QUALITY.at(place, expected=expected, got=round(float(value), 4), part=name))
    return facts


def _facts(reading: Reading, header: GenericHeader, tables: ChpTables) -> Facts:
    counted = tables.finish()
    stated = {
        _SEXES[value.lower()] for name, value in texts(header) if _GENDER.search(name) and value.lower() in _SEXES
    }
    sex = counted.pop("sex_evidence", None)
    evidence = {**({"stated": min(stated)} if len(stated) == 1 else {}), **(sex if isinstance(sex, dict) else {})}
    assembly = judge_build(reading, HEADER_RULES.assembly, stated_build(header), tables.highest)
    return as_facts(
        {
            "identifier": header.identifier,
            **header_facts(header),
            "samples": 1,
            **counted,
            **_metrics(reading, header),
            "sex_evidence": evidence or None,
            "assembly": assembly,
            "synthetic": is_synthetic(header) or None,
        }
    )
