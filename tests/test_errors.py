"""Errors: the tree with its exit statuses, their journey between processes, and a text for every code that is raised."""

from __future__ import annotations

import ast
import functools
import json
import pickle
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog import errors
from catalog.errors import CatalogError
from catalog.explanations import explanations

ROOT = Path(__file__).resolve().parent.parent
STATUSES = {
    "CatalogError": 70,
    "InvalidError": 1,
    "UsageError": 2,
    "NotFoundError": 3,
    "UnauthorisedError": 4,
    "TemporaryError": 5,
    "ConflictError": 6,
    "IntegrityError": 7,
    "DefectError": 70,
}
TEXTS = tomllib.loads((ROOT / "schemas" / "errors.toml").read_text(encoding="utf-8"))


def test_tree_when_read_then_each_kind_has_its_exit_status() -> None:
    kinds = {
        name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, CatalogError)
    }
    assert {name: kind.exit_status for name, kind in kinds.items()} == STATUSES


def test_error_when_written_as_json_then_only_what_it_says() -> None:
    plain = errors.NotFoundError("line-not-found", "the bank has no line X")
    assert plain.to_json() == {"error": "line-not-found", "message": "the bank has no line X", "exit_status": 3}
    full = errors.UsageError("a-b", "m", at="place", want="w", got="g", hint="h")
    assert json.loads(json.dumps(full.to_json())) == {
        "error": "a-b", "message": "m", "at": "place", "want": "w", "got": "g", "hint": "h", "exit_status": 2,
    }  # fmt: skip


@pytest.mark.parametrize("name", STATUSES)
def test_error_when_pickled_then_the_same(name: str) -> None:
    kind = getattr(errors, name)
    error = kind("a-b", "m", at="place", want="w", got="g", hint="h")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert again.to_json() == error.to_json()
    assert str(again) == "m"


@functools.cache
def modules() -> list[tuple[Path, ast.Module]]:
    paths = [path for top in ("catalog", "publish") for path in sorted((ROOT / top).rglob("*.py"))]
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def called(call: ast.Call) -> str:
    """The last part of the name that is called."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def kinds_with_statuses() -> dict[str, int]:
    """Every class of errors by name, also those that modules derive for themselves."""
    found = dict(STATUSES)
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases = [each.id for each in node.bases if isinstance(each, ast.Name) and each.id in found]
                if bases:
                    found.setdefault(node.name, found[bases[0]])
    return found


def words_of(name: str, function: ast.AST, tree: ast.Module) -> Iterator[str]:
    """The texts that a name can be in a function: assigned there, or given by the function's callers in the module."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id == name for each in node.targets
        ):
            parts = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
            yield from (each.value for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str))
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    parameters = [each.arg for each in function.args.args if each.arg != "self"]
    if name in parameters:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) == function.name:
                given = node.args[parameters.index(name)]
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def raised_codes() -> dict[str, set[int]]:
    """Every code that an error is made with, with its exit statuses. Codes taken from a finding are explained there."""
    kinds = kinds_with_statuses()
    found: dict[str, set[int]] = {}
    for path, tree in modules():
        functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
        click_errors = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("click")
            for alias in node.names
        }
        for function in functions:
            for node in ast.walk(function):
                if not isinstance(node, ast.Call) or called(node) not in kinds or not node.args:
                    continue
                if called(node) in click_errors or ast.unparse(node.func).startswith("click."):
                    continue
                code = node.args[0]
                status = kinds[called(node)]
                if isinstance(code, ast.Constant):
                    found.setdefault(str(code.value), set()).add(status)
                elif isinstance(code, ast.Name):
                    for word in words_of(code.id, function, tree):
                        found.setdefault(word, set()).add(status)
                else:
                    assert ast.unparse(code).endswith(".code"), f"{path}:{node.lineno} makes up a code"
    return found


RAISED = raised_codes()


def test_codes_when_collected_then_the_known_ones_are_among_them() -> None:
    assert {"disk-full", "disk-error", "key-missing", "ontology-bomb", "release-not-above"} <= set(RAISED)


def test_codes_when_compared_with_their_texts_then_none_is_missing_and_none_is_left_over() -> None:
    assert set(RAISED) - set(TEXTS) == set(), "raised, but not in schemas/errors.toml"
    assert set(TEXTS) - set(RAISED) == set(), "in schemas/errors.toml, but never raised"


@pytest.mark.parametrize("code", TEXTS)
def test_text_of_a_code_when_read_then_meaning_mend_and_the_right_exit_status(code: str) -> None:
    text = TEXTS[code]
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", code)
    assert set(text) == {"means", "mend", "exit"}
    for word in ("means", "mend"):
        assert len(text[word]) > 15
        assert not text[word].endswith(".")
    assert {int(number) for number in re.findall("[0-9]+", str(text["exit"]))} == RAISED[code]


def test_texts_when_read_then_sorted_and_without_doubles_of_meaning() -> None:
    assert list(TEXTS) == sorted(TEXTS)
    assert len({text["means"] for text in TEXTS.values()}) == len(TEXTS)


def test_explanations_when_asked_for_then_every_error_has_one() -> None:
    known = explanations()
    assert set(TEXTS) <= set(known)
    assert known["key-missing"].kind == "error"
    assert known["key-missing"].source == "exit status 4"
