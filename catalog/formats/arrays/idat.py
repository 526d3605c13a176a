"""Illumina IDAT: the intensities of one colour of one array, as the scanner writes them (version 3).

After the magic number, the version and a table of fields come the fields themselves: for each probe its identifier,
the mean and standard deviation of its beads' intensities and their number; the identifiers of the middle block; what
ran on the scanner; barcode, type and position of the chip. Version 1 is an encrypted file of expression arrays, which
cannot be checked and is refused.

Source: Smith et al. 2013 (illuminaio), F1000Research 2:264, and its documentation of the non-encrypted IDAT file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.arrays.fields import MOST_PROBES, Field, FieldReader, Stopped, field_rules
from catalog.formats.arrays.moments import is_moment
from catalog.formats.arrays.sample_names import note_sample, sample_rule
from catalog.formats.arrays.signals import share
from catalog.formats.cursor import Cursor
from catalog.formats.personal import note_personal, personal_rule
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts
from catalog.model import Tier

_SOURCE = "Smith et al. 2013 (illuminaio), F1000Research 2:264, non-encrypted IDAT"
_FAIRLINE = "fairline"


def _error(code: str, message: str, hint: str, part: str, why: str = "") -> Rule:
    return Rule(code, Severity.ERROR, Level.SPEC, message, hint, f"{_SOURCE}, {part}", why)


def _wish(code: str, message: str, hint: str, why: str = "") -> Rule:
    return Rule(code, Severity.WARNING, Level.BANK, message, hint, _FAIRLINE, why)


FIELD_RULES = field_rules("idat", _SOURCE)
MAGIC = _error("idat-magic", "the file does not start with IDAT", "get the scanner's own file", "magic number")
ENCRYPTED = _error(
    "idat-encrypted",
    "version 1 is an encrypted IDAT of an expression array, which cannot be checked",
    "give the values that GenomeStudio exports from it, or a scan of a SNP or methylation array (version 3)",
    "versions",
)
VERSION = _error("idat-version", "the version of the IDAT file is not known", "give version 3", "versions")
FIRST = _error(
    "idat-first-field",
    "the number of probes is not the first field",
    "get the scanner's own file: readers refuse this one",
    "field 1000 (the lowest offset is that of the number of probes)",
)
PROBES = _error("idat-probes", "the number of probes cannot be right", "copy the file again", "field 1000")
IDENTIFIERS = _error(
    "idat-probe-order",
    "the identifiers of the probes do not increase",
    "get the scanner's own file: probes of the two colours and of the manifest are matched by them",
    "field 102",
)
REPEATED = _error(
    "idat-probe-repeated", "a probe's identifier is there twice", "get the scanner's own file", "field 102"
)
MIDDLE = _error(
    "idat-mid-block",
    "the middle block names a probe that the file does not have, or does not fit into its field",
    "the file is damaged: copy it again",
    "field 200",
)
RUNS = _error("idat-run-info", "the number of runs cannot be right", "the file is damaged: copy it again", "field 300")
DATE = _error(
    "idat-date",
    "the time of a run is no date",
    "get the scanner's own file; a date that was taken out on purpose is an empty text",
    "field 300 (RunTime)",
)
ABSENT = _wish(
    "idat-field-wanted",
    "the file does not say its {part}",
    "get the scanner's own file, or state it in the record",
    "Nobody can tell to which chip the file belongs, or when it was scanned.",
)
CHIP = _wish(
    "idat-chip-type", "the type of the chip is not one that is known", "look whether it is an array of Illumina's"
)
NAME = _wish(
    "idat-barcode-name",
    "the file's name has not the {part} that stands in the file",
    "name it BARCODE_POSITION_Grn.idat or _Red.idat as the scanner did, after looking which of the two is right",
    "Pipelines take the pair and its sample sheet by name: a renamed file is a swapped sample.",
)
BEADS = _wish(
    "idat-beads",
    "many probes have no beads",
    "look at the scan: the chip was read badly, or the file is damaged",
    "A probe without beads has no intensity; below 95 % of the probes the sample is usually scanned again.",
)
PERSONAL = personal_rule("idat")
SAMPLE = sample_rule("idat")

_NAMES = {
    1000: "number of probes",
    102: "probe identifiers",
    103: "standard deviations",
    104: "means",
    107: "numbers of beads",
    200: "middle block",
    300: "run info",
    400: "red or green",
    401: "manifest",
    402: "barcode",
    403: "chip type",
    404: "position",
    405: "label",
    406: "sample name",
    407: "description",
    408: "plate",
    409: "well",
    410: "text 410",
    510: "text 510",
}
_REQUIRED = (1000, 102, 103, 104, 107)
_WANTED = (402, 403, 300)
_PER_PROBE = {102: "<i4", 103: "<u2", 104: "<u2", 107: "u1"}
_NUMBER = {1000, 400}
_MAGIC = b"IDAT"
_MOST_RUNS = 10_000
_RUN_TEXTS = ("RunTime", "BlockType", "BlockPars", "BlockCode", "CodeVersion")
_CHIP_TYPE = re.compile(
    r"BeadChip [0-9]+x[0-9]+(?:x[0-9]+)*Q?|SLIDE\.[0-9]+\.[0-9x]+|[0-9]+-[0-9]+um_multi-swath_for_[0-9x-]+M?"
    r"|Bead ?Array.*|Sentrix.*",
    re.IGNORECASE,
)
_POSITION = re.compile(r"R[0-9]{2}C[0-9]{2}")
_LOWEST_BEADS = 0.95


class _Scan:
    """What is read of one file, field by field."""

    def __init__(self, reading: Reading, reader: FieldReader) -> None:
        self._reading = reading
        self._reader = reader
        self.probes = 0
        self.arrays: dict[int, Any] = {}
        self.texts: dict[int, str] = {}
        self.numbers: dict[int, int] = {}
        self.middle: Any = None
        self.runs: list[tuple[str, ...]] = []
        self._middle_place = Place()

    def take(self, field: Field) -> None:
        """The field whose turn it is."""
        if field.code in _NUMBER:
            (self.numbers[field.code],) = self._reader.numbers("<i", field.name)
            if field.code == 1000:
                self._take_count(field)
        elif field.code in _PER_PROBE:
            self.arrays[field.code] = self._reader.values(field, self.probes, _PER_PROBE[field.code])
        elif field.code == 200:
            self._take_middle(field)
        elif field.code == 300:
            self._take_runs(field)
        elif field.code in _NAMES:
            self.texts[field.code] = self._reader.text(field.name)

    def _take_count(self, field: Field) -> None:
        self.probes = self.numbers[1000]
        if not 0 < self.probes <= MOST_PROBES:
            raise Stopped(PROBES.at(field.place, expected=f"1 to {MOST_PROBES}", got=self.probes))

    def _take_middle(self, field: Field) -> None:
        (count,) = self._reader.numbers("<i", field.name)
        room = None if field.end is None else field.end - field.value - 4
        if not 0 <= count <= MOST_PROBES or (room is not None and 4 * count > room):
            expected = f"0 to {MOST_PROBES if room is None else room // 4} entries"
            self._reading.find(MIDDLE.at(field.place, expected=expected, got=count))
            return
        self._middle_place = Place(record=field.entry, column=field.name, offset=field.value + 4)
        bounded = Field(
            code=field.code, name=field.name, entry=field.entry, value=field.value, end=field.value + 4 + 4 * count
        )
        self.middle = self._reader.values(bounded, count, "<i4")

    def _take_runs(self, field: Field) -> None:
        (count,) = self._reader.numbers("<i", field.name)
        if not 0 <= count <= _MOST_RUNS:
            self._reading.find(RUNS.at(field.place, expected=f"0 to {_MOST_RUNS}", got=count))
            return
        for number in range(1, count + 1):
            texts = tuple(self._reader.text(part) for part in _RUN_TEXTS)
            self.runs.append(texts)
            if texts[0].strip() and not is_moment(texts[0]):
                place = Place(record=number, column="RunTime", offset=field.value)
                self._reading.find(DATE.at(place, expected="a date and a time", got=texts[0]))

    def judge(self) -> None:
        """Rules about fields together, when all were read."""
        import numpy

        identifiers = self.arrays.get(102)
        if identifiers is None or not len(identifiers):
            return
        later = numpy.flatnonzero(numpy.diff(identifiers.astype(numpy.int64)) <= 0)
        ordered = numpy.unique(identifiers) if len(later) else identifiers
        if len(ordered) != len(identifiers):
            _, first = numpy.unique(identifiers, return_index=True)
            again = int(numpy.setdiff1d(numpy.arange(len(identifiers)), first)[0])
            place = Place(record=again + 1, column=_NAMES[102])
            self._reading.find(REPEATED.at(place, expected="each identifier once", got=int(identifiers[again])))
        elif len(later):
            at = int(later[0]) + 1
            place = Place(record=at + 1, column=_NAMES[102])
            expected = f"above {int(identifiers[at - 1])}"
            self._reading.find(IDENTIFIERS.at(place, expected=expected, got=int(identifiers[at])))
        if self.middle is not None:
            strange = numpy.flatnonzero(~numpy.isin(self.middle, ordered))
            if len(strange):
                got = int(self.middle[strange[0]])
                self._reading.find(MIDDLE.at(self._middle_place, expected="identifiers of field 102", got=got))

    def beads_share(self) -> float | None:
        """The share of probes that have a bead."""
        beads = self.arrays.get(107)
        return None if beads is None or not len(beads) else share(int((beads > 0).sum()), len(beads))

    def scan_run(self) -> tuple[str, ...] | None:
        """What ran when the chip was scanned, else the first that ran."""
        return next(
            (run for run in self.runs if run[1].lower().startswith("scan")), self.runs[0] if self.runs else None
        )

    def parameters(self) -> dict[str, str]:
        """The parameters of the scan, such as ``ScannerID`` (text ``NAME=VALUE|NAME=VALUE``)."""
        run = self.scan_run()
        pairs = (part.partition("=") for part in (run[2] if run else "").split("|"))
        return {name.strip()[:80]: value.strip()[:200] for name, mark, value in pairs if mark}


class _Idat:
    """The IDAT format (see :class:`catalog.formats.protocol.Format`)."""

    name = "idat"
    title = "Illumina IDAT"
    mediatype = "application/octet-stream"
    edam = "EDAM:format_3578"
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        *FIELD_RULES.all(),
        MAGIC,
        ENCRYPTED,
        VERSION,
        FIRST,
        PROBES,
        IDENTIFIERS,
        REPEATED,
        MIDDLE,
        RUNS,
        DATE,
        ABSENT,
        CHIP,
        NAME,
        BEADS,
        PERSONAL,
        SAMPLE,
    )

    def sniff(self, head: Head) -> int:
        """Sure of the magic number; the version behind it is no text."""
        if head.text.startswith(_MAGIC) and (b"\0" in head.text[4:12] or len(head.text) < 12):
            return SURE
        return BY_NAME if head.has_suffix(".idat") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``version``, ``probes``, ``samples`` (always 1), ``chip_type``, ``barcode``, ``position``, ``manifest``,
        ``scan_date`` (as written), ``scanner``, ``software`` (name and version), ``beads_share``, ``median_intensity``,
        ``mid_block``, ``red_green`` (the number as it stands), ``synthetic``.

        Evidence: ``probe_count``, ``probe_digest`` (SHA-256 of the identifiers as they stand), ``barcode``,
        ``chip_type``, ``position``.
        """
        cursor = Cursor(reading.source)
        reader = FieldReader(cursor, reading.find, FIELD_RULES)
        scan = _Scan(reading, reader)
        version = None
        try:
            version = _version(cursor, reader)
            fields = reader.table("<Hq", _NAMES)
            reader.require(fields, _REQUIRED, _NAMES)
            behind = [field for field in fields if field.value >= cursor.offset]
            lowest = min(behind, key=lambda field: (field.value, field.code != 1000), default=None)
            if lowest is not None and lowest.code != 1000 and any(field.code == 1000 for field in behind):
                raise Stopped(FIRST.at(lowest.place, expected=_NAMES[1000], got=lowest.name))
            for field in reader.in_order(fields):
                scan.take(field)
            _judge_names(reading, scan)
        except Stopped as stopped:
            reading.find(stopped.finding)
        scan.judge()
        return _tell(reading, scan, version)


