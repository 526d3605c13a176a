"""VCF 4.0 to 4.5, judged by the specification (samtools/hts-specs) column by column in one pass.

:class:`catalog.formats.vcf.judge.VcfJudge` judges header lines and records for other formats too, such as BCF.
"""

from __future__ import annotations

from catalog.findings import Rule
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, judge_lines
from catalog.formats.vcf.judge import JUDGE_RULES, VcfJudge
from catalog.formats.vcf.listener import ListenerFactory
from catalog.formats.vcf.margin import Margin, unwanted
from catalog.formats.vcf.text import TEXT_RULES
from catalog.model import Tier

NOT_BGZF = unwanted(
    "vcf-not-bgzf",
    "the file is not compressed with BGZF",
    "compress it with bgzip; it stays readable by every gzip",
    "SAMv1, 4.1; fairline",
    "Only BGZF can be indexed and read in parts.",
)


class VcfFormat:
    """The Variant Call Format."""

    name = "vcf"
    title = "Variant Call Format"
    mediatype = "text/plain"
    edam = "EDAM:format_3016"
    floor = Tier.CONTROLLED
    rules: tuple[Rule, ...] = (*TEXT_RULES, *JUDGE_RULES, NOT_BGZF)

    def __init__(self, listener: ListenerFactory | None = None) -> None:
        """A format whose records somebody else sees as well.

        Args:
            listener: makes who wants the records at some positions.
        """
        self._listener = listener

    def sniff(self, head: Head) -> int:
        """Sure of ``##fileformat=VCF``; by name for whatever is called .vcf, so that a broken file is judged as VCF."""
        text = head.text.removeprefix(b"\xef\xbb\xbf")
        if text.startswith(b"##fileformat=VCF"):
            return SURE
        is_alike = text.startswith((b"##fileformat=", b"#CHROM\tPOS\tID\tREF\tALT")) and b"\0" not in head.text
        return BY_NAME if is_alike or head.has_suffix(".vcf") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once; the derived table is ``variants-1``.

        Facts: ``version``, ``samples``, ``contigs`` (how many the header declares), ``assembly`` with
        ``assembly_evidence``, ``records``, ``snvs`` and ``indels`` (ALT alleles), ``ti_tv``, ``filters`` (records with each
        FILTER), ``gvcf`` and ``reference_blocks``, ``depth`` and ``genotype_quality`` (of the samples whose genotypes are
        counted, the first 20,000), ``synthetic``. For one sample ``het``, ``hom_alt``, ``hom_ref``, ``missing``,
        ``call_rate`` and ``sex_evidence`` (counts outside the pseudoautosomal regions of X and Y); for several the same in
        ``genotypes``, for the first 200 of them. What is not known or not there is left out.

        Evidence: ``contigs`` (name to length, as the header declares them), ``records_per_contig``, and what the listener
        has collected: ``fingerprint`` and, where variants are claimed, ``claims``.
        """
        judge = VcfJudge(reading, self._listener(reading.declared) if self._listener else None)
        judge_lines(reading, judge)
        facts = judge.finish()
        if reading.source.container != "bgzf":
            Margin(reading).note_whole(NOT_BGZF, got=reading.source.container)
        return facts


VCF = VcfFormat()
