"""YAML, strictly: one document, core schema, no surprises (docs/records.md).

Built on PyYAML's event stream: events carry line and column, and reading them with a stack of our
own keeps nesting, aliases and tags from doing harm. Plain scalars follow the YAML 1.2 core schema
(YAML 1.2.2, 10.3.2); what a YAML 1.1 reader would take for something else is a finding.
"""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.loading.document import Document, Path, decode_text

_SOURCE = "YAML 1.2.2"

SYNTAX = Rule(
    "yaml-syntax",
    Severity.ERROR,
    Level.BANK,
    "the YAML cannot be read: {problem}",
    "check the indentation and the quotes around this place; tabs may not indent",
    _SOURCE,
)
DUPLICATE_KEY = Rule(
    "yaml-duplicate-key",
    Severity.ERROR,
    Level.BANK,
    "the key {key} stands twice in one mapping",
    "keep one of them; the first is on line {first}",
    f"{_SOURCE}, 3.2.1.3",
    "Most readers keep the last one silently: 'tier: controlled' followed by 'tier: open' would open the files.",
)
ALIAS = Rule(
    "yaml-alias",
    Severity.ERROR,
    Level.BANK,
    "anchors and aliases are not used in records",
    "write the value out at both places",
    f"{_SOURCE}, 7.1",
    "Nested aliases can blow a small file up to gigabytes, and a shared value hides what a field says.",
)
TAG = Rule(
    "yaml-tag",
    Severity.ERROR,
    Level.BANK,
    "the tag {tag} is not used in records",
    "delete the tag and write the plain value",
    f"{_SOURCE}, 6.9.1",
    "Tags can make a reader build objects or run code.",
)
AMBIGUOUS = Rule(
    "yaml-ambiguous",
    Severity.WARNING,
    Level.BANK,
    "{text} is {kind} here, but older YAML readers take it for {other}",
    "put it in quotes to say that it is text, or write the value that is meant",
    f"{_SOURCE}, 10.3.2; YAML 1.1 types",
    "NO becomes false, 12:30 becomes 750 and 010 becomes 8 in YAML 1.1 programs.",
)
NOT_FINITE = Rule(
    "yaml-not-finite",
    Severity.ERROR,
    Level.BANK,
    "a number is not finite",
    "leave the field out or write 'unknown'",
    f"{_SOURCE}, 10.2.1.4; RFC 8259, 6",
    "JSON, tables and databases have no common form for it.",
)
TOO_DEEP = Rule(
    "yaml-too-deep",
    Severity.ERROR,
    Level.BANK,
    "the document nests deeper than {limit} levels",
    "a record nests at most a few levels",
    "fairline",
)
KEY = Rule(
    "yaml-key",
    Severity.ERROR,
    Level.BANK,
    "a key must be a plain word",
    "write the key as text; put it in quotes if it looks like a number",
    f"{_SOURCE}, 3.2.1.1; line-1",
)
DOCUMENTS = Rule(
    "yaml-documents",
    Severity.ERROR,
    Level.BANK,
    "the file holds {number} YAML documents, not one",
    "keep one document: delete the other '---' parts, or write the record if the file is empty",
    f"{_SOURCE}, 9.2",
)

YAML_RULES = (SYNTAX, DUPLICATE_KEY, ALIAS, TAG, AMBIGUOUS, NOT_FINITE, TOO_DEEP, KEY, DOCUMENTS)

