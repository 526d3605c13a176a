"""TOML, for ``fairline.toml``: the standard library's reader is strict already; here it gets findings and places."""

from __future__ import annotations

import re
import tomllib

from catalog.findings import Level, Place, Rule, Severity
from catalog.loading.document import Document, Path, decode_text

SYNTAX = Rule(
    "toml-syntax",
    Severity.ERROR,
    Level.BANK,
    "the TOML cannot be read: {problem}",
    "text values need quotes; a key may stand only once",
    "TOML 1.0.0",
)

TOML_RULES = (SYNTAX,)

_AT = re.compile(r" \(at (?:line (?P<line>[0-9]+), column (?P<column>[0-9]+)|end of document)\)$")
_TABLE = re.compile(r"\s*\[(?P<name>[A-Za-z0-9_.-]+)\]")
_KEY = re.compile(r"\s*(?P<key>[A-Za-z0-9_.-]+)\s*=")


def read_toml(content: bytes) -> Document:
    """The value of a TOML document; places are known for keys that start a line."""
    text, findings = decode_text(content)
    if text is None:
        return Document(findings=tuple(findings))
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _AT.search(str(error))
        last = text.count("\n") + 1
        line = int(match["line"]) if match and match["line"] else last
        column = int(match["column"]) if match and match["column"] else None
        problem = _AT.sub("", str(error))
        return Document(findings=(SYNTAX.at(Place(line=line, column=column), problem=problem),))
    return Document(value=value, places=_places(text))


def _places(text: str) -> dict[Path, Place]:
    places: dict[Path, Place] = {(): Place(line=1, column=1)}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _TABLE.match(line):
            table = tuple(match["name"].split("."))
            places[table] = Place(line=number, column=1)
        elif match := _KEY.match(line):
            path = (*table, *match["key"].split("."))
            places[path] = Place(line=number, column=match.start("key") + 1)
    return places
