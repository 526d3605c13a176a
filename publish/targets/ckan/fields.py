"""A package as the fields of a CKAN dataset (docs/ckan-fields.md).

What ckanext-dcat makes RDF of comes from our own DCAT, so that both say the same of the same subjects. What people
filter by goes into extras of one value: Solr matches those exactly, and lists of ckanext-scheming not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.access import PublicRecord
from catalog.identifiers import portal_name
from catalog.ledger import Withdrawal
from catalog.model import BankSettings
from publish.exports.graph import PREFIXES
from publish.targets.ckan.statements import Description, Statements, bank_statements
from publish.targets.publication import PublishedPackage

#: What CKAN itself has for every dataset.
CORE_KEYS = frozenset(
    {
        "license_id",
        "name",
        "notes",
        "owner_org",
        "private",
        "resources",
        "state",
        "tags",
        "title",
        "type",
        "url",
        "version",
    }
)
#: Fields of the schema ``dcat_ap_full``; where a portal's schema has them not, they are extras.
SCHEMA_KEYS = frozenset(
    {
        "access_rights",
        "alternate_identifier",
        "conforms_to",
        "contact",
        "creator",
        "identifier",
        "is_referenced_by",
        "issued",
        "language",
        "modified",
        "provenance",
        "publisher",
        "qualified_relation",
        "spatial_coverage",
        "theme",
        "uri",
        "version_notes",
    }
)
#: Extras: what the plug-ins read there, and what people filter by.
EXTRA_KEYS = frozenset(
    {
        "access_instructions",
        "accession",
        "audit_level",
        "cell_line",
        "cell_type",
        "cell_type_term",
        "cite_as",
        "clo_status",
        "clo_term",
        "data_kind",
        "disease",
        "disease_term",
        "duo",
        "embargo_until",
        "fingerprint",
        "grade",
        "left_out",
        "license",
        "line_type",
        "package_id",
        "package_version",
        "related_resource",
        "release",
        "restricted",
        "sex",
        "species",
        "species_term",
        "tier",
        "tissue",
        "tissue_term",
        "withdrawal_reason",
        "withdrawn",
    }
)
#: Solr refuses a text of more than 32,766 bytes as one term, and with it the whole dataset.
LONGEST_BYTES = 32_000
_LONGEST_TAG = 100
_NOT_IN_TAG = re.compile(r"[^\w .-]")
#: The role of the line for its dataset: 'the subject of the link's context' (IANA, link relations).
_ABOUT = "http://www.iana.org/assignments/relation/about"
_NON_PUBLIC = "http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC"
#: Licences of CKAN's own register, by SPDX identifier; all others are sent as SPDX writes them.
_REGISTER = {
    "CC-BY-4.0": "cc-by",
    "CC-BY-SA-4.0": "cc-by-sa",
    "CC0-1.0": "cc-zero",
    "ODC-By-1.0": "odc-by",
    "ODbL-1.0": "odc-odbl",
    "PDDL-1.0": "odc-pddl",
}
#: How ckanext-dcat reads repeating subfields where there is no ckanext-scheming.
_FLAT = {"contact": "contact", "creator": "creator", "publisher": "publisher", "spatial_coverage": "spatial"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is known of a portal.

    Attributes:
        organization: the id or name of the organization that owns the datasets.
        schema_fields: top-level names of the schema of datasets; empty without ckanext-scheming.
        resource_fields: names of the schema of resources.
        address: ``ckan.site_url`` without a slash at its end.
    """

    organization: str
    schema_fields: frozenset[str]
    resource_fields: frozenset[str]
    address: str


