"""Arguments that nobody means: no traceback, no status 70, nothing outside of the folder; also 200 calls at random."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from catalog.bank import Bank
from tests.builders import fastq_bytes, text_bytes, vcf_bytes
from tests.cli.calls import Caller
from tests.cli.conftest import CALLS, CONTROLLED, OPEN

pytestmark = pytest.mark.slow

STATUSES = {0, 1, 2, 3, 4, 5, 6, 7}
LONG = "x" * 10_000

HOSTILE = {
    "empty": "",
    "long": LONG,
    "dot": ".",
    "folder": "folder",
    "dash": "-",
    "number": "-1",
    "undecodable": "\udcff",
    "latin": "\xff",
    "newline": "a\nb",
    "escape": "\x1b[31m",
    "at": "@",
    "twice at": "a@b@c",
    "format": "%s{0}{}",
    "glob": "[",
    "quote": "'",
    "backslash": "\\",
    "bidi": "KSCB\u202ei",
    "emoji": "😀" * 60,
    "sql": "'; DROP TABLE line; --",
}

#: Calls whose last argument is the hostile one. None of them writes beside the working directory.
PLACES: dict[str, list[str]] = {
    "line new": ["line", "new"],
    "add": ["add", "--line", OPEN],
    "add --line": ["add", "file.txt", "--line"],
    "add --modality": ["add", "file.txt", "--line", OPEN, "--modality"],
    "validate": ["validate"],
    "validate --format": ["validate", "file.txt", "--format"],
    "validate --rules": ["validate", "file.txt", "--rules"],
    "validate --html": ["validate", "file.txt", "--html"],
    "validate --jobs": ["validate", "file.txt", "--jobs"],
    "package": ["package", "--out", "built"],
    "package --out": ["package", OPEN, "--out"],
    "release": ["release", "--dry-run"],
    "release --message": ["release", "2027.01", "--dry-run", "--message"],
    "diff": ["diff", "2026.11"],
    "withdraw": ["withdraw", "--reason", "r"],
    "search": ["search"],
    "search --modality": ["search", "--modality"],
    "search --term": ["search", "--term"],
    "search --year-from": ["search", "--year-from"],
    "search --limit": ["search", "--limit"],
    "search --after": ["search", "--after"],
    "search --url": ["search", "--url"],
    "show": ["show"],
    "get": ["get"],
    "get glob": ["get", OPEN, "--dry-run"],
    "get --out": ["get", OPEN, "--out"],
    "get --key": ["get", OPEN, "--dry-run", "--key"],
    "verify": ["verify"],
    "verify --key": ["verify", "folder", "--key"],
    "query": ["query"],
    "query --out": ["query", "SELECT 1", "--format", "csv", "--out"],
    "query --limit": ["query", "SELECT 1", "--limit"],
    "cite": ["cite"],
    "cite --format": ["cite", OPEN, "--format"],
    "ontology lookup": ["ontology", "lookup"],
    "ontology annotate": ["ontology", "annotate"],
    "ontology update": ["ontology", "update"],
    "ontology update file": ["ontology", "update", "cl"],
    "ontology update --sha256": ["ontology", "update", "cl", "file.txt", "--sha256"],
    "explain": ["explain"],
    "demo --base-iri": ["demo", "demo-bank", "--base-iri"],
}


@pytest.fixture
def furnished(change: Caller) -> Caller:
    """Calls in a folder with a file and a folder in it."""
    Path("file.txt").write_bytes(text_bytes())
    Path("folder").mkdir()
    return change


@pytest.mark.parametrize(
    ("place", "name"),
    [
        pytest.param(place, name, id=f"{place} {name}")
        for place in PLACES
        for name in HOSTILE
    ],
)  # fmt: skip
def test_argument_when_hostile_then_there_is_an_answer_in_words(furnished: Caller, place: str, name: str) -> None:
    answer = furnished(*PLACES[place], HOSTILE[name], "--json")
    assert answer.status in STATUSES
    assert "Traceback" not in answer.out + answer.err
    if answer.out:
        json.loads(answer.out)
    elif answer.status:
        assert json.loads(answer.err.splitlines()[-1])["exit_status"] == answer.status
    everything = (answer.out + answer.err).encode("utf-8", "surrogateescape")
    assert b"\x1b" not in everything


@pytest.mark.parametrize("out", ["file.txt", "file.txt/below"])
@pytest.mark.parametrize("command", [["get", OPEN], ["package", OPEN]], ids=["get", "package"])
def test_out_when_a_file_is_in_the_way_then_it_is_left_as_it_is(
    furnished: Caller, command: list[str], out: str
) -> None:
    answer = furnished(*command, "--out", out, "--json")
    assert answer.error()["exit_status"] in {2, 5, 6}
    assert Path("file.txt").read_bytes() == text_bytes()


def test_init_when_the_base_iri_cannot_be_then_leaves_nothing_behind(call: Caller) -> None:
    assert call("init", "bank", "--base-iri", "nonsense").status != 0
    assert not Path("bank").exists() or call("init", "bank", "--base-iri", "https://bank.example.org/").status == 0


def test_names_when_they_lead_outside_then_nothing_is_read_or_written_there(furnished: Caller, own_bank: Bank) -> None:
    outside = Path("..", "outside").resolve()
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    for arguments in (
        ["line", "new", "../../outside/new"],
        ["show", "../../outside"],
        ["get", "../../outside"],
        ["get", "../outside", "*"],
        ["package", "../../outside", "--out", "built"],
        ["withdraw", f"{OPEN}/../../../outside/secret.txt", "--reason", "r"],
        ["ontology", "annotate", "../../outside"],
        ["add", str(outside / "secret.txt"), "--line", OPEN],
        ["add", "file.txt", "--line", "../../outside", "--copy"],
    ):
        answer = furnished(*arguments, "--json")
        assert answer.error()["exit_status"] in {2, 3}, arguments
    assert [path.name for path in outside.iterdir()] == ["secret.txt"]


COMMANDS = [
    "line new", "add", "status", "validate", "package", "release", "diff", "withdraw", "key show", "key new", "search",
    "show", "get", "verify", "query", "cite", "index build", "index check", "doctor", "ontology lookup", "ontology list",
    "ontology annotate", "ontology update", "explain", "nonsense", "key", "",
]  # fmt: skip
OPTIONS = [
    "--json", "--help", "--dry-run", "-n", "--facets", "--files", "--quick", "--copy", "--any-version", "--markdown",
    "--bank", "--line", "--modality", "--role", "--tier", "--assembly", "--rules", "--html", "--format", "--jobs", "--out",
    "--reason", "-m", "--line-type", "--term", "--sex", "--sort", "--limit", "--after", "--year-from", "--url", "--existing",
    "--key", "--sha256", "--", "-", "--no-such-option",
]  # fmt: skip
VALUES = [
    OPEN, f"{OPEN}@2026.11", f"{OPEN}/{CALLS}", CONTROLLED, "nobody", "2026.11", "2026.12", "2027.01", "2027.02.1", "wes",
    "iPSC", "open", "raw", "spec", "bank", "vcf", "csv", "json", "parquet", "text", "bibtex", "title", "skip", "cl", "GRCh38",
    "SELECT 1 AS a", "SELECT * FROM line", "DROP TABLE line", "fibroblast", "UBERON:0012168", "*.vcf.gz", "1", "25", "-5",
    "files/a.vcf.gz", "files/b.fastq.gz", "files/notes.txt", "files/empty", "files", "new/out", "new.html", "missing",
    "ftp://x/", "not a url", "é\u202e", "a\nb", "vcf-info-type", "x" * 300,
]  # fmt: skip
CALLS_AT_RANDOM = 200


def test_calls_when_made_at_random_then_none_ends_with_70(change: Caller, own_bank: Bank) -> None:
    Path("files").mkdir()
    for name, content in (
        ("a.vcf.gz", vcf_bytes()),
        ("b.fastq.gz", fastq_bytes()),
        ("notes.txt", text_bytes()),
        ("empty", b""),
    ):
        Path("files", name).write_bytes(content)
    dice = random.Random(20261122)
    seen: dict[int, int] = {}
    for _ in range(CALLS_AT_RANDOM):
        command = dice.choice(COMMANDS).split()
        rest = [dice.choice(OPTIONS if dice.random() < 0.3 else VALUES) for _ in range(dice.randrange(4))]
        answer = change(*command, *rest)
        assert answer.status in STATUSES, (command, rest, answer.err)
        assert "Traceback" not in answer.err
        seen[answer.status] = seen.get(answer.status, 0) + 1
    assert {0, 1, 2, 3} <= set(seen), seen
    assert own_bank.ledger_path.exists()
