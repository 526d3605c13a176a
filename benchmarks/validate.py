"""Validating large files: the share of the decompression limit that findings, facts and both hashes leave, beside peers.

Inputs are made once, from seeds, at least 100 MB compressed each, and kept in FAIRLINE_BENCH_DIR (default: the system's
folder for temporary files). The limit is ``igzip -t`` on the same file, or the decompressor of python-isal where that
program is absent. fairline is measured warm: a process has validated the file once, as a worker that goes through a bank
has loaded the compiled code of a kind with its first file; how long that took is told as well. Limit, validation, and
validation with derived tables take turns, and the medians are compared.

    python benchmarks/validate.py [KIND...]     fastq vcf1 vcf100 cov bedmethyl bam typed cold
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FOLDER = Path(os.environ.get("FAIRLINE_BENCH_DIR", Path(tempfile.gettempdir()) / "fairline-bench"))
ROUNDS = 5
GOALS = {"fastq": 0.60, "cov": 0.60, "vcf1": 0.60, "bam": 0.90, "bedmethyl": 0.50, "vcf100": 0.35}
FORMATS = {
    "fastq": "fastq",
    "cov": "bismark-cov",
    "vcf1": "vcf",
    "bam": "bam",
    "bedmethyl": "bedmethyl",
    "vcf100": "vcf",
}
WITH_TABLES = ("vcf1", "vcf100", "cov", "bedmethyl")
#: Published rate of the one strict VCF validator, in decompressed MB a second (knowledge of the design).
STRICT_VALIDATOR_MB_PER_SECOND = 7.0
BASES = "ACGT"


def fastq_lines(chance: random.Random, count: int) -> Iterator[bytes]:
    genome = "".join(chance.choices(BASES, k=1 << 20))
    qualities = ["".join(chance.choices("F:,#", weights=(85, 8, 6, 1), k=150)) for _ in range(4096)]
    for number in range(count):
        at = chance.randrange(len(genome) - 150)
        name = f"A00123:45:HXXXXDSXX:1:{1101 + number // 50000}:{chance.randrange(32768)}:{number}"
        yield f"@{name} 1:N:0:ACGTACGT\n{genome[at : at + 150]}\n+\n{chance.choice(qualities)}\n".encode()


VCF_HEADER = """\
##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##FILTER=<ID=LowQual,Description="Low quality">
##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count">
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">
##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping quality">
##INFO=<ID=QD,Number=1,Type=Float,Description="Quality by depth">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths of alleles">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
##contig=<ID=chr1,length=248956422>
##contig=<ID=chr2,length=242193529>
"""


def vcf_lines(chance: random.Random, count: int, samples: int) -> Iterator[bytes]:
    names = "\t".join(f"EXMPi{number:03d}-A" for number in range(samples))
    yield f"{VCF_HEADER}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n".encode()
    calls = []
    for _ in range(20000):
        depth = chance.randrange(5, 90)
        second = chance.randrange(depth)
        genotype = chance.choice(("0/0", "0/1", "1/1"))
        likely = ",".join(str(chance.randrange(1500)) for _ in range(3))
        calls.append(f"{genotype}:{depth - second},{second}:{depth}:{chance.randrange(99)}:{likely}")
    position = 10000
    for number in range(count):
        if number == count // 2:
            position = 10000
        position += chance.randrange(1, 150)
        reference, other = chance.sample(BASES, 2)
        depth = chance.randrange(20, 120) * samples
        info = f"AC={chance.randrange(1, 2 * samples + 1)};AF={chance.random():.3f};AN={2 * samples};DP={depth};MQ={chance.randrange(4000, 6000) / 100};QD={chance.randrange(3000) / 100}"
        chromosome = "chr1" if number < count // 2 else "chr2"
        identifier = f"rs{chance.randrange(10**9)}" if chance.random() < 0.8 else "."
        several = "\t".join(chance.choices(calls, k=samples))
        yield f"{chromosome}\t{position}\t{identifier}\t{reference}\t{other}\t{chance.randrange(3000, 300000) / 100}\tPASS\t{info}\tGT:AD:DP:GQ:PL\t{several}\n".encode()


def cov_lines(chance: random.Random, count: int) -> Iterator[bytes]:
    position = 10000
    for number in range(count):
        if number == count // 2:
            position = 10000
        position += chance.randrange(2, 25)
        methylated, other = chance.randrange(40), chance.randrange(1, 25)
        percent = f"{100 * methylated / (methylated + other):.6f}".rstrip("0").rstrip(".")
        chromosome = "chr1" if number < count // 2 else "chr2"
        yield f"{chromosome}\t{position}\t{position}\t{percent}\t{methylated}\t{other}\n".encode()


def bedmethyl_lines(chance: random.Random, count: int) -> Iterator[bytes]:
    start = 10000
    for number in range(count):
        if number == count // 2:
            start = 10000
        start += chance.randrange(2, 45)
        modified, other = chance.randrange(40), chance.randrange(1, 25)
        canonical = other - chance.randrange(other) // 3
        valid = modified + other
        chromosome = "chr1" if number < count // 2 else "chr2"
        yield (
            f"{chromosome}\t{start}\t{start + 1}\tm\t{min(valid, 1000)}\t{chance.choice('+-')}\t{start}\t{start + 1}\t255,0,0\t"
            f"{valid}\t{100 * modified / valid:.2f}\t{modified}\t{canonical}\t{other - canonical}\t{chance.randrange(3)}\t"
            f"{chance.randrange(3)}\t{chance.randrange(4)}\t{chance.randrange(2)}\n"
        ).encode()


def write_bam(path: Path, chance: random.Random, count: int) -> None:
    import pysam

    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": 248956422}, {"SN": "chr2", "LN": 242193529}], "RG": [{"ID": "a", "SM": "EXMPi001-A"}]}  # fmt: skip
    genome = "".join(chance.choices(BASES, k=1 << 20))
    qualities = [bytes(chance.choices((37, 25, 11, 2), weights=(85, 8, 6, 1), k=150)) for _ in range(4096)]
    with pysam.AlignmentFile(str(path), "wb", header=header) as stream:
        position = 10000
        for number in range(count):
            if number == count // 2:
                position = 10000
            position += chance.randrange(60)
            at = chance.randrange(len(genome) - 150)
            read = pysam.AlignedSegment()
            read.query_name = f"A00123:45:HXXXXDSXX:1:{1101 + number // 50000}:{chance.randrange(32768)}:{number}"
            read.flag = 16 if number & 1 else 0
            read.reference_id = 0 if number < count // 2 else 1
            read.reference_start = position
            read.mapping_quality = 60
            read.cigartuples = [(0, 150)] if chance.random() < 0.9 else [(4, 10), (0, 140)]
            read.query_sequence = genome[at : at + 150]
            read.query_qualities = chance.choice(qualities)  # type: ignore[assignment]
            read.set_tags([("NM", chance.randrange(4), "i"), ("MD", "150", "Z"), ("AS", 140, "i"), ("XS", chance.randrange(140), "i"), ("RG", "a", "Z")])  # fmt: skip
            stream.write(read)


def write_lines(path: Path, lines: Iterator[bytes], *, is_bgzf: bool) -> None:
    """Compresses lines, in BGZF or as one gzip member at zlib's usual level."""
    import gzip

    import pysam

    stream: Any = pysam.BGZFile(str(path), "wb") if is_bgzf else gzip.open(path, "wb", compresslevel=6)  # noqa: SIM115  # closed below
    with stream:
        waiting: list[bytes] = []
        for line in lines:
            waiting.append(line)
            if len(waiting) == 5000:
                stream.write(b"".join(waiting))
                waiting = []
        stream.write(b"".join(waiting))


