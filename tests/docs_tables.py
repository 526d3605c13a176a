"""The parts of the guides that are made from schemas and code, between ``<!-- made: NAME -->`` and ``<!-- end -->``.

``python -m tests.docs_tables`` renews them in ``docs/``; a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.index import FACETS
from catalog.index.query import VALUE_LABELS
from catalog.index.tables import TABLES
from catalog.model.files import TABLE_NAMES
from catalog.profiles import LINE_PROFILE, profile_schema, table_schema

ROOT = Path(__file__).resolve().parent.parent
_MADE = re.compile(r"(?P<open><!-- made: (?P<name>[a-z -]+) -->\n)(?P<inside>.*?)(?P<close><!-- end -->)", re.DOTALL)


def fields(schema: Mapping[str, Any] | None = None, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field of a record with its schema, in the profile's order; fields in a list have the list's name."""
    whole = profile_schema(LINE_PROFILE) if schema is None else schema
    for branch in (whole, whole.get("items", {}), *whole.get("anyOf", ())):
        if branch is not whole and ("items" in branch or "anyOf" in branch):
            yield from fields(branch, path)
        for name, inner in branch.get("properties", {}).items():
            here = f"{path}.{name}" if path else name
            yield here, inner
            yield from fields(inner, here)


def renewed(text: str) -> str:
    """A guide with its made parts as they are now."""
    return _MADE.sub(lambda match: f"{match['open']}{made(match['name'])}{match['close']}", text)


def made(name: str) -> str:
    """The text of a made part."""
    if name.startswith("table "):
        return _columns(name.removeprefix("table "))
    return _MAKERS[name]()


def _rows(header: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in lines)


def _columns(name: str) -> str:
    """The columns of one of the tables beside the record."""
    assert name in TABLE_NAMES, name

    def rows() -> Iterator[Sequence[str]]:
        for each in table_schema(name)["fields"]:
            needed = " Every row needs it." if each.get("constraints", {}).get("required") else ""
            public = "yes" if each.get("x-public") else "no"
            yield (
                f"`{each['name']}`",
                each["description"] + needed,
                each["x-vocabulary"],
                f"`{each['example']}`",
                public,
            )

    return _rows(("column", "meaning", "vocabulary", "example", "public"), rows())


def _wanted() -> str:
    def rows() -> Iterator[Sequence[str]]:
        for path, schema in fields():
            if "x-wanted" in schema:
                yield f"`{path}`", schema["x-wanted"], schema["description"]

    return _rows(("field", "wanted at", "meaning"), rows())


def _public() -> str:
    """The fields that are not public for every line; a field inside one that never leaves the bank is not named again."""
    lists: dict[str, list[str]] = {"open": [], "never": []}
    for path, schema in fields():
        who = schema.get("x-public", "never")
        if who != "always" and not any(path.startswith(f"{each}.") for each in lists["never"]):
            lists[who].append(path)
    titles = {"open": "Public for lines of tier `open` only", "never": "Never public"}
    shown = (f"{titles[who]}: {', '.join(f'`{path}`' for path in paths)}.\n" for who, paths in lists.items())
    return "Public for every line: all fields but the following.\n\n" + "\n".join(shown)


def _index() -> str:
    parts = []
    for name, columns in TABLES.items():
        rows = ((f"`{each.name}`", f"`{each.type}`", each.says) for each in columns)
        parts.append(f"### {name}\n\n{_rows(('column', 'type', 'says'), iter(rows))}\n")
    return "\n".join(parts)


def _facets() -> str:
    def rows() -> Iterator[Sequence[str]]:
        for each in FACETS:
            kind = "a term; its descendants match too" if each.is_term else ", ".join(VALUE_LABELS.get(each.name, ()))
            yield f"`{each.name}`", each.title, kind or "a value", "yes" if each.of_files else "no"

    return _rows(("facet", "title", "values", "also chooses files"), rows())


_MAKERS: Mapping[str, Callable[[], str]] = {"wanted": _wanted, "public": _public, "index": _index, "facets": _facets}


def main() -> None:
    """Renews every guide."""
    for path in sorted((ROOT / "docs").glob("*.md")):
        text = path.read_text()
        if renewed(text) != text:
            path.write_text(renewed(text))
            print(f"renewed {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
