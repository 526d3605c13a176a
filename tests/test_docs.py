"""The README and the guides, held against the code: their blocks are run, their lists are complete, their links lead somewhere."""

from __future__ import annotations

import contextlib
import difflib
import io
import json
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from catalog import library
from catalog.bank import open_bank
from catalog.cli.root import SECTIONS, root
from catalog.cli.rows import print_rows
from catalog.errors import CatalogError
from catalog.explanations import explanations, markdown, rules_by_area
from catalog.findings import Severity
from catalog.formats.inspect import formats
from catalog.identifiers import path_faults
from catalog.index.tables import TABLES
from catalog.kernels import SWITCH
from catalog.loading import read_toml, read_yaml
from catalog.model.files import MODALITIES
from catalog.profiles import check_bank, check_record
from catalog.registry import CHECKS, EXPORTS, FORMATS
from catalog.settings import read_settings
from catalog.vocabulary import open_vocabulary
from catalog.web.app import make_app
from publish.demo.bank import build_demo
from tests.builders import absent, shared_folder
from tests.docs_blocks import Block, Run, blocks, start_of
from tests.docs_pages import PAGES, anchors, page, paths_of, section, shape_faults, sources, table_rows
from tests.docs_tables import ROOT, fields, renewed

#: Options that many commands have; they are explained once.
COMMON_OPTIONS = {"--bank", "--json", "--help"}
#: Where a document's commands need a program, it is not run without.
PROGRAMS = ("curl", "jq", "minisign")
#: Traces of a machine: folders of whoever wrote a line, hosts of package registries.
TRACES = re.compile(
    r"(?<![\w.})>-])/(?:work|root|home)/|/tmp/tmp|pypi\.org|pythonhosted|crates\.io|npmjs|deb\.debian|docker\.io|ghcr\.io"
)


