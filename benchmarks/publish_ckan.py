"""Publishing to a real CKAN: 200 packages of 6 small data files beside ckanapi and frictionless, on one server in one run.

All send the same files: the six data files of a package and the documents that fairline made of them. fairline reads
every byte back, the others nothing. The CKAN is that of the tests (``tests/ckan/stack``) in a folder of its own; it is
emptied before each measurement.

    python benchmarks/publish_ckan.py [PACKAGES]
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from catalog.bank import Bank, init_bank, open_bank  # noqa: E402
from catalog.settings import Settings  # noqa: E402
from catalog.vocabulary import open_vocabulary  # noqa: E402
from publish.releasing import ReleaseJob, release  # noqa: E402
from publish.targets.reading import read_publication  # noqa: E402
from tests.ckan.stack.folder import default_root  # noqa: E402
from tests.ckan.stack.live import Stack  # noqa: E402

BIN = Path(sys.executable).parent
#: frictionless needs so long for a package that a part of them must do; its time is scaled.
FRICTIONLESS_PACKAGES = 10
SOLR_TIMEOUT_SECONDS = 60.0
RECORD = """\
profile: line-1
line_id: {line}
aliases: [{{name: line {number} of the benchmark, kind: in-house}}]
line_type: iPSC
species: NCBITaxon:9606
clo: {{class: "CLO:0037308", status: parent-only}}
donor: {{donor_id: D{number}, sex: unknown}}
origin: {{tissue: "UBERON:0012168", label: umbilical cord blood}}
derivation: {{lab: unknown, year: {year}}}
access: {{tier: open, approval: {{by: DAC, number: "1", date: 2021-02-01, scope: [rna-seq]}}}}
consent: {{duo: ["DUO:0000042"], irb: {{committee: IRB, approval_no: "1"}}}}
grade: research
availability: {{status: available}}
licence: CC0-1.0
data_kind: synthetic
"""
HEADER = "path,modality,role,format,mediatype,bytes,sha256,assembly,passage,replicate,sample_id,group,assay_id,accession,tier\n"


def line_id(number: int) -> str:
    return f"EXMPi{number % 1000:03d}-{chr(65 + number // 1000)}"


def write_line(bank: Bank, number: int, year: int, chance: random.Random) -> None:
    """A line with a record and six small count matrices."""
    line = line_id(number)
    folder = bank.lines_folder / line
    (folder / "data/rna-seq").mkdir(parents=True, exist_ok=True)
    (folder / "line.yaml").write_text(RECORD.format(line=line, number=number, year=year))
    rows = []
    for replicate in range(1, 7):
        path = f"data/rna-seq/rep{replicate}.counts.tsv"
        genes = "".join(f"ENSG{gene:011d}\t{chance.randrange(500)}\n" for gene in range(1, 101))
        (folder / path).write_text(f"# synthetic\ngene_id\t{line}\n{genes}")
        rows.append(f"{path},rna-seq,processed,counts-matrix,text/tab-separated-values,,,GRCh38,12,{replicate},,,,,\n")
    (folder / "files.csv").write_text(HEADER + "".join(rows))


def make_bank(folder: Path, count: int, stack: Stack) -> Bank:
    settings = settings_of(folder)
    bank, _ = init_bank(folder / "bank", settings, title="Benchmark", base_iri="http://127.0.0.1/", publisher="Nobody")
    with (bank.root / "fairline.toml").open("a") as stream:
        stream.write(f'\n[targets.ckan]\nkind = "ckan"\nurl = "{stack.url}"\norganization = "{stack.organization}"\n')
    chance = random.Random(1)
    for number in range(count):
        write_line(bank, number, 2010 + number % 15, chance)
    return open_bank(bank.root)


def settings_of(folder: Path) -> Settings:
    return Settings(
        bank=None, key_file=None, config_folder=folder / "config", ontologies_folder=folder / "none", color=False
    )


def make_release(folder: Path, bank: Bank, name: str) -> None:
    settings = settings_of(folder)
    with open_vocabulary(settings.ontologies_folder) as vocabulary:
        release(ReleaseJob(bank=bank, settings=settings, vocabulary=vocabulary), name)


#: Runs the command and tells the highest memory of its process at the end.
CHILD = """\
import re, sys
from catalog.cli import main
sys.argv = ["fairline", *sys.argv[1:]]
try:
    main()