def line_fields(package: PublishedPackage, described: Description, bank: BankSettings, site: Site) -> dict[str, Any]:
    """The dataset of a line, without ``id`` and ``resources``.

    Args:
        package: the package, not withdrawn.
        described: what its documents say.
        bank: the bank's settings.
        site: the portal.
    """
    public, said, closed = package.record, described.said, described.access_instructions
    assert public is not None
    schema = {
        **_of_bank(said),
        "uri": said.subject,
        "identifier": said.text("dct:identifier"),
        "issued": said.text("dct:issued"),
        "modified": said.text("dct:modified"),
        "theme": [*said.links("dcat:theme"), *said.links("dct:subject")],
        "conforms_to": said.links("dct:conformsTo"),
        "access_rights": said.link("dct:accessRights"),
        "alternate_identifier": _notations(said),
        "is_referenced_by": said.links("dct:isReferencedBy", bank.addresses.line(public.line_id)),
        "provenance": "\n".join(_texts_of(said, "dct:provenance", "rdfs:label")),
        "qualified_relation": [{"relation": each, "role": _ABOUT} for each in said.links("prov:wasDerivedFrom")],
        "version_notes": said.text("skos:note"),
    }
    extras = {
        **_main_terms(public),
        **_closed_kinds(public),
        "access_instructions": closed,
        "cite_as": described.citation,
        "fingerprint": described.fingerprint,
        "license": _licence_address(said, public),
        "package_id": public.line_id,
        "package_version": package.version,
        "related_resource": said.links("dct:relation"),
        "release": public.release,
    }
    fields = {
        **_core(site, public.line_id, said.text("dct:title") or public.title),
        "notes": "\n\n".join(each for each in (said.text("dct:description") or public.title, closed) if each),
        "license_id": _licence_id(str(public.record.get("licence", "unknown"))),
        "url": said.link("dcat:landingPage"),
        "version": public.release,
        "tags": _tags(described.keywords),
    }
    return placed(fields, schema, extras, site)


def tombstone_fields(
    package_id: str, title: str, withdrawal: Withdrawal, bank: BankSettings, site: Site
) -> dict[str, Any]:
    """The dataset of a withdrawn line, without ``id``: that it was there, since when it is not, and why; no files.

    Args:
        package_id: the line.
        title: the title that it had; only the line's name should be in it.
        withdrawal: reason and date.
        bank: the bank's settings.
        site: the portal.
    """
    address = bank.addresses.package(package_id)
    schema = {
        **_of_bank(bank_statements(bank)),
        "uri": address,
        "identifier": address,
        "modified": withdrawal.date,
        "access_rights": _NON_PUBLIC,
        "provenance": f"Withdrawn on {withdrawal.date}: {withdrawal.reason}",
    }
    extras = {
        "cell_line": package_id,
        "package_id": package_id,
        "withdrawal_reason": withdrawal.reason,
        "withdrawn": withdrawal.date,
    }
    fields = {
        **_core(site, package_id, f"Withdrawn: {title}"),
        "notes": f"The data package of {package_id} was withdrawn on {withdrawal.date}: {withdrawal.reason}\n\n"
        "Nothing of it is published any more; this page stays so that its address keeps a meaning.",
        "license_id": "notspecified",
        "url": address,
        "tags": [],
        "resources": [],
    }
    return placed(fields, schema, extras, site)


