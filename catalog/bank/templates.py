"""The commented files that ``init`` and ``line new`` write. Values that nobody stated are ``unknown``, never guessed."""

from __future__ import annotations

import json

from catalog.loading import read_yaml
from catalog.names import parse_name

_BANK = """\
# The settings of this bank. Every field is explained in docs/bank.md.
profile = "bank-1"

# The bank's name, as pages show it.
title = {title}

# The start of every address of the bank. It ends with a slash and never changes:
# every identifier that you publish is made from it.
base_iri = {base_iri}

# The licence of the bank's descriptions (SPDX). Each line's files have their own.
licence = "CC0-1.0"
languages = ["en"]

[publisher]
name = {publisher}
# url = "https://example.org/"
# ror = "https://ror.org/..."

# [contact]
# name = "Curation desk"
# email = "bank@example.org"

# A place that releases are published to (fairline publish ckan); its token is never written here.
# [targets.ckan]
# kind = "ckan"
# url = "https://data.example.org"
# organization = "bank"
"""

_RECORD = """\
# The record of one cell line. Every field, with meaning, vocabulary and example: docs/records.md.
# Every value may be 'unknown'. Delete nothing that is 'unknown' but true: unknown is an answer.
profile: line-1
line_id: {line_id}
{name_reason}aliases: []                       # - {{name: example-hiPSC-1, kind: in-house}}
xrefs: []                         # - {{db: Cellosaurus, id: CVCL_XXXX}}
line_type: {line_type:<22} # {type_reason}iPSC, ESC, MSC, HSPC, primary, derived
species: unknown                  # an NCBITaxon term; human is NCBITaxon:9606
# {{class: "{clo}", status: parent-only}} says {clo_words};
# other words for status: exact, provisional-requested
clo: {{class: unknown, status: unknown}}
{parent}donor:
  donor_id: unknown               # a random identifier, never from a hospital number
  sex: unknown                    # female, male
origin:
  tissue: unknown                 # UBERON term, such as UBERON:0012168
  cell: unknown                   # CL term, such as CL:0000057
  label: unknown                  # in your own words
derivation:
  lab: unknown
  year: unknown
access:
  tier: controlled                # open, registered, controlled: the default for every file
  # Reads, variants, arrays and the like stay controlled even in an open line, unless approved:
  # approval: {{by: ..., number: ..., date: 2021-02-01, scope: [snp-array, wes, methyl-seq, rna-seq]}}
  # contact: dac@example.org      # whom to ask for controlled files
consent:
  duo: unknown                    # such as ["DUO:0000042"]
  irb: {{committee: unknown, approval_no: unknown}}
diseases: unknown                 # [] says: none;  - {{term: MONDO:0005180, status: affected}}
culture: {{matrix: unknown}}
grade: unknown                    # research, clinical, ...
availability: {{status: unknown}}
# licence: CC-BY-4.0              # of the open files
"""

#: Classes of the Cell Line Ontology that the comment names; nobody has said that they are right.
_PARENT_CLASS = {
    "iPSC": ("CLO:0037308", "a human induced pluripotent stem-cell line"),
    "ESC": ("CLO:0037280", "a human embryonic stem-cell line"),
}


def bank_settings(title: str, base_iri: str, publisher: str) -> bytes:
    """The text of a new ``fairline.toml``; bytes of the command line that are no UTF-8 stay as they are."""
    return _BANK.format(
        title=json.dumps(title, ensure_ascii=False),
        base_iri=json.dumps(base_iri, ensure_ascii=False),
        publisher=json.dumps(publisher, ensure_ascii=False),
    ).encode("utf-8", "surrogateescape")


def line_record(line_id: str) -> bytes:
    """The text of a new ``line.yaml``: what the name tells, and ``unknown`` for the rest."""
    name = parse_name(line_id)
    line_type = name.line_type if name else "unknown"
    parent = ""
    if name and name.parent:
        parent = f"parent: {{line: {name.parent}, relation: unknown}}   # from the name\n"
    reason = "" if name else "name_reason: unknown              # why the line has no hPSCreg name\n"
    clo, clo_words = _PARENT_CLASS.get(line_type, ("CLO:0000001", "a cell line"))
    return _RECORD.format(
        line_id=line_id if _is_plain(line_id) else json.dumps(line_id),
        line_type=line_type,
        parent=parent,
        type_reason="from the name; " if name else "",
        clo=clo,
        clo_words=clo_words,
        name_reason=reason,
    ).encode()


def _is_plain(line_id: str) -> bool:
    """Whether YAML reads a bare id as the text that it is: ``0E0`` and ``null`` are something else."""
    return read_yaml(f"line_id: {line_id}".encode()).value == {"line_id": line_id}
