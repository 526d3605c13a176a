from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog.findings import Level, Severity
from catalog.formats.inspect import inspect_file
from tests.builders import absent

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("FAIRLINE_SHARED", ROOT.parent / "shared")) / "corpus"
FOLDERS = ("vcf-4.1", "fastq")

_SAME_POS = "'It is permitted to have multiple records with the same POS' (VCFv4.1, 1.4.1): a wish of the bank"
_ORDER = "no sentence orders the keys; 'the order of fields should be ID, Number, Type, Description' (VCFv4.5, 1.4)"
_PEDIGREE = "'It is possible to record relationships ...': the characters of G0-ID are not defined (VCFv4.1, 1.2.9)"
_SAMPLE = "'It is possible to define sample to genome mappings as shown below' (VCFv4.1, 1.2.8): {}"
_RESERVED = (
    "'Arbitrary keys are permitted, although the following sub-fields are reserved (albeit optional)' (VCFv4.1, 1.4.1)"
)
_RESERVED_FORMAT = (
    "'there are several common, reserved keywords that are standards across the community' (VCFv4.1, 1.4.2)"
)
#: Files that only declare a reserved key with another Number or Type, and use it as they declare it.
_OTHERWISE_INFO = (5, 6, 8, 10, 12, 13, 18, 24, 26, 27, 29, 31, 33, 35, 37)
_OTHERWISE_FORMAT = (*range(5, 29), 30)

#: Files of the suite whose defect no *must*, grammar or type of the specification forbids.
NOT_FORBIDDEN = {
    "failed_body_duplicated_000.vcf": _SAME_POS,
    "failed_body_duplicated_001.vcf": _SAME_POS,
    "failed_body_duplicated_003.vcf": _SAME_POS,
    "failed_body_format_003.vcf": "'colon-separated alphanumeric String' (VCFv4.1, 1.4.2); underscores are named in VCFv4.3",
    "failed_meta_alt_004.vcf": _ORDER,
    "failed_meta_format_003.vcf": _ORDER,
    "failed_meta_info_003.vcf": _ORDER,
    "failed_meta_pedigree_000.vcf": _PEDIGREE,
    "failed_meta_pedigree_001.vcf": _PEDIGREE,
    "failed_meta_sample_000.vcf": _SAMPLE.format("no key of the line is required"),
    "failed_meta_sample_001.vcf": _SAMPLE.format("no value must be without quotes"),
    **{f"failed_meta_info_{number:03}.vcf": _RESERVED for number in _OTHERWISE_INFO},
    **{f"failed_meta_format_{number:03}.vcf": _RESERVED_FORMAT for number in _OTHERWISE_FORMAT},
}

#: The place that the name of a file promises, for a few of each kind.
PLACES = {
    "failed_body_contiguous_000.vcf": ("vcf-contig-split", 9, "CHROM"),
    "failed_body_format_002.vcf": ("vcf-gt-not-first", 4, "FORMAT/GT"),
    "failed_body_info_002.vcf": ("vcf-info-type", 4, "INFO/AC"),
    "failed_body_info_036.vcf": ("vcf-info-repeated", 8, "INFO/AC"),
    "failed_body_samples_ploidy_003.vcf": ("vcf-sample-number", 4, "FORMAT/PL"),
    "failed_body_unsorted_000.vcf": ("vcf-unsorted", 8, "POS"),
    "failed_header_001.vcf": ("vcf-header-line-columns", 2, "FORMAT"),
    "failed_meta_002.vcf": ("vcf-meta-grammar", 4, None),
    "failed_meta_format_004.vcf": ("vcf-meta-number", 3, "FORMAT/DP"),
    "failed_meta_info_020.vcf": ("vcf-flag-number", 3, "INFO/DP"),
    "failed_meta_info_030.vcf": ("vcf-info-range", 5, "INFO/NS"),
    "error_short_qual.fastq": ("fastq-length", 12, "quality"),
    "error_diff_ids.fastq": ("fastq-plus-differs", 11, "+"),
    "error_trunc_in_seq.fastq": ("fastq-truncated", 17, "name"),
}


def samples(verdict: str) -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (CORPUS / folder / verdict).glob("*"))


def errors(path: Path) -> set[tuple[str, int | None, str | int | None]]:
    subject = inspect_file(path, level=Level.SPEC)
    assert subject.format == ("fastq" if path.suffix == ".fastq" else "vcf")
    found = {(each.code, each.line, each.column) for each in subject.findings if each.severity is Severity.ERROR}
    assert subject.valid == (not found)
    return found


def test_corpus_when_looked_for_then_is_there() -> None:
    if not samples("passed"):
        absent(f"no samples in {CORPUS}")
    for folder in FOLDERS:
        assert list((CORPUS / folder / "passed").glob("*"))
        assert list((CORPUS / folder / "failed").glob("*"))
    assert {path.name for path in samples("failed")} >= NOT_FORBIDDEN.keys() | PLACES.keys()


@pytest.mark.parametrize("path", samples("passed"), ids=lambda path: path.name)
def test_sample_when_known_as_valid_then_has_no_error(path: Path) -> None:
    assert errors(path) == set()


@pytest.mark.parametrize("path", samples("failed"), ids=lambda path: path.name)
def test_sample_when_known_as_invalid_then_is_rejected_where_it_is_wrong(path: Path) -> None:
    found = errors(path)
    assert (found == set()) == (path.name in NOT_FORBIDDEN), NOT_FORBIDDEN.get(path.name)
    if path.name in PLACES:
        assert PLACES[path.name] in found
