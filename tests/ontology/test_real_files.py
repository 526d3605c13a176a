"""The real files: CLO as of 2023-06-01 and hPSCreg-CLO of 2019, read within the limits of the specification."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.database import open_memory, quoted
from catalog.ontology.sources import source
from catalog.ontology.update import Summary, update_ontology
from catalog.vocabulary import Vocabulary, open_vocabulary, read_installed
from tests.ontology.builders import shared

pytestmark = pytest.mark.slow

MOST_SECONDS = 30
MOST_MEBIBYTES = 1024

PROGRAM = """
import json, re, resource, sys
from pathlib import Path
from catalog.database import open_memory, quoted
from catalog.ontology.sources import source
from catalog.ontology.update import update_ontology
summary = update_ontology(source("clo"), Path(sys.argv[1]), Path(sys.argv[2]))
if sys.platform == "linux":
    # ru_maxrss keeps what the process had before exec: that of the tests that started it.
    peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
print(json.dumps({"seconds": summary.seconds, "mebibytes": peak}))
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    clo = shared("ontologies", "clo.owl.gz")
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(clo), str(folder)], capture_output=True, text=True, check=True
    )
    (folder / "cost.json").write_text(result.stdout)
    update_ontology(source("hpscreg-clo"), shared("ontologies", "hpscreg_clo.owl.gz"), folder)
    return folder


@pytest.fixture(scope="module")
def vocabulary(store: Path) -> Iterator[Vocabulary]:
    with open_vocabulary(store) as opened:
        yield opened


def again(name: str, store: Path) -> Summary:
    return update_ontology(source(name), shared("ontologies", f"{name.replace('-', '_')}.owl.gz"), store)


def test_clo_when_read_then_within_time_and_memory(store: Path) -> None:
    cost = json.loads((store / "cost.json").read_text())
    assert cost["seconds"] < MOST_SECONDS
    assert cost["mebibytes"] < MOST_MEBIBYTES


def test_clo_when_read_then_all_its_terms(store: Path) -> None:
    summary = again("clo", store)
    assert summary.unchanged
    assert (summary.own, summary.obsolete, summary.cycles, summary.imports) == (39_113, 12, (), ())
    assert (summary.version, summary.version_source, summary.licence) == ("2023-06-01", "file", "CC-BY-3.0")


def test_hpscreg_when_read_then_lines_donors_and_axioms(store: Path, vocabulary: Vocabulary) -> None:
    summary = again("hpscreg-clo", store)
    assert (summary.version, summary.version_source) == ("2019", "sources")
    assert summary.own == 2372 + 1070
    assert len(summary.imports) == 5
    ipsc = [curie for curie in vocabulary.descendants("CLO:0037308") if curie.startswith("CLO:1")]
    esc = [curie for curie in vocabulary.descendants("CLO:0037280") if curie.startswith("CLO:1")]
    assert (len(ipsc), len(esc)) == (1636, 736)


def test_hpscreg_when_counted_in_the_tables_then_as_published(store: Path) -> None:
    (folder,) = (each.folder for each in read_installed(store) if each.name == "hpscreg-clo")
    edge, term = (f"read_parquet({quoted(str(folder / name))})" for name in ("edge.parquet", "term.parquet"))
    with open_memory() as database:
        counts = dict(database.rows(f"SELECT property, count(*) FROM {edge} GROUP BY ALL"))
        sexes = dict(database.rows(f"SELECT object, count(*) FROM {edge} WHERE property = 'RO:0000086' GROUP BY ALL"))
        kinds = dict(database.rows(f"SELECT kind, count(*) FROM {term} GROUP BY ALL"))
    derived = {"CLO:0037207": 1625, "CLO:0037208": 1057, "CLO:0037209": 1550, "CLO:0037210": 125}
    changed = {"CLO:0037375": 13, "CLO:0037376": 15, "CLO:0037377": 3, "CLO:0037378": 10}
    others = {"CLO:0000167": 401, "CLO:0000179": 30, "RO:0000086": 1063, "rdf:type": 1070}
    assert counts == {**derived, **changed, **others}
    assert sexes == {"PATO:0000383": 527, "PATO:0000384": 536}
    assert kinds == {"class": 2372, "individual": 1070}


def test_closure_when_both_are_installed_then_lines_stand_below_cell_line_cell(vocabulary: Vocabulary) -> None:
    below = set(vocabulary.descendants("CLO:0000001"))
    assert {"CLO:1000474", "CLO:0003684", "CLO:0037308"} <= below
    assert len(below) > 38_934
    assert vocabulary.is_descendant("CLO:1000474", "CL:0000000")
    terms, pairs = vocabulary.closure(["CLO:1000474"])
    assert ("CLO:0000001", "CLO:1000474") in pairs
    assert {"CLO:0037307", "CLO:0037224"} <= {term.curie for term in terms}


def test_obsolete_when_clo_names_another_only_in_a_comment_then_it_is_a_suggestion(vocabulary: Vocabulary) -> None:
    term = vocabulary.term("CLO:0007605")
    assert term is not None
    assert (term.obsolete, term.replaced_by, term.consider) == (True, None, ("CLO:0007606",))
    assert vocabulary.resolve("CLO:0007605") == term


def test_lookup_when_clo_is_installed_then_names_and_references_lead_to_it(vocabulary: Vocabulary) -> None:
    assert vocabulary.lookup("HeLa cell")[0].curie == "CLO:0003684"
    assert [term.curie for term in vocabulary.by_xref("CVCL:LE56")] == ["CLO:0037342"]
    assert vocabulary.is_complete_for("CLO:0999999")
    assert vocabulary.is_complete_for("CLO:1999999")
    urine = vocabulary.term("UBERON:0001088")
    assert urine is not None
    assert urine.ontology == "uberon"
