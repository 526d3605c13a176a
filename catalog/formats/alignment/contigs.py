"""What the reference sequences of an alignment file say about its assembly, compared with what is declared."""

from __future__ import annotations

from catalog.findings import Rule
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.margin import Margin, refused, unwanted
from catalog.formats.alignment.tally import MOST_CONTIGS
from catalog.formats.assemblies import AssemblyEvidence, assembly_named, assembly_of
from catalog.formats.protocol import Declared, Facts, Reading

ASSEMBLY = refused(
    "sam-assembly-not-declared",
    "the file's assembly is not the one that files.csv declares",
    "correct the column assembly of files.csv, or find the right file",
    "fairline; lengths and checksums of GRCh37, GRCh38 and T2T-CHM13v2.0",
    "Positions of one assembly mean other places in another.",
)
MIXED = unwanted(
    "sam-assembly-mixed",
    "the reference sequences are of more than one assembly",
    "align the reads again to one reference",
    "fairline; lengths and checksums of GRCh37, GRCh38 and T2T-CHM13v2.0",
)
SAMPLE = refused(
    "sam-sample-not-declared",
    "no read group is of the sample that files.csv declares",
    "correct sample_id in files.csv, or put the right file there",
    "fairline; docs/records.md (sample_id)",
    "Reads would be published for the wrong line.",
)
SAMPLE_UNLIKE_LINE = unwanted(
    "sam-sample-not-the-line",
    "no read group is of a sample with the name of the line",
    "fill in sample_id in files.csv when the laboratory calls the line so, else look whether it is the right file",
    "fairline; docs/records.md (sample_id)",
    "A swapped file looks exactly like this.",
)

DECLARED_RULES: tuple[Rule, ...] = (ASSEMBLY, MIXED, SAMPLE, SAMPLE_UNLIKE_LINE)

_MOST_LISTED = 200
_SHOWN = 5


def evidence_of(header: Header) -> AssemblyEvidence:
    """What the contigs of a header say."""
    names = {name.decode("utf-8", "replace"): header.lengths[number] for name, number in header.contigs.items()}
    return assembly_of(names, header.md5)


def judge_declared(header: Header, evidence: AssemblyEvidence, declared: Declared, margin: Margin) -> None:
    """Compares assembly and samples with what files.csv says.

    Args:
        header: of the file.
        evidence: what its contigs say.
        declared: what files.csv says.
        margin: for findings.
    """
    wanted = assembly_named(declared.assembly)
    if wanted is not None and evidence.name is not None and wanted != evidence.name:
        margin.note_whole(ASSEMBLY, "@SQ", declared.assembly, evidence.name)
    if evidence.others and (evidence.name is None or evidence.disagreeing):
        others = ", ".join(f"{name}: {count}" for name, count in evidence.others.items())
        margin.note_whole(MIXED, "@SQ", "one assembly", f"{evidence.name or 'none'}: {evidence.agreeing}, {others}")
    samples = {group[b"SM"].decode("utf-8", "replace") for group in header.read_groups.values() if b"SM" in group}
    shown = ", ".join(sorted(samples)[:_SHOWN]) or "no sample"
    if declared.sample_id and declared.sample_id not in samples:
        margin.note_whole(SAMPLE, "@RG/SM", declared.sample_id, shown)
    elif declared.line_id and not declared.sample_id and samples and declared.line_id not in samples:
        margin.note_whole(SAMPLE_UNLIKE_LINE, "@RG/SM", declared.line_id, shown)


def header_facts(header: Header, evidence: AssemblyEvidence) -> Facts:
    """Facts of the header: version, sort_order, contigs (count, and lengths of the first 200), assembly,
    assembly_chromosomes (agreeing, disagreeing), read_groups, samples, platforms, programs; ``synthetic``.
    """
    lengths = {name.decode("utf-8", "replace"): header.lengths[number] for name, number in _first(header)}
    return {
        "version": header.version or None,
        "sort_order": header.order,
        "contigs": {"count": len(header.contigs), "lengths": lengths},
        "assembly": evidence.name,
        "assembly_chromosomes": {"agreeing": evidence.agreeing, "disagreeing": len(evidence.disagreeing)}
        if evidence.name
        else None,
        "read_groups": len(header.read_groups),
        "samples": header.values(b"SM"),
        "platforms": header.values(b"PL"),
        "programs": header.program_names(),
        "synthetic": header.synthetic or None,
    }


def _first(header: Header) -> list[tuple[bytes, int]]:
    return [each for each, _ in zip(header.contigs.items(), range(_MOST_LISTED), strict=False)]


def put_contigs(header: Header, reading: Reading) -> None:
    """Puts the evidence ``contigs`` down: base pairs by name, in the order of the file."""
    if len(header.contigs) <= MOST_CONTIGS:
        reading.evidence["contigs"] = {
            name.decode("utf-8", "backslashreplace"): header.lengths[number] for name, number in header.contigs.items()
        }
