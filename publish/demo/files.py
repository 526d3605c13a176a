"""The data files of a published line: which there are, what is in them, and what ``files.csv`` says of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from publish.demo.arrays import array_cel
from publish.demo.expression import matrices
from publish.demo.genome import GRCH37, GRCH38
from publish.demo.methylation import coverage
from publish.demo.published import PublishedLine
from publish.demo.reads import Run, read_pair
from publish.demo.records import SEQUENCING_ACCESSION, SNP_ACCESSION
from publish.demo.sheets import assay_id
from publish.demo.variants import array_vcf, exome_vcf


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One file: its path in the line's folder, its bytes, and the cells that only whoever made it knows."""

    path: str
    content: bytes
    cells: Mapping[str, str]


def data_files(line: PublishedLine) -> Iterator[DataFile]:
    """The files of a line, one at a time; none where the table names no data."""
    makers = {"snp-array": _array, "wes": _exome, "rna-seq": _expression, "methyl-seq": _methylation}
    for modality in line.modalities:
        yield from makers[modality](line)


def _file(line: PublishedLine, modality: str, suffix: str, content: bytes, **cells: str) -> DataFile:
    """A file whose name says that it is synthetic, as its header and the record do."""
    shared = {
        "modality": modality,
        "passage": line.ngs_passage,
        "sample_id": line.line_id,
        "assay_id": assay_id(modality),
        "accession": SNP_ACCESSION if modality == "snp-array" else SEQUENCING_ACCESSION,
    }
    path = f"data/{modality}/{line.line_id}.synthetic.{suffix}"
    return DataFile(path=path, content=content, cells={**shared, **cells})


def _array(line: PublishedLine) -> Iterator[DataFile]:
    yield _file(line, "snp-array", "CEL", array_cel(line.line_id))
    yield _file(line, "snp-array", "snp.GRCh37.vcf.gz", array_vcf(line.line_id, line.donor), assembly=GRCH37)


def _exome(line: PublishedLine) -> Iterator[DataFile]:
    for mate, content in enumerate(read_pair(Run(line_id=line.line_id, modality="wes")), start=1):
        yield _file(line, "wes", f"wes_R{mate}.fastq.gz", content)
    yield _file(line, "wes", "wes.GRCh38.vcf.gz", exome_vcf(line.line_id, line.donor), assembly=GRCH38)


def _expression(line: PublishedLine) -> Iterator[DataFile]:
    for number in range(1, line.rna_replicates + 1):
        run = Run(line_id=line.line_id, modality="rna-seq", replicate=number)
        for mate, content in enumerate(read_pair(run), start=1):
            yield _file(line, "rna-seq", f"rna.rep{number}_R{mate}.fastq.gz", content, replicate=str(number))
    several = line.rna_replicates > 1
    samples = [f"{line.line_id}.rep{n}" for n in range(1, line.rna_replicates + 1)] if several else [line.line_id]
    made = matrices(line.line_id, line.donor, samples)
    # With several columns no single sample can be named; each column starts with the line's name.
    sample = {"sample_id": ""} if several else {}
    yield _file(line, "rna-seq", "rna.counts.tsv", made.counts, assembly=GRCH37, **sample)
    yield _file(line, "rna-seq", "rna.tpm.tsv", made.tpm, assembly=GRCH37, **sample)


def _methylation(line: PublishedLine) -> Iterator[DataFile]:
    content = coverage(line.line_id)
    yield _file(line, "methyl-seq", "methyl.bismark.cov.gz", content, assembly="unknown")
