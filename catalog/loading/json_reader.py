"""JSON, strictly (RFC 8259): duplicate keys, NaN, huge numbers, deep nesting and lone surrogates are findings.

A small scanner of our own, because no library tells the place of a duplicate key; strings are
decoded by the standard library's scanner.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.loading.document import Document, Path, decode_text, place_of

_SOURCE = "RFC 8259"

SYNTAX = Rule(
    "json-syntax",
    Severity.ERROR,
    Level.SPEC,
    "the JSON cannot be read here",
    "look for a missing comma, quote or bracket just before this place",
    _SOURCE,
)
DUPLICATE_KEY = Rule(
    "json-duplicate-key",
    Severity.ERROR,
    Level.SPEC,
    "the name {key} stands twice in one object",
    "keep one of them",
    f"{_SOURCE}, 4; RFC 7493, 2.3",
    "Readers keep the last one silently, so two programs may see two different values.",
)
NOT_FINITE = Rule(
    "json-number",
    Severity.ERROR,
    Level.SPEC,
    "the number cannot be held by other programs",
    "write a finite number below 2^63, or text",
    f"{_SOURCE}, 6; RFC 7493, 2.2",
)
TOO_DEEP = Rule(
    "json-too-deep",
    Severity.ERROR,
    Level.SPEC,
    "the document nests deeper than {limit} levels; it was not read to its end",
    "flatten the document: what no reader follows cannot be checked",
    f"{_SOURCE}, 9",
)
SURROGATE = Rule(
    "json-surrogate",
    Severity.ERROR,
    Level.SPEC,
    "a string has half of a character",
    "write the character itself, or both halves of its escape",
    f"{_SOURCE}, 8.2; RFC 7493, 2.1",
)

JSON_RULES = (SYNTAX, DUPLICATE_KEY, NOT_FINITE, TOO_DEEP, SURROGATE)

_DEEPEST = 100
_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][-+]?[0-9]+)?")
#: Whole strings, brackets, and a quote that begins no whole string.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}"]', re.DOTALL)
_WORDS = {"true": True, "false": False, "null": None}
#: The standard library's string scanner: text and start after the quote to value and end.
_SCANNER: Callable[[str, int], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]  # undocumented but stable
_LONGEST_INTEGER = 19


def read_json(content: bytes) -> Document:
    """The value of a JSON text."""
    text, findings = decode_text(content)
    if text is None:
        return Document(findings=tuple(findings))
    reader = _Reader(text)
    try:
        value = reader.read()
    except _Refused as refused:
        return Document(findings=(refused.finding,), places=reader.places)
    return Document(value=value, places=reader.places)


class _Refused(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._marked = 0
        self._line = 1
        self._line_start = 0
        self.places: dict[Path, Place] = {}

    def read(self) -> object:
        """Reads the whole text."""
        value = self._value((), 0)
        self._skip()
        if self._at != len(self._text):
            raise self._refuse(SYNTAX, expected="the end of the document")
        return value

    def _refuse(self, rule: Rule, *, expected: str, got: str | None = None, **words: Any) -> _Refused:
        before = self._text[: self._at]
        found = got if got is not None else self._text[self._at : self._at + 20] or "the end of the document"
        place = place_of(before, len(before.encode("utf-8", "surrogatepass")))
        return _Refused(rule.at(place, expected=expected, got=found, **words))

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        assert match is not None
        self._at = match.end()

    def _check_brackets(self) -> None:
        """Refuses a document whose brackets do not match, whatever its depth."""
        start = self._at
        closing: list[str] = []
        for match in _BRACKETS.finditer(self._text):
            mark = match[0]
            self._at = match.start()
            if mark in "[{":
                closing.append("]" if mark == "[" else "}")
            elif mark in "]}" and (not closing or closing.pop() != mark):
                raise self._refuse(SYNTAX, expected="brackets that match", got=mark)
            elif mark == '"':
                raise self._refuse(SYNTAX, expected="the end of the string", got=self._text[self._at : self._at + 20])
        if closing:
            self._at = len(self._text)
            raise self._refuse(SYNTAX, expected=f"{len(closing)} brackets that close", got="the end of the document")
        self._at = start

    def _mark(self, path: Path) -> None:
        """Notes the place of a part; line ends are counted once over the whole text."""
        newlines = self._text.count("\n", self._marked, self._at)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rfind("\n", self._marked, self._at) + 1
        self._marked = self._at
        self.places[path] = Place(line=self._line, column=self._at - self._line_start + 1)

    def _value(self, path: Path, depth: int) -> object:
        self._skip()
        if depth > _DEEPEST:
            self._check_brackets()
            raise self._refuse(TOO_DEEP, expected=f"at most {_DEEPEST} levels", limit=_DEEPEST)
        self._mark(path)
        start = self._text[self._at : self._at + 1]
        if start == "{":
            return self._object(path, depth)
        if start == "[":
            return self._array(path, depth)
        if start == '"':
            return self._string()
        for word, value in _WORDS.items():
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return value
        return self._number()

    def _number(self) -> int | float:
        match = _NUMBER.match(self._text, self._at)
        if match is None:
            for word in ("NaN", "Infinity", "-Infinity"):
                if self._text.startswith(word, self._at):
                    raise self._refuse(NOT_FINITE, expected="a finite number", got=word)
            raise self._refuse(SYNTAX, expected="a value")
        whole = match["fraction"] is None and match["exponent"] is None
        digits = match[0].lstrip("-")
        number: int | float = math.inf
        if not whole:
            number = float(match[0])
        elif len(digits) <= _LONGEST_INTEGER:
            number = int(match[0])
        if not math.isfinite(number) or (abs(number) >= 2**63 and whole):
            raise self._refuse(NOT_FINITE, expected="a finite number below 2^63", got=match[0])
        self._at = match.end()
        return number

    def _string(self) -> str:
        try:
            value, end = _SCANNER(self._text, self._at + 1)
        except json.JSONDecodeError as error:
            self._at = error.pos
            raise self._refuse(SYNTAX, expected=error.msg.lower()) from None
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self._refuse(SURROGATE, expected="whole characters", got=self._text[self._at : end])
        self._at = end
        return value

    def _object(self, path: Path, depth: int) -> dict[str, object]:
        members: dict[str, object] = {}
        self._at += 1
        self._skip()
        if self._text[self._at : self._at + 1] == "}":
            self._at += 1
            return members
        while True:
            self._skip()
            if self._text[self._at : self._at + 1] != '"':
                raise self._refuse(SYNTAX, expected="a name in double quotes")
            start = self._at
            key = self._string()
            if key in members:
                self._at = start
                raise self._refuse(DUPLICATE_KEY, expected="one", got="two", key=key)
            self._expect(":")
            members[key] = self._value((*path, key), depth + 1)
            if self._ends("}"):
                return members

    def _array(self, path: Path, depth: int) -> list[object]:
        values: list[object] = []
        self._at += 1
        self._skip()
        if self._text[self._at : self._at + 1] == "]":
            self._at += 1
            return values
        while True:
            values.append(self._value((*path, len(values)), depth + 1))
            if self._ends("]"):
                return values

    def _expect(self, mark: str) -> None:
        self._skip()
        if self._text[self._at : self._at + 1] != mark:
            raise self._refuse(SYNTAX, expected=f"'{mark}'")
        self._at += 1

    def _ends(self, mark: str) -> bool:
        self._skip()
        found = self._text[self._at : self._at + 1]
        if found not in {mark, ","}:
            raise self._refuse(SYNTAX, expected=f"',' or '{mark}'")
        self._at += 1
        return found == mark
