"""``datapackage.json``, written by hand after Data Package 2.0 (datapackage.org); validators only judge it.

Resources are the record, the tables and the open files. Members of ours stand under plain names
beside those of the standard, which the standard allows (2.0, 'Data Package', 'Metadata').
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import rfc8785

from catalog.access import PublicFile, PublicRecord
from catalog.identifiers import portal_name
from catalog.model import BankSettings
from catalog.model.files import MODALITIES, TABLE_PATHS
from catalog.profiles import table_schema

DESCRIPTOR = "datapackage.json"
RECORD = "record.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

_TABLE_TITLES = {
    "qc": "Quality tests",
    "hla": "HLA typing",
    "str": "STR profile",
    "cnv": "Copy number variants",
    "banks": "Cell banks",
    "files": "Files",
    "assays": "Assays",
}
#: Fields whose terms say what the package is about; data use and identifiers are no keywords.
_SUBJECT_FIELDS = ("origin", "diseases", "clo", "line_type", "modality")
#: Suffixes of compressed files do not tell the format; these stand before them.
_COMPRESSED = (".gz", ".bgz")


def fingerprint(public: PublicRecord) -> str:
    """The sha256 of everything public about a line but the release's name and time: equal means unchanged."""
    members = {
        "title": public.title,
        "description": public.description,
        "tier": public.tier,
        "record": public.record,
        "files": [asdict(each) for each in public.files],
        "tables": {
            name: [list(table.columns), [dict(row) for row in table.rows]] for name, table in public.tables.items()
        },
        "restricted": [asdict(each) for each in public.restricted],
        "annotations": [dict(each) for each in public.annotations],
        # Not the sentences: a better hint in a new fairline is no new version of a package.
        "findings": [[each.code, str(each.severity), each.path, each.column, each.count] for each in public.findings],
        "withdrawn": [dict(each) for each in public.withdrawn],
    }
    return hashlib.sha256(rfc8785.dumps(_canonical(members))).hexdigest()


