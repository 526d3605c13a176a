"""The distributions of a dataset: one for each open file, and one for each kind of data that is not open.

Paths, titles, sizes and digests are read from the package's own descriptor, so that both say the same. Of what is
not open nothing is said but kind, tier, data use, whom to ask and accessions elsewhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.access import PublicRecord, Restricted
from catalog.identifiers import path_faults
from catalog.model import BankSettings
from catalog.model.files import MODALITIES
from catalog.package import DESCRIPTOR
from publish.exports.accessions import read_accession
from publish.exports.dcat_resource import OURS, main_language, state_licence, state_standard
from publish.exports.dcat_vocabulary import (
    ACCESS_RIGHT,
    AVAILABILITY,
    FILE_TYPE,
    file_type_code,
    state_media_type,
)
from publish.exports.graph import Graph, Node, date_time, term_iri

_SHA256 = "https://spdx.org/rdf/terms#checksumAlgorithm_sha256"
_GZIP = "application/gzip"
_HEX = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: Formats that are lines of fields, whatever their names end with.
_TABULAR = frozenset(
    {"bed", "bedgraph", "bedmethyl", "bismark-cov", "bismark-cpg-report", "counts-matrix", "tpm-matrix"}
)
_LINES = frozenset({"fastq", "mtx", "sam", "text", "vcf"})
#: Members of a resource that its description tells, with the words before them.
_TOLD = {
    "role": "role",
    "file_format": "format",
    "assembly": "genome assembly",
    "passage": "passage",
    "replicate": "replicate",
    "sample_id": "sample",
    "group": "group",
    "assay_id": "assay",
    "accession": "accession",
}
_DESCRIPTIONS = {
    DESCRIPTOR: "Describes every file of the package (Data Package 2.0).",
    "record.json": "What is public of the record of the line.",
    "files.csv": "The open files of the package: path, kind of measurement, size and sha256.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What the distributions of a version are made from.

    Attributes:
        public: the public record.
        bank: the bank's settings.
        documents: the bytes of the package's own documents, by path.
        members: the descriptor.
    """

    public: PublicRecord
    bank: BankSettings
    documents: Mapping[str, bytes]
    members: Mapping[str, Any]

    @property
    def iri(self) -> str:
        """The dataset."""
        return self.bank.addresses.package(self.public.line_id)

    def resources(self) -> Iterator[Mapping[str, Any]]:
        """The descriptor itself, then everything that it lists; what has no lawful path has no address."""
        content = self.documents[DESCRIPTOR]
        yield {
            "path": DESCRIPTOR,
            "title": "Description of the package",
            "mediatype": "application/json",
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        }
        for each in self.members["resources"]:
            if not path_faults(each["path"]):
                yield each


def state_files(graph: Graph, package: Package) -> list[str]:
    """States every open file in a graph, and gives the addresses of their distributions."""
    return [_state_file(graph, package, each) for each in package.resources()]


def _state_file(graph: Graph, package: Package, resource: Mapping[str, Any]) -> str:
    public, bank, path = package.public, package.bank, str(resource["path"])
    iri = bank.addresses.file(public.line_id, public.release, path)
    node = graph.node(iri, "dcat:Distribution").link("dcat:accessURL", iri).link("dcat:downloadURL", iri)
    node.text("dct:title", resource["title"], main_language(bank)).text("dct:description", _words(resource), OURS)
    node.value("dcat:byteSize", resource["bytes"], "xsd:nonNegativeInteger")
    node.value("dct:issued", date_time(public.issued), "xsd:dateTime")
    node.link("dcatap:availability", AVAILABILITY.state(graph, "STABLE"))
    node.link("dct:license", _state_licence(graph, package, resource))
    _state_checksum(graph, node, str(resource["hash"]).removeprefix("sha256:"))
    _state_format(graph, node, resource)
    if resource.get("accession"):
        node.link("dct:relation", read_accession("", str(resource["accession"])).iri)
    return iri


def _words(resource: Mapping[str, Any]) -> str:
    known = _DESCRIPTIONS.get(resource["path"])
    if known:
        return known
    kind = MODALITIES.get(str(resource.get("modality", "")), "Table" if "schema" in resource else "File")
    told = [f"{word} {resource[member]}" for member, word in _TOLD.items() if resource.get(member)]
    return f"{kind}: {', '.join(told)}." if told else f"{kind} {resource['path']}."


