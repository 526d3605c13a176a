"""Reading the guides and the project's texts: pages, sections, tables, anchors, shapes of JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.docs_tables import ROOT

DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in DOCUMENTS}
#: The texts that somebody wrote, by the end of their names.
TEXTS = (".css", ".csv", ".html", ".js", ".json", ".md", ".py", ".toml", "Makefile", "run")


def page(name: str) -> str:
    """A guide; a missing one is a clear failure."""
    assert f"docs/{name}.md" in PAGES, f"docs/{name}.md is missing"
    return PAGES[f"docs/{name}.md"]


def section(text: str, heading: str) -> str:
    """The part of a page under a heading, up to the next heading of its level or above."""
    level = heading.split(" ")[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {heading}"
    return found[1]


def table_rows(text: str) -> dict[str, list[str]]:
    """The rows of the Markdown tables of a text, by their first cell without backticks."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {cells[0].strip("`"): cells for cells in rows}


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as Markdown viewers make them."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def sources() -> Iterator[Path]:
    """The files of the project that somebody wrote."""
    for top in (
        "catalog",
        "publish",
        "schemas",
        "ontologies",
        "docs",
        ".ci",
        "Makefile",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
    ):
        path = ROOT / top
        found = [path] if path.is_file() else path.rglob("*")
        yield from (each for each in found if each.is_file() and each.name.endswith(TEXTS))


def paths_of(value: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Every path of a plain value, as :func:`tests.docs_tables.fields` writes them."""
    for name, inner in value.items():
        here = f"{path}.{name}" if path else name
        yield here
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, dict):
                yield from paths_of(each, here)


def shape_faults(shown: Any, got: Any, place: str = "") -> list[str]:
    """Where an object that a page shows has other members than the real one; empty ones stand for anything."""
    if isinstance(shown, dict) and isinstance(got, dict) and shown:
        other = [f"{place}.{name}" for name in sorted(set(shown) ^ set(got))]
        inner = [
            fault for name in set(shown) & set(got) for fault in shape_faults(shown[name], got[name], f"{place}.{name}")
        ]
        return other + inner
    if isinstance(shown, list) and isinstance(got, list):
        return [fault for each in shown for fault in shape_faults(each, got[0] if got else each, f"{place}[]")]
    same = shown is None or got is None or type(shown) is type(got)
    return [] if same else [f"{place} is {type(got).__name__}, not {type(shown).__name__}"]
