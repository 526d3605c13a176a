"""Meta-information lines: ``##key=value`` and ``##kind=<ID=...,...>`` (VCFv4.3, 1.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.findings import Level, Rule, Severity
from catalog.formats.vcf.margin import Margin, forbidden, unusual

_META = "VCFv4.3, 1.4"

GRAMMAR = forbidden(
    "vcf-meta-grammar",
    "a line of the header is not ##key=value",
    "write it as ##key=value on one line, or delete it",
    f"{_META} (meta-information lines); VCFv4.5, 1.4 (the value may not be empty)",
)
STRUCTURE = forbidden(
    "vcf-meta-structure",
    "the {kind} line is not well-formed: {problem}",
    'write it as ##KIND=<key=value,...> with text in double quotes and \\" for a quote within',
    f"{_META}: if present, meta-information lines must be completely well-formed",
)
ESCAPE = forbidden(
    "vcf-meta-escape",
    "a text of the {kind} line has a backslash that escapes nothing",
    'write \\\\ for a backslash, \\" for a quote',
    f"{_META}.2: a double-quote must be escaped with a backslash, and a backslash as two",
)
UNSTRUCTURED = forbidden(
    "vcf-meta-angle-bracket",
    "the value of ##{kind} starts with an angle bracket and is no list of key=value: {problem}",
    "take the angle brackets away, or write ##KIND=<ID=...,key=value>",
    "VCFv4.5, 1.4: an unstructured value must not start with '<'",
)
STRUCTURE_UNUSUAL = unusual(
    "vcf-meta-structure-unusual",
    "the value of ##{kind} stands in angle brackets but is no list of key=value: {problem}",
    "take the angle brackets away, or write ##KIND=<ID=...,key=value>",
    "VCFv4.5, 1.4: an unstructured value must not start with '<'; not stated before VCFv4.5",
)
ID_MISSING = forbidden(
    "vcf-meta-id-missing",
    "the {kind} line has no ID",
    "give it an ID=... that no other line of this kind has",
    f"{_META}: structured lines require an ID",
)
REPEATED = forbidden(
    "vcf-meta-repeated",
    "there are two {kind} lines with the same ID",
    "keep the one that the records follow",
    f"{_META}: an ID must be unique within its type",
    "Programs take the first or the last of them; both cannot be right.",
)
REPEATED_UNUSUAL = unusual(
    "vcf-meta-repeated-unusual",
    "there are two {kind} lines with the same ID",
    "keep one of them",
    f"{_META}: an ID must be unique within its type; not stated for this kind before VCFv4.3",
)
FILEFORMAT = forbidden(
    "vcf-fileformat",
    "the first line does not name the version of the format",
    "the first line must read ##fileformat=VCFv4.x and nothing more",
    f"{_META}.1 (file format)",
    "Without it nobody knows by which rules the file is to be read.",
)
FILEFORMAT_REPEATED = forbidden(
    "vcf-fileformat-repeated",
    "a second fileformat line",
    "keep the first line only",
    f"{_META}.1: a single fileformat line",
)
VERSION = forbidden(
    "vcf-version-unknown",
    "the version of the format is not known here",
    "versions VCFv4.0 to VCFv4.5 are known: convert the file with bcftools",
    f"{_META}.1; hts-specs lists VCFv4.0 to VCFv4.5",
)
URL = forbidden(
    "vcf-meta-url",
    "the address of the {kind} line has white space or names no host that can exist",
    "write the full address of the file, such as ftp://host.example/file.fa",
    f"{_META}.6 and 1.4.9 (URL); RFC 3986, 2 (characters); RFC 1123, 2.1 (host names)",
)
LONG = Rule(
    "vcf-meta-long",
    Severity.ERROR,
    Level.BANK,
    "the {kind} line is longer than {limit} bytes; it was not read",
    "look at the line: a line end was probably lost",
    "fairline",
    "Nothing real is so long; reading it would take gigabytes.",
)

META_RULES = (
    GRAMMAR,
    STRUCTURE,
    ESCAPE,
    UNSTRUCTURED,
    STRUCTURE_UNUSUAL,
    ID_MISSING,
    REPEATED,
    REPEATED_UNUSUAL,
    FILEFORMAT,
    FILEFORMAT_REPEATED,
    VERSION,
    URL,
    LONG,
)

#: Kinds of structured lines that the specification defines.
DEFINED = frozenset([b"INFO", b"FORMAT", b"FILTER", b"ALT", b"contig", b"SAMPLE", b"PEDIGREE", b"META"])

#: Kinds of lines whose first fields are written without quotes.
_BARE = frozenset([b"INFO", b"FORMAT", b"FILTER", b"ALT", b"contig"])
_UNQUOTED = frozenset([b"ID", b"Number", b"Type"])
#: Kinds of lines whose values are names, which have no equals sign.
_OF_NAMES = frozenset([b"META", b"PEDIGREE"])
#: Of a line in angle brackets.
_LONGEST = 1 << 20
_VERSION = re.compile(rb"##fileformat=VCFv4\.([0-9]|[1-9][0-9])")
_FIELD = re.compile(rb'([^=,<>"\s]++)=(?!=)("(?:[^"\\]|\\.)*"|\[[^\]]*+\]|[^,"]*+)')
_ESCAPED = re.compile(rb'\\[\\"]')
_HOST = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*+://(?:[^/@]*+@)?([^/:?#]*+)")
_SCHEME = re.compile(rb"(?:https?|ftp):", re.IGNORECASE)
_WEB = re.compile(
    rb"(?:https?|ftp)://(?:[^/@]*+@)?(?:[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]*+)?(?:[/?#].*)?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rb"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|\[[0-9A-Fa-f:.]+\]")


@dataclass(frozen=True, slots=True)
class MetaLine:
    """A structured line: its kind and its fields, values without quotes, and which of them were quoted."""

    kind: bytes
    fields: dict[bytes, bytes]
    quoted: frozenset[bytes]

    @property
    def id(self) -> bytes:
        """The ID, empty when there is none."""
        return self.fields.get(b"ID", b"")

    @property
    def place(self) -> str:
        """How findings name the line, such as ``INFO/DP``."""
        name = self.kind.decode("utf-8", "replace")
        return f"{name}/{self.id.decode('utf-8', 'replace')}" if self.id else name


def read_version(line: bytes, margin: Margin) -> int:
    """The minor version from the first line; that of the best known text where the line says nothing."""
    found = _VERSION.fullmatch(line)
    if found is None:
        margin.note(FILEFORMAT, "fileformat", expected="##fileformat=VCFv4.x", got=line)
        return 3
    minor = int(found[1])
    if minor > 5:
        margin.note(VERSION, "fileformat", expected="VCFv4.0 to VCFv4.5", got=line.partition(b"=")[2])
        return 5
    return minor


def read_meta(line: bytes, margin: Margin) -> MetaLine | None:
    """Reads one line that starts with ``##``.

    Returns:
        The structured line; None for an unstructured one and for one that cannot be read.
    """
    key, equals, value = line[2:].partition(b"=")
    if not equals or not key or not value or b"<" in key:
        margin.note(GRAMMAR, expected="##key=value", got=line)
        return None
    if key in (b"assembly", b"pedigreeDB"):
        _check_url(key, value, margin)
        return None
    name = key.strip(b"# \t")
    if name != key and name in DEFINED:
        problem = "something stands beside the name of its kind"
        margin.note(STRUCTURE, _shown(name), expected="##KIND=<...>", got=line, kind=name, problem=problem)
        return None
    if not value.startswith(b"<"):
        if key in DEFINED and (key != b"META" or margin.minor >= 3):
            margin.note(STRUCTURE, _shown(key), expected="<key=value,...>", got=value, kind=key, problem="no '<'")
        return None
    if len(value) > _LONGEST:
        margin.note(LONG, _shown(key), expected=f"at most {_LONGEST} bytes", got=len(value), kind=key, limit=_LONGEST)
        return None
    fields, quoted, problem = _fields(value)
    problem = problem or _misplaced(key, fields, quoted)
    if problem:
        other = UNSTRUCTURED if margin.minor >= 5 else STRUCTURE_UNUSUAL
        rule = STRUCTURE if key in DEFINED else other
        margin.note(rule, _shown(key), expected="<key=value,...>", got=value, kind=key, problem=problem)
        return None
    meta = MetaLine(key, fields, quoted)
    if margin.minor >= 3 and b"\\" in value:
        _check_escapes(meta, margin)
    needs_id = margin.minor >= 3 or (key in DEFINED and key not in (b"PEDIGREE", b"SAMPLE", b"META"))
    if needs_id and not meta.id:
        margin.note(ID_MISSING, _shown(key), expected="ID=...", got=value, kind=key)
        return None
    return meta


def _misplaced(kind: bytes, fields: dict[bytes, bytes], quoted: frozenset[bytes]) -> str:
    """What is wrong with the fields of a kind: quotes around a name or a number, or a lost comma."""
    if kind in _BARE and (wrongly := quoted & _UNQUOTED):
        return f"{_shown(min(wrongly))} stands in quotes"
    for field, content in fields.items():
        is_name = kind in _OF_NAMES or (kind == b"SAMPLE" and field == b"ID")
        if is_name and field not in quoted and b"=" in content and not content.startswith(b"["):
            return "a comma is missing before a key"
    return ""


def _check_escapes(meta: MetaLine, margin: Margin) -> None:
    for field in meta.quoted:
        if b"\\" in _ESCAPED.sub(b"", meta.fields[field]):
            got = meta.fields[field]
            margin.note(
                ESCAPE, meta.place, expected="backslashes before quotes and backslashes", got=got, kind=meta.kind
            )


def note_repeated(meta: MetaLine, margin: Margin) -> None:
    """Notes that a line's ID was there before, by what the version says about its kind."""
    always = (b"INFO", b"FORMAT", b"FILTER")
    strict = meta.kind in always or (margin.minor >= 3 and meta.kind != b"contig")
    margin.note(REPEATED if strict else REPEATED_UNUSUAL, meta.place, got=meta.id, kind=meta.kind)