IDAT = _Idat()


def _version(cursor: Cursor, reader: FieldReader) -> int:
    magic = cursor.take(len(_MAGIC))
    if magic != _MAGIC:
        raise Stopped(MAGIC.at(Place(offset=0), expected="IDAT", got=magic))
    version: int = reader.numbers("<q", "the version")[0]
    if version == 1:
        raise Stopped(ENCRYPTED.at(Place(offset=4), expected="version 3", got=version))
    if version != 3:
        raise Stopped(VERSION.at(Place(offset=4), expected="3", got=version))
    return version


def _judge_names(reading: Reading, scan: _Scan) -> None:
    """Wishes about what the file says of itself, when it was read to its end."""
    for code in _WANTED:
        if not (scan.runs if code == 300 else scan.texts.get(code)):
            reading.find(ABSENT.at(Place(column=_NAMES[code]), expected=_NAMES[code], part=_NAMES[code]))
    chip = scan.texts.get(403, "")
    if chip and not _CHIP_TYPE.fullmatch(chip):
        reading.find(CHIP.at(Place(column=_NAMES[403]), expected="such as BeadChip 8x5", got=chip))
    name = re.split(r"[/\\]", reading.path)[-1]
    position = scan.texts.get(404, "")
    for code, wanted in ((402, scan.texts.get(402, "")), (404, position if _POSITION.fullmatch(position) else "")):
        if wanted and wanted not in name:
            place = Place(column=_NAMES[code])
            reading.find(NAME.at(place, expected=wanted, got=name, part=_NAMES[code]))
    beads = scan.beads_share()
    if beads is not None and beads < _LOWEST_BEADS:
        expected = f"{_LOWEST_BEADS:.0%} of the probes or more"
        reading.find(BEADS.at(Place(column=_NAMES[107]), expected=expected, got=f"{beads:.1%}"))
    members = [*scan.parameters().items(), *((_NAMES[code], scan.texts.get(code, "")) for code in (405, 407, 410, 510))]
    samples = [(_NAMES[406], scan.texts.get(406, ""))]
    note_personal(reading, PERSONAL, members, samples)
    note_sample(reading, SAMPLE, samples)


