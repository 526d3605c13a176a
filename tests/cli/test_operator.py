"""Commands of operators and of all: ``index``, ``doctor``, ``serve``, ``ontology``, ``explain``."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
from pathlib import Path

import pytest
import requests

from catalog.bank import Bank, open_bank
from catalog.index.current import CURRENT
from tests.cli.calls import PROGRAM, Caller, program, served
from tests.cli.conftest import OPEN

OBO = """\
format-version: 1.2
data-version: releases/2026-01-01
ontology: cl

[Term]
id: CL:0000000
name: cell

[Term]
id: CL:9999991
name: invented cell of a test
synonym: "toy cell" EXACT []
is_a: CL:0000000 ! cell
"""


def test_index_when_checked_and_built_then_says_what_it_shows(change: Caller, own_bank: Bank) -> None:
    checked = change.well("index", "check", "--json").json()
    assert (checked["sequence"], checked["release"]) == (3, "2026.12.1")
    built = change.well("index", "build", "--json").json()
    assert (built["sequence"], built["release"]) == (3, "2026.12.1")
    assert built["generation"] == checked["generation"] + 1
    assert change.well("index", "check", "--json").json() == built
    assert built["file"] in change.well("index", "check").out
    assert "2026.12.1" in change.well("index", "build").out


@pytest.mark.parametrize("damage", ["flipped", "gone", "behind", "none"])
def test_index_when_it_is_damaged_then_check_says_so_and_build_mends_it(
    change: Caller, own_bank: Bank, damage: str
) -> None:
    pointer = own_bank.index_folder / CURRENT
    members = json.loads(pointer.read_bytes())
    file = own_bank.index_folder / members["file"]
    if damage == "flipped":
        whole = bytearray(file.read_bytes())
        whole[-100] ^= 1
        file.write_bytes(whole)
    elif damage == "gone":
        file.unlink()
    elif damage == "behind":
        second = hashlib.sha256(own_bank.ledger_path.read_bytes().splitlines(keepends=True)[1]).hexdigest()
        pointer.write_text(json.dumps({**members, "sequence": 2, "ledger_sha256": second}))
    else:
        pointer.unlink()
    error = change("index", "check", "--json").error()
    assert error["exit_status"] == (3 if damage == "none" else 7)
    change.well("index", "build")
    change.well("index", "check")
    assert change.well("search", "--json").json()["total"] == 3


def test_doctor_when_all_is_well_then_each_line_has_a_state_and_a_name(ask: Caller, call: Caller) -> None:
    lines = ask("doctor", "--json").json()
    assert all(set(each) == {"name", "state", "text", "mend"} for each in lines)
    assert {each["state"] for each in lines} <= {"ok", "warn", "bad"}
    names = {each["name"] for each in lines}
    assert {"fairline", "bank", "disk", "clock", "key", "index", "ledger", "backup"} <= names
    assert {each["name"] for each in call.well("doctor", "--json").json()} < names


def test_doctor_when_the_bank_is_new_then_finds_nothing_bad(call: Caller) -> None:
    call.well("init", "new")
    lines = call.well("--bank", "new", "doctor", "--json").json()
    assert "bad" not in {each["state"] for each in lines}
    assert all(each["name"] in call.well("--bank", "new", "doctor").out for each in lines)


def test_doctor_when_something_is_broken_then_exits_with_1_and_says_how_to_mend_it(
    change: Caller, own_bank: Bank
) -> None:
    ledger = own_bank.ledger_path.read_bytes()
    own_bank.ledger_path.write_bytes(ledger.replace(b"2026-12-20", b"2026-12-21"))
    answer = change("doctor", "--json")
    assert answer.status == 1
    bad = [each for each in answer.json() if each["state"] == "bad"]
    assert "ledger" in {each["name"] for each in bad}
    assert all(each["mend"] for each in bad)
    words = change("doctor")
    assert words.status == 1
    assert "mend:" in words.out


def aim(bank: Bank, *tables: str) -> None:
    """Gives a bank targets."""
    path = bank.root / "fairline.toml"
    path.write_text("\n".join([path.read_text(), *tables]))


def test_doctor_when_the_bank_has_targets_then_lists_them_unasked(
    change: Caller, own_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLINE_GOOD_TOKEN", "token")
    table = 'kind = "ckan"\nurl = "http://127.0.0.1:9"\norganization = "bank"\n'
    aim(own_bank, "[targets.good]", table, "[targets.poor]", table, '[targets.broken]\nkind = "ckan"\nport = 9\n')
    answer = change("doctor", "--json")
    assert answer.status == 1
    lines = [each for each in answer.json() if each["name"] == "targets"]
    assert {each["text"].split(" ")[0].strip(":"): each["state"] for each in lines} == {
        "good": "ok", "poor": "warn", "broken": "bad",
    }  # fmt: skip
    assert {"name": "targets", "state": "ok", "text": "good (ckan, http://127.0.0.1:9)", "mend": ""} in lines
    assert all(each["mend"] for each in lines if each["state"] != "ok")


def test_doctor_when_a_target_cannot_be_asked_then_the_line_is_bad_and_the_exit_1(
    change: Caller, own_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLINE_AWAY_TOKEN", "token")
    table = 'kind = "ckan"\nurl = "http://127.0.0.1:9"\norganization = "bank"\ntries = 1\n'
    aim(own_bank, "[targets.away]", table, "[targets.poor]", table)
    for target, name in (("away", "connection"), ("poor", "token")):
        answer = change("doctor", "--target", target, "--mend", "--json")
        assert answer.status == 1
        assert [each["name"] for each in answer.json() if each["state"] == "bad"] == [name]


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [(("--mend",), 2, "doctor-mend"), (("--target", "none"), 3, "target-unknown")],
    ids=["mend-alone", "unknown"],
)
def test_doctor_when_the_options_make_no_sense_then_says_so(
    ask: Caller, options: tuple[str, ...], status: int, code: str
) -> None:
    error = ask("doctor", *options, "--json").error()
    assert (error["exit_status"], error["error"]) == (status, code)


def test_serve_when_started_then_tells_its_address_and_ends_quietly_by_ctrl_c(released: Bank, tmp_path: Path) -> None:
    command = [PROGRAM, "--bank", str(released.root), "serve", "--port", "0"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert process.stdout is not None
    with process.stderr, process.stdout:
        line = process.stderr.readline().decode()
        assert line.startswith("serving Example Stem Cell Bank at http://127.0.0.1:")
        with requests.get(f"{line.split()[-4]}healthz", timeout=10) as answer:
            assert answer.json()["release"] == "2026.12.1"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stdout.read() == b""
        assert b"Traceback" not in process.stderr.read()


def test_serve_when_the_port_is_taken_then_exits_with_6(released: Bank, portal: str) -> None:
    port = portal.rstrip("/").rpartition(":")[2]
    answer = program("--bank", str(released.root), "serve", "--port", port)
    assert answer.status == 6
    assert "error[port-taken]" in answer.err


def test_serve_when_nothing_is_released_then_answers_all_the_same(call: Caller, tmp_path: Path) -> None:
    call.well("init", "empty")
    call.well("--bank", "empty", "index", "build")
    with served(open_bank(Path("empty")), tmp_path / "log.txt") as address:
        assert call.well("search", "--url", address, "--json").json()["total"] == 0


def test_ontology_when_a_file_is_read_then_its_terms_are_found(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLINE_ONTOLOGIES", str(Path("ontologies").absolute()))
    before = {each["name"]: each for each in call.well("ontology", "list", "--json").json()}
    assert set(before["cl"]) == {"name", "title", "known_version", "installed"}
    assert call("ontology", "lookup", "toy cell").status == 3
    Path("cl.obo").write_text(OBO)
    read = call.well("ontology", "update", "cl", "cl.obo", "--json").json()
    assert (read["name"], read["version"], read["terms"], read["unchanged"]) == ("cl", "2026-01-01", 2, False)
    again = call.well("ontology", "update", "cl", "cl.obo", "--json").json()
    assert (again["sha256"], again["unchanged"]) == (read["sha256"], True)
    assert {each["name"]: each for each in call.well("ontology", "list", "--json").json()}["cl"][
        "installed"
    ] == "2026-01-01"
    [match] = call.well("ontology", "lookup", "toy", "cell", "--json").json()
    assert set(match) == {"curie", "label", "why", "matched", "ontology", "obsolete"}
    assert (match["curie"], match["why"]) == ("CL:9999991", "synonym")
    assert "CL:9999991" in call.well("ontology", "lookup", "invented cell of a test").out


def test_ontology_when_a_label_of_the_core_is_looked_up_then_is_found(call: Caller) -> None:
    [match] = call.well("ontology", "lookup", "umbilical cord blood", "--json").json()
    assert (match["curie"], match["label"]) == ("UBERON:0012168", "umbilical cord blood")
    many = call.well("ontology", "lookup", "cell", "--limit", "3", "--json").json()
    assert len(many) == 3
    none = call("ontology", "lookup", "no term is called so", "--json")
    assert (none.status, none.json()) == (3, [])


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["nonsense", "x.obo"], 2), (["cl", "nowhere.obo"], 3), (["cl", "."], 3), (["cl", "ftp://127.0.0.1/x"], 2)],
    ids=["unknown ontology", "no file", "folder", "ftp"],
)
def test_ontology_when_it_cannot_be_read_then_says_so(call: Caller, arguments: list[object], status: int) -> None:
    assert call("ontology", "update", *arguments, "--json").error()["exit_status"] == status


def test_ontology_when_the_file_is_broken_then_nothing_is_installed(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLINE_ONTOLOGIES", str(Path("ontologies").absolute()))
    Path("bad.obo").write_text(OBO.replace("is_a: CL:0000000", "is_a: : :"))
    answer = call("ontology", "update", "cl", "bad.obo", "--json")
    assert answer.status in {1, 7}
    assert answer.error()
    assert call("ontology", "lookup", "toy cell").status == 3


def test_ontology_annotate_when_asked_then_gives_terms_with_evidence(ask: Caller) -> None:
    found = ask.well("ontology", "annotate", OPEN, "--json").json()
    assert set(found) == {"annotations", "findings"}
    terms = {each["term"]: each for each in found["annotations"]}
    assert {"NCBITaxon:9606", "UBERON:0012168", "CLO:0037308"} <= set(terms)
    assert terms["UBERON:0012168"]["evidence"] == "asserted"
    assert "UBERON:0012168" in ask.well("ontology", "annotate", OPEN).out
    assert ask("ontology", "annotate", "nobody", "--json").error()["exit_status"] == 3


def test_ontology_annotate_when_the_record_is_broken_then_exits_with_1(change: Caller, own_bank: Bank) -> None:
    (own_bank.lines_folder / OPEN / "line.yaml").write_text(": : [\n")
    assert change("ontology", "annotate", OPEN, "--json").error()["exit_status"] == 1


def test_explain_when_a_code_is_known_then_says_what_it_means_and_how_to_mend_it(call: Caller) -> None:
    finding = call.well("explain", "vcf-info-type", "--json").json()
    assert (finding["code"], finding["kind"], finding["severity"]) == ("vcf-info-type", "finding", "error")
    assert finding["mend"]
    error = call.well("explain", "package-not-found", "--json").json()
    assert error["kind"] == "error"
    words = call.well("explain", "vcf-info-type").out
    assert "INFO <key> is <origin> <kind>" in words
    assert finding["mend"] in words


def test_explain_when_no_code_is_given_then_lists_all(call: Caller) -> None:
    every = call.well("explain", "--json").json()
    assert len(every) > 150
    assert len({each["code"] for each in every}) == len(every)
    listed = call.well("explain").out
    assert all(each["code"] in listed for each in every)
    assert call.well("explain", "--markdown").out.startswith("#")


def test_explain_when_the_code_is_unknown_then_exits_with_3_and_suggests(call: Caller) -> None:
    error = call("explain", "vcf-info-typ", "--json").error()
    assert (error["error"], error["exit_status"]) == ("code-not-found", 3)
    assert "vcf-info-type" in str(error["hint"])
    assert "vcf-info-type" in call("explain", "vcf-info-typ").err
    assert call("explain", "zzzzzz", "--json").error()["exit_status"] == 3


def test_error_codes_when_commands_fail_then_explain_knows_each(call: Caller, ask: Caller) -> None:
    failed = [
        ask("show", "nobody", "--json"),
        ask("diff", "1999.01", "1999.02", "--json"),
        call("status", "--json"),
        ask("query", "SELECT * FROM nowhere", "--json"),
        call("get", OPEN, "--url", "ftp://x", "--json"),
    ]
    for answer in failed:
        code = answer.error()["error"]
        explained = call.well("explain", code, "--json").json()
        assert str(answer.status) in explained["source"]
