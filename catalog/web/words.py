"""A public record in words: fields with their titles from the profile, terms with their labels. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.access import PublicFile, PublicRecord, Restricted
from catalog.findings import Finding, Severity
from catalog.identifiers import is_curie
from catalog.model.files import MODALITIES
from catalog.profiles import LINE_PROFILE, profile_schema
from catalog.web.contexts import FileView, FindingView, FolderView, Link, Said, Section
from catalog.web.registers import reference_url, register_url
from catalog.wording import entry_words

Sections = Sequence[tuple[str, Sequence[str]]]

#: Sections of the page: title, and the record's fields in it.
RIGHTS: Sections = (("Access, consent and licence", ("access", "consent", "licence", "data_kind")),)
DETAILS: Sections = (
    (
        "Identity",
        ("line_id", "name_reason", "aliases", "xrefs", "pid", "line_type", "species", "clo", "parent", "grade"),
    ),
    ("Donor", ("donor", "diseases")),
    ("Origin and derivation", ("origin", "derivation", "modifications")),
    ("Culture and karyotype", ("culture", "karyotype")),
    ("Availability", ("availability", "distribution")),
    ("Cautions and nonconformities", ("cautions", "nonconformities")),
)
REMARKS: Sections = (
    ("What others say", ("assertions",)),
    ("Publications", ("references",)),
    ("Notes of the bank", ("notes",)),
)
_VALUE_WORDS = {True: "yes", False: "no", "not-detected": "not detected", "not-tested": "not tested"}


def sections(public: PublicRecord, root: str, wanted: Sections) -> list[Section]:
    """The record by sections; what is not stated is left out, what is unknown is said.

    Args:
        public: the record.
        root: the relative path to the portal's root, for links to terms.
        wanted: titles and fields of the sections.
    """
    labels = labels_of(public)
    schema = profile_schema(LINE_PROFILE)["properties"]
    found = []
    for title, names in wanted:
        fields = [
            said
            for name in names
            if name in public.record
            for said in _said(name, schema[name], public.record[name], "", Terms(labels=labels, root=root))
        ]
        if fields:
            found.append(Section(title=title, fields=fields))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Labels of terms, and where their pages are."""

    labels: Mapping[str, str]
    root: str

    def link(self, term: str, label: str | None = None) -> Link:
        """A term's link with its label, or with other words."""
        return Link(label=label or f"{self.labels[term]} ({term})", url=f"{self.root}term/{term}")


def labels_of(public: PublicRecord) -> dict[str, str]:
    """Labels of the record's terms by CURIE."""
    return {str(each["term"]): str(each["label"]) for each in public.annotations}


def record_values(public: PublicRecord, name: str, value: Any, root: str) -> list[Link | str]:
    """A field's values in words, with links where there are pages or addresses.

    Args:
        public: the record, for the labels of its terms.
        name: the field's own name.
        value: its value.
        root: the relative path to the portal's root.
    """
    terms = Terms(labels=labels_of(public), root=root)
    return [_shown(name, each, terms) for each in (value if isinstance(value, list) else [value])]


def _said(name: str, schema: Mapping[str, Any], value: Any, prefix: str, terms: Terms) -> Iterator[Said]:
    """A field, or for a group its fields, each with the group's title before its own."""
    title = f"{prefix}{schema['title']}"
    properties = _properties(schema)
    if isinstance(value, Mapping) and properties:
        for inner_name, inner in value.items():
            if inner_name in properties:
                yield from _said(inner_name, properties[inner_name], inner, f"{title}: ", terms)
        return
    values = [_shown(name, each, terms) for each in (value if isinstance(value, list) else [value])]
    yield Said(title=title, description=str(schema.get("description", "")), values=values or ["none"])


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for branch in (schema, *schema.get("anyOf", ())):
        if "properties" in branch:
            found: Mapping[str, Any] = branch["properties"]
            return found
    return {}


def _shown(name: str, value: Any, terms: Terms) -> Link | str:
    """One value in words: a term, an identifier elsewhere and a publication as links."""
    if isinstance(value, Mapping):
        words = entry_words(name, value)
        if name == "xrefs":
            return Link(label=words, url=register_url(str(value["db"]), str(value["id"])))
        term = str(value.get("term", ""))
        return terms.link(term, words) if term in terms.labels else words
    if isinstance(value, str) and is_curie(value) and value in terms.labels:
        return terms.link(value)
    if name == "references":
        return Link(label=str(value), url=reference_url(str(value)))
    return str(_VALUE_WORDS.get(value, value))