#: For each kind: the file's name, how many records make 100 MB compressed, and how it is written.
KINDS: dict[str, tuple[str, int, Callable[[Path, random.Random, int], None]]] = {
    "fastq": ("reads.fastq.gz", 1_450_000, lambda path, chance, count: write_lines(path, fastq_lines(chance, count), is_bgzf=False)),
    "vcf1": ("one.vcf.gz", 2_600_000, lambda path, chance, count: write_lines(path, vcf_lines(chance, count, 1), is_bgzf=True)),
    "vcf100": ("hundred.vcf.gz", 145_000, lambda path, chance, count: write_lines(path, vcf_lines(chance, count, 100), is_bgzf=True)),
    "cov": ("sites.bismark.cov.gz", 12_500_000, lambda path, chance, count: write_lines(path, cov_lines(chance, count), is_bgzf=False)),
    "bedmethyl": ("sites.bedmethyl.gz", 5_500_000, lambda path, chance, count: write_lines(path, bedmethyl_lines(chance, count), is_bgzf=True)),
    "bam": ("reads.bam", 1_200_000, write_bam),
}  # fmt: skip


def input_of(kind: str, *, small: bool = False) -> Path:
    """The file of a kind, made when it is not there."""
    name, count, write = KINDS[kind]
    path = FOLDER / ("small" if small else "large") / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        print(f"making {path.name} ...", file=sys.stderr)
        temporary = path.with_name(f"making-{path.name}")
        write(temporary, random.Random(1), 2000 if small else count)
        temporary.rename(path)
    return path


