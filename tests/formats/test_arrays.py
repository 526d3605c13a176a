"""What the cases cannot say: facts, evidence, agreement of the two ways through a report, and an independent reading."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy
import pandas
import pytest

from catalog.findings import Level
from catalog.formats.arrays.final_report_rows import ReportRows
from catalog.formats.arrays.moments import is_moment
from catalog.formats.personal import sign_of
from catalog.formats.protocol import Declared
from tests.formats.cases_arrays import CALLS, FORMATS, IDAT_NAME, PLAIN, REPORT_DEFECTS, SCAN
from tests.formats.defects import inspect_bytes
from tests.formats.illumina_files import report


def test_idat_when_read_then_facts_and_evidence_are_told(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, IDAT_NAME, SCAN.content)
    assert subject.facts == {
        "version": 3,
        "probes": 40,
        "samples": 1,
        "chip_type": "BeadChip 8x5",
        "barcode": "204776850065",
        "position": "R01C01",
        "scan_date": "3/4/2021 9:12:44 AM",
        "scanner": "N296",
        "software": "iScan Control Software 3.4.8",
        "beads_share": 1.0,
        "median_intensity": subject.facts["median_intensity"],
        "mid_block": 40,
        "red_green": 0,
    }
    assert subject.evidence["probe_count"] == 40


def test_idat_when_read_by_seeking_as_its_document_says_then_the_means_are_the_same(tmp_path: Path) -> None:
    """The way of illuminaio: a table of (code, offset), then a jump to each field."""
    stream = io.BytesIO(SCAN.content)
    assert stream.read(4) == b"IDAT"
    version, count = struct.unpack("<qi", stream.read(12))
    offsets = dict(struct.unpack("<Hq", stream.read(10)) for _ in range(count))
    stream.seek(offsets[1000])
    (probes,) = struct.unpack("<i", stream.read(4))
    stream.seek(offsets[104])
    means = numpy.frombuffer(stream.read(2 * probes), "<u2")
    facts = inspect_bytes(tmp_path, IDAT_NAME, SCAN.content).facts
    assert (version, probes, int(numpy.median(means))) == (3, facts["probes"], facts["median_intensity"])


def test_gtc_when_read_then_calls_and_rates_are_told(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "a.gtc", CALLS.content)
    start = CALLS.starts[1002] + 4
    codes = numpy.frombuffer(CALLS.content[start : start + 30], "u1")
    evidence: Mapping[str, Any] = subject.evidence
    assert numpy.array_equal(evidence["genotype_codes"], codes)
    assert subject.facts["counted_call_rate"] == round(float((codes != 0).mean()), 4)
    assert subject.facts["assembly"] == "GRCh37"
    assert subject.facts["sex_evidence"] == {"stated": "F"}


def test_report_when_read_by_pandas_then_rates_are_the_same(tmp_path: Path) -> None:
    made = report(snps=5000, samples=("KSCBi005-A", "KSCBi002-B"))
    content = made.written()
    skipped = content[: content.index(b"[Data]")].count(b"\n") + 1
    frame = pandas.read_csv(io.BytesIO(content), sep="\t", skiprows=skipped, dtype=str, keep_default_na=False)
    first = frame[frame["Sample ID"] == "KSCBi005-A"]
    alleles = first["Allele1 - Forward"], first["Allele2 - Forward"]
    called = (alleles[0] != "-") & (alleles[1] != "-")
    facts = inspect_bytes(tmp_path, "a_FinalReport.txt", content).facts
    assert facts["records"] == len(frame)
    assert facts["call_rate"] == round(called.mean(), 4)
    assert facts["het_rate"] == round((called & (alleles[0] != alleles[1])).sum() / called.sum(), 4)
    ratios = pandas.to_numeric(first["Log R Ratio"], errors="coerce").replace([numpy.inf, -numpy.inf], numpy.nan)
    assert facts["lrr_sd"] == pytest.approx(ratios.std(), abs=1e-4)
    assert facts["lrr_histogram"] == numpy.histogram(numpy.clip(ratios, -1, 1), bins=25, range=(-1, 1))[0].tolist()


@pytest.mark.parametrize("content", [PLAIN, *(defect.content for defect in REPORT_DEFECTS)])
def test_report_when_taken_row_by_row_then_the_outcome_is_that_of_many_at_once(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = inspect_bytes(tmp_path, "a_FinalReport.txt", content)
    monkeypatch.setattr(ReportRows, "take_many", lambda *_: False)
    one_by_one = inspect_bytes(tmp_path, "a_FinalReport.txt", content)
    assert one_by_one.to_json() == at_once.to_json()
    first, second = (cast("Mapping[str, Any]", each.evidence) for each in (one_by_one, at_once))
    for name in ("calls", "positions", "rs", "chromosomes"):
        assert numpy.array_equal(first.get(name, ()), second.get(name, ()))


def test_report_when_a_sample_is_declared_then_its_calls_are_the_evidence(tmp_path: Path) -> None:
    content = report(samples=("first", "second")).written()
    for wanted, found in (("second", "second"), ("", "first")):
        declared = Declared(sample_id=wanted)
        subject = inspect_bytes(tmp_path, "a_FinalReport.txt", content, declared=declared, level=Level.SPEC)
        assert subject.evidence["sample"] == found
        assert subject.facts["sample_looked_at"] == ("declared" if wanted else "first")
        assert subject.evidence["probe_count"] == 12


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2/17/2015 1:47 PM", True),
        ("Monday, December 01, 2014 4:51:47 PM", True),
        ("2011. 3. 1. 오후 7:53:01", True),
        ("17/02/2015 13.47.00", True),
        ("2021-05-04T10:11:12Z", True),
        ("Tue Feb 17 13:47:00 2015", True),
        ("2015年2月17日 13:47", True),
        ("13/13/2013", False),
        ("2/30/2015", False),
        ("2021-05-04T25:11:12Z", False),
        ("2/17/2015 25:99", False),
        ("12:30", False),
        ("", False),
    ],
)
def test_moment_when_of_a_usual_form_then_it_is_known(text: str, expected: bool) -> None:
    assert is_moment(text) is expected


@pytest.mark.parametrize(
    ("member", "value", "names_sample", "is_person"),
    [
        ("Username", "Illumina User", False, False),
        ("Username", "mkim", False, True),
        ("CreatedBy", "agcc\\Administrator", False, False),
        ("Comment", "jane.roe@example.org", False, True),
        ("Comment", "Jane Roe", False, False),
        ("Sample ID", "Jane Roe", True, True),
        ("Sample ID", "Roe, Jane", True, True),
        ("Sample ID", "김민수", True, True),
        ("Sample ID", "KSCBi005-A", True, False),
        ("Sample ID", "Stem Cell", True, False),
        ("Sample ID", "NA12878", True, False),
    ],
)
def test_person_when_named_then_there_is_a_sign(member: str, value: str, names_sample: bool, is_person: bool) -> None:
    assert (sign_of(member, value, names_sample=names_sample) is not None) is is_person


def test_personal_findings_when_made_then_do_not_repeat_the_name(tmp_path: Path) -> None:
    for case in FORMATS:
        for defect in case.defects:
            if defect.code.endswith("-personal"):
                subject = inspect_bytes(tmp_path, defect.name or case.file, defect.content)
                assert not {"mkim", "Roe", "Minsu"} & set(
                    str(subject.findings).replace("\\", " ").replace(",", " ").split()
                )