def _tell(reading: Reading, scan: _Scan, version: int | None) -> Facts:
    """Puts the evidence down and returns the facts."""
    import hashlib

    identifiers, means = scan.arrays.get(102), scan.arrays.get(104)
    if identifiers is not None:
        reading.evidence["probe_count"] = len(identifiers)
        reading.evidence["probe_digest"] = hashlib.sha256(identifiers.tobytes()).hexdigest()
    reading.evidence |= {
        name: scan.texts[code]
        for name, code in (("barcode", 402), ("chip_type", 403), ("position", 404))
        if code in scan.texts
    }
    run, parameters = scan.scan_run(), scan.parameters()
    software = " ".join(parameters[each] for each in ("SoftwareApplication", "SoftwareVersion") if each in parameters)
    said = [*scan.texts.values(), *(text for each in scan.runs for text in each)]
    median = None
    if means is not None and len(means):
        import numpy

        median = int(numpy.median(means))
    return as_facts(
        {
            "version": version,
            "probes": scan.probes or None,
            "samples": 1 if scan.probes else None,
            "chip_type": scan.texts.get(403) or None,
            "barcode": scan.texts.get(402) or None,
            "position": scan.texts.get(404) or None,
            "manifest": scan.texts.get(401) or None,
            "scan_date": (run[0] if run else None) or None,
            "scanner": parameters.get("ScannerID") or parameters.get("sherlockID") or None,
            "software": software or None,
            "beads_share": scan.beads_share(),
            "median_intensity": median,
            "mid_block": None if scan.middle is None else len(scan.middle),
            "red_green": scan.numbers.get(400),
            "synthetic": any("synthetic" in text.lower() for text in said) or None,
        }
    )
