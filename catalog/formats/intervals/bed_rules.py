"""The rules of BED, with their sections in GA4GH's specification of January 2022."""

from __future__ import annotations

from catalog.findings import Level, Rule, Severity
from catalog.formats.intervals.margin import forbidden, past_end, unusual, unwanted, wishes

_BED = "GA4GH BEDv1.0"

TRACK = forbidden(
    "bed-track-line",
    "the file has a track or browser line",
    "delete the line, or call the file .track; it is for the genome browser only",
    f"{_BED}, 5: valid BED files must not have any browser or track lines",
    "Programs take the line for an interval, or stop.",
)
LINE_ENDS = forbidden(
    "bed-line-ends-differ",
    "lines end in different ways",
    "convert all line ends to LF (dos2unix)",
    f"{_BED}, 1.3: the same line separator must be used throughout the file",
)
COLUMNS = forbidden(
    "bed-columns",
    "the line has fewer than three columns",
    "write chromosome, start and end, separated by tabs",
    f"{_BED}, 1.5: the first 3 fields are mandatory",
)
COLUMNS_DIFFER = forbidden(
    "bed-columns-differ",
    "the line has another number of columns than the lines before",
    "fill every column in every line; names with blanks need one tab between all columns of the file",
    f"{_BED}, 1.5: each data line must have the same number of fields",
)
COLUMNS_PROHIBITED = forbidden(
    "bed-columns-prohibited",
    "the file has 10 or 11 columns of BED",
    "write all three columns about blocks, or none",
    f"{_BED}, 1.5: BED10 and BED11 are prohibited",
)
EDGE = forbidden(
    "bed-edge-blank",
    "the line begins or ends with a blank",
    "delete blanks at both ends of the line",
    f"{_BED}, 1.3-1.4: fields are separated by field separators; comments start without blanks before the #",
)
FIELD_EMPTY = forbidden(
    "bed-field-empty",
    "a column is empty",
    "fill it: . for name and strand, 0 for score and itemRgb, the interval itself for thickStart and thickEnd",
    f"{_BED}, 1.3 and 1.5: only custom fields can be empty",
)
CHROMOSOME = forbidden(
    "bed-chromosome",
    "the chromosome's name is not 1 to 255 letters, digits and underscores",
    "use the name of the genome browser, such as chrUn_GL000220v1 for GL000220.1",
    f"{_BED}, 1.5 table 2 and 1.6: chrom is [[:alnum:]_]{{1,255}}",
)
POSITION = forbidden(
    "bed-position",
    "the position is not a whole number from 0 to 2^64-1",
    "write digits only, without commas or exponents",
    f"{_BED}, 1.5 table 2: chromStart, chromEnd, thickStart and thickEnd",
)
BACKWARDS = forbidden(
    "bed-end",
    "the end is before the start",
    "swap the two columns",
    f"{_BED}, 1.6: chromEnd must be greater than or equal to chromStart",
)
PAST_END = past_end("bed", f"{_BED}, 1.6: less than or equal to the total number of bases of the chromosome")
NAME = forbidden(
    "bed-name",
    "the name is longer than 255 characters, or has other characters than printable ASCII",
    "shorten it, or replace the characters",
    f"{_BED}, 1.5 table 2 and 1.7: name is [\\x20-\\x7e]{{1,255}}",
)
SCORE = forbidden(
    "bed-score",
    "the score is not a whole number from 0 to 1000",
    "write 0 where there is none; other measures go into columns of your own: call the file .bed4+1 or the like",
    f"{_BED}, 1.7: integer between 0 and 1000, inclusive",
)
STRAND = forbidden(
    "bed-strand", "the strand is neither + nor - nor a point", "write . where there is none", f"{_BED}, 1.7: [-+.]"
)
THICK = forbidden(
    "bed-thick",
    "the thick part does not lie inside of the interval",
    "write start and end of the interval again where there is none",
    f"{_BED}, 1.8: between chromStart and chromEnd, thickEnd not before thickStart",
)
COLOUR = forbidden(
    "bed-colour",
    "the colour is not 0 or three numbers to 255",
    "write it as 255,0,0; 0 where there is none",
    f"{_BED}, 1.8: itemRgb",
)
BLOCK_COUNT = forbidden(
    "bed-block-count",
    "the number of blocks is not a whole number from 1 to the length of the interval",
    "write 1 with one block as long as the interval where there are none",
    f"{_BED}, 1.9: greater than 0; table 2: at most chromEnd - chromStart",
)
BLOCK_LIST = forbidden(
    "bed-block-list",
    "sizes or starts of blocks are not a list with as many whole numbers as there are blocks",
    "separate numbers by commas, without blanks",
    f"{_BED}, 1.5 table 2 and 1.9: comma-separated list of length blockCount",
)
BLOCKS = forbidden(
    "bed-blocks",
    "the blocks do not begin with the interval, end with it and stand in order between, without overlap",
    "starts of blocks count from the start of the interval; the first one is 0",
    f"{_BED}, 1.9: blockStarts",
)
CUSTOM = forbidden(
    "bed-custom-field",
    "a column of your own has other characters than printable ASCII, or is empty where blanks separate columns",
    "replace the characters; separate columns by one tab each",
    f"{_BED}, 3.3: custom fields may contain any printable 7-bit US ASCII character",
)
NAME_BLANK = unusual(
    "bed-name-blank",
    "the name has a blank",
    "write an underscore instead",
    f"{_BED}, 3.2: names should avoid using the space character",
    "Many programs take the blank for the end of the column.",
)
CHROMOSOME_NAMES = unusual(
    "bed-chromosome-names",
    "the same chromosome has two names",
    "write all chromosomes with chr, or all without",
    f"{_BED}, 3.1: names should be consistent within a file",
)
COLOURS = unusual(
    "bed-colours",
    "the file has more than eight colours",
    "use eight or fewer",
    f"{_BED}, 3.2: eight or fewer colors should be used",
)
EMPTY = unwanted(
    "bed-empty-interval",
    "the interval has no base",
    "leave it out where the regions are targets; it means the place between two bases",
    f"{_BED}, 1.6; fairline",
)
UNSORTED = unwanted(
    "bed-unsorted",
    "the interval stands after a later one",
    "sort by chromosome, start and end (sort -k1,1 -k2,2n -k3,3n)",
    f"{_BED}, 3.4; fairline",
)
SPLIT = unwanted(
    "bed-chromosome-split",
    "the intervals of a chromosome do not stand together",
    "sort by chromosome, start and end (sort -k1,1 -k2,2n -k3,3n)",
    f"{_BED}, 3.4; fairline",
)
SEPARATOR = unwanted(
    "bed-separator",
    "columns are not separated by one tab",
    "separate columns by one tab each",
    f"{_BED}, 3.5; fairline",
    "Tabix and many other programs know tabs only.",
)
TARGET_OVERLAP = unwanted(
    "bed-target-overlap",
    "the target region overlaps one before it",
    "merge overlapping regions (bedtools merge)",
    why="Bases are counted twice where coverage of the targets is computed.",
)
CUSTOM_GUESSED = Rule(
    "bed-custom-columns",
    Severity.INFO,
    Level.BANK,
    "no line has what BED wants in a column: it and those behind it are taken for columns of your own",
    "say so in the name of the file (.bed4+2), or name the columns in a first line: #chrom start end name ...",
    f"{_BED}, 4: which fields are custom is supplied out-of-band",
)
WHOLE_FILE = wishes("bed", "intervals")

RULES = (
    TRACK,
    LINE_ENDS,
    COLUMNS,
    COLUMNS_DIFFER,
    COLUMNS_PROHIBITED,
    EDGE,
    FIELD_EMPTY,
    CHROMOSOME,
    POSITION,
    BACKWARDS,
    PAST_END,
    NAME,
    SCORE,
    STRAND,
    THICK,
    COLOUR,
    BLOCK_COUNT,
    BLOCK_LIST,
    BLOCKS,
    CUSTOM,
    NAME_BLANK,
    CHROMOSOME_NAMES,
    COLOURS,
    EMPTY,
    UNSORTED,
    SPLIT,
    SEPARATOR,
    TARGET_OVERLAP,
    CUSTOM_GUESSED,
    *WHOLE_FILE.all,
)