#: Validates the file once, so that all compiled code of its kind is loaded, then each time a line comes in; prints
#: seconds and the highest memory as JSON.
CHILD = """\
import json, re, sys, time
from pathlib import Path
from catalog.findings import Level
from catalog.formats.inspect import Manner, inspect_file
path, tables = Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None
def validate():
    for old in tables.glob("*.parquet") if tables else ():  # a table that is replaced costs its removal
        old.unlink()
    began, used = time.perf_counter(), time.process_time()
    subject = inspect_file(path, level=Level.BANK, manner=Manner(is_fast=True, tables=tables))
    took = time.perf_counter() - began
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
    print(json.dumps({"seconds": took, "used": time.process_time() - used, "peak": peak, "valid": subject.valid,
                      "format": subject.format, "findings": [f.code for f in subject.findings]}), flush=True)
validate()
for _ in sys.stdin:
    validate()
"""


class Worker:
    """A process that validates one file again and again, as a worker that goes through a bank is warm."""

    def __init__(self, kind: str, tables: str = "") -> None:
        arguments = [sys.executable, "-c", CHILD, str(input_of(kind)), tables]
        self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self._kind = kind
        self.first = self._answer()
        self.seconds: list[float] = []
        self.used: list[float] = []
        self.peak = 0.0

    def _answer(self) -> float:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        if not found["valid"] or found["format"] != FORMATS[self._kind]:
            raise SystemExit(f"{self._kind}: {found}")
        self._last = found
        return float(found["seconds"])

    def measure(self) -> None:
        """One more time."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.seconds.append(self._answer())
        self.used.append(self._last["used"])
        self.peak = max(self.peak, self._last["peak"])

    def end(self) -> None:
        """It is not needed any more."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def seconds_of(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def limit_command(path: Path) -> list[str]:
    if shutil.which("igzip"):
        if path.suffix != ".gz":  # it refuses other names
            link = path.with_name(f"{path.name}.gz")
            if not link.exists():
                link.hardlink_to(path)
            path = link
        return ["igzip", "-t", str(path)]
    program = "import sys; from isal import igzip\nwith igzip.open(sys.argv[1]) as s:\n    while s.read(1 << 20): pass"
    return [sys.executable, "-c", program, str(path)]


def raw_bytes(path: Path) -> int:
    from isal import igzip

    with igzip.open(path) as stream:
        return sum(len(block) for block in iter(lambda: stream.read(1 << 20), b""))


def peers(kind: str, path: Path) -> dict[str, list[str]]:
    """What other programs on this machine would be asked."""
    wanted = {
        "fastq": {"seqkit stats": ["seqkit", "stats", "-j", "2", str(path)]},
        "vcf1": {"bcftools view": ["bcftools", "view", "-Ov", str(path)]},
        "vcf100": {"bcftools view": ["bcftools", "view", "-Ov", str(path)]},
        "bam": {
            "samtools view -c": ["samtools", "view", "-c", str(path)],
            "picard ValidateSamFile": ["PicardCommandLine", "ValidateSamFile", f"I={path}", "IGNORE=MISSING_TAG_NM"],
        },
    }.get(kind, {})
    return {name: command for name, command in wanted.items() if shutil.which(command[0])}


