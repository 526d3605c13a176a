"""One function a page: request to context to template. Every page has a JSON twin."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from catalog.access import PublicRecord
from catalog.identifiers import curie_to_iri
from catalog.index import FACETS, Query, query_pairs, to_command, to_url
from catalog.index.query import SORTS, Facet, value_label
from catalog.ledger import PackageVersion
from catalog.package import DESCRIPTOR
from catalog.web.contexts import (
    FacetValue,
    FacetView,
    Link,
    PackagePage,
    ReleasePage,
    ReleasesPage,
    SearchPage,
    Snippet,
    TermPage,
)
from catalog.web.files import zip_bytes
from catalog.web.identity import identity
from catalog.web.state import Snapshot
from catalog.web.tables import quality_view, table_view
from catalog.web.words import (
    AUDIT_WORDS,
    DETAILS,
    REMARKS,
    RIGHTS,
    access_words,
    finding_views,
    folders,
    labels_of,
    licence_link,
    restricted_words,
    sections,
)

_SHOWN_VALUES = 6
_SORT_TITLES = {"relevance": "relevance", "id": "name", "title": "title", "year": "year", "issued": "newest"}


def search_page(snapshot: Snapshot, query: Query) -> SearchPage:
    """The search page."""
    found = snapshot.index.search(query)
    intro, more = _introduction(snapshot.bank.settings.description)
    counts = snapshot.index.facets(query)
    chosen = [value for each in FACETS if each.is_term for value in query.facets.get(each.name, ())]
    terms = snapshot.index.term_labels([*chosen, *query.terms])
    facets = [_facet_view(query, each, counts[each.name], terms) for each in FACETS]
    labels = {(view.name, value.value): value.label for view in facets for value in (*view.values, *view.more)}
    labels |= {("term", term): label for term, label in terms.items()}
    hidden = [pair for pair in query_pairs(query) if pair[0] not in {"q", "after"}]
    return SearchPage(
        text=query.text, hidden=hidden, total=found["total"], bytes=found["bytes"],
        packages=[_shown_package(each) for each in snapshot.shown(found["packages"])], facets=[view for view in facets if view.values],
        chips=_chips(query, labels), sort=_SORT_TITLES[_effective_sort(query)], sorts=_sorts(query),
        next_url=to_url(query.page_after(found["next"]), "./") if found["next"] else None,
        command=to_command(query), api_url=to_url(query, "api/search"), files_url=to_url(query, "api/files"),
        is_everything=query.is_everything, intro=intro, intro_more=more,
    )  # fmt: skip


def _introduction(description: str | None) -> tuple[str, str]:
    """The first sentence about the bank, and the rest, which would keep the results off a small screen."""
    first, stop, rest = (description or "Cell lines with their records, quality tests and data files.").partition(". ")
    return first + stop.strip(), rest


def _shown_package(each: Mapping[str, Any]) -> dict[str, Any]:
    return {**each, "modality_labels": [value_label("modality", name) for name in each["modalities"]]}


def _effective_sort(query: Query) -> str:
    """Relevance means something for words only."""
    return "id" if query.sort == "relevance" and not query.text else query.sort


def _facet_view(query: Query, facet: Facet, counts: Sequence[Mapping[str, Any]], terms: Mapping[str, str]) -> FacetView:
    name = facet.name
    chosen = query.facets.get(name, ())
    values = []
    for each in counts:
        selected = each["value"] in chosen
        changed = query.without_facet(name, each["value"]) if selected else query.with_facet(name, each["value"])
        values.append(
            FacetValue(
                label=each["label"],
                value=each["value"],
                count=each["count"],
                selected=selected,
                url=to_url(changed, "./"),
            )
        )
    known = {each.value for each in values}
    for value in chosen:
        if value not in known:
            url = to_url(query.without_facet(name, value), "./")
            label = terms.get(value) or value_label(name, value)
            values.append(FacetValue(label=label, value=value, count=0, selected=True, url=url))
    values.sort(key=lambda each: not each.selected)
    return FacetView(name=name, title=facet.title, values=values[:_SHOWN_VALUES], more=values[_SHOWN_VALUES:])


def _chips(query: Query, labels: Mapping[tuple[str, str], str]) -> list[Link]:
    """What narrows the search, each with the link that takes it away."""
    chips = []
    if query.text:
        chips.append(Link(label=f"“{query.text}”", url=to_url(replace(query, text="", after=""), "./")))
    for each in FACETS:
        for value in query.facets.get(each.name, ()):
            label = f"{each.title}: {labels.get((each.name, value), value)}"
            chips.append(Link(label=label, url=to_url(query.without_facet(each.name, value), "./")))
    for term in query.terms:
        rest = tuple(other for other in query.terms if other != term)
        chips.append(
            Link(
                label=f"Term: {labels.get(('term', term), term)}",
                url=to_url(replace(query, terms=rest, after=""), "./"),
            )
        )
    if query.year_from is not None:
        chips.append(Link(label=f"From {query.year_from}", url=to_url(replace(query, year_from=None, after=""), "./")))
    if query.year_to is not None:
        chips.append(Link(label=f"To {query.year_to}", url=to_url(replace(query, year_to=None, after=""), "./")))
    return chips


def _sorts(query: Query) -> list[Link]:
    return [
        Link(label=_SORT_TITLES[sort], url=to_url(replace(query, sort=sort, after=""), "./"))
        for sort in SORTS
        if sort != _effective_sort(query) and (sort != "relevance" or query.text)
    ]


def package_page(snapshot: Snapshot, version: PackageVersion, root: str) -> PackagePage:
    """The page of one version of a package."""
    public = snapshot.record(version)
    members: dict[str, Any] = json.loads(snapshot.document(version, DESCRIPTOR))
    stem = f"{root}package/{version.id}/{version.release}"
    labels = labels_of(public)
    own = [
        (each["path"], each["bytes"], each["hash"].removeprefix("sha256:"))
        for each in members["resources"]
        if each.get("kind") != "file"
    ]
    versions = snapshot.versions(version.id)
    qc = public.tables.get("qc")
    return PackagePage(
        id=version.id, title=public.title, description=public.description, release=version.release,
        issued=public.issued, is_newest=versions[0].release == version.release,
        synthetic=public.record.get("data_kind") == "synthetic" and bool(public.files or public.restricted), audit=AUDIT_WORDS[public.audit_level],
        licence=licence_link(public), access=access_words(public), consent=_consent(public, labels, root),
        identity=identity(public, root), rights=sections(public, root, RIGHTS), sections=sections(public, root, DETAILS),
        remarks=sections(public, root, REMARKS), quality=quality_view(qc) if qc else None,
        tables=[table_view(table) for name, table in public.tables.items() if name != "qc"],
        folders=folders(public.files, own, f"{stem}/files/"),
        restricted=[restricted_words(each, labels) for each in public.restricted],
        withdrawn=[f"{each['path']} was withdrawn on {each['date'][:10]}: {each['reason']}" for each in public.withdrawn],
        findings=finding_views(public.findings),
        versions=[Link(label=each.release, url=f"{root}package/{each.id}/{each.release}") for each in versions],
        snippets=_snippets(snapshot, public, version), citation=snapshot.document(version, "citation.txt").decode().strip(),
        citations=_links(f"{stem}/files/", {"BibTeX": "citation.bib", "RIS": "citation.ris", "CSL-JSON": "citation.json"}),
        forms=_links(stem, {"JSON": ".json", "Turtle": ".ttl", "JSON-LD": ".jsonld", "RDF/XML": ".rdf"}),
        zip_url=f"{stem}.zip", zip_bytes=zip_bytes(snapshot, version), contact=_contact(snapshot),
    )  # fmt: skip


def _links(stem: str, targets: Mapping[str, str]) -> list[Link]:
    return [Link(label=label, url=f"{stem}{target}") for label, target in targets.items()]


def _consent(public: PublicRecord, labels: Mapping[str, str], root: str) -> list[Link | str]:
    consent = public.record.get("consent", "unknown")
    duo = consent.get("duo", "unknown") if isinstance(consent, Mapping) else "unknown"
    if not isinstance(duo, list):
        return ["unknown"]
    return [Link(label=f"{labels.get(term, term)} ({term})", url=f"{root}term/{term}") for term in duo]


def _contact(snapshot: Snapshot) -> str:
    contact = snapshot.bank.settings.contact
    if contact is None:
        return snapshot.bank.settings.publisher.name
    return f"{contact.name}, {contact.email}" if contact.email else contact.name


def _snippets(snapshot: Snapshot, public: PublicRecord, version: PackageVersion) -> list[Snippet]:
    """How to get the package with the command line, Python, R and curl; each is run by a test."""
    base = snapshot.bank.settings.base_iri
    stem = f"{base}package/{version.id}/{version.release}"
    first = public.files[0].path if public.files else "record.json"
    return [
        Snippet(
            title="Command line",
            code=f"fairline get {version.id}@{version.release} --url {base}\nfairline verify ./{version.id}",
        ),
        Snippet(
            title="Python",
            code=f'import catalog\n\ncatalog.get("{version.id}", "{version.release}", source="{base}")',
        ),
        Snippet(
            title="R",
            code=f'download.file("{stem}.zip", "{version.id}.zip", mode = "wb")\nunzip("{version.id}.zip")\nfiles <- read.csv("{version.id}/files.csv")',
        ),
        Snippet(
            title="curl",
            code=f"# everything:\ncurl -fLo {version.id}.zip {stem}.zip\n# one file:\ncurl -fLO {stem}/files/{first}\n"
            f"# the sha256 of every file stands in files.csv:\ncurl -fLO {stem}/files/files.csv",
        ),
    ]


def releases_page(snapshot: Snapshot) -> ReleasesPage:
    """All releases."""
    return ReleasesPage(releases=snapshot.index.releases())


def release_facts(snapshot: Snapshot, name: str) -> dict[str, Any]:
    """One release as the API gives it: with its changes, and with what it withdrew and why.

    Raises:
        NotFoundError: there is no such release.
    """
    found = snapshot.index.release(name)
    line = snapshot.ledger.lines[found["sequence"] - 1]
    return {**found, "withdrawn": [asdict(each) for each in line.withdrawn]}


def release_page(snapshot: Snapshot, name: str, root: str) -> ReleasePage:
    """One release, and what it changed."""
    found = release_facts(snapshot, name)
    names = snapshot.index.release_names()
    position = names.index(name)
    line = snapshot.ledger.lines[found["sequence"] - 1]
    changes = [(each["id"], each["change"], f"{root}package/{each['id']}/{name}") for each in found["changes"]]
    return ReleasePage(
        release=found, changes=changes, before=names[position - 1] if position else None,
        line={"sha256": line.bytes_sha256, "state_sha256": line.state_sha256, "previous": line.previous},
    )  # fmt: skip


def term_page(snapshot: Snapshot, curie: str, root: str) -> TermPage:
    """A term, its kin, and the packages that are annotated with it or its descendants."""
    found = snapshot.index.term(curie)
    found["packages"] = snapshot.shown(found["packages"])
    return TermPage(term=found, iri=curie_to_iri(curie), search_url=to_url(Query(terms=(curie,)), root))
