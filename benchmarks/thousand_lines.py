"""A bank of many small lines: time per line of a release, growth from 100 to 1,000 lines, index build, search, facets.

Everything is compared in the same run: a release with writing the same bytes durably (the disk's own limit), an index
with SQLite FTS5 over the same words (a peer from the standard library). Ratios are what counts; the machine is noisy.

    python benchmarks/thousand_lines.py [LINES]
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from catalog.bank import Bank, init_bank
from catalog.index import Index, Query, build_index, open_index
from catalog.settings import Settings
from catalog.vocabulary import open_vocabulary
from publish.releasing import ReleaseJob, release

ORIGINS = (("UBERON:0012168", "umbilical cord blood"), ("UBERON:0001088", "urine"), ("UBERON:0000014", "skin"))
QUERIES = ("cord", "EXMPi0", "induced pluripotent urine", "line 17", "nothing-of-this-name")
RECORD = """\
profile: line-1
line_id: {line}
aliases: [{{name: line {number} of the benchmark, kind: in-house}}]
line_type: iPSC
species: NCBITaxon:9606
clo: {{class: "CLO:0037308", status: parent-only}}
donor: {{donor_id: D{number}, sex: {sex}}}
origin: {{tissue: "{tissue}", label: {label}}}
derivation: {{lab: unknown, year: {year}}}
access: {{tier: open, approval: {{by: DAC, number: "1", date: 2021-02-01, scope: [rna-seq]}}}}
consent: {{duo: ["DUO:0000042"], irb: {{committee: IRB, approval_no: "1"}}}}
grade: research
availability: {{status: available}}
licence: CC0-1.0
data_kind: synthetic
"""
HEADER = "path,modality,role,format,mediatype,bytes,sha256,assembly,passage,replicate,sample_id,group,assay_id,accession,tier\n"


def make_lines(bank: Bank, count: int, chance: random.Random) -> None:
    """Writes line folders with a record, a small count matrix and a table of quality tests."""
    for number in range(count):
        line = f"EXMPi{number % 1000:03d}-{chr(65 + number // 1000)}"
        folder = bank.lines_folder / line
        (folder / "data/rna-seq").mkdir(parents=True)
        tissue, label = chance.choice(ORIGINS)
        sex = chance.choice(("female", "male", "unknown"))
        words = {
            "line": line,
            "number": number,
            "sex": sex,
            "tissue": tissue,
            "label": label,
            "year": 2010 + number % 15,
        }
        (folder / "line.yaml").write_text(RECORD.format(**words))
        genes = "".join(f"ENSG{gene:011d}\t{chance.randrange(500)}\n" for gene in range(1, 51))
        (folder / "data/rna-seq/counts.tsv").write_text(f"# synthetic\ngene_id\t{line}\n{genes}")
        (folder / "files.csv").write_text(
            f"{HEADER}data/rna-seq/counts.tsv,rna-seq,processed,counts-matrix,text/tab-separated-values,,,GRCh38,12,,,,,,\n"
        )
        (folder / "qc.csv").write_text(
            "test,class,verdict,performer_kind\nmycoplasma,sterility,pass,bank\nteratoma,pluripotency,not_done,bank\n"
        )


def make_bank(folder: Path, count: int) -> tuple[Bank, Settings]:
    settings = Settings(
        bank=None, key_file=None, config_folder=folder / "config", ontologies_folder=folder / "none", color=False
    )
    bank, _ = init_bank(folder / "bank", settings, title="Benchmark", base_iri="http://127.0.0.1/", publisher="Nobody")
    make_lines(bank, count, random.Random(1))
    return bank, settings


def seconds(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def write_durably(source: Path, target: Path) -> int:
    """The limit: every stored byte written once more, each file synced, and nothing else done."""
    total = 0
    for path in source.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            content = path.read_bytes()
            with copy.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            total += len(content)
    return total


def measure_release(folder: Path, count: int) -> tuple[Bank, float]:
    bank, settings = make_bank(folder, count)
    with open_vocabulary(settings.ontologies_folder) as vocabulary:
        job = ReleaseJob(bank=bank, settings=settings, vocabulary=vocabulary)
        first = seconds(lambda: release(job, "2026.11"))
        again = seconds(lambda: release(job, "2026.12"))
    limit = seconds(lambda: write_durably(bank.store_folder, folder / "copy"))
    print(
        f"release of {count:>5} lines: {first:6.1f} s, {1000 * first / count:5.1f} ms a line, "
        f"{first / limit:4.1f} x writing the same files durably ({limit:.1f} s); "
        f"again without a change: {again:5.1f} s"
    )
    return bank, first / count


def measure_search(bank: Bank) -> None:
    index = open_index(bank.index_folder, bank.settings.addresses)
    chance = random.Random(2)
    queries = [Query(text=text) for text in QUERIES]
    queries += [
        Query(facets={"sex": ("female",)}),
        Query(terms=("UBERON:0000178",)),
        Query(text="cord", facets={"year": ("2012",)}),
    ]
    for name, call in (("search", index.search), ("facets", index.facets)):
        times = [seconds(partial(call, chance.choice(queries))) for _ in range(200)]
        quantiles = statistics.quantiles(times, n=20)
        print(
            f"{name}: median {1000 * statistics.median(times):.1f} ms, p95 {1000 * quantiles[-1]:.1f} ms over 200 calls"
        )
    compare_with_sqlite(index)
    index.close()


def compare_with_sqlite(index: Index) -> None:
    """The same words in SQLite FTS5, the same facet as one GROUP BY over its hits."""
    rows = index.rows("SELECT p.id, p.title, p.description, p.sex FROM package p")
    peer = sqlite3.connect(":memory:")
    peer.execute("CREATE VIRTUAL TABLE package USING fts5(id, title, description, sex UNINDEXED)")
    peer.executemany("INSERT INTO package VALUES (?, ?, ?, ?)", rows)

    def ours() -> None:
        index.search(Query(text="cord"))
        index.facets(Query(text="cord"))

    def theirs() -> None:
        peer.execute("SELECT id FROM package WHERE package MATCH 'cord*' ORDER BY rank LIMIT 25").fetchall()
        for _ in range(10):
            peer.execute("SELECT sex, count(*) FROM package WHERE package MATCH 'cord*' GROUP BY sex").fetchall()

    mine = statistics.median(seconds(ours) for _ in range(30))
    other = statistics.median(seconds(theirs) for _ in range(30))
    print(
        f"a word with ten facets: {1000 * mine:.1f} ms, {mine / other:.1f} x SQLite FTS5 ({1000 * other:.1f} ms, one column a facet, no ontology)"
    )


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        _, small = measure_release(Path(folder) / "100", 100)
        bank, large = measure_release(Path(folder) / "large", largest)
        print(f"growth: a line of {largest} costs {large / small:.2f} x a line of 100")
        took = seconds(lambda: build_index(bank))
        size = sum(path.stat().st_size for path in bank.index_folder.glob("*.duckdb"))
        print(
            f"index of {largest} lines: {took:.1f} s, {1000 * took / largest:.1f} ms a line, {size / 1e6:.1f} MB in two generations"
        )
        reading = seconds(lambda: [json.loads(path.read_bytes()) for path in bank.store_folder.rglob("inventory.json")])
        print(f"  {took / reading:.1f} x reading the store's inventories alone ({reading:.1f} s)")
        measure_search(bank)


if __name__ == "__main__":
    main()