def _shown(key: bytes) -> str:
    return key.decode("utf-8", "replace")


def _fields(value: bytes) -> tuple[dict[bytes, bytes], frozenset[bytes], str]:
    """The fields within angle brackets, which of them are quoted, and what is wrong."""
    fields: dict[bytes, bytes] = {}
    quoted = set()
    nothing: tuple[dict[bytes, bytes], frozenset[bytes]] = ({}, frozenset())
    if not value.endswith(b">") or len(value) < 3:
        return *nothing, "no '>' at its end" if not value.endswith(b">") else "it is empty"
    inner = value[1:-1]
    at = 0
    while True:
        found = _FIELD.match(inner, at)
        if found is None:
            return *nothing, "a part of it is no key=value"
        key, content = found[1], found[2]
        if key in fields:
            return *nothing, "a key stands twice"
        if content.startswith(b'"'):
            quoted.add(key)
            content = content[1:-1]
        elif content.endswith(b">") and found.end() == len(inner):
            return *nothing, "it ends with two angle brackets"
        fields[key] = content
        at = found.end()
        if at == len(inner):
            return fields, frozenset(quoted), ""
        if inner[at : at + 1] != b",":
            return *nothing, "a quote is not closed, or a quote within a text is not escaped"
        at += 1


def _check_url(key: bytes, value: bytes, margin: Margin) -> None:
    """VCFv4.2 wrote ``##pedigreeDB=<url>``; a value that is no URL at all is common and harmless."""
    if value.startswith(b"<") and value.endswith(b">"):
        if margin.minor >= 5:
            problem = "a URL stands as it is"
            margin.note(UNSTRUCTURED, _shown(key), expected="a URL", got=value, kind=key, problem=problem)
        value = value[1:-1]
    if not value:
        margin.note(GRAMMAR, _shown(key), expected="##key=value", got=f"##{_shown(key)}=<>")
        return
    if re.search(rb"\s", value):
        margin.note(URL, _shown(key), expected="an address without white space", got=value, kind=key)
        return
    found = _HOST.match(value)
    is_web = _SCHEME.match(value) is not None
    if not is_web and (found is None or value.lower().startswith(b"file:")):
        return
    host = found[1] if found is not None else b""
    if is_web and not _WEB.fullmatch(value):
        host = b""
    if not host or (host.rpartition(b".")[2].isdigit() and not _ADDRESS.fullmatch(host)):
        margin.note(URL, _shown(key), expected="an address with a host name", got=value, kind=key)
