"""What every command promises: streams, exit statuses, errors in one shape, colours, help, no question asked."""

from __future__ import annotations

import getpass
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from catalog import library
from catalog.bank import Bank
from catalog.cli.root import SECTIONS
from catalog.durable import replace_file
from catalog.errors import DefectError
from tests.builders import record_bytes, vcf_bytes
from tests.cli.calls import PROGRAM, Caller, program
from tests.cli.conftest import CALLS, OPEN

pytestmark = pytest.mark.slow

COMMANDS = [name for section in SECTIONS.values() for name in section]
GROUPS = {"line": ["new"], "key": ["new", "show"], "index": ["build", "check"],
          "ontology": ["annotate", "list", "lookup", "update"]}  # fmt: skip
#: What the design names and this program does not have yet.
ABSENT = ["harvest", "config", "completion", "migrate"]
HEAVY = {
    "duckdb", "frictionless", "fastobo", "isal", "jinja2", "jsonschema", "minisign", "msgspec", "numpy", "pyoxigraph", "requests", "rfc8785", "rich", "starlette", "uvicorn", "yaml", "zipstream",
    "catalog.bank", "catalog.index", "catalog.library", "publish",
}  # fmt: skip
ESCAPE = "\x1b["

#: Calls that answer something, with a bank.
ANSWERING = [
    ["status"],
    ["validate"],
    ["diff", "2026.11", "2026.12"],
    ["key", "show"],
    ["search"],
    ["search", "--facets"],
    ["search", "--files"],
    ["show", OPEN],
    ["get", OPEN],
    ["get", OPEN, "--dry-run"],
    ["verify", "."],
    ["query", "SELECT 1 AS one"],
    ["cite", OPEN],
    ["index", "check"],
    ["ontology", "list"],
    ["ontology", "lookup", "fibroblast"],
    ["ontology", "annotate", OPEN],
    ["explain"],
    ["explain", "vcf-info-type"],
]
#: Calls that answer something and change the bank.
CHANGING = [
    ["init", "new-bank"],
    ["line", "new", "EXMPi009-A"],
    ["add", "data", "--line", OPEN],
    ["package", OPEN, "--out", "../../../built"],
    ["release", "2027.01", "--dry-run"],
    ["release", "2027.01"],
    ["withdraw", OPEN, "--reason", "a test"],
    ["index", "build"],
    ["key", "new"],
]


def break_record(bank: Bank) -> None:
    (bank.lines_folder / OPEN / "line.yaml").write_text(": : [\n")


def break_ledger(bank: Bank) -> None:
    bank.ledger_path.write_bytes(bank.ledger_path.read_bytes().replace(b"2026-12-20", b"2026-12-21"))


def change_record(bank: Bank) -> None:
    (bank.lines_folder / OPEN / "line.yaml").write_bytes(record_bytes(notes=["a third version"]))


def lose_key(bank: Bank) -> None:
    change_record(bank)
    shutil.rmtree(bank.root.parent / "config" / "keys")


def nothing(_: Bank) -> None:
    """The bank stays as it is."""


#: exit status, what is done to the bank before, the call.
FAILING: list[tuple[int, Callable[[Bank], None], list[str]]] = [
    (1, break_record, ["release", "2027.01"]),
    (1, break_record, ["package", OPEN]),
    (1, break_record, ["ontology", "annotate", OPEN]),
    (2, nothing, ["query", "DROP TABLE line"]),
    (2, nothing, ["release", "26.1"]),
    (2, nothing, ["add", "nothing-here", "--line", OPEN]),
    (2, nothing, ["show"]),
    (2, nothing, ["show", OPEN, "--colour"]),
    (2, nothing, ["serach"]),
    (2, nothing, ["search", "--sort", "size"]),
    (2, nothing, ["withdraw", OPEN]),
    (3, nothing, ["show", "nobody"]),
    (3, nothing, ["diff", "1999.01", "2026.11"]),
    (3, nothing, ["explain", "no-such-code"]),
    (3, nothing, ["verify", "nowhere"]),
    (3, nothing, ["get", OPEN, "*.bam"]),
    (4, lose_key, ["release", "2027.01"]),
    (5, nothing, ["query", "SELECT 1", "--format", "json", "--out", "no/folder/x.json"]),
    (6, nothing, ["release", "2026.11"]),
    (6, nothing, ["line", "new", "exmpi001-a"]),
    (6, nothing, ["withdraw", "EXMPi004-A", "--reason", "again"]),
    (7, break_ledger, ["show", OPEN]),
    (7, break_ledger, ["release", "2027.01"]),
    (7, break_ledger, ["get", OPEN]),
]


