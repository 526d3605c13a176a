"""PLINK .fam: the samples of a fileset, one line each.

Source: PLINK 1.9 file formats, .fam.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from catalog.findings import Place, Rule, Severity
from catalog.formats.personal import personal_rule, sign_of
from catalog.formats.plink.lines import FieldLines, line_rules, plink_error, plink_wish
from catalog.formats.protocol import BY_NAME, NO, Facts, Head, Reading, as_facts
from catalog.model import Tier

LINE_RULES = line_rules("fam", "sample")
IID = plink_error("fam-iid", "the within-family ID is 0", "give the sample a name", ".fam: IID cannot be 0")
REPEATED = plink_error(
    "fam-repeated",
    "a sample is there twice: same FID and IID",
    "give one of them another IID, or take it out with plink --remove --make-bed; a deleted line would shift all genotypes",
    ".fam: within-family ID",
)
SEX = plink_wish("fam-sex", "the sex code is none of 1, 2 and 0", "write 1 for male, 2 for female, 0 for unknown")
PARENT = plink_wish(
    "fam-parent",
    "the {part} is not among the samples of the family",
    "write 0, or add the parent's line: PLINK takes such a sample for a founder",
)
PARENT_SEX = plink_wish("fam-parent-sex", "the {part} has the other sex", "look whether the columns were exchanged")
OWN_PARENT = plink_wish(
    "fam-own-parent", "a sample is its own parent", "correct the column, or write 0", severity=Severity.ERROR
)
PHENOTYPE = plink_wish(
    "fam-phenotype", "the phenotype is not a number", "write -9 where it is missing: other programs stop at words"
)
SAMPLE_OTHER = plink_wish(
    "fam-sample-not-declared",
    "the sample that files.csv names is not in the file",
    "correct sample_id in files.csv, or put the right file there",
    "Genotypes would be published for the wrong line.",
    severity=Severity.ERROR,
)
SAMPLE_UNLIKE_LINE = plink_wish(
    "fam-sample-not-the-line",
    "no sample of the file has the name of the line",
    "fill in sample_id in files.csv when the laboratory calls the line so, else look whether it is the right file",
    "A swapped file looks exactly like this.",
)
PERSONAL = personal_rule("plink-fam")

_HEADER_NAMES = frozenset({b"FID", b"#FID", b"IID", b"#IID", b"FAMILY_ID", b"INDIVIDUAL_ID"})
_SEXES = {b"1": "male", b"2": "female", b"0": "unknown", b"-9": "unknown"}
_MALE, _FEMALE = b"1", b"2"
_PARENTS = (("father", _FEMALE), ("mother", _MALE))
_MOST_LISTED = 1000
_MOST_SHOWN = 5
_STATES = {b"1": "controls", b"2": "cases", b"0": "missing", b"-9": "missing"}


class _Samples:
    """What is read of a file; a parent may stand below its child, so parents are judged at the end."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.lines = FieldLines(reading, LINE_RULES, _HEADER_NAMES)
        self._sexes: dict[tuple[bytes, bytes], bytes] = {}
        self._children: list[tuple[int, bytes, bytes, bytes]] = []
        self._codes = bytearray()
        self._states: Counter[str] = Counter()
        self._quantitative = False
        self._digest = hashlib.sha256()
        self.names: list[str] = []

    def take(self, number: int, line: bytes) -> None:
        """The next line."""
        fields = self.lines.fields(number, line)
        if fields is None:
            return
        family, name, father, mother, sex, phenotype = fields
        if name == b"0":
            self._find(IID, number, "IID", "a name", name)
        if (family, name) in self._sexes:
            self._find(REPEATED, number, "IID", "each sample once", name)
        self._sexes[family, name] = sex
        self._digest.update(family + b"\0" + name + b"\n")
        for column, text in (("FID", family), ("IID", name)):
            sign = sign_of(column, text.decode("utf-8", "replace"), names_sample=True)
            if sign is not None:
                self._reading.find(PERSONAL.at(Place(line=number, column=column), expected="no person", sign=sign))
        if len(self.names) < _MOST_LISTED:
            self.names.append(name.decode("utf-8", "replace"))
        self._codes.append({_MALE: 1, _FEMALE: 2}.get(sex, 0))
        if sex not in _SEXES:
            self._find(SEX, number, "sex", "1, 2 or 0", sex)
        if father != b"0" or mother != b"0":
            if name in (father, mother):
                self._find(OWN_PARENT, number, "father" if name == father else "mother", "another sample", name)
            self._children.append((number, family, father, mother))
        self._take_phenotype(number, phenotype)

    def _take_phenotype(self, number: int, phenotype: bytes) -> None:
        state = _STATES.get(phenotype)
        if state is None:
            try:
                float(phenotype)
                self._quantitative = True
            except ValueError:
                if phenotype not in (b"NA", b"nan", b"."):
                    self._find(PHENOTYPE, number, "phenotype", "a number", phenotype)
                state = "missing"
        self._states[state or "measured"] += 1

    def _find(self, rule: Rule, number: int, column: str, expected: str, got: bytes, part: str = "") -> None:
        self._reading.find(rule.at(Place(line=number, column=column), expected=expected, got=got, part=part))

    def judge_parents(self) -> None:
        """Parents, when every sample is known."""
        for number, family, *parents in self._children:
            for (column, other), name in zip(_PARENTS, parents, strict=True):
                if name == b"0":
                    continue
                sex = self._sexes.get((family, name))
                if sex is None:
                    self._find(PARENT, number, column, "an IID of the same family, or 0", name, column)
                elif sex == other:
                    self._find(PARENT_SEX, number, column, f"a {column}", name, column)

    def facts(self) -> Facts:
        """Counts; the evidence is put down."""
        sexes = Counter(_SEXES.get(sex, "unknown") for sex in self._sexes.values())
        self._reading.evidence |= {
            "count": self.lines.records,
            "sexes": bytes(self._codes),
            "samples": self.names,
            "sample_digest": self._digest.hexdigest(),
        }
        states = (
            {}
            if self._quantitative
            else {name: self._states[name] for name in ("controls", "cases") if self._states[name]}
        )
        return as_facts(
            {
                "samples": self.lines.records,
                "families": len({family for family, _ in self._sexes}),
                "males": sexes["male"],
                "females": sexes["female"],
                "founders": self.lines.records - len(self._children),
                "phenotype": "quantitative" if self._quantitative else None,
                **states,
            }
        )


