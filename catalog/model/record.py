"""The record of a line (profile line-1) as frozen values.

The authority is ``schemas/line-1.json``: titles, meanings, examples and vocabularies stand there, a
test compares every field with it, and documents reach these classes only through
:mod:`catalog.profiles`. ``None`` is *not stated*; ``"unknown"`` is *stated to be unknown*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unknown = Literal["unknown"]
Truth = bool | Unknown
#: A whole number, or words: ``unknown``, or a passage such as ``p10+16``.
Number = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Other names of the line."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Xref:
    """The line or its data in other registries and archives."""

    db: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OntologyClass:
    """Where the line stands in the Cell Line Ontology."""

    class_: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The line that this line was made from; wanted for every subclone."""

    line: str
    relation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Other donors of the same family; never public."""

    donor: str
    relation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Tests of the donor for infectious agents."""

    agent: str
    verdict: str
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Donor eligibility for clinical use."""

    verdict: str
    regulation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Donor:
    """The person the cells came from, de-identified."""

    donor_id: str
    sex: str | None = None
    age_at_collection: str | None = None
    ancestry: str | None = None
    phenotypes: tuple[str, ...] = ()
    relatives: tuple[Relative, ...] = ()
    abo_rhd: str | None = None
    infectious_screen: tuple[Screen, ...] = ()
    eligibility: Eligibility | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the line was derived from."""

    tissue: str | None = None
    cell: str | None = None
    label: str | None = None
    collection_year: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """Whether the vector is still present."""

    status: str | None = None
    passage: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprogramming:
    """How an iPSC line was reprogrammed."""

    method: str | None = None
    factors: tuple[str, ...] | Unknown | None = None
    integrating: Truth | None = None
    residual: Residual | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Embryo:
    """The source of an ESC line."""

    source: str | None = None
    approval_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """Where, when and how the line was made."""

    lab: str | None = None
    ror: str | None = None
    year: Number | None = None
    gmp: Truth | None = None
    xeno_free: Truth | None = None
    reprogramming: Reprogramming | None = None
    embryo: Embryo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """Genetic modifications; an empty list says that there are none."""

    type: str
    gene: str | None = None
    hgvs: str | None = None
    zygosity: str | None = None
    delivery: str | None = None
    number: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disease:
    """Diseases of the donor; an empty list says that none is known to exist."""

    term: str
    label: str | None = None
    status: str
    stage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """Additions to the medium."""

    name: str
    amount: float | int | Unknown | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Culture:
    """How the line is grown."""

    medium: str | None = None
    matrix: str | None = None
    feeder: str | None = None
    passage_method: str | None = None
    o2_percent: float | int | Unknown | None = None
    co2_percent: float | int | Unknown | None = None
    rock_inhibitor: Truth | None = None
    supplements: tuple[Supplement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Karyotype:
    """The last karyotype."""

    iscn: str
    metaphases: Number | None = None
    resolution_bands: Number | None = None
    passage: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The approval that lets kinds of files be open which are controlled by default."""

    by: str
    number: str
    date: str
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may have the line's files."""

    tier: str
    embargo_until: str | None = None
    approval: Approval | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EthicsApproval:
    """The approval of the ethics committee."""

    committee: str
    approval_no: str
    date: str | None = None
    expiry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What the donor permitted; unknown counts as no."""

    sequencing: Truth | None = None
    sharing_open: Truth | None = None
    sharing_controlled: Truth | None = None
    commercial: Truth | None = None
    editing: Truth | None = None
    reprogramming: Truth | None = None
    clinical_use: Truth | None = None
    export: Truth | None = None
    recontact: Truth | None = None
    incidental_findings: Truth | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawal:
    """Whether the donor has withdrawn the consent."""

    state: str
    date: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the donor agreed to, or unknown."""

    duo: tuple[str, ...] | Unknown
    diseases: tuple[str, ...] = ()
    detail: str | None = None
    irb: EthicsApproval | None = None
    consent_id: str | None = None
    version: str | None = None
    language: str | None = None
    document_sha256: str | None = None
    permissions: Permissions | None = None
    withdrawal: ConsentWithdrawal | None = None
    legal_basis: str | None = None
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """Whether cells of the line can be had."""

    status: str
    reason: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """The terms on which cells are given."""

    mta: Truth | None = None
    fee: str | None = None
    regions: tuple[str, ...] = ()
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """What a user of the line must know."""

    text: str
    severity: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What other sources say about a field; conflicts are shown, never overwritten."""

    field: str
    value: str
    source: str
    date: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonconformity:
    """Failures of the line or its lots that became known."""

    id: str
    date: str | None = None
    kind: str | None = None
    disposition: str | None = None
    capa: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The record of a line (profile line-1): what line.yaml says, decoded once."""

    profile: str
    line_id: str
    name_reason: str | None = None
    pid: str | None = None
    aliases: tuple[Alias, ...] = ()
    xrefs: tuple[Xref, ...] = ()
    line_type: str
    species: str
    clo: OntologyClass
    parent: Parent | None = None
    donor: Donor
    origin: Origin | None = None
    derivation: Derivation | None = None
    modifications: tuple[Modification, ...] | Unknown | None = None
    diseases: tuple[Disease, ...] | Unknown | None = None
    culture: Culture | None = None
    karyotype: Karyotype | None = None
    access: Access
    consent: Consent | Unknown
    grade: str | None = None
    availability: Availability | None = None
    distribution: Distribution | None = None
    cautions: tuple[Caution, ...] = ()
    references: tuple[str, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    nonconformities: tuple[Nonconformity, ...] = ()
    licence: str | None = None
    data_kind: str | None = None
    notes: tuple[str, ...] = ()