# The blocks


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example bank in ``demo-bank`` and its keys in ``config``. Nobody changes it."""
    folder = tmp_path_factory.mktemp("docs-demo")
    settings = read_settings(
        {"FAIRLINE_CONFIG": str(folder / "config"), "FAIRLINE_ONTOLOGIES": str(folder / "ontologies")}
    )
    build_demo(folder / "demo-bank", settings)
    return folder


def prepared(name: str, folder: Path, request: pytest.FixtureRequest) -> Run:
    """A document's folder with what it starts with."""
    work, home = folder / "work", folder / "home"
    work.mkdir()
    home.mkdir()
    start = start_of(PAGES[name])
    if start == "demo-bank":
        source: Path = request.getfixturevalue("demo")
        shutil.copytree(source / "demo-bank", work / "demo-bank")
        shutil.copytree(source / "config", home / "config")
    elif start == "ontologies":
        shutil.copytree(shared_folder() / "ontologies", work / "ontologies")
    else:
        assert start is None, f"{name} starts with {start}, which nobody knows"
    return Run(folder=work, home=home, name=name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "README.md" else pytest.mark.slow, id=name)
        for name in PAGES
        if start_of(PAGES[name]) != "ckan"  # those run in tests/ckan
    ],
)
def test_blocks_when_run_then_do_what_the_page_says(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    run_page(name, prepared(name, tmp_path, request))


def run_page(name: str, run: Run) -> None:
    """Runs the blocks of a page in order."""
    listed = [block for block in blocks(PAGES[name]) if not block.mark("not run") or block.mark("installs")]
    for program in PROGRAMS:
        runs = any(block.kind in {"console", "sh"} and program in block.text for block in listed)
        if runs and shutil.which(program) is None:
            absent(f"{name} runs {program}, which is not here")
    output = ""
    with contextlib.closing(run):
        for block in listed:
            if "output" in block.marks:
                assert block.text.rstrip() == output.rstrip(), f"{name}:{block.line}\n{output}"
                continue
            run.run(block)
            output = judged(block, run)


def judged(block: Block, run: Run) -> str:
    """What a block prints that is no command; it fails where the block is not what it should be."""
    what = block.mark("test") or ""
    kind, _, rest = what.partition(" ")
    if kind == "record":
        assert record_errors(block.text) == []
    elif kind == "settings":
        document = read_toml(block.text.encode())
        assert [each.code for each in (*document.findings, *check_bank(document))] == []
    elif kind == "query":
        names, rows = library.query(block.text, bank=run.folder / "demo-bank")
        assert rows, f"{run.name}:{block.line} finds nothing"
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            print_rows(names, rows, "table", None)
        return printed.getvalue()
    elif kind == "api":
        with TestClient(make_app(open_bank(run.folder / "demo-bank"))) as client:
            got = client.get(rest).json()
        assert shape_faults(json.loads(block.text), got) == []
    else:
        assert kind == "", f"{run.name}:{block.line} has a test that nobody knows: {what}"
    return ""


def record_errors(text: str) -> list[str]:
    """The errors of a record."""
    document = read_yaml(text.encode())
    found = [*document.findings, *(check_record(document) if document.usable else ())]
    return [f"{each.code} {each.column}" for each in found if each.severity is Severity.ERROR]


@pytest.mark.parametrize("name", PAGES)
def test_blocks_when_listed_then_each_is_run_or_says_why_not(name: str) -> None:
    silent = [
        f"{name}:{block.line} ({block.kind or 'no kind'})" for block in blocks(PAGES[name]) if not block.is_runnable
    ]
    assert silent == []


# Made from the code


def test_codes_when_made_again_then_are_the_same() -> None:
    lines = difflib.unified_diff(
        page("codes").splitlines(), markdown().splitlines(), "docs/codes.md", "made now", lineterm=""
    )
    assert not (changes := list(lines)), "run 'make docs':\n" + "\n".join(changes[:40])


@pytest.mark.parametrize("name", PAGES)
def test_made_parts_when_made_again_then_are_the_same(name: str) -> None:
    assert renewed(PAGES[name]) == PAGES[name], "run 'python -m tests.docs_tables'"


# Complete lists


def commands(group: click.Group, prefix: str = "fairline") -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name; groups are passed through."""
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            if isinstance(command, click.Group):
                yield from commands(command, f"{prefix} {name}")
            else:
                yield f"{prefix} {name}", command


COMMANDS = dict(commands(root))


def test_commands_when_listed_then_sections_of_the_help_are_those_of_the_page() -> None:
    found = re.findall(r"^### (fairline .*)$", page("commands"), re.MULTILINE)
    assert sorted(found) == sorted(COMMANDS)
    by_audience = [name for part in SECTIONS.values() for name in part]
    assert list(dict.fromkeys(name.split()[1] for name in found)) == by_audience


@pytest.mark.parametrize("name", COMMANDS)
def test_options_when_listed_then_are_those_of_the_command(name: str) -> None:
    text = section(page("commands"), f"### {name}")
    shown = set(re.findall(r"^\| `(?:-\w, )?(--[a-z0-9-]+)", text, re.MULTILINE))
    real = {
        max(option.opts, key=len) for option in COMMANDS[name].params if isinstance(option, click.Option)
    } - COMMON_OPTIONS
    assert shown == real
    assert "```console" in text, "the command has no example"


def test_common_options_when_read_then_are_explained_once() -> None:
    for option in COMMON_OPTIONS:
        assert f"`{option}" in section(page("commands"), "## Options of many commands")


def test_environment_when_read_by_the_code_then_stands_on_the_page() -> None:
    called = re.compile(r'(?:environ|variables)(?:\.get\(|\[)"([A-Z_]+)"|folder\("([A-Z_]+)"')
    read = {SWITCH}
    for path in (
        ROOT / "catalog/settings.py",
        ROOT / "catalog/kernels/__init__.py",
        *(ROOT / "catalog/cli").glob("*.py"),
        *(ROOT / "publish/cli").glob("*.py"),
    ):
        read |= {one or other for one, other in called.findall(path.read_text())}
    assert "FAIRLINE_BANK" in read
    assert read <= set(table_rows(section(page("commands"), "## Environment")))


def test_exit_statuses_when_listed_then_are_those_of_the_errors() -> None:
    def below(kind: type[CatalogError]) -> Iterator[int]:
        yield kind.exit_status
        for each in kind.__subclasses__():
            yield from below(each)

    shown = {int(cell) for cell in table_rows(section(page("commands"), "## Exit statuses")) if cell.isdigit()}
    assert shown == set(below(CatalogError)) | {0, 130}


def test_formats_when_listed_then_are_those_of_the_code() -> None:
    rows = table_rows(section(page("validation"), "## Formats"))
    assert set(rows) - {"name", "---"} == {entry.name for entry in entry_points(group=FORMATS) if is_ours(entry)}
    for name, each in formats().items():
        assert rows[name][1:4] == [each.title, f"`{each.edam}`" if each.edam else "", each.floor.value], name


def test_checks_when_listed_then_are_those_of_the_code() -> None:
    rows = table_rows(section(page("validation"), "## Checks"))
    assert {entry.name for entry in entry_points(group=CHECKS) if is_ours(entry)} <= set(rows)


def test_exports_when_listed_then_are_those_of_the_code() -> None:
    for entry in entry_points(group=EXPORTS):
        if is_ours(entry):
            for path in entry.load().paths:
                assert f"`{path}`" in page("package"), path


def is_ours(entry: Any) -> bool:
    return entry.dist is not None and entry.dist.name == "fairline"


@pytest.mark.parametrize("name", PAGES)
def test_codes_when_named_in_a_table_then_are_known(name: str) -> None:
    prefixes = {code.partition("-")[0] for code in explanations()}
    named = re.findall(r"^\|.*?`([a-z0-9]+(?:-[a-z0-9]+)+)`", PAGES[name], re.MULTILINE)
    known = {*explanations(), *MODALITIES, *formats()}
    assert [code for code in named if code.partition("-")[0] in prefixes and code not in known] == []


def test_index_tables_when_listed_then_are_those_of_the_code() -> None:
    assert re.findall(r"^### (\w+)$", section(page("query"), "## Tables"), re.MULTILINE) == list(TABLES)


def test_addresses_when_listed_then_are_those_of_the_portal(demo: Path) -> None:
    words = {"{name}": "ID", "{release}": "RELEASE", "{path:path}": "PATH", "{curie}": "CURIE"}
    shown = set(table_rows(page("addresses")))
    for route in make_app(open_bank(demo / "demo-bank")).routes:
        assert isinstance(route, Route | Mount)
        path = route.path.replace("/release/{name}", "/release/NAME")
        for word, letters in words.items():
            path = path.replace(word, letters)
        assert path in shown, path


def test_fields_when_listed_then_stand_in_the_full_example() -> None:
    [example] = [block for block in blocks(page("records")) if block.mark("test") == "record full"]
    value = read_yaml(example.text.encode()).value
    assert isinstance(value, dict)
    assert {path for path, _ in fields()} - set(paths_of(value)) == set()


def test_terms_of_the_full_example_when_checked_then_are_no_errors() -> None:
    from catalog.ontology.annotate import annotate_record
    from catalog.profiles import decode_record

    [example] = [block for block in blocks(page("records")) if block.mark("test") == "record full"]
    with open_vocabulary(Path("none")) as vocabulary:
        _, findings = annotate_record(decode_record(read_yaml(example.text.encode()).value), vocabulary)
    assert [each.message for each in findings if each.severity is Severity.ERROR] == []


# Links, names, traces


def test_guides_when_named_as_the_source_of_a_rule_then_are_there() -> None:
    named = {
        word
        for rules in rules_by_area().values()
        for rule in rules
        for word in re.findall(r"docs/\w+\.md", rule.source)
    }
    assert named - set(PAGES) == set()


def test_guides_when_named_in_the_code_then_are_there() -> None:
    missing = {
        f"{path.relative_to(ROOT)}: {word}"
        for path in sources()
        for word in re.findall(r"docs/[\w-]+\.md", path.read_text())
        if word not in PAGES
    }
    assert missing == set()


@pytest.mark.parametrize("name", [*PAGES, "CHANGELOG.md", "CONTRIBUTING.md"])
def test_links_when_followed_then_lead_somewhere(name: str) -> None:
    path = ROOT / name
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found.read_text()), target


def test_guides_when_listed_then_are_all_in_the_readme() -> None:
    assert [name for name in PAGES if name != "README.md" and f"]({name})" not in PAGES["README.md"]] == []


def test_folders_when_listed_then_are_all_on_the_map() -> None:
    tree = section(PAGES["README.md"], "## Where things are")
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()}
    here = {each.name for each in ROOT.iterdir() if each.is_dir()}
    own = {name for name in here if not any(Path(name).match(each) for each in (*ignored, ".git"))}
    assert [name for name in sorted(own) if f"\n{name}/ " not in tree] == []
    modules = {each.stem for each in (ROOT / "catalog").glob("*.py")} - {"__init__"}
    rooms = {f"{each.name}/" for each in (ROOT / "catalog").iterdir() if (each / "__init__.py").is_file()}
    assert [name for name in sorted(modules | rooms) if not re.search(rf"(?<![\w/]){name}(?![\w/])", tree)] == []


def test_texts_when_read_then_name_no_folder_of_a_machine_and_no_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in sources()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if TRACES.search(line)
    ]
    assert found == []


def test_decisions_when_listed_then_each_says_what_why_and_what_else() -> None:
    entries = re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", page("decisions"), re.MULTILINE | re.DOTALL)
    assert len(entries) >= 15
    for title, text in entries:
        assert "**Why.**" in text, title
        assert "**Else.**" in text, title


def test_paths_when_listed_as_refused_then_are_refused() -> None:
    rows = [cells for cells in table_rows(page("paths")).values() if cells[3] == "`path-unsafe`"]
    assert [cells[0] for cells in rows] == [str(number) for number in range(1, 12)]
    for cells in rows:
        example = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), cells[2].strip("`"))
        assert path_faults(example or "a" * 501), cells