class _PlinkFam:
    """The .fam format (see :class:`catalog.formats.protocol.Format`)."""

    name = "plink-fam"
    title = "PLINK samples (fam)"
    mediatype = "text/plain"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        *LINE_RULES.all(),
        IID,
        REPEATED,
        SEX,
        PARENT,
        PARENT_SEX,
        OWN_PARENT,
        PHENOTYPE,
        SAMPLE_OTHER,
        SAMPLE_UNLIKE_LINE,
        PERSONAL,
    )

    def sniff(self, head: Head) -> int:
        """By name alone: six words a line are of many kinds."""
        return BY_NAME if head.has_suffix(".fam") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``samples``, ``families``, ``males``, ``females``, ``founders``, ``controls`` and ``cases``, or
        ``phenotype: quantitative``.

        Evidence: ``count`` (lines), ``sexes`` (one byte a sample: 1 male, 2 female, 0 else), ``samples`` (the
        first 1,000 IIDs), ``sample_digest`` (SHA-256 over FIDs and IIDs).
        """
        samples = _Samples(reading)
        number = 1
        for buffer in reading.source.line_buffers():
            samples.lines.check_buffer(buffer, number)
            lines = buffer.split(b"\n")[:-1]
            for line in lines:
                samples.take(number, line)
                number += 1
        samples.lines.finish()
        samples.judge_parents()
        _judge_names(reading, samples.names)
        return samples.facts()


PLINK_FAM = _PlinkFam()


def _judge_names(reading: Reading, names: Sequence[str]) -> None:
    declared = reading.declared
    place, shown = Place(column="IID"), ", ".join(names[:_MOST_SHOWN]) or "no sample"
    if declared.sample_id and declared.sample_id not in names:
        reading.find(SAMPLE_OTHER.at(place, expected=declared.sample_id, got=shown))
    elif declared.line_id and not declared.sample_id and names and declared.line_id not in names:
        reading.find(SAMPLE_UNLIKE_LINE.at(place, expected=declared.line_id, got=shown))
