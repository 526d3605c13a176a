"""What FASTQ files are asked for: first by the format's own description, then by the bank."""

from __future__ import annotations

from catalog.findings import Level, Rule, Severity

_COCK = "Cock et al. 2010, NAR 38:1767"
_ILLUMINA = "Illumina, FASTQ files: names of reads since Casava 1.8"


def _error(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    return Rule(code, Severity.ERROR, Level.SPEC, message, hint, f"{_COCK}: {source}", why)


def _demand(code: str, message: str, hint: str, source: str = "fairline", why: str = "") -> Rule:
    return Rule(code, Severity.ERROR, Level.BANK, message, hint, source, why)


def _wish(code: str, message: str, hint: str, source: str = "fairline", why: str = "") -> Rule:
    return Rule(code, Severity.WARNING, Level.BANK, message, hint, source, why)


NAME = _error(
    "fastq-name-mark",
    "a record does not start with @",
    "look whether a line before it is missing, or make the file again from its source",
    "the title line begins with @",
)
NAME_EMPTY = _error("fastq-name-empty", "a read has no name", "name it: @NAME, without a space after the @", "title")
SEQUENCE = _error(
    "fastq-sequence-character",
    "the sequence has a character that stands for no base",
    "take spaces, tabs and other characters out of it",
    "no white space in sequences; IUPAC letters, gaps and colour space are in use",
)
PLUS = _error(
    "fastq-plus-missing",
    "the line with + between sequence and quality is missing",
    "make the file again from its source",
    "the + line signals the end of the sequence",
)
PLUS_DIFFERS = _error(
    "fastq-plus-differs",
    "the name after + is not the name of the read",
    "write + alone",
    "the + line has nothing, or the title again (MAQ: or the name, which should be identical)",
    "Lines of two reads were probably mixed.",
)
LENGTH = _error(
    "fastq-length",
    "sequence and quality differ in length",
    "make the file again from its source; do not cut its lines",
    "the quality string must be as long as the sequence",
)
QUALITY = _error("fastq-quality-character", "a quality is outside ! to ~", "make the file again", "ASCII 33 to 126")
TRUNCATED = _error(
    "fastq-truncated",
    "the file ends in the middle of a record",
    "copy the file again and compare its sha256 with the source",
    "a record has title, sequence, + and quality",
    "Every read after this place is missing.",
)
LINE_ENDS_MIXED = _error(
    "fastq-line-ends-mixed",
    "some lines end with CR+LF and others with LF",
    "write all line ends as LF (dos2unix); files of two sources were probably put together",
    "sequence and quality have no other characters than their own",
    "A reader that cuts the end of the first line only takes a CR for a base.",
)

TWICE = _demand(
    "fastq-name-twice",
    "two reads have the same name",
    "look whether a file was put together with itself, or with its mates; make it again from its source",
    "fq S007; fastq_utils: names are unique in a file",
    "Tools that pair, sort or count reads by name take the two for one. Names are compared by keys of 64 bits.",
)
INTERLEAVED_MATE = _demand(
    "fastq-interleaved-mate",
    "a read of an interleaved file stands without its mate",
    "filter mates together, or split the file and pair the reads anew",
    "interleaved FASTQ: each read 1 is followed by its read 2",
    "Aligners pair every two reads that follow each other: from here on the wrong ones.",
)
ENCODING = _demand(
    "fastq-encoding",
    "the qualities are probably not written as Phred+33",
    "convert them (seqkit convert); every tool of today expects Phred+33",
    f"{_COCK}: Solexa and Illumina 1.3 to 1.7 add 64",
    "Bad bases would be taken for good ones.",
)
COLOUR_SPACE = _demand(
    "fastq-colour-space",
    "the sequence is written in colours (SOLiD), not in bases",
    "give aligned reads (BAM) of such a run, or reads in bases",
    f"{_COCK}: colour space FASTQ",
    "Tools of today read the digits as damage.",
)
T_AND_U = _demand(
    "fastq-t-and-u",
    "a read has both T and U",
    "look what wrote it: DNA has T, RNA has U",
    "fastq_utils: a read is DNA or RNA",
)
NO_READS = _demand("fastq-no-reads", "the file has no read", "look whether the right file was exported")

LETTERS = _wish(
    "fastq-letters",
    "the sequence has other letters than A, C, G, T and N",
    "look whether it is RNA or masked; write upper case",
    why="Aligners treat other letters as N, or stop.",
)
MULTI_LINE = _wish("fastq-multi-line", "a record has more than four lines", "write each record on four lines")
ZERO_LENGTH = _wish("fastq-zero-length", "a read has no bases", "leave empty reads out, of both mates together")
FINAL_NEWLINE = _wish("fastq-final-newline", "the last line has no line end", "look whether the file was cut")
LINE_END = _wish("fastq-line-end-windows", "lines end with CR+LF", "convert the line ends (dos2unix)")
BLANK = _wish("fastq-blank-line", "a blank line between or after records", "delete it")
INTERLEAVING = _wish(
    "fastq-interleaving",
    "the file's name and its reads do not agree on whether mates are interleaved",
    "name an interleaved file so (reads.interleaved.fastq.gz), or split it into _R1 and _R2",
    why="Aligners must be told (bwa mem -p), else they take mates for single reads.",
)
MATES_MIXED = _wish(
    "fastq-mates-mixed",
    "the file has reads of both mates, but not one after the other",
    "look whether _R1 and _R2 were put together in one file; keep them apart",
    _ILLUMINA,
)
FLOW_CELLS = _wish(
    "fastq-flow-cells",
    "the reads come from several flow cells or runs",
    "keep the runs in files of their own, unless they are of the same library",
    _ILLUMINA,
    "What one run did wrong cannot be told from what the sample is.",
)
BARCODE = _wish(
    "fastq-barcode",
    "reads bear barcodes of different samples",
    "look whether files of two samples were put together; demultiplex the run again",
    _ILLUMINA,
)
LANES = Rule(
    "fastq-lanes",
    Severity.INFO,
    Level.BANK,
    "the reads come from several lanes of a flow cell",
    "nothing needs to be done when lanes were joined on purpose",
    _ILLUMINA,
)

ERRORS = (NAME, NAME_EMPTY, SEQUENCE, PLUS, PLUS_DIFFERS, LENGTH, QUALITY, TRUNCATED, LINE_ENDS_MIXED)
DEMANDS = (TWICE, INTERLEAVED_MATE, ENCODING, COLOUR_SPACE, T_AND_U, NO_READS)
WISHES = (
    LETTERS,
    MULTI_LINE,
    ZERO_LENGTH,
    FINAL_NEWLINE,
    LINE_END,
    BLANK,
    INTERLEAVING,
    MATES_MIXED,
    FLOW_CELLS,
    BARCODE,
    LANES,
)