def _state_licence(graph: Graph, package: Package, resource: Mapping[str, Any]) -> str | None:
    """The record's licence holds for all of a package; without one, descriptions are under the bank's."""
    licence = str(package.public.record.get("licence", "unknown"))
    if licence == "unknown" and resource["path"] in _DESCRIPTIONS:
        licence = package.bank.licence
    return state_licence(graph, licence, package.iri)


def _state_checksum(graph: Graph, node: Node, digest: str) -> None:
    """The algorithm is an https address and its class an http one: SPDX and DCAT-AP 3.0.1 want it so."""
    if not _HEX.fullmatch(digest):
        return
    graph.node(_SHA256, "spdx:ChecksumAlgorithm").text("rdfs:label", "SHA-256")
    checksum = graph.node(f"{node.iri}#checksum", "spdx:Checksum").link("spdx:algorithm", _SHA256)
    checksum.value("spdx:checksumValue", digest, "xsd:hexBinary")
    node.link("spdx:checksum", checksum.iri)


def _state_format(graph: Graph, node: Node, resource: Mapping[str, Any]) -> None:
    mediatype, name = str(resource["mediatype"]), str(resource.get("file_format", ""))
    packed = str(resource["path"]).lower().endswith((".gz", ".bgz"))
    if packed and mediatype in {_GZIP, "application/x-gzip"}:
        mediatype = _inner(name)
    node.link("dcat:mediaType", state_media_type(graph, mediatype))
    if packed:
        node.link("dcat:compressFormat", state_media_type(graph, _GZIP))
    node.link("dct:format", FILE_TYPE.state(graph, "TSV" if name in _TABULAR else file_type_code(mediatype)))
    edam = str(resource.get("edam_format", ""))
    iri = term_iri(edam) if edam.startswith("EDAM:") else None
    if iri:
        node.link("dct:conformsTo", state_standard(graph, iri, edam))


def _inner(format_name: str) -> str:
    """The media type of what is inside a gzip file that is only called a gzip file."""
    if format_name in _TABULAR:
        return "text/tab-separated-values"
    return "text/plain" if format_name in _LINES else "application/octet-stream"


def state_restricted(graph: Graph, package: Package) -> list[str]:
    """States in a graph that there is something which is not public, and gives the addresses of the distributions."""
    return [_state_closed(graph, package, each) for each in package.public.restricted]


def _state_closed(graph: Graph, package: Package, closed: Restricted) -> str:
    known = closed.modality if closed.modality in MODALITIES else "other"
    until = closed.embargo_until if _DAY.fullmatch(closed.embargo_until or "") else None
    kind = MODALITIES.get(known, "Other")
    node = graph.node(f"{package.iri}#restricted-{known}" + (f"-{until}" if until else ""), "dcat:Distribution")
    node.link("dcat:accessURL", package.iri).text("dct:title", f"{kind}: not public", OURS)
    node.text("dct:description", _closed_words(kind, closed, package.bank), OURS)
    node.link("dct:accessRights", ACCESS_RIGHT.state(graph, "RESTRICTED"))
    node.link("dcatap:availability", AVAILABILITY.state(graph, "AVAILABLE"))
    for duo in closed.duo:
        iri = term_iri(duo) if duo.startswith("DUO:") else None
        if iri:
            graph.node(iri, "dct:RightsStatement").text("dct:identifier", duo)
            node.link("dct:accessRights", iri)
    node.link("dct:relation", *(read_accession("", each).iri for each in closed.accessions))
    return node.iri


def _closed_words(kind: str, closed: Restricted, bank: BankSettings) -> str:
    sentences = [f"{kind} data of this line are not public: tier {closed.tier}."]
    if closed.embargo_until:
        sentences.append(f"Embargo until {closed.embargo_until}.")
    if closed.duo:
        sentences.append(f"Data use: {', '.join(closed.duo)}.")
    sentences.append(f"For access ask {closed.contact or bank.publisher.name}.")
    if closed.accessions:
        sentences.append(f"Held elsewhere as {', '.join(closed.accessions)}.")
    return " ".join(sentences)
