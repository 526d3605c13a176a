"""The data files: valid under the bank's rules, plausible, marked as synthetic, and the same at every build."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from catalog.findings import Level, Subject
from catalog.formats.inspect import inspect_file
from catalog.formats.protocol import Declared
from publish.demo.files import DataFile, data_files
from publish.demo.published import PublishedLine, published_lines

LINES = {line.line_id: line for line in published_lines()}
#: Four modalities twice measured, four measured once by a donor of unknown sex, the array of a female donor, and nothing.
SAMPLE = ("KSCBi002-B", "KSCBi005-A", "KSCBi003-A", "SNUhES4")


def files_of(line_id: str) -> dict[str, DataFile]:
    """The files of a line by what stands behind ``synthetic`` in their names."""
    return {each.path.partition(".synthetic.")[2]: each for each in data_files(LINES[line_id])}


def inspect(each: DataFile, line: PublishedLine, folder: Path) -> Subject:
    path = folder / each.path.rsplit("/", 1)[-1]
    path.write_bytes(each.content)
    declared = Declared(
        modality=each.cells["modality"],
        assembly=each.cells.get("assembly", ""),
        sample_id=each.cells["sample_id"],
        line_id=line.line_id,
        synthetic=True,
    )
    return inspect_file(path, level=Level.BANK, declared=declared)


@pytest.mark.parametrize("line_id", SAMPLE)
def test_files_when_inspected_by_the_banks_rules_then_have_no_findings(line_id: str, tmp_path: Path) -> None:
    for each in data_files(LINES[line_id]):
        subject = inspect(each, LINES[line_id], tmp_path)
        assert subject.findings == (), each.path
        assert subject.facts.get("assembly", each.cells.get("assembly", "")) == each.cells.get("assembly", "")
        # Bismark's format has no place for the word; there it stands in the gzip header and in the name.
        assert subject.facts.get("synthetic", False) is (subject.format != "bismark-cov")


def test_files_when_listed_then_are_what_the_table_names() -> None:
    pair = ["{}_R1.fastq.gz", "{}_R2.fastq.gz"]
    one = ["CEL", "snp.GRCh37.vcf.gz", *(name.format("wes") for name in pair), "wes.GRCh38.vcf.gz"]
    matrices = ["rna.counts.tsv", "rna.tpm.tsv", "methyl.bismark.cov.gz"]
    first, second = ([name.format(f"rna.rep{n}") for name in pair] for n in (1, 2))
    assert list(files_of("KSCBi005-A")) == [*one, *first, *matrices]
    assert list(files_of("KSCBi002-B")) == [*one, *first, *second, *matrices]
    assert list(files_of("KSCBi003-A")) == one[:2]
    assert files_of("SNUhES4") == {}


def test_files_when_made_twice_then_are_equal_byte_for_byte() -> None:
    assert files_of("KSCBi002-B") == files_of("KSCBi002-B")


@pytest.mark.parametrize("line_id", SAMPLE)
def test_files_when_made_then_say_synthetic_in_header_and_name(line_id: str) -> None:
    for each in data_files(LINES[line_id]):
        head = each.content[:4096]
        if each.path.endswith(".vcf.gz"):
            head = gzip.decompress(each.content)[:4096]
        text = head.replace(b"\0", b"")  # a CEL file writes two bytes a letter
        assert b"synthetic" in text, each.path
        assert b"no person's data" in text, each.path


def test_cells_when_read_then_hold_passage_accession_and_build() -> None:
    files = files_of("KSCBi0017-A")
    assert {each.cells["passage"] for each in files.values()} == {"26"}
    assert {each.cells["accession"] for each in files.values() if each.cells["modality"] == "snp-array"} == {
        "GSE163134"
    }
    assert {each.cells["accession"] for each in files.values() if each.cells["modality"] != "snp-array"} == {
        "PRJNA685393"
    }
    builds = {name: each.cells["assembly"] for name, each in files.items() if "assembly" in each.cells}
    assert builds == {
        "snp.GRCh37.vcf.gz": "GRCh37",
        "wes.GRCh38.vcf.gz": "GRCh38",
        "rna.counts.tsv": "GRCh37",
        "rna.tpm.tsv": "GRCh37",
        "methyl.bismark.cov.gz": "unknown",
    }


def read_names(content: bytes) -> list[str]:
    lines = gzip.decompress(content).decode().splitlines()
    return [line.split(" ")[0] for line in lines[0::4]]


def test_reads_when_paired_then_have_names_with_line_and_word_in_one_order() -> None:
    files = files_of("KSCBi002-B")
    seen = set()
    for stem in ("wes", "rna.rep1", "rna.rep2"):
        first, second = (read_names(files[f"{stem}_R{mate}.fastq.gz"].content) for mate in (1, 2))
        assert first == second
        assert len(set(first)) == len(first) == 1500
        assert all(name.startswith("@synthetic:KSCBi002-B:") for name in first)
        seen |= {files[f"{stem}_R{mate}.fastq.gz"].content for mate in (1, 2)}
    assert len(seen) == 6


def columns(content: bytes) -> dict[str, dict[str, float]]:
    """A matrix: value by gene, by sample."""
    lines = [line.split("\t") for line in content.decode().splitlines() if not line.startswith("#")]
    header, *rows = lines
    return {name: {row[0]: float(row[at]) for row in rows} for at, name in enumerate(header) if at}


@pytest.mark.parametrize(
    ("line_id", "samples"),
    [("KSCBi002-B", ["KSCBi002-B.rep1", "KSCBi002-B.rep2"]), ("KSCBi005-A", ["KSCBi005-A"])],
)
def test_matrices_when_read_then_are_those_of_pluripotent_cells(line_id: str, samples: list[str]) -> None:
    files = files_of(line_id)
    counts, tpm = columns(files["rna.counts.tsv"].content), columns(files["rna.tpm.tsv"].content)
    assert list(counts) == list(tpm) == samples
    for sample in samples:
        assert len(counts[sample]) == 2000
        assert sum(tpm[sample].values()) == pytest.approx(1_000_000, abs=0.1)
        assert all(tpm[sample][gene] > 100 for gene in ("POU5F1", "NANOG", "SOX2", "LIN28A"))
        assert {gene for gene in counts[sample] if not counts[sample][gene]} == {
            gene for gene in tpm[sample] if not tpm[sample][gene]
        }


def test_matrices_when_the_sex_is_unknown_then_tell_none_and_say_so() -> None:
    male, unknown = (files_of(line_id)["rna.counts.tsv"].content for line_id in ("KSCBi002-B", "KSCBi005-A"))
    assert all(column["RPS4Y1"] > 1000 and column["XIST"] == 0 for column in columns(male).values())
    assert all(column["RPS4Y1"] == 0 and column["XIST"] == 0 for column in columns(unknown).values())
    assert b"sex is not known" in unknown
    assert b"sex is not known" not in male


def test_replicates_when_compared_then_are_alike_but_not_equal() -> None:
    counts = columns(files_of("KSCBi002-B")["rna.counts.tsv"].content)
    first, second = counts.values()
    assert first != second
    close = [abs(first[gene] - second[gene]) < 0.5 * (first[gene] + second[gene]) for gene in first if first[gene] > 50]
    assert all(close)


def test_coverage_when_read_then_is_sorted_on_autosomes_with_a_gzip_comment() -> None:
    content = files_of("KSCBi005-A")["methyl.bismark.cov.gz"].content
    with gzip.open(io.BytesIO(content), "rt") as stream:
        rows = [line.rstrip("\n").split("\t") for line in stream]
    places = [(int(row[0].removeprefix("chr")), int(row[1])) for row in rows]
    assert places == sorted(set(places))
    assert {row[1] == row[2] for row in rows} == {True}
    assert 3500 < len(rows) < 4000
    assert content[10:20] == b"synthetic:"
