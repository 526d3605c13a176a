"""VCF files of the demo: calls of the SNP array in GRCh37 and of the exome in GRCh38, BGZF-compressed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publish.demo.compression import bgzf_file
from publish.demo.disclosure import GENERATED
from publish.demo.genome import CHROMOSOMES, GRCH37, GRCH38, LENGTHS, Genotype, Site, genotypes, panel
from publish.demo.published import Donor
from publish.demo.seeds import generator

_SITES = "positions, alleles and frequencies of the sites are made up; REF need not be the base of the reference"
_NO_X = "the donor's sex is not known: nothing is called on chromosome X"
_MISSING = "./."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assay:
    """How an assay writes its calls."""

    name: str
    build: str
    prefix: str
    meta: Sequence[str]


_ARRAY = _Assay(
    name="snp-array",
    build=GRCH37,
    prefix="",
    meta=(
        '##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency of ALT, made up">',
        '##INFO=<ID=PROBE,Number=1,Type=String,Description="Probe set, made up">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=BAF,Number=1,Type=Float,Description="B allele frequency (share of ALT)">',
        '##FORMAT=<ID=LRR,Number=1,Type=Float,Description="Log R ratio">',
    ),
)
_EXOME = _Assay(
    name="wes",
    build=GRCH38,
    prefix="chr",
    meta=(
        '##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency of ALT, made up">',
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="Reads at the site">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads of the sample">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
    ),
)


def array_vcf(line_id: str, donor: Donor) -> bytes:
    """The calls of the SNP array, with the share of ALT and the log R ratio that such calls have."""
    draw = generator(line_id, "snp-array", "calls")
    called = genotypes(donor)
    sites = [site for site in panel() if site.on_array]
    rows = [_row(_ARRAY, site, *_array_cells(site, called[site.name], draw)) for site in sites]
    return _file(_ARRAY, line_id, donor, rows)


def exome_vcf(line_id: str, donor: Donor) -> bytes:
    """The calls of the exome at every site of its targets, with reads."""
    draw = generator(line_id, "wes", "calls")
    called = genotypes(donor)
    sites = [site for site in panel() if site.in_exome]
    rows = [_row(_EXOME, site, *_exome_cells(site, called[site.name], draw)) for site in sites]
    return _file(_EXOME, line_id, donor, rows)


def _file(assay: _Assay, line_id: str, donor: Donor, rows: Sequence[str]) -> bytes:
    lines = [*_header(assay, line_id, donor), *rows]
    return bgzf_file(("\n".join(lines) + "\n").encode())


def _header(assay: _Assay, line_id: str, donor: Donor) -> Iterator[str]:
    yield "##fileformat=VCFv4.3"
    yield "##source=fairline demo"
    yield f"##reference={assay.build}"
    yield f"##synthetic={GENERATED}"
    yield f"##synthetic_sites={_SITES}"
    if donor.sex == "unknown":
        yield f"##synthetic_x={_NO_X}"
    yield '##FILTER=<ID=PASS,Description="All filters passed">'
    yield from assay.meta
    for name in CHROMOSOMES:
        yield f"##contig=<ID={assay.prefix}{name},length={LENGTHS[assay.build][name]},assembly={assay.build}>"
    yield "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", line_id))


def _row(assay: _Assay, site: Site, quality: str, info: str, keys: str, sample: str) -> str:
    chromosome, position = f"{assay.prefix}{site.chromosome}", str(site.positions[assay.build])
    return "\t".join((chromosome, position, site.name, site.ref, site.alt, quality, "PASS", info, keys, sample))


def _array_cells(site: Site, genotype: Genotype, draw: random.Random) -> tuple[str, str, str, str]:
    info, keys = f"AF={site.frequency};PROBE=SYN-{site.name[3:]}", "GT:BAF:LRR"
    if genotype is None:
        return ".", info, keys, f"{_MISSING}:.:."
    share = min(max(draw.gauss(sum(genotype) / 2, 0.025), 0.0), 1.0)
    return ".", info, keys, f"{_shown(genotype)}:{share:.3f}:{draw.gauss(0, 0.12):.3f}"


def _exome_cells(site: Site, genotype: Genotype, draw: random.Random) -> tuple[str, str, str, str]:
    keys = "GT:AD:DP:GQ"
    if genotype is None:
        return ".", f"AF={site.frequency};DP=0", keys, f"{_MISSING}:.:.:."
    depth = max(12, round(draw.gauss(62, 15)))
    alt = {0: 0, 2: depth}.get(sum(genotype), round(depth * min(max(draw.gauss(0.5, 0.06), 0.3), 0.7)))
    quality = "." if alt == 0 else f"{min(29.7 * alt, 4000):.1f}"
    sample = f"{_shown(genotype)}:{depth - alt},{alt}:{depth}:{99 if depth > 20 else 3 * depth}"
    return quality, f"AF={site.frequency};DP={depth}", keys, sample


def _shown(genotype: tuple[int, int]) -> str:
    return f"{genotype[0]}/{genotype[1]}"