@pytest.mark.parametrize(
    ("status", "prepare", "arguments"), FAILING, ids=[f"{status} {' '.join(call)}" for status, _, call in FAILING]
)
def test_call_when_it_fails_then_the_status_is_the_same_with_json_and_the_error_has_one_shape(
    change: Caller, own_bank: Bank, status: int, prepare: Callable[[Bank], None], arguments: list[str]
) -> None:
    prepare(own_bank)
    words = change(*arguments)
    assert (words.status, words.out) == (status, "")
    assert "Traceback" not in words.err
    assert "error" in words.err.lower()
    as_json = change(*arguments, "--json")
    error = as_json.error()
    assert as_json.status == status
    if error["error"] != "usage":
        assert f"error[{error['error']}]: {error['message']}" in words.err.splitlines()
        assert f"fairline explain {error['error']}" in words.err


@pytest.mark.parametrize("arguments", ANSWERING, ids=" ".join)
def test_call_when_it_answers_then_data_are_on_stdout_and_json_is_one_document(
    ask: Caller, released: Bank, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    answer = ask(*arguments, "--json")
    assert answer.status == 0
    answer.json()
    words = ask(*arguments)
    assert words.status == 0
    assert "error" not in words.err
    assert ESCAPE not in words.out + words.err
    if arguments != ["get", OPEN]:
        assert words.out


@pytest.mark.parametrize("arguments", CHANGING, ids=" ".join)
def test_call_when_it_changes_something_then_json_is_one_document_and_words_end_with_the_next_step(
    change: Caller, own_bank: Bank, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(own_bank.lines_folder / OPEN)
    if arguments[0] == "release":
        change_record(own_bank)
    answer = change(*arguments, "--json")
    assert answer.status == 0
    answer.json()


def test_call_when_fairline_has_a_bug_then_exits_with_70_in_words(ask: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret\x1b[31m detail")

    monkeypatch.setattr(library, "describe", broken)
    words = ask("show", OPEN)
    assert (words.status, words.out) == (70, "")
    assert "Traceback" not in words.err
    assert "FAIRLINE_DEBUG=1" in words.err
    assert "ZeroDivisionError" in words.err
    as_json = ask("show", OPEN, "--json")
    assert (as_json.status, as_json.error()["error"]) == (70, "bug")
    monkeypatch.setenv("FAIRLINE_DEBUG", "1")
    assert "Traceback" in ask("show", OPEN).err


def test_call_when_an_installation_is_broken_then_exits_with_70(ask: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise DefectError("database-version", "built by a newer version", hint="build it again")

    monkeypatch.setattr(library, "describe", broken)
    assert ask("show", OPEN, "--json").error()["error"] == "database-version"
    assert ask("show", OPEN).status == 70


@pytest.mark.parametrize("stop", [KeyboardInterrupt, click.Abort], ids=lambda stop: stop.__name__)
def test_call_when_interrupted_then_exits_with_130(
    ask: Caller, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def stopped(*_: object) -> None:
        raise stop

    monkeypatch.setattr(library, "describe", stopped)
    answer = ask("show", OPEN)
    assert (answer.status, answer.out, answer.err.strip()) == (130, "", "interrupted")
    assert ask("show", OPEN, "--json").error()["error"] == "interrupted"


def test_program_when_interrupted_by_a_signal_then_exits_with_130_without_a_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        process = subprocess.Popen(
            [PROGRAM, "show", OPEN, "--url", address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A shell that starts the tests in the background lets them ignore the signal, and so their children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        silent.settimeout(60)
        connection, _ = silent.accept()
        with connection:
            connection.recv(100)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.decode().strip()) == (130, b"", "interrupted")


def test_program_when_the_reader_of_its_pipe_goes_away_then_ends_quietly() -> None:
    process = subprocess.Popen(
        [PROGRAM, "explain", "--markdown"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("environment", "front", "colored"),
    [
        ({}, [], False),
        ({"CLICOLOR_FORCE": "1"}, [], True),
        ({"CLICOLOR_FORCE": "0"}, [], False),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, [], False),
        ({"CLICOLOR_FORCE": "1", "TERM": "dumb"}, [], False),
        ({"CLICOLOR_FORCE": "1"}, ["--no-color"], False),
    ],
    ids=["no terminal", "forced", "not forced", "NO_COLOR wins", "dumb", "--no-color wins"],
)
def test_program_when_there_is_no_terminal_then_colours_come_only_when_forced(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], front: list[str], colored: bool
) -> None:
    surroundings = {"NO_COLOR": "", "TERM": "xterm-256color", **environment}
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    answer = program(*front, "ontology", "list")
    assert answer.status == 0
    assert (ESCAPE in answer.out) is colored
    assert ESCAPE not in program(*front, "ontology", "list", "--json").out


@pytest.mark.parametrize(("variable", "colored"), [("", True), ("1", False)], ids=["default", "NO_COLOR"])
def test_program_when_there_is_a_terminal_then_colours_come_unless_switched_off(variable: str, colored: bool) -> None:
    leader, follower = os.openpty()
    environment = {**os.environ, "NO_COLOR": variable, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [PROGRAM, "ontology", "list"], stdin=follower, stdout=follower, stderr=follower, env=environment
    )
    os.close(follower)
    printed = b""
    while True:
        try:
            block = os.read(leader, 65536)
        except OSError:
            break
        if not block:
            break
        printed += block
    os.close(leader)
    assert process.wait(30) == 0
    assert (ESCAPE.encode() in printed) is colored


def test_table_when_data_hold_control_characters_then_the_terminal_does_not_get_them(ask: Caller) -> None:
    answer = ask.well("query", "SELECT 'red: \x1b[31m bell: \x07' AS a")
    assert "\x1b" not in answer.out
    assert "\x07" not in answer.out
    assert "\\x1b[31m" in answer.out
    failed = ask("show", "a\x1b]0;title\x07b")
    assert "\x1b" not in failed.err


def test_help_when_asked_for_then_names_every_command_by_audience(call: Caller) -> None:
    text = call.well("--help").out
    lines = [line.split() for line in text.splitlines()]
    for section, commands in SECTIONS.items():
        assert f"{section}:" in text
        for name, (_, means) in commands.items():
            assert [name, *means.split()] in lines
    assert call.well("-h").out == text


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_when_asked_for_then_says_what_it_does_and_has_an_example(call: Caller, name: str) -> None:
    text = call.well(name, "--help").out
    assert text.startswith(f"Usage: fairline {name}")
    for inner in GROUPS.get(name, []):
        assert inner in text
        deeper = call.well(name, inner, "--help").out
        assert deeper.startswith(f"Usage: fairline {name} {inner}")
        assert "--json" in deeper
    if name not in {*GROUPS, "serve"}:
        assert "--json" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_command_when_it_is_named_in_the_root_then_is_found_there(name: str) -> None:
    target = next(section[name][0] for section in SECTIONS.values() if name in section)
    module, _, attribute = target.partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert (command.name or "").replace("_", "-") in {name, attribute}
    if isinstance(command, click.Group):
        assert sorted(command.commands) == GROUPS[name]


def test_help_when_asked_for_then_imports_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys; from catalog.cli.root import run; status = run(['--help']);"
        "print(status, *sorted(sys.modules), sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    status, *loaded = done.stderr.split()
    assert status == "0"
    assert "click" in loaded
    assert HEAVY & {*loaded, *(name.partition(".")[0] for name in loaded)} == set()
    assert len([name for name in loaded if name.partition(".")[0] == "catalog"]) < 10


def test_version_when_asked_for_then_is_told(call: Caller) -> None:
    assert call.well("--version").out.startswith("fairline, version ")


@pytest.mark.parametrize(
    ("typed", "meant"), [("serach", "search"), ("relase", "release"), ("verfy", "verify"), ("ontologies", "ontology")]
)
def test_command_when_misspelt_then_exits_with_2_and_suggests(call: Caller, typed: str, meant: str) -> None:
    answer = call(typed)
    assert (answer.status, answer.out) == (2, "")
    assert f"Did you mean {meant}" in answer.err
    assert meant in str(call(typed, "--json").error()["message"])


@pytest.mark.parametrize("name", ABSENT)
def test_command_when_it_is_absent_by_design_then_is_unknown_and_nowhere_named(call: Caller, name: str) -> None:
    answer = call(name)
    assert (answer.status, answer.out) == (2, "")
    assert f"There is no command '{name}'." in answer.err
    assert name not in COMMANDS


def test_command_when_none_is_given_then_help_comes_and_the_status_is_2(call: Caller) -> None:
    answer = call()
    assert answer.status == 2
    assert "Usage: fairline" in answer.out + answer.err


def test_calls_when_something_is_missing_then_name_the_flag_and_ask_nothing(
    change: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> None:
        pytest.fail("a question was asked")

    for module, name in ((click, "prompt"), (click, "confirm"), (click, "pause"), (click, "getchar"), (click, "edit")):
        monkeypatch.setattr(module, name, asked)
    monkeypatch.setattr("builtins.input", asked)
    monkeypatch.setattr(getpass, "getpass", asked)
    assert "--reason" in change("withdraw", OPEN).err
    assert "--line" in change("add", "x").err
    assert "--out" in change("query", "SELECT 1", "--format", "parquet").err
    assert "--existing" in str(change("get", "--help").out)
    change.well("key", "new")
    change.well("withdraw", OPEN, "--reason", "nobody is asked whether it is meant")


def test_bank_when_named_before_or_after_the_command_or_by_the_environment_then_is_the_same(
    call: Caller, released: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = call.well("--bank", released.root, "search", "--json").json()
    assert call.well("search", "--bank", released.root, "--json").json() == before
    assert call("search", "--json").error()["error"] == "bank-not-found"
    monkeypatch.setenv("FAIRLINE_BANK", str(released.root))
    assert call.well("search", "--json").json() == before
    assert call("--bank", ".", "search", "--json").error()["error"] == "bank-not-found"
    monkeypatch.delenv("FAIRLINE_BANK")
    monkeypatch.chdir(released.lines_folder / OPEN)
    assert call.well("search", "--json").json() == before


@pytest.mark.parametrize("value", ["", "x" * 5000])
def test_bank_when_its_name_cannot_be_then_exits_with_2(call: Caller, value: str) -> None:
    assert call("--bank", value, "status", "--json").error()["exit_status"] == 2
    assert call("status", "--bank", value, "--json").error()["exit_status"] == 2
    assert call("get", OPEN, "--url", "http://127.0.0.1:9/", "--out", value, "--json").error()["exit_status"] == 2


def test_progress_when_there_is_no_terminal_then_no_bar_is_drawn(released: Bank, tmp_path: Path) -> None:
    answer = program("--bank", str(released.root), "get", OPEN, folder=tmp_path, NO_COLOR="", TERM="xterm")
    assert answer.status == 0
    assert ESCAPE not in answer.err
    assert "\r" not in answer.err
    assert (tmp_path / OPEN / CALLS).read_bytes() == vcf_bytes()


def test_json_when_a_setting_is_wrong_then_is_an_error_of_the_same_shape(change: Caller, own_bank: Bank) -> None:
    replace_file(own_bank.root / "fairline.toml", b"title = ")
    for command in (["status"], ["search"], ["release", "2027.01"], ["doctor"]):
        assert change(*command, "--json").error()["exit_status"] == 1
    report = change("validate", own_bank.root, "--json")
    assert report.status == 1
    assert json.loads(report.out)["subjects"][0]["kind"] == "bank"


@pytest.mark.parametrize(
    "arguments", [["explain"], ["show", OPEN], ["query", "SELECT * FROM range(100000)"]], ids=" ".join
)
def test_program_when_nobody_reads_on_then_it_ends_quietly_with_0(released: Bank, arguments: list[str]) -> None:
    process = subprocess.Popen(
        [PROGRAM, "--bank", str(released.root), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")


def test_release_when_stopped_by_errors_then_the_json_has_them(change: Caller, own_bank: Bank) -> None:
    break_record(own_bank)
    error = change("release", "2027.01", "--json").error()
    assert error["error"] == "release-has-errors"
    assert {each["subject"] for each in error["findings"]} == {f"lines/{OPEN}"}
    assert all(each["severity"] == "error" and each["code"] for each in error["findings"])
