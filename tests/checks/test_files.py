"""Files against files.csv, their groups and the record: one defect, one finding, at its file and column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.checks.files import CHECK, FILE_RULES
from catalog.checks.protocol import BankSubject
from catalog.findings import Subject
from catalog.model import BankSettings, FileRow, Publisher
from catalog.vocabulary import Vocabulary
from tests.builders import BASE_IRI, line_value, row, seen
from tests.checks.subjects import subject

PATH = "data/wes/a.vcf.gz"
MATES = ("data/wes/a_1.fastq.gz", "data/wes/a_2.fastq.gz")


def good(path: str = PATH, format_name: str = "vcf", **cells: Any) -> FileRow:
    """A row that agrees with :func:`tests.builders.seen`."""
    told = seen(path, format_name)
    return row(path, **{"modality": "wes", "format": format_name, "sha256": told.sha256, "bytes": told.bytes, **cells})


def found(
    vocabulary: Vocabulary, rows: list[FileRow], files: list[Subject], **changes: Any
) -> list[tuple[str, Any, Any, str]]:
    tables = changes.pop("tables", None)
    given = subject(vocabulary, line_value(rows, tables, **changes), files)
    return [(each.code, each.path, each.column, str(each.severity)) for each in CHECK.check_line(given)]


@pytest.mark.parametrize(
    ("cells", "facts", "wanted"),
    [
        pytest.param({}, {}, [], id="as it should be"),
        pytest.param({"sha256": "0" * 64}, {}, [("file-checksum", "sha256", "error")], id="other bytes"),
        pytest.param({"sha256": seen(PATH).sha256.upper()}, {}, [("file-checksum", "sha256", "error")], id="capitals"),  # type: ignore[union-attr]
        pytest.param({"sha256": seen(PATH).md5}, {}, [("file-checksum", "sha256", "error")], id="md5 for sha256"),
        pytest.param({"bytes": 777}, {}, [("file-size", "bytes", "error")], id="other size"),
        pytest.param({"bytes": None}, {}, [], id="no size"),
        pytest.param({"bytes": 777, "sha256": "0" * 64}, {}, [("file-checksum", "sha256", "error")], id="other size and bytes"),
        pytest.param({"sha256": ""}, {}, [("file-not-added", "sha256", "warning")], id="no checksum"),
        pytest.param({"format": "fastq"}, {}, [("file-format", "format", "error")], id="other format"),
        pytest.param({"format": ""}, {}, [], id="no format"),
        pytest.param({"modality": ""}, {}, [("file-modality", "modality", "warning")], id="no modality"),
        pytest.param({"modality": "", "role": "document"}, {}, [], id="document without modality"),
        pytest.param({"assembly": "GRCh37"}, {"assembly": "GRCh38"}, [("file-assembly", "assembly", "error")], id="other build"),
        pytest.param({"assembly": "GRCh38"}, {"assembly": "GRCh38"}, [], id="same build"),
        pytest.param({"assembly": "hg19"}, {"assembly": "GRCh37"}, [], id="another name of the build"),
        pytest.param({"assembly": "hg19"}, {"assembly": "GRCh38"}, [("file-assembly", "assembly", "error")], id="another name of another"),
        pytest.param({"assembly": "unknown"}, {"assembly": "GRCh38"}, [], id="build not stated"),
        pytest.param({"assembly": "GRCh38"}, {}, [], id="build not seen"),
        pytest.param({}, {"synthetic": True}, [("file-synthetic", "path", "error")], id="synthetic, not stated"),
        pytest.param({"assay_id": "w1"}, {}, [("file-assay", "assay_id", "error")], id="no such assay"),
    ],
)  # fmt: skip
def test_file_when_it_differs_from_its_row_then_a_finding_at_the_column(
    vocabulary: Vocabulary, cells: dict[str, Any], facts: dict[str, Any], wanted: list[tuple[str, str, str]]
) -> None:
    got = found(vocabulary, [good(**cells)], [seen(PATH, "vcf", **facts)])
    assert got == [(code, PATH, column, severity) for code, column, severity in wanted]


def test_file_when_the_record_says_synthetic_then_the_files_may_say_so(vocabulary: Vocabulary) -> None:
    assert found(vocabulary, [good()], [seen(PATH, "vcf", synthetic=True)], data_kind="synthetic") == []


def test_file_when_its_assay_is_in_the_table_then_no_finding(vocabulary: Vocabulary) -> None:
    tables = {"assays": "assay_id,modality\nw1,wes\n"}
    assert found(vocabulary, [good(assay_id="w1")], [seen(PATH, "vcf")], tables=tables) == []
    got = found(vocabulary, [good(assay_id="w2")], [seen(PATH, "vcf")], tables=tables)
    assert got == [("file-assay", PATH, "assay_id", "error")]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"passage": "p10+8", "assembly": "hg38"}, None),
        ({"passage": "", "assembly": "unknown"}, None),
        ({"passage": "soon", "assembly": "mine"}, None),
        ({"passage": "20"}, "passage"),
        ({"assembly": "GRCh37"}, "assembly"),
        ({"modality": "rna-seq"}, "modality"),
    ],
)
def test_file_when_its_row_and_its_assay_differ_then_a_warning_at_the_column(
    vocabulary: Vocabulary, cells: dict[str, str], column: str | None
) -> None:
    tables = {"assays": "assay_id,modality,passage,reference\nw1,wes,18,GRCh38\n"}
    got = found(vocabulary, [good(assay_id="w1", **cells)], [seen(PATH, "vcf")], tables=tables)
    assert got == ([] if column is None else [("file-unlike-assay", PATH, column, "warning")])


@pytest.mark.parametrize(
    "assay",
    [
        "w1,WES,,",
        "w1,wes,,hg19; lifted over to hg38",
        "w1,wes,,GRCh38 with chrY of T2T-CHM13",
        "w1,wes,,SQ.Ya6Rs7DHhDeg7YaOSg1EoNi3t2T_5Y3b",
        "w1,wes,,sha256:b37",
        "w1,wes,17,GRCh37\nw1,wes,18,GRCh37",
    ],
)
def test_file_when_its_assay_says_nothing_or_several_things_then_it_is_not_compared(
    vocabulary: Vocabulary, assay: str
) -> None:
    tables = {"assays": f"assay_id,modality,passage,reference\n{assay}\n"}
    row = good(assay_id="w1", passage="18", assembly="GRCh38")
    assert found(vocabulary, [row], [seen(PATH, "vcf")], tables=tables) == []


def test_file_when_it_could_not_be_read_then_it_is_not_compared(vocabulary: Vocabulary) -> None:
    unread = Subject(path=PATH, kind="file")
    assert found(vocabulary, [good(sha256="0" * 64, format="x", modality="")], [unread]) == []
    given = replace(subject(vocabulary, line_value([good(sha256="0" * 64)])), files={})
    assert list(CHECK.check_line(given)) == []


def mate(path: str, **cells: Any) -> FileRow:
    return good(path, "fastq", group="a", **cells)


def test_mates_when_one_is_missing_then_a_warning_and_groups_of_other_formats_are_not_pairs(
    vocabulary: Vocabulary,
) -> None:
    files = [seen(path, "fastq") for path in MATES]
    assert found(vocabulary, [mate(MATES[0])], files) == [("file-mate-missing", MATES[0], "group", "warning")]
    other = mate(MATES[1], modality="rna-seq")
    assert [each[0] for each in found(vocabulary, [mate(MATES[0]), other], files)] == ["file-mate-missing"] * 2
    assert found(vocabulary, [good(group="a")], [seen(PATH, "vcf")]) == []
    assert found(vocabulary, [mate(MATES[0])], [seen(MATES[0], "fastq", interleaved=True)]) == []


def test_rules_when_all_cases_are_taken_together_then_each_has_one() -> None:
    tested = {
        "file-checksum", "file-size", "file-not-added", "file-format", "file-modality", "file-mate-missing",
        "file-assembly", "file-synthetic", "file-assay", "file-unlike-assay",
        "file-of-another-line",
    }  # fmt: skip
    assert {rule.code for rule in FILE_RULES} == tested


def test_files_when_swapped_or_copied_between_lines_then_the_other_line_is_named(vocabulary: Vocabulary) -> None:
    first, second = seen(PATH, "vcf", b"first"), seen(PATH, "vcf", b"second")
    copied, bed, page = seen("c.vcf", "vcf", b"third"), seen("a.bed", "bed", b"targets"), seen("a.pdf", "pdf", b"page")
    common = [row("a.bed", role="processed"), row("a.pdf", role="document")]

    def line(line_id: str, stated: Subject, found: Subject, *more: str) -> Any:
        rows = [row(PATH, role="raw", sha256=stated.sha256), *common, *(row(each, role="processed") for each in more)]
        files = [replace(found, path=PATH), bed, page, copied]
        return subject(vocabulary, line_value(rows, line_id=line_id), files)

    lines = (
        line("KSCBi001-A", first, second),
        line("KSCBi002-A", second, first),
        line("KSCBi003-A", copied, copied),
        line("KSCBi005-A", replace(first, sha256=""), seen(PATH, "vcf", b"other"), "c.vcf"),
    )
    settings = BankSettings(profile="bank-1", title="x", base_iri=BASE_IRI, publisher=Publisher(name="x"))
    told = CHECK.check_bank(BankSubject(settings=settings, lines=lines))
    assert [(line_id, each.code, each.path, each.message.rpartition(" ")[2]) for line_id, each in told] == [
        ("KSCBi001-A", "file-of-another-line", PATH, "KSCBi002-A"),
        ("KSCBi002-A", "file-of-another-line", PATH, "KSCBi001-A"),
        ("KSCBi003-A", "file-of-another-line", PATH, "KSCBi005-A"),
        ("KSCBi005-A", "file-of-another-line", "c.vcf", "KSCBi003-A"),
    ]
