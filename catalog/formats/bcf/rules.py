"""The rules of BCF: what VCF in binary form can have wrong that text cannot (VCFv4.5, 6)."""

from __future__ import annotations

from catalog.findings import Level, Rule, Severity
from catalog.formats.vcf.judge import JUDGE_RULES
from catalog.formats.vcf.text import TEXT_RULES

_AGAIN = "make the file again from the VCF (bcftools view -Ob)"
_MISREAD = "Programs read other values than were written, or none of the following records."


def _forbidden(code: str, message: str, source: str, hint: str = _AGAIN, why: str = "") -> Rule:
    return Rule(code, Severity.ERROR, Level.SPEC, message, hint, source, why)


MAGIC = _forbidden(
    "bcf-magic",
    "the file does not start as BCF",
    "VCFv4.5, 6.2 (magic)",
    "look whether another file was put in its place",
)
VERSION = _forbidden(
    "bcf-version",
    "{version} cannot be read here, only BCF 2.1 and 2.2",
    "VCFv4.5, 6.2 (major and minor version); BCF1 is the form of samtools 0.1",
    "convert BCF1 with 'bcftools view' of samtools 0.1.19, anything newer with the program that wrote it, to VCF",
)
TRUNCATED = _forbidden(
    "bcf-truncated",
    "the file ends inside {part}",
    "VCFv4.5, 6.2 and 6.3",
    "copy the file again and compare its size with the source",
    "Every record after this place is missing.",
)
HEADER_END = _forbidden(
    "bcf-header-end",
    "the text of the header does not end with the line of column names and NUL",
    "VCFv4.5, 6.2: from ##fileformat to #CHROM inclusive, terminated by a NUL character",
)
INDEX = _forbidden(
    "bcf-idx",
    "the IDX of the {kind} line cannot be right",
    "VCFv4.5, 6.2.1: IDX defines the position in the dictionary; PASS is always the first entry",
    why="Records name keys, filters and contigs by this number.",
)
INDEX_MISSING = _forbidden(
    "bcf-idx-missing",
    "some lines of the header have an IDX and the {kind} line has none",
    "VCFv4.5, 6.2.1: if IDX is present in one record, it must be present also in all other dictionary-defining records",
)
LENGTH = _forbidden(
    "bcf-length",
    "the length of {part} cannot be right",
    "VCFv4.5, 6.2 and 6.3.1 (l_text, l_shared, l_indiv)",
    why=_MISREAD,
)
CONTIG = _forbidden(
    "bcf-contig",
    "the record is on a contig that the header does not have",
    "VCFv4.5, 6.1: no record may refer to a contig not present in the header itself",
)
KEY = _forbidden(
    "bcf-dictionary",
    "the record has a key of {kind} that the header does not declare",
    "VCFv4.5, 6.1 and 6.2.1: keys are offsets into the dictionary, and all of them must be declared in the header",
    why=_MISREAD,
)
TYPE = _forbidden(
    "bcf-type",
    "{part} has a type or a size that the format does not know",
    "VCFv4.5, 6.3.3 (type descriptor byte)",
    why=_MISREAD,
)
VALUE_TYPE = _forbidden(
    "bcf-value-type",
    "{key} is {origin} {kind} and stored as {stored}",
    "VCFv4.5, 6.1: fields must be fully typed in the header to enable type-specific encoding; 6.3.3 (GT: integers)",
)
RESERVED = _forbidden(
    "bcf-reserved-value",
    "{part} has a value that is reserved",
    "VCFv4.5, 6.3.3: of each type the eight values from MISSING on are reserved",
)
END_OF_VECTOR = _forbidden(
    "bcf-end-of-vector",
    "a value follows the end of the vector of {part}",
    "VCFv4.5, 6.3.3: only END_OF_VECTOR can follow END_OF_VECTOR",
)
STRING = _forbidden(
    "bcf-string",
    "{part} has a character that it cannot have",
    "VCFv4.5, 6.3.3 (String: not terminated by NUL) and 1.2; VCFv4.3, 1.6 (separators of fields)",
    "take control characters and separators out of the value, or percent-encode them",
    "Written as VCF the record would be another one.",
)
ALLELES = _forbidden("bcf-no-ref", "the record has no allele", "VCFv4.5, 6.3.1: the first allele is REF (mandatory)")
SAMPLES = _forbidden(
    "bcf-samples",
    "the record has {number} samples, the header {wanted}",
    "VCFv4.5, 6.3.1: n_sample must be equal to the number of samples in the header",
    why="Genotypes would be given to the wrong samples.",
)
GENOTYPE = _forbidden(
    "bcf-genotype",
    "a genotype is none",
    "VCFv4.5, 6.3.3 (GT): except END_OF_VECTOR no negative values are allowed",
)
REACH = _forbidden(
    "bcf-rlen",
    "the length on the reference is not that of the record's alleles",
    "VCFv4.3, 6.3.1 and VCFv4.5, 6.3.1 (rlen): must be the length of REF or the declared length of a symbolic allele",
    why="An index of the file would miss the record.",
)
FLAG = Rule(
    "bcf-flag",
    Severity.WARNING,
    Level.SPEC,
    "the Flag {key} is stored as a reserved value",
    "write 1 for a Flag that is set, and leave the key out where it is not",
    "VCFv4.5, 6.3.3: flags should be encoded by any non-reserved value",
)
NOT_BGZF = Rule(
    "bcf-not-bgzf",
    Severity.WARNING,
    Level.BANK,
    "the file is not compressed with BGZF",
    "compress it with bgzip, or make it with bcftools view -Ob",
    "VCFv4.5, 6.5: implementations should perform BGZF encoding; fairline",
    "Only BGZF can be indexed and read in parts.",
)

BCF_RULES = (
    MAGIC,
    VERSION,
    TRUNCATED,
    HEADER_END,
    INDEX,
    INDEX_MISSING,
    LENGTH,
    CONTIG,
    KEY,
    TYPE,
    VALUE_TYPE,
    RESERVED,
    END_OF_VECTOR,
    STRING,
    ALLELES,
    SAMPLES,
    GENOTYPE,
    REACH,
    FLAG,
    NOT_BGZF,
)

#: Rules of VCF that a binary record cannot break: counts, types and separators are those of its encoding.
_ONLY_IN_TEXT = frozenset(
    {
        "vcf-chrom-colon",
        "vcf-columns",
        "vcf-field-empty",
        "vcf-filter-undeclared",
        "vcf-final-newline",
        "vcf-final-newline-unusual",
        "vcf-format-undeclared",
        "vcf-gt",
        "vcf-header-after-records",
        "vcf-info-flag-value",
        "vcf-info-flag-value-unusual",
        "vcf-info-undeclared",
        "vcf-info-value-missing",
        "vcf-sample-fields",
    }
)
#: The rules of VCF that hold for BCF as well.
SHARED_RULES = tuple(rule for rule in (*TEXT_RULES, *JUDGE_RULES) if rule.code not in _ONLY_IN_TEXT)