def placed(
    fields: Mapping[str, Any], schema: Mapping[str, Any], extras: Mapping[str, Any], site: Site
) -> dict[str, Any]:
    """A dataset with every value where the portal has a place for it.

    What says nothing is left out. A value that is too long for the search index is left out whole, and named in the
    extra ``left_out``: nothing is cut.

    Args:
        fields: of CKAN itself.
        schema: fields of ckanext-scheming; on a portal that has them not, extras as ckanext-dcat reads them.
        extras: further extras; lists become JSON. CKAN refuses an extra with the name of a field: there it is that field.
        site: the portal.
    """
    dataset = {name: value for name, value in fields.items() if value not in ("", None)}
    loose: dict[str, Any] = {}
    left_out = []
    for name, value in schema.items():
        if not value:
            continue
        if _is_long(value):
            left_out.append(name)
        elif name in site.schema_fields:
            dataset[name] = value
        else:
            loose.update(_flat(name, value))
    for name, value in extras.items():
        if not value:
            continue
        if _is_long(value):
            left_out.append(name)
        elif name in site.schema_fields:
            dataset[name] = value
        else:
            loose[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if left_out:
        loose["left_out"] = ", ".join(sorted(left_out))
    dataset["extras"] = [{"key": name, "value": loose[name]} for name in sorted(loose)]
    return dataset


def bank_fields(bank: BankSettings) -> dict[str, Any]:
    """Publisher, contact, languages and place of the bank, as fields of the schema."""
    return _of_bank(bank_statements(bank))


def _core(site: Site, package_id: str, title: str) -> dict[str, Any]:
    """What holds for every dataset of a line, and keeps somebody's click on the portal from hiding it."""
    return {
        "name": portal_name(package_id),
        "title": title,
        "owner_org": site.organization,
        "private": False,
        "state": "active",
        "type": "dataset",
    }


def _of_bank(said: Statements) -> dict[str, Any]:
    """Publisher, contact, languages and place, which a line's dataset and its tombstone have in common."""
    publisher, contact, country = said.link("dct:publisher"), said.link("dcat:contactPoint"), said.link("dct:spatial")
    agent = {
        "uri": publisher,
        "name": said.text("foaf:name", publisher),
        "url": said.link("foaf:homepage", publisher),
        "type": said.link("dct:type", publisher),
    }
    person = {
        "uri": contact,
        "name": said.text("vcard:fn", contact),
        "email": said.link("vcard:hasEmail", contact).removeprefix("mailto:"),
        "url": said.link("vcard:hasURL", contact),
    }
    place = {"uri": country, "text": said.text("skos:prefLabel", country)}
    return {
        "publisher": [_stated(agent)] if publisher else [],
        "creator": [_stated(agent)] if publisher else [],
        "contact": [_stated(person)] if contact else [],
        "language": said.links("dct:language"),
        "spatial_coverage": [_stated(place)] if country else [],
    }


def _main_terms(public: PublicRecord) -> dict[str, str]:
    """What people filter by: one value each, terms as CURIEs beside their labels; of several diseases the first."""
    record = public.record
    labels = {str(each.get("term")): str(each.get("label", "")) for each in public.annotations}
    origin, clo = _mapping(record.get("origin")), _mapping(record.get("clo"))
    diseases = record.get("diseases")
    disease = _mapping(diseases[0]) if isinstance(diseases, list) and diseases else {}
    terms = {
        "cell_type_term": origin.get("cell"),
        "disease_term": disease.get("term"),
        "species_term": record.get("species"),
        "tissue_term": origin.get("tissue"),
    }
    named = {name.removesuffix("_term"): labels.get(str(term), "") for name, term in terms.items()}
    values = {
        **terms,
        **named,
        "audit_level": public.audit_level,
        "cell_line": public.line_id,
        "clo_status": clo.get("status"),
        "clo_term": clo.get("class"),
        "data_kind": record.get("data_kind", "measured"),
        "disease": disease.get("label") or named["disease"],
        "grade": record.get("grade"),
        "line_type": record.get("line_type"),
        "sex": _mapping(record.get("donor")).get("sex"),
        "tier": public.tier,
        "tissue": named["tissue"] or origin.get("label"),
    }
    return {name: str(value) for name, value in values.items() if value not in (None, "", "unknown")}


def _closed_kinds(public: PublicRecord) -> dict[str, str]:
    """The kinds of data that are not public, with what is known of all of them; never a name, size, digest or count."""
    named: dict[str, list[str]] = {"restricted": [], "duo": [], "embargo_until": [], "accession": []}
    for each in public.restricted:
        named["restricted"].append(each.modality)
        named["duo"] += each.duo
        named["embargo_until"] += [each.embargo_until] if each.embargo_until else []
        named["accession"] += each.accessions
    return {name: ", ".join(dict.fromkeys(values)) for name, values in named.items()}


def _notations(said: Statements) -> list[str]:
    return sorted(dict.fromkeys(_texts_of(said, "adms:identifier", "skos:notation")))


def _texts_of(said: Statements, link: str, text: str) -> list[str]:
    return [each for node in said.links(link) for each in said.texts(text, node)]


def _licence_id(name: str) -> str:
    return "notspecified" if name == "unknown" else _REGISTER.get(name, name)


def _licence_address(said: Statements, public: PublicRecord) -> str:
    """The address of the record's licence, as the open files have it."""
    name = str(public.record.get("licence", "unknown"))
    label = PREFIXES["rdfs"] + "label"
    found = [iri for iri, node in said.nodes.items() if {"@value": name} in node.get(label, [])]
    return next((iri for iri in found if PREFIXES["dct"] + "LicenseDocument" in said.nodes[iri].get("@type", [])), "")


def _tags(keywords: Iterable[str]) -> list[dict[str, str]]:
    """Keywords as tags: what CKAN refuses becomes a space; what is then too short or too long is left out."""
    words = {" ".join(_NOT_IN_TAG.sub(" ", each).split()) for each in keywords}
    return [{"name": each} for each in sorted(words) if 2 <= len(each) <= _LONGEST_TAG]


def _flat(name: str, value: Any) -> dict[str, str]:
    """A field of the schema as extras: lists as JSON, the first of repeating subfields under ``publisher_name``.

    ckanext-dcat has no such form of a relation; it stays away.
    """
    if name in _FLAT:
        return {f"{_FLAT[name]}_{member}": str(inner) for member, inner in value[0].items()}
    if name == "qualified_relation":
        return {}
    return {name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}


def _is_long(value: Any) -> bool:
    text = value if isinstance(value, str) else json.dumps(value)
    return len(text.encode()) > LONGEST_BYTES


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _stated(members: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in members.items() if value}
