"""The record of a published line: ``line.yaml``, with what the table and the registries say and ``unknown`` for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from catalog.model.files import MODALITIES
from publish.demo.disclosure import APPROVAL_DATE, APPROVAL_NUMBER, APPROVED_BY, IN_RECORDS
from publish.demo.published import PLATFORMS_DOI, TABLE_DOI, PublishedLine

SNP_ACCESSION, SEQUENCING_ACCESSION = "GSE163134", "PRJNA685393"
_PARENT_CLASSES = {"iPSC": "CLO:0037308", "ESC": "CLO:0037280"}
_UNKNOWN = "unknown"
_FLOW_CHARACTERS = 110

_HEADER = f"""\
# A line of the example bank, written by fairline demo.
# Names, passages, years, origin, matrix: doi {TABLE_DOI}, Table 1. Classes and donors: hPSCreg-CLO 2019.
# Accessions of the line: Cellosaurus 55.0. What none of them tells is unknown. The data files are synthetic.
"""


class _Dumper(yaml.SafeDumper):
    """Writes short collections of plain values on one line, as people do."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        """A mapping; on one line where it is short and holds no other collection."""
        node = super().represent_mapping(tag, mapping, flow_style)
        parts = [part for pair in node.value for part in pair]
        node.flow_style = _is_short(parts)
        return node

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        """A list, likewise."""
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = _is_short(node.value)
        return node

    def represent_sentence(self, text: str) -> yaml.ScalarNode:
        """A text; one with signs of its own in double quotes, which leave apostrophes alone."""
        style = '"' if ": " in text or "'" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _Dumper.represent_sentence)


def _is_short(nodes: list[yaml.Node]) -> bool:
    if not all(isinstance(node, yaml.ScalarNode) for node in nodes):
        return False
    return sum(len(node.value) + 2 for node in nodes) <= _FLOW_CHARACTERS and not any(
        node.value.endswith(".") for node in nodes
    )


def record_file(line: PublishedLine) -> bytes:
    """The bytes of a line's ``line.yaml``: a comment that names the sources, then the fields in the profile's order."""
    text = yaml.dump(_record(line), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_FLOW_CHARACTERS)
    return (_HEADER + text).encode()


def _record(line: PublishedLine) -> dict[str, Any]:
    members: dict[str, Any] = {"profile": "line-1", "line_id": line.line_id}
    if not line.line_id.startswith("KSCB"):
        members["name_reason"] = "The published table gives this name and no hPSCreg name."
    members["aliases"] = [{"name": line.alias, "kind": "in-house"}] if line.alias else []
    members["xrefs"] = list(_cross_references(line))
    members["line_type"] = line.line_type
    members["species"] = "NCBITaxon:9606"
    members["clo"] = (
        {"class": line.clo, "status": "exact"}
        if line.clo
        else {"class": _PARENT_CLASSES[line.line_type], "status": "parent-only"}
    )
    if line.parent:
        members["parent"] = {"line": line.parent, "relation": "subclone"}
    members["donor"] = _donor(line)
    members["origin"] = _origin(line)
    members["derivation"] = _derivation(line)
    members["modifications"] = _UNKNOWN
    members["diseases"] = _UNKNOWN
    members["culture"] = _culture(line)
    members["access"] = _access(line)
    members["consent"] = _UNKNOWN
    return {**members, **_terms_of_use(line), "notes": list(_notes(line))}


def _cross_references(line: PublishedLine) -> Iterator[Mapping[str, str]]:
    if line.cellosaurus:
        yield {"db": "Cellosaurus", "id": line.cellosaurus}
    if line.clo:
        yield {"db": "hPSCreg", "id": line.line_id}
    if "snp-array" in line.modalities:
        yield {"db": "GEO", "id": SNP_ACCESSION}
    if set(line.modalities) - {"snp-array"}:
        yield {"db": "SRA", "id": SEQUENCING_ACCESSION}


def _donor(line: PublishedLine) -> dict[str, str]:
    return {
        "donor_id": line.donor.donor_id,
        "sex": line.donor.sex,
        "age_at_collection": _UNKNOWN,
        "ancestry": _UNKNOWN,
    }


def _origin(line: PublishedLine) -> dict[str, str]:
    """The table's word and its terms; hESC says what the line is, which ``line_type`` holds, and not what was taken."""
    label = _UNKNOWN if line.line_type == "ESC" else line.origin
    return {"tissue": _UNKNOWN, "cell": _UNKNOWN, **line.origin_terms, "label": label, "collection_year": _UNKNOWN}


