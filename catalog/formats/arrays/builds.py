"""Which assembly an array's positions are of: what its header names, and which assemblies its positions fit into."""

from __future__ import annotations

import re
from collections.abc import Mapping

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.assemblies import GRCH37, GRCH38, LENGTHS, assembly_named
from catalog.formats.protocol import Reading

_NUMBERS = {"37": GRCH37, "37.1": GRCH37, "38": GRCH38}
#: Illumina's manifests end with A1 (GRCh37) or A2 (GRCh38) since about 2016.
_MANIFEST = re.compile(r"_A([12])(?:\.bpm|\.csv)?$", re.IGNORECASE)
_BY_MANIFEST = {"1": GRCH37, "2": GRCH38}


def assembly_rule(prefix: str) -> Rule:
    """The rule about the declared assembly of the format with this prefix."""
    return Rule(
        f"{prefix}-assembly-not-declared",
        Severity.WARNING,
        Level.BANK,
        "the file's positions are not of the assembly that files.csv declares",
        "correct the column assembly of files.csv, or export the file with the manifest or annotation of that assembly",
        "fairline; lengths of the chromosomes of GRCh37, GRCh38 and T2T-CHM13v2.0",
        "Positions of one assembly mean other places in another.",
    )


def named(text: str) -> str | None:
    """The assembly that a header's value names (``hg19``, ``37``, ``GRCh38.p13``); None when it is none of the known."""
    return assembly_named(text) or _NUMBERS.get(text.strip())


def named_by_manifest(manifest: str) -> str | None:
    """The assembly of the positions in a manifest of Illumina's, by the end of its name; None when it says none."""
    match = _MANIFEST.search(manifest.strip())
    return _BY_MANIFEST[match[1]] if match else assembly_named(manifest)


def fitting(highest: Mapping[str, int]) -> list[str]:
    """The assemblies into which positions fit.

    Args:
        highest: the highest position by chromosome (``1`` to ``22``, ``X``, ``Y``, ``M``); others are passed over.
    """
    return [
        name
        for name, lengths in LENGTHS.items()
        if all(position <= lengths.get(chromosome, position) for chromosome, position in highest.items())
    ]


def judge_build(reading: Reading, rule: Rule, said: str | None, highest: Mapping[str, int]) -> str | None:
    """The assembly of a file, held against the declared one.

    Args:
        reading: where findings go.
        rule: made by :func:`assembly_rule`.
        said: the assembly that the header names.
        highest: the highest position by chromosome.

    Returns:
        What the header names, else the only assembly that the positions fit; None when neither says it.
    """
    fits = fitting(highest) if highest else []
    assembly = said or (fits[0] if len(fits) == 1 else None)
    declared = assembly_named(reading.declared.assembly)
    if declared is None:
        return assembly
    if assembly is not None and assembly != declared:
        reading.find(rule.at(Place(column="assembly"), expected=declared, got=assembly))
    elif highest and declared not in fits:
        lengths = LENGTHS[declared]
        beyond = next(name for name, position in highest.items() if position > lengths.get(name, position))
        got = f"position {highest[beyond]} of chromosome {beyond}, which has {lengths[beyond]}"
        reading.find(rule.at(Place(column="assembly"), expected=declared, got=got))
    return assembly