_DEEPEST = 40
_LARGEST_INTEGER = 2**63 - 1
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
#: YAML 1.1 wants a point in every float, and a sign in its exponent.
_OLD_FLOAT = re.compile(r"[-+]?[0-9]*\.[0-9]*([eE][-+][0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_OLD_READINGS = (
    (re.compile(r"(?i:yes|no|on|off|y|n)"), "true or false"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?"), "a number in base 60"),
    (re.compile(r"[-+]?0[0-9_]+"), "an octal number"),
    (re.compile(r"[-+]?0b[01_]+"), "a binary number"),
    (re.compile(r"[-+]?[0-9]+(_[0-9]+)+(\.[0-9_]*)?"), "a number with separators"),
    (re.compile(r"="), "a default value"),
    (re.compile(r"<<"), "a merge of mappings"),
    (re.compile(r"(?i:nan|inf|infinity|null|none|nil|n/a)"), "a missing value"),
)
_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def read_yaml(content: bytes) -> Document:
    """The one document in some YAML bytes.

    Returns:
        A document whose value has only dict, list, str, int, float, bool and None in it. Dates stay text.
    """
    text, findings = decode_text(content)
    if text is None:
        return Document(findings=tuple(findings))
    return _Reader(text).read()


class _Reader:
    """One pass over the events, with a stack of open collections."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._findings: list[Finding] = []
        self._places: dict[Path, Place] = {}
        self._stack: list[_Open] = []
        self._roots: list[object] = []

    def read(self) -> Document:
        try:
            for event in yaml.parse(self._text, Loader=yaml.CSafeLoader):
                if not self._take(event):
                    break
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = Place(line=mark.line + 1, column=mark.column + 1) if mark else Place(line=1)
            problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "syntax error"
            self._findings.append(SYNTAX.at(place, expected="YAML 1.2", problem=problem))
        if not self._findings_stop() and len(self._roots) != 1:
            self._findings.append(DOCUMENTS.at(Place(line=1), expected="1 document", number=len(self._roots)))
        value = self._roots[0] if self._roots and not self._findings_stop() else None
        return Document(value=value, places=self._places, findings=tuple(self._findings))

    def _findings_stop(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self._findings)

    def _take(self, event: Any) -> bool:
        """Handles one event; false when reading on could do harm."""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._findings.append(ALIAS.at(_place(event), got=event.anchor))
            return False
        tag = getattr(event, "tag", None)
        if tag:
            self._findings.append(TAG.at(_place(event), got=tag, tag=tag))
            return False
        if isinstance(event, yaml.ScalarEvent):
            return self._put(event, self._scalar(event))
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            return self._open(event)
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._stack.pop()
        return True

    def _open(self, event: Any) -> bool:
        if len(self._stack) >= _DEEPEST:
            self._findings.append(TOO_DEEP.at(_place(event), limit=_DEEPEST))
            return False
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._findings.append(KEY.at(_place(event), expected="a word", got="a list or mapping"))
            return False
        value: dict[str, object] | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._next_path()
        if not self._put(event, value):
            return False
        self._stack.append(_Open(value, path))
        return True

    def _next_path(self) -> Path:
        if not self._stack:
            return ()
        top = self._stack[-1]
        if isinstance(top.value, dict):
            return (*top.path, top.key or "")
        return (*top.path, len(top.value))

    def _put(self, event: Any, value: object) -> bool:
        """Puts a value where it belongs: document root, list item, mapping key or mapping value."""
        if not self._stack:
            self._places.setdefault((), _place(event))
            self._roots.append(value)
            return True
        top = self._stack[-1]
        if isinstance(top.value, list):
            self._places[(*top.path, len(top.value))] = _place(event)
            top.value.append(value)
            return True
        if top.key is None:
            return self._put_key(top, event, value)
        path = (*top.path, top.key)
        if top.key not in top.value:
            self._places[path] = _place(event)
            top.value[top.key] = value
        top.key = None
        return True

    def _put_key(self, top: _Open, event: Any, value: object) -> bool:
        if not isinstance(value, str) or not value:
            self._findings.append(KEY.at(_place(event), expected="a word", got=event.value))
            return False
        if value in top.value:
            first = self._places[(*top.path, value)].line
            self._findings.append(DUPLICATE_KEY.at(_place(event), expected="one", got="two", key=value, first=first))
            return False
        top.key = value
        return True

    def _scalar(self, event: Any) -> object:
        """The value of a scalar by the core schema."""
        text: str = event.value
        if event.style:
            return text
        for pattern, other in _OLD_READINGS:
            if text not in _NULLS and pattern.fullmatch(text):
                self._findings.append(AMBIGUOUS.at(_place(event), got=text, text=text, kind="text", other=other))
                break
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        return self._number(event, text)

    def _number(self, event: Any, text: str) -> object:
        if _NOT_FINITE.fullmatch(text):
            self._findings.append(NOT_FINITE.at(_place(event), expected="a finite number", got=text))
            return None
        if _INTEGER.fullmatch(text):
            if re.fullmatch(r"[-+]?0[0-9]+", text):
                return text  # a number with leading zeros is an identifier; the finding says so
            return self._bounded(event, text, 10)
        if _OCTAL.fullmatch(text):
            self._find_number(event, text)
            return self._bounded(event, text[2:], 8)
        if _HEXADECIMAL.fullmatch(text):
            return self._bounded(event, text[2:], 16)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isfinite(number):
                if not _OLD_FLOAT.fullmatch(text):
                    self._find_number(event, text)
                return number
            self._findings.append(NOT_FINITE.at(_place(event), expected="a finite number", got=text))
            return None
        return text

    def _find_number(self, event: Any, text: str) -> None:
        """A number that YAML 1.1 knows in another form only."""
        self._findings.append(AMBIGUOUS.at(_place(event), got=text, text=text, kind="a number", other="text"))

    def _bounded(self, event: Any, digits: str, base: int) -> object:
        if len(digits) <= 20:
            number = int(digits, base)
            if -_LARGEST_INTEGER <= number <= _LARGEST_INTEGER:
                return number
        self._findings.append(NOT_FINITE.at(_place(event), expected="a number below 2^63", got=digits))
        return None


class _Open:
    """A collection that is still being filled, with the key that waits for its value."""

    __slots__ = ("key", "path", "value")

    def __init__(self, value: dict[str, object] | list[object], path: Path) -> None:
        self.value: Any = value
        self.path = path
        self.key: str | None = None


def _place(event: Any) -> Place:
    mark = event.start_mark
    return Place(line=mark.line + 1, column=mark.column + 1)
