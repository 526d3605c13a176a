"""What the cases cannot say of CHP and ARR files: facts and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
import pytest

from catalog.formats.inspect import sniff_bytes
from tests.formats.affymetrix_files import cychp_groups, genotype_table
from tests.formats.cases_affymetrix import CHP, SAMPLE, WHOLE
from tests.formats.cases_cel import VALID as CEL
from tests.formats.defects import inspect_bytes


def test_cychp_when_read_then_header_metrics_calls_and_sex_become_facts(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "a.cychp", CHP)
    ratios = numpy.array([row[3] for row in cychp_groups()[1][1][0].rows], "f4")
    facts: dict[str, Any] = dict(subject.facts)
    assert sum(facts.pop("lrr_histogram")) == int(numpy.isfinite(ratios).sum())
    assert facts.pop("log2_ratio_sd") == pytest.approx(float(numpy.nanstd(ratios, ddof=1)), abs=1e-4)
    calls = numpy.array([row[1] for row in cychp_groups()[4][1][0].rows])
    called = numpy.isin(calls, (6, 7, 8))
    assert facts == {
        "identifier": "affymetrix-multi-data-type-analysis",
        "chip_type": "CytoScanHD_Array",
        "file_guid": "0000-chp",
        "parent_guids": ["0000-cel", "0000-scan", "0000-array"],
        "created": "2021-05-05T10:11:12Z",
        "scan_date": "2021-05-04T09:00:00Z",
        "algorithm": "CYTO2",
        "algorithm_version": "1.17.0",
        "software": "ChAS 5.0",
        "samples": 1,
        "data_sets": {"Summary": 2, "CopyNumber": 24, "MarkerABSignal": 24, "CN": 1, "Calls": 12},
        "probes": 24,
        "call_rate": round(float(called.mean()), 4),
        "het_rate": round(float((calls == 8).sum() / called.sum()), 4),
        "mapd": 0.18,
        "snp_qc": 16.5,
        "waviness_sd": 0.09,
        "sex_evidence": {
            "stated": "F",
            "chr_x_heterozygosity": round(float((calls[6:] == 8).sum() / called[6:].sum()), 4),
        },
        "assembly": "GRCh37",
    }
    evidence: Mapping[str, Any] = subject.evidence
    assert list(evidence["chromosomes"]) == ([1] * 12 + [23] * 12)
    assert list(evidence["indexes"]) == list(range(0, 24, 2))
    assert evidence["scans"] == ["0000-cel"]
    assert evidence["arrays"] == ["0000-array", "@5500123456"]


def test_genotypes_when_read_then_the_calls_are_evidence(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "a.chp", WHOLE)
    evidence: Mapping[str, Any] = subject.evidence
    expected = [{6: 1, 8: 2, 7: 3}.get(int(str(row[1])), 0) for row in genotype_table().rows]
    assert list(evidence["calls"]) == expected
    assert subject.facts["data_sets"] == {"Genotype": 10}


@pytest.mark.parametrize(
    ("name", "content", "format_name"),
    [("scan.bin", CEL, "cel"), ("a.bin", CHP, "chp"), ("b.txt", SAMPLE.encode(), "arr")],
)
def test_file_when_named_otherwise_then_its_content_says_what_it_is(
    name: str, content: bytes, format_name: str
) -> None:
    found = sniff_bytes(name, content)
    assert found is not None
    assert found.name == format_name


def test_sample_file_when_read_then_arrays_and_attributes_are_told(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "a.ARR", SAMPLE.encode())
    assert subject.facts == {
        "file_guid": "0000065535-1237932374",
        "version": "1.0",
        "created": "2021-05-03T08:00:00Z",
        "samples": 1,
        "arrays": 1,
        "chip_types": ["CytoScanHD_Array.MASTER"],
        "attributes": ["Passage"],
    }
    assert subject.evidence == {
        "identifiers": ["0000065535-1237932374", "0000065535-0000000001", "@5500123456"],
        "sample_names": ["chip-7"],
    }