def _canonical(value: Any) -> Any:
    """The value with tuples as lists and floats that RFC 8785 can hold."""
    if isinstance(value, Mapping):
        return {str(name): _canonical(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return value


def descriptor(public: PublicRecord, bank: BankSettings, documents: Mapping[str, bytes]) -> dict[str, Any]:
    """The descriptor of one version.

    Args:
        public: the public record, named by its release.
        bank: the bank's settings.
        documents: the bytes of ``record.json``, ``files.csv`` and the tables, by path.
    """
    addresses = bank.addresses
    members: dict[str, Any] = {
        "$schema": _PROFILE,
        "name": portal_name(public.line_id),
        "id": addresses.package(public.line_id),
        "title": public.title,
        "description": public.description,
        "homepage": addresses.package(public.line_id),
        "version": public.release,
        "created": public.issued,
        "licenses": [_licence(str(public.record.get("licence", "unknown")))],
        "contributors": [_publisher(bank)],
        "keywords": _keywords(public),
        "resources": [*_document_resources(public, documents), *_file_resources(public.files)],
        "line_id": public.line_id,
        "release": public.release,
        "tier": public.tier,
        "data_kind": public.record.get("data_kind", "measured"),
        "audit_level": public.audit_level,
        "annotations": [dict(each) for each in public.annotations],
        "restricted": [_stated(asdict(each)) for each in public.restricted],
        "withdrawn": [dict(each) for each in public.withdrawn],
        "fingerprint": fingerprint(public),
    }
    if members["licenses"] == [None]:
        del members["licenses"]
    return members


def is_data_file(resource: Mapping[str, Any]) -> bool:
    """Whether a resource of a descriptor is a file of the curator, and no document that fairline made.

    The member is our own: ``type`` has one value in Data Package 2.0, ``table``.
    """
    return resource.get("kind") == "file"


def _licence(name: str) -> dict[str, str] | None:
    """The licence as Data Package wants it: an SPDX name with its address, or an address; None when unknown."""
    if name == "unknown":
        return None
    if name.startswith("http"):
        return {"path": name}
    address = f"https://spdx.org/licenses/{name}"
    # The profile's names know no '+', which SPDX has.
    return {"title": name, "path": address} if "+" in name else {"name": name, "path": address}


def _publisher(bank: BankSettings) -> dict[str, Any]:
    member: dict[str, Any] = {"title": bank.publisher.name, "roles": ["publisher"]}
    if bank.publisher.url:
        member["path"] = bank.publisher.url
    return member


def _keywords(public: PublicRecord) -> list[str]:
    words = [public.line_id, *(each["name"] for each in public.record.get("aliases", ()))]
    words += [str(public.record.get("line_type", ""))]
    words += [MODALITIES.get(modality, modality) for modality in sorted({each.modality for each in public.files})]
    words += [
        str(each["label"]) for each in public.annotations if str(each.get("field", "")).startswith(_SUBJECT_FIELDS)
    ]
    return list(dict.fromkeys(word for word in words if word and word != "unknown"))


def _document_resources(public: PublicRecord, documents: Mapping[str, bytes]) -> list[dict[str, Any]]:
    resources = [_document(RECORD, documents[RECORD], "Record of the line", "json", "application/json")]
    tables = ["files", *(name for name in _TABLE_TITLES if name in public.tables)]
    for name in tables:
        path = TABLE_PATHS[name]
        resource = _document(path, documents[path], _TABLE_TITLES[name], "csv", "text/csv")
        columns = documents[path].split(b"\n", 1)[0].decode().split(",")
        resource["type"] = "table"
        resource["encoding"] = "utf-8"
        resource["schema"] = _schema(name, columns, set(tables))
        resources.append(resource)
    return resources


def _document(path: str, content: bytes, title: str, format_name: str, mediatype: str) -> dict[str, Any]:
    return {
        "name": path.lower(),
        "path": path,
        "title": title,
        "format": format_name,
        "mediatype": mediatype,
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "tier": "open",
    }


def _schema(name: str, columns: Sequence[str], present: set[str]) -> dict[str, Any]:
    """The Table Schema of a table, cut to the columns that are there; keys to tables of this package."""
    full = table_schema(name)
    by_name = {each["name"]: each for each in full["fields"]}
    fields = []
    for column in columns:
        field = copy.deepcopy(by_name[column])
        for own in [member for member in field if member.startswith("x-")]:
            del field[own]
        fields.append(field)
    schema: dict[str, Any] = {"$schema": full["$schema"], "fields": fields, "missingValues": [""]}
    if "primaryKey" in full and set(full["primaryKey"]) <= set(columns):
        schema["primaryKey"] = full["primaryKey"]
    if name == "files" and "assays" in present:
        reference = {"resource": TABLE_PATHS["assays"], "fields": ["assay_id"]}
        schema["foreignKeys"] = [{"fields": ["assay_id"], "reference": reference}]
    return schema


def _file_resources(files: Sequence[PublicFile]) -> list[dict[str, Any]]:
    resources = []
    taken: set[str] = set()
    for each in files:
        name = each.path.lower()
        while name in taken:
            name += "_"
        taken.add(name)
        member = {
            "name": name,
            "path": each.path,
            "title": _file_title(each),
            "format": _suffix(each.path),
            "mediatype": each.mediatype,
            "dialect": _dialect(each),
            "bytes": each.bytes,
            "hash": f"sha256:{each.sha256}",
            "kind": "file",
            "file_format": each.format,
            "edam_format": each.edam_format,
            "modality": each.modality,
            "role": each.role,
            "assembly": each.assembly,
            "passage": each.passage,
            "replicate": each.replicate,
            "sample_id": each.sample_id,
            "group": each.group,
            "assay_id": each.assay_id,
            "accession": each.accession,
            "tier": "open",
            "facts": _canonical(each.facts),
        }
        resources.append(_stated(member))
    return resources


def _dialect(each: PublicFile) -> dict[str, str]:
    """How a reader of tables must read the file, where it is not as its suffix says (Table Dialect 2.0)."""
    usual = {"csv": ",", "tsv": "\t"}.get(_suffix(each.path))
    dialect = {}
    if usual and each.facts.get("comment_lines"):
        dialect["commentChar"] = "#"
    delimiter = each.facts.get("delimiter")
    if usual and delimiter and delimiter != usual:
        dialect["delimiter"] = str(delimiter)
    return dialect


def _file_title(each: PublicFile) -> str:
    name = each.path.rsplit("/", 1)[-1]
    label = MODALITIES.get(each.modality)
    return f"{label}: {name}" if label else name


def _suffix(path: str) -> str:
    name = path.rsplit("/", 1)[-1].lower()
    for suffix in _COMPRESSED:
        name = name.removesuffix(suffix)
    return name.rpartition(".")[2] if "." in name else "bin"


def _stated(members: Mapping[str, Any]) -> dict[str, Any]:
    """Members that say something."""
    return {name: value for name, value in members.items() if value not in (None, "", (), [], {})}
