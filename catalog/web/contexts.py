"""What each template is given: one documented dataclass a page. Values only, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A label with an address relative to the page."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value of a facet: its count without the facet's own filter, and the link that adds or removes it."""

    label: str
    value: str
    count: int
    selected: bool
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetView:
    """A facet: the values that stand at once, and the rarer ones behind a fold."""

    name: str
    title: str
    values: Sequence[FacetValue]
    more: Sequence[FacetValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """``search.html``: a search in all its forms.

    Attributes:
        text: the words that were asked for.
        hidden: name-value pairs that the search form must keep.
        total: packages found.
        bytes: bytes of the open files of all that were found.
        packages: this page, as the API gives it.
        facets: in their order.
        chips: what narrows the search, each with the link that takes it away.
        sort: how it is sorted; ``sorts`` are the links to the others.
        next_url: the next page; None for the last.
        command: the command line that finds the same.
        api_url: the API call that finds the same.
        files_url: the list of the files that the search stands for.
        is_everything: whether nothing is narrowed; then the bank is introduced.
        intro: the first sentence about the bank; ``intro_more`` is the rest.
    """

    text: str
    hidden: Sequence[tuple[str, str]]
    total: int
    bytes: int
    packages: Sequence[Mapping[str, Any]]
    facets: Sequence[FacetView]
    chips: Sequence[Link]
    sort: str
    sorts: Sequence[Link]
    next_url: str | None
    command: str
    api_url: str
    files_url: str
    is_everything: bool
    intro: str
    intro_more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A field of the record in words; terms are links to their pages."""

    title: str
    description: str
    values: Sequence[Link | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Fields that belong together."""

    title: str
    fields: Sequence[Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """One of the curator's tables: titles of its columns, and rows of cells."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityView:
    """The quality tests: those with a verdict, and folded below them those without, counted in words."""

    judged: TableView | None
    silent: TableView | None
    silent_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file of the package."""

    path: str
    name: str
    url: str
    bytes: int
    sha256: str
    format: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderView:
    """A folder of the package's tree, with the bytes of its files."""

    title: str
    path: str
    bytes: int
    files: Sequence[FileView]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """Findings of one kind: the first one's words, and all their places."""

    severity: str
    code: str
    message: str
    hint: str
    count: int
    places: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """How to get the package with one tool."""

    title: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePage:
    """``package.html``: one version of a package for people.

    Attributes:
        id: the line.
        title, description: one line, and a sentence or two.
        release, issued: which version.
        is_newest: whether it is the current one.
        synthetic: whether its files were generated.
        audit: the highest severity of the findings, in words.
        licence: name and address of the licence of the files.
        access: who may have the files, in words.
        consent: data-use terms with labels.
        identity: what is asked first of a line.
        rights: access, consent and licence in full.
        sections: the rest of the record in words.
        remarks: what others say of the line, what has been published about it, and notes.
        quality: the quality tests; ``tables`` are the others.
        folders: the files as a tree.
        restricted: what is not public, in words.
        withdrawn: withdrawn files, in words.
        findings: findings of validation by kind, worst first.
        versions: links to all versions.
        snippets: how to get it.
        citations: text of the citation, and links to its forms.
        forms: links to the machine-readable twins.
        zip_url: the whole package; ``zip_bytes`` is the size of that file.
        contact: whom to write to.
    """

    id: str
    title: str
    description: str
    release: str
    issued: str
    is_newest: bool
    synthetic: bool
    audit: str
    licence: Link
    access: str
    consent: Sequence[Link | str]
    identity: Sequence[Said]
    rights: Sequence[Section]
    sections: Sequence[Section]
    remarks: Sequence[Section]
    quality: QualityView | None
    tables: Sequence[TableView]
    folders: Sequence[FolderView]
    restricted: Sequence[str]
    withdrawn: Sequence[str]
    findings: Sequence[FindingView]
    versions: Sequence[Link]
    snippets: Sequence[Snippet]
    citation: str
    citations: Sequence[Link]
    forms: Sequence[Link]
    zip_url: str
    zip_bytes: int
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasesPage:
    """``releases.html``: all releases, newest first, as the API gives them."""

    releases: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePage:
    """``release.html``: one release; what it changed against the one before.

    Attributes:
        release: as the API gives it.
        changes: (id, change, link to the package's version).
        before: the release before it; None for the first.
        line: the ledger line's digest and key, for those who check.
    """

    release: Mapping[str, Any]
    changes: Sequence[tuple[str, str, str]]
    before: str | None
    line: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPage:
    """``term.html``: a term, its kin that is used here, and its lines."""

    term: Mapping[str, Any]
    iri: str
    search_url: str
