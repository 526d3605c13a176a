"""The limits of the design: layers, circles, sizes, names, heavy imports. Find the missing noun; never raise a limit."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LONGEST_MODULE_LINES = 400
LONGEST_BODY_LINES = 60
MOST_PARAMETERS = 6

#: Numeric kernels may be long and take many arrays: a call inside the loop over bytes costs more than the loop
#: (measured: 94 against 543 MB/s). At most eight, each with its reason.
LONGEST_KERNEL_LINES = 160
MOST_KERNELS = 8
KERNELS: dict[str, str] = {
    "catalog.kernels.intervals.read_rows": "columns of all kinds in one loop over bytes, with arrays that no call may take",
    "catalog.kernels.bam.walk": "a record is passed over or not by all of its fields together, most of them in registers",
}

#: Low to high; an import only points to something further left or above.
LAYERS = (
    ("catalog.errors",),
    ("catalog.findings",),
    ("catalog.identifiers", "catalog.names"),
    ("catalog.model",),
    ("catalog.settings", "catalog.events", "catalog.wording", "catalog.row_order"),
    (
        "catalog.durable",
        "catalog.loading",
        "catalog.checksums",
        "catalog.registry",
        "catalog.database",
        "catalog.columns",
    ),
    ("catalog.profiles", "catalog.panel", "catalog.claims", "catalog.signing", "catalog.schemas", "catalog.ontologies"),
    ("catalog.vocabulary",),
    ("catalog.ontology",),
    ("catalog.ledger",),
    ("catalog.store",),
    ("catalog.kernels",),
    ("catalog.formats",),
    ("catalog.bank",),
    ("catalog.access",),
    ("catalog.checks",),
    ("catalog.package",),
    ("catalog.index",),
    ("catalog.verify",),
    ("catalog.client",),
    ("catalog.library",),
    ("catalog.explanations", "catalog.diagnosis"),
    ("publish.exports",),
    ("publish.journal", "publish.report_plots", "publish.contents", "publish.catalog_object", "publish.planning"),
    ("publish.writing",),
    ("publish.replay",),
    ("publish.withdrawal",),
    ("publish.releasing",),
    ("publish.targets",),
    ("publish.library",),
    (
        "publish.status",
        "publish.keys",
        "publish.unreleased",
        "publish.comparison",
        "publish.report_html",
        "publish.report_place",
    ),
    ("publish.demo",),
    ("catalog.web",),
    ("catalog.cli",),
    ("publish.cli",),
)

FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "core", "manager", "handler", "types"}

#: Modules that are functions of values: they may not touch the world.
PURE = (
    "catalog.findings",
    "catalog.identifiers",
    "catalog.names",
    "catalog.model",
    "catalog.checks.",
    "catalog.access",
    "catalog.index.query",
    "catalog.index.search",
    "publish.planning",
    "publish.exports.",
    "publish.targets.planning",
    "publish.targets.manifest",
    "publish.targets.publication",
    "publish.targets.folder.layout",
    "publish.targets.ckan.layout",
    "publish.targets.ckan.documents",
    "publish.targets.ckan.fields",
    "publish.targets.ckan.resources",
    "publish.targets.ckan.comparison",
)
IMPURE_IMPORTS = {"requests", "duckdb", "os"}
HEAVY = (
    "frictionless",
    "rdflib",
    "duckdb",
    "pyarrow",
    "ckanapi",
    "pysam",
    "pyoxigraph",
    "requests",
    "jsonschema",
    "numba",
    "h5py",
)

#: Heavy libraries sit behind one module or folder each.
SEAMS = {
    "frictionless": "catalog.checks.tables",
    "duckdb": "catalog.database",
    "pyoxigraph": ("publish.exports.graph", "catalog.ontology.owl"),
    "minisign": "catalog.signing",
    "isal": ("catalog.formats.containers", "catalog.formats.containers.bgzf"),
    "fastobo": "catalog.ontology.obo",
    "requests": ("catalog.client.remote", "publish.targets.ckan.client", "publish.targets.ckan.wire"),
    "ckanapi": "publish.targets.ckan.client",
    "requests_toolbelt": ("publish.targets.ckan.client", "publish.targets.ckan.wire"),
    "jsonschema": ("catalog.profiles",),
    "pyarrow": "catalog.columns",
    "h5py": "catalog.formats.h5ad.library",
    "pysam": "catalog.formats.alignment.cram_records",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    for top in ("catalog", "publish"):
        for path in sorted((ROOT / top).rglob("*.py")):
            yield module_name(path), path, ast.parse(path.read_text(), str(path))


MODULES = list(modules())
NAMES = {name for name, _, _ in MODULES}


def imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every imported module with its line, inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports are not used"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield (full if full in NAMES else str(node.module)), node.lineno


def layer(name: str) -> int | None:
    best = None
    for rank, row in enumerate(LAYERS):
        if any(name == room or name.startswith(room + ".") for room in row):
            best = rank
    return best


def room(name: str) -> str:
    return next((r for row in LAYERS for r in row if name == r or name.startswith(r + ".")), name)


@pytest.mark.parametrize(("name", "tree"), [(n, t) for n, _, t in MODULES], ids=[n for n, _, _ in MODULES])
def test_imports_when_read_then_point_down(name: str, tree: ast.Module) -> None:
    if name in {"catalog", "publish"}:
        # The two public doors import lazily, inside functions, from any room of their own package and below.
        assert all(not other.startswith("publish") for other, _ in imported(tree)) or name == "publish"
        return
    own = layer(name)
    assert own is not None, f"{name} stands in no layer"
    for other, line in imported(tree):
        if other.split(".")[0] not in {"catalog", "publish"}:
            continue
        if room(other) == room(name):
            continue
        rank = layer(other)
        assert rank is not None, f"{name}:{line} imports {other}, which stands in no layer"
        assert rank < own, f"{name}:{line} imports {other}, which is not below it"
        assert not (name.startswith("catalog.") and other.startswith("publish")), f"{name}:{line} imports {other}"


def test_imports_when_followed_then_make_no_circle() -> None:
    graph = {
        name: {other for other, _ in imported(tree) if other in NAMES and other != name} for name, _, tree in MODULES
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"circle: {' > '.join((*trail, name))}"
        if name in done:
            return
        for other in sorted(graph.get(name, ())):
            visit(other, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize(("name", "path"), [(n, p) for n, p, _ in MODULES], ids=[n for n, _, _ in MODULES])
def test_module_when_measured_then_is_short(name: str, path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= LONGEST_MODULE_LINES, f"{name} has {lines} lines"


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        body = body[1:]
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize(("name", "tree"), [(n, t) for n, _, t in MODULES], ids=[n for n, _, _ in MODULES])
def test_functions_when_measured_then_are_short_and_have_few_parameters(name: str, tree: ast.Module) -> None:
    for node in functions(tree):
        if f"{name}.{node.name}" in KERNELS:
            assert name.startswith("catalog.kernels."), f"{name}.{node.name} is no kernel"
            assert body_lines(node) <= LONGEST_KERNEL_LINES, f"{name}.{node.name}: {body_lines(node)} lines"
            continue
        assert body_lines(node) <= LONGEST_BODY_LINES, f"{name}.{node.name}: {body_lines(node)} lines"
        arguments = node.args
        count = len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)
        bound = bool(arguments.args) and arguments.args[0].arg in {"self", "cls"}
        assert count - bound <= MOST_PARAMETERS, f"{name}.{node.name}: {count - bound} parameters"


def test_kernels_when_listed_then_are_few_and_there() -> None:
    known = {f"{name}.{node.name}" for name, _, tree in MODULES for node in functions(tree)}
    assert len(KERNELS) <= MOST_KERNELS
    assert set(KERNELS) <= known


def test_modules_when_named_then_are_nouns_of_the_field() -> None:
    for name in NAMES:
        assert not FORBIDDEN_NAMES & set(name.split(".")), f"{name} has a name that says nothing"


@pytest.mark.parametrize(("name", "tree"), [(n, t) for n, _, t in MODULES], ids=[n for n, _, _ in MODULES])
def test_pure_modules_when_read_then_touch_no_world(name: str, tree: ast.Module) -> None:
    if not any(name == pure or (pure.endswith(".") and name.startswith(pure)) for pure in PURE):
        return
    for other, line in imported(tree):
        assert other.split(".")[0] not in IMPURE_IMPORTS, f"{name}:{line} imports {other}"


def test_heavy_libraries_when_imported_then_stay_behind_their_seam() -> None:
    for name, _, tree in MODULES:
        for other, line in imported(tree):
            seam = SEAMS.get(other.split(".")[0])
            allowed = (seam,) if isinstance(seam, str) else seam
            assert allowed is None or name in allowed, f"{name}:{line} imports {other}; its seam is {allowed}"


@pytest.mark.parametrize("package", ["catalog", "publish"])
def test_import_of_a_package_when_done_then_pulls_nothing_heavy(package: str) -> None:
    program = f"import sys, {package}; print([m for m in {HEAVY!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_setuptools_packages_when_compared_with_the_disk_then_agree() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    mapped = {folder: name for name, folder in settings["package-dir"].items()}
    on_disk = set()
    for top in ("catalog", "publish", *mapped):
        for path in (ROOT / top).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                parts = path.parent.relative_to(ROOT).parts
                on_disk.add(".".join((mapped.get(parts[0], parts[0]), *parts[1:])))
    assert set(settings["packages"]) == on_disk


def test_data_files_of_packages_when_compared_with_setuptools_then_each_gets_into_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    endings = {pattern.removeprefix("**/*") for pattern in settings["package-data"]["*"]} | {".py"}
    for top in ("catalog", "publish", *settings["package-dir"].values()):
        for path in (ROOT / top).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert {path.suffix, path.name} & endings, f"{path.relative_to(ROOT)} is not among the package-data"


@pytest.mark.parametrize("name", ["search", "show", "get", "verify", "query", "cite"])
def test_scientists_commands_when_loaded_then_need_no_posix_module(name: str) -> None:
    program = (
        "import sys; sys.modules['fcntl'] = None; sys.modules['pwd'] = None; sys.modules['grp'] = None\n"
        "from catalog.cli.root import root\n"
        f"import click; root.get_command(click.Context(root), {name!r})\n"
        "import catalog.client.portal_check, catalog.cli.rows, catalog.library, catalog.verify"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_patterns_when_read_then_no_group_is_possessive() -> None:
    """Python before 3.11.5 matches possessive groups wrongly (cpython issue 106052); of single characters, rightly."""
    pattern = re.compile(r"\)[?*+]\+|\(\?>")
    found = {
        f"{path.name}:{number}"
        for _, path, _ in MODULES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    }
    assert found == set()


def test_public_functions_when_read_then_are_documented_and_typed() -> None:
    missing = []
    for name, _, tree in MODULES:
        for node in tree.body:
            private = isinstance(node, ast.ClassDef) and node.name.startswith("_")
            defined = [node, *node.body] if isinstance(node, ast.ClassDef) and not private else [node]
            for each in defined:
                if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    continue
                if not each.name.startswith("_") and ast.get_docstring(each) is None:
                    missing.append(f"{name}.{each.name}")
    assert missing == []