def _derivation(line: PublishedLine) -> dict[str, Any]:
    members: dict[str, Any] = {"lab": _UNKNOWN, "year": _UNKNOWN}
    if line.line_type == "ESC":
        return {**members, "embryo": {"source": _UNKNOWN}}
    reprogramming = {
        "method": _UNKNOWN,
        "factors": _UNKNOWN,
        "integrating": _UNKNOWN,
        "residual": {"status": _UNKNOWN},
    }
    return {**members, "reprogramming": reprogramming}


def _culture(line: PublishedLine) -> dict[str, str]:
    members = {"medium": _UNKNOWN, "matrix": line.coating or _UNKNOWN}
    return {**members, "feeder": line.feeder} if line.feeder else members


def _access(line: PublishedLine) -> dict[str, Any]:
    if line.controlled:
        return {"tier": "controlled", "contact": "data-access@example.org"}
    if line.is_blank:
        return {"tier": "open"}
    approval = {
        "by": APPROVED_BY,
        "number": APPROVAL_NUMBER,
        "date": APPROVAL_DATE,
        "scope": ["snp-array", "wes", "methyl-seq", "rna-seq"],
    }
    return {"tier": "open", "approval": approval}


def _terms_of_use(line: PublishedLine) -> dict[str, Any]:
    """Grade, availability, distribution, references, assertions, licence and kind of data."""
    if line.is_blank:
        members: dict[str, Any] = {"grade": _UNKNOWN, "availability": {"status": _UNKNOWN}, "references": [TABLE_DOI]}
        return {**members, "licence": _UNKNOWN, "data_kind": "synthetic"}
    reason = "the paper of 2021 lists the line for distribution; ask that bank whether cells can be had today"
    members = {
        "grade": "research",
        "availability": {"status": _UNKNOWN, "reason": reason},
        "distribution": {"mta": _UNKNOWN, "fee": "none from 2014 to 2020; vials are picked up"},
        "references": [TABLE_DOI, PLATFORMS_DOI],
    }
    if line.conflicts:
        members["assertions"] = [{**each, "status": "conflicts"} for each in line.conflicts]
    return {**members, "licence": "CC0-1.0", "data_kind": "synthetic"}


def _notes(line: PublishedLine) -> Iterator[str]:
    """What a reader must know, in whole sentences; first that the files are synthetic."""
    if line.is_blank:
        yield "Every cell of this line's row in the published table is empty: nobody says whether there are data."
        yield (
            "No data file was generated for it: the files of fairline demo are synthetic, hold no person's data, and are "
            "made only where the table names data."
        )
    else:
        yield IN_RECORDS
        yield (
            "The licence CC0-1.0 is that of the synthetic files. The paper's own licence (CC BY-NC-ND) is not one for data, "
            "and none is stated for the real data."
        )
        yield (
            f"The accessions are those of the real data of the published lines ({SNP_ACCESSION}, {SEQUENCING_ACCESSION}); "
            "the files here are no copies of them."
        )
        yield (
            "Platforms, kits and builds are inferred from the same group's other paper "
            f"(JO20, doi {PLATFORMS_DOI}): the table does not print them."
        )
        if not line.controlled:  # notes are public, the donor of a controlled line is not
            yield f"The donor's identifier is {line.donor.donor_id}: {line.donor.source}."
    if line.missing_modalities:
        missing = ", ".join(MODALITIES[name] for name in line.missing_modalities)
        yield f"The published table marks as not existing: {missing}."
    if line.feeder:
        yield f"The published table names {line.feeder}, feeder cells, in its column of the culture matrix."
    if line.controlled:
        yield (
            "The demo keeps this line's files controlled, to show that path: they are as synthetic as all others, "
            "and the address to ask is an example."
        )
    yield from line.notes