finally:
    peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
    print("peak", peak[1], file=sys.stderr)
"""


def publish(folder: Path, bank: Bank, stack: Stack, *options: str) -> tuple[dict[str, Any], float, float]:
    """The summary of one run of the command, its seconds, and its highest memory in MB."""
    environment = {
        **os.environ,
        "FAIRLINE_CKAN_TOKEN": stack.token,
        "FAIRLINE_CONFIG": str(folder / "config"),
        "FAIRLINE_ONTOLOGIES": str(folder / "none"),
    }
    began = time.perf_counter()
    arguments = [sys.executable, "-c", CHILD, "--bank", str(bank.root), "publish", "ckan", "--json", *options]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(done.stderr)
    peak = int(done.stderr.rpartition("peak ")[2].split()[0]) / 1024
    return json.loads(done.stdout.splitlines()[-1]), took, peak


def report(what: str, found: tuple[dict[str, Any], float, float]) -> float:
    summary, took, peak = found
    print(
        f"{what}: {took:6.1f} s, {summary['writes']} writes, {summary['requests']} requests, "
        f"{summary['uploaded']} files sent ({summary['bytes'] / 1e6:.1f} MB), {summary['verified']} read back, "
        f"lines changed over {summary['window_seconds']:.1f} s, {peak:.0f} MB of memory"
    )
    return took


def first_release(folder: Path, count: int, stack: Stack) -> tuple[Bank, float]:
    bank = make_bank(folder, count, stack)
    make_release(folder, bank, "2026.11")
    stack.reset()
    return bank, report(f"first release of {count} packages", publish(folder, bank, stack))


def bare_downloads(stack: Stack) -> float:
    """The floor of any proof by download: every file once, by ``requests`` alone, as many at a time as fairline."""
    with requests.Session() as session:
        address = f"{stack.url}/api/3/action/package_search"
        found = session.get(address, params={"rows": 1000, "q": "name:*-files-*"}, timeout=60).json()
    urls = [each["url"] for dataset in found["result"]["results"] for each in dataset["resources"]]
    sessions = threading.local()

    def fetch(url: str) -> int:
        if not hasattr(sessions, "own"):
            sessions.own = requests.Session()
        return len(sessions.own.get(url, timeout=60).content)

    began = time.perf_counter()
    with ThreadPoolExecutor(max_workers=4) as pool:
        size = sum(pool.map(fetch, urls))
    took = time.perf_counter() - began
    print(f"  bare downloads of {len(urls)} files ({size / 1e6:.1f} MB), nothing sent: {took:.1f} s")
    return took


def later_releases(folder: Path, bank: Bank, count: int, stack: Stack) -> None:
    report("  the same again                 ", publish(folder, bank, stack))
    for name, year in (("2026.12", 1990), ("2027.01", 1991)):
        for number in range(0, count, 20):
            write_line(bank, number, year, random.Random(number))
        make_release(folder, bank, name)
        report(f"  release {name}, 5 % changed     ", publish(folder, bank, stack))
    report("  rollback of that               ", publish(folder, bank, stack, "--rollback"))


def files_of(bank: Bank) -> dict[str, list[tuple[str, Path]]]:
    """Every file of every package by its path, as fairline publishes them."""
    publication = read_publication(bank, "2026.11")
    return {
        package.id: [(each.path, each.source) for each in package.files if each.source is not None]
        for package in publication.packages
    }


def serve(folder: Path) -> ThreadingHTTPServer:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def make_tree(folder: Path, bank: Bank) -> None:
    """The packages as folders, for peers that read files by their paths."""
    for package, files in files_of(bank).items():
        for path, source in files:
            copy = folder / "tree" / package / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            os.link(source, copy)


def ckanapi_load(folder: Path, bank: Bank, stack: Stack, processes: int) -> float:
    """``ckanapi load datasets --upload-resources``: it fetches each file from an address and sends it."""
    stack.reset()
    lines = []
    server = serve(folder / "tree")
    address = f"http://127.0.0.1:{server.server_address[1]}"
    for package, files in files_of(bank).items():
        # It sends files only for resources that say that they are uploads, and that have an id already.
        resources = [
            {"id": str(uuid.uuid4()), "name": path, "url": f"{address}/{package}/{path}", "url_type": "upload"}
            for path, _ in files
        ]
        dataset = {"name": package.lower(), "title": package, "notes": package, "owner_org": stack.organization}
        lines.append(json.dumps({**dataset, "resources": resources}))
    (folder / "datasets.jsonl").write_text("\n".join(lines) + "\n")
    command = [str(BIN / "ckanapi"), "load", "datasets", "-I", str(folder / "datasets.jsonl"), "--upload-resources"]
    command += ["-r", stack.url, "-a", stack.token, "-p", str(processes), "-q"]
    began = time.perf_counter()
    found = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}  # it starts itself by its name
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=found)
    took = time.perf_counter() - began
    server.shutdown()
    sent, wanted = len(stack.files_on_disk()), sum(map(len, files_of(bank).values()))
    if sent != wanted:
        print(f"ckanapi load has sent {sent} of {wanted} files")
    return took


def frictionless_publish(folder: Path, bank: Bank, stack: Stack) -> float:
    """The ``publish`` of frictionless for some packages, scaled to all of them."""
    from frictionless import Package
    from frictionless.portals import CkanControl

    stack.reset()
    packages = [each.id for each in read_publication(bank, "2026.11").packages]
    began = time.perf_counter()
    for name in packages[:FRICTIONLESS_PACKAGES]:
        control = CkanControl(
            baseurl=stack.url, dataset=name.lower(), apikey=stack.token, organization_name=stack.organization
        )
        package = Package(str(folder / "tree" / name / "datapackage.json"))
        package.custom["owner_org"] = stack.organization
        package.custom.pop("id", None)  # it would send our IRI as CKAN's id, which CKAN refuses
        package.publish(control=control)
    return (time.perf_counter() - began) * len(packages) / min(FRICTIONLESS_PACKAGES, len(packages))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    root = default_root()
    stack = Stack.brought_up(root.with_name(f"{root.name}-bench"), SOLR_TIMEOUT_SECONDS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, small = first_release(folder / "small", count // 4, stack)
        bank, ours = first_release(folder / "large", count, stack)
        print(
            f"growth: a package of {count} costs {ours / count / (small / (count // 4)):.2f} x a package of {count // 4}"
        )
        floor = bare_downloads(stack)
        later_releases(folder / "large", bank, count, stack)
        make_tree(folder / "large", bank)
        for processes in (1, 3):
            theirs = ckanapi_load(folder / "large", bank, stack, processes)
            print(
                f"ckanapi load of the same files, -p {processes}: {theirs:.1f} s; fairline is {theirs / ours:.1f} x as fast "
                f"(a publisher that did nothing but download would be {theirs / floor:.1f} x)"
            )
        try:
            other = frictionless_publish(folder / "large", bank, stack)
            print(
                f"frictionless publish of the same packages (scaled): {other:.1f} s; fairline is {other / ours:.1f} x"
            )
        except Exception as error:  # a peer that fails is a result as well; it wants 'pip install frictionless[ckan]'
            print(f"frictionless publish fails: {type(error).__name__}: {str(error)[:200]}")


if __name__ == "__main__":
    main()