def measure(kind: str) -> None:
    path = input_of(kind)
    size, raw = path.stat().st_size, raw_bytes(path)
    limits = []
    with tempfile.TemporaryDirectory() as folder:
        plain = Worker(kind)
        workers = [plain, Worker(kind, folder)] if kind in WITH_TABLES else [plain]
        for _ in range(ROUNDS):
            limits.append(seconds_of(limit_command(path)))
            for worker in workers:
                worker.measure()
        for worker in workers:
            worker.end()
    limit, took = statistics.median(limits), statistics.median(plain.seconds)
    best = min(limits) / min(plain.seconds)
    goal = GOALS[kind]
    print(
        f"{kind}: {size / 1e6:.0f} MB, {raw / 1e6:.0f} MB raw; limit {limit:.2f} s; fairline {took:.2f} s "
        f"({raw / took / 1e6:.0f} MB/s raw): {limit / took:.2f} of the limit (goal {goal:.2f}; best of each {best:.2f}); {plain.peak:.0f} MB of memory; "
        f"{statistics.median(plain.used):.2f} s of processors; first file of a process {plain.first:.2f} s"
    )
    for worker in workers[1:]:
        both = statistics.median(worker.seconds)
        print(
            f"  with Parquet: {both:.2f} s: {limit / both:.2f} of the limit (goal {0.6 * goal:.2f}; best of each {min(limits) / min(worker.seconds):.2f}); {worker.peak:.0f} MB of "
            f"memory; {statistics.median(worker.used):.2f} s of processors"
        )
    if kind.startswith("vcf"):
        print(f"  {raw / took / 1e6 / STRICT_VALIDATOR_MB_PER_SECOND:.0f} x the strict validator's published rate")
    for name, command in peers(kind, path).items():
        theirs = seconds_of(command)
        print(f"  {name}: {theirs:.2f} s; fairline is {theirs / took:.1f} x as fast")


def measure_typed() -> None:
    """A typed table of 100,000 rows beside frictionless."""
    path = FOLDER / "typed.bismark.cov"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(cov_lines(random.Random(2), 100_000)))
    (FOLDER / "typed.tsv").write_bytes(b"chromosome\tstart\tend\tpercent\tm\tu\n" + path.read_bytes())
    program = (
        "import sys, time; from frictionless import Resource, Schema, Dialect\n"
        "fields = [('chromosome', 'string'), ('start', 'integer'), ('end', 'integer'), ('percent', 'number'), ('m', 'integer'), ('u', 'integer')]\n"
        "schema = Schema.from_descriptor({'fields': [{'name': n, 'type': t} for n, t in fields]})\n"
        "began = time.perf_counter(); report = Resource(path=sys.argv[1], schema=schema).validate(); assert report.valid, report\n"
        "print(time.perf_counter() - began)"
    )
    answer = subprocess.run([sys.executable, "-c", program, "typed.tsv"], capture_output=True, text=True, check=True, cwd=FOLDER)  # fmt: skip
    theirs = float(answer.stdout)
    program = (
        "import statistics, sys, time; from pathlib import Path; from catalog.formats.inspect import Manner, inspect_file\n"
        "path, seconds = Path(sys.argv[1]), []\n"
        "for _ in range(8):\n"
        "    began = time.perf_counter(); assert inspect_file(path, manner=Manner(is_fast=True)).valid\n"
        "    seconds.append(time.perf_counter() - began)\n"
        "print(statistics.median(seconds[1:]))"
    )
    for kind, name in (("with the types of a coverage table", path.name), ("without declared types", "typed.tsv")):
        answer = subprocess.run([sys.executable, "-c", program, str(FOLDER / name)], capture_output=True, text=True, check=True, cwd=ROOT)  # fmt: skip
        ours = float(answer.stdout)
        print(f"table of 100,000 rows, {kind}: frictionless {theirs:.2f} s, fairline {ours:.4f} s: {theirs / ours:.0f} x (goal 100)")  # fmt: skip


def measure_cold() -> None:
    """The command for one small file, as a person starts it."""
    path = input_of("vcf1", small=True)
    command = [str(Path(sys.executable).parent / "fairline"), "validate", str(path)]
    own = statistics.median(seconds_of(command) for _ in range(5))
    bare = statistics.median(seconds_of([sys.executable, "-c", "pass"]) for _ in range(5))
    print(f"cold start of the command for one small file: {own:.2f} s (goal 1.0), {own / bare:.0f} x bare Python")


def main() -> None:
    kinds = sys.argv[1:] or [*KINDS, "typed", "cold"]
    for kind in kinds:
        {"typed": measure_typed, "cold": measure_cold}.get(kind, lambda kind=kind: measure(kind))()  # type: ignore[misc]


if __name__ == "__main__":
    main()