def folders(files: Sequence[PublicFile], documents: Sequence[tuple[str, int, str]], url: str) -> list[FolderView]:
    """The files of a package as a tree: folders by path, the package's own documents last.

    Args:
        files: the open data files.
        documents: (path, bytes, sha256) of records and tables.
        url: the relative address of the version's files, ending with ``/``.
    """
    grouped: dict[str, list[FileView]] = {}
    for each in files:
        folder, _, name = each.path.rpartition("/")
        grouped.setdefault(folder, []).append(_file_view(each, name, url))
    found = [
        FolderView(
            title=_folder_title(folder, files), path=f"{folder}/" if folder else "", bytes=_bytes(listed), files=listed
        )
        for folder, listed in sorted(grouped.items())
    ]
    own = [
        FileView(
            path=path,
            name=path,
            url=f"{url}{path}",
            bytes=size,
            sha256=digest,
            format=path.rpartition(".")[2],
            about="",
        )
        for path, size, digest in documents
    ]
    return [*found, FolderView(title="Record and tables", path="", bytes=_bytes(own), files=own)]


def _bytes(files: Sequence[FileView]) -> int:
    return sum(each.bytes for each in files)


def _folder_title(folder: str, files: Sequence[PublicFile]) -> str:
    inside = {each.modality for each in files if each.path.rpartition("/")[0] == folder}
    if len(inside) == 1:
        return MODALITIES.get(inside.pop(), "Files")
    return "Files"


def _file_view(each: PublicFile, name: str, url: str) -> FileView:
    words = [each.role, each.assembly and f"build {each.assembly}", each.passage and f"passage {each.passage}"]
    words += [each.replicate and f"replicate {each.replicate}", each.accession]
    words += ["synthetic"] if each.facts.get("synthetic") else []
    return FileView(
        path=each.path, name=name, url=f"{url}{each.path}", bytes=each.bytes, sha256=each.sha256,
        format=each.format or "unknown", about=", ".join(word for word in words if word),
    )  # fmt: skip


def restricted_words(each: Restricted, labels: Mapping[str, str]) -> str:
    """What is not public and how to ask for it; never a name, size, hash or count."""
    label = MODALITIES.get(each.modality, "Other data")
    words = [f"{label}: {each.tier}"]
    if each.embargo_until:
        words.append(f"embargo until {each.embargo_until}")
    words.append(f"data use {', '.join(labels.get(term, term) for term in each.duo) or 'not stated'}")
    if each.accessions:
        words.append(f"accession {', '.join(each.accessions)}")
    words.append(f"ask {each.contact}" if each.contact else "ask the bank")
    return "; ".join(words)


def finding_views(findings: Sequence[Finding]) -> list[FindingView]:
    """Findings by kind, worst first: what is unknown in a record is one thing to read, not fifteen."""
    kinds: dict[str, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(finding.code, []).append(finding)
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    views = [
        FindingView(
            severity=str(each[0].severity), code=code, message=_common_message(each), hint=each[0].hint,
            count=sum(finding.count for finding in each), places=[_place(finding) for finding in each],
        )
        for code, each in kinds.items()
    ]  # fmt: skip
    # What is merely not filled in comes after what is wrong.
    return sorted(views, key=lambda view: (order.index(Severity(view.severity)), view.code.startswith("record-wanted")))


def _common_message(findings: Sequence[Finding]) -> str:
    first = findings[0].message
    same = all(finding.message == first for finding in findings)
    return first if same else f"{first}, and {len(findings) - 1} more of this kind"


def _place(finding: Finding) -> str:
    return " ".join(str(part) for part in (finding.path, finding.column) if part is not None)


def licence_link(public: PublicRecord) -> Link:
    """The licence of the open files and its address; without an address when there is none."""
    name = str(public.record.get("licence", "unknown"))
    if name == "unknown":
        return Link(label="not stated: ask before you use the files", url="")
    return Link(label=name, url=name if name.startswith("http") else f"https://spdx.org/licenses/{name}.html")


def access_words(public: PublicRecord) -> str:
    """Who may have the files."""
    if public.files and not public.restricted:
        return "All files are open."
    asked = next((each.contact for each in public.restricted if each.contact), None) or "the bank"
    if public.files:
        return f"Some files are open; others are controlled: ask {asked} for access."
    if public.restricted:
        return f"The files are controlled: ask {asked} for access."
    return "There are no data files."


AUDIT_WORDS = {
    "none": "no findings",
    "info": "notes only",
    "warning": "warnings, no errors",
    "error": "errors",
}
