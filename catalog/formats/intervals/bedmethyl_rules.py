"""The rules of bedMethyl, with their sources."""

from __future__ import annotations

from catalog.formats.intervals.margin import forbidden, past_end, unusual, unwanted, wishes

_ENCODE = "ENCODE bedMethyl.as (BED9+2)"
_MODKIT = "modkit documentation, bedMethyl column descriptions"
_BOTH = f"{_ENCODE}; {_MODKIT}"
_BED = "GA4GH BEDv1.0"

COLUMNS = forbidden(
    "bedmethyl-columns",
    "the line does not have 11 or 18 columns, as many as the lines before",
    "take the file of ENCODE (11 columns) or of modkit pileup (18); lines may have been cut",
    _BOTH,
)
TRACK = forbidden(
    "bedmethyl-track-line",
    "the file has a track or browser line",
    "delete the line; it belongs into a track file for the genome browser",
    f"{_BED}, 5: valid BED files must not have any browser or track lines",
)
CHROMOSOME = forbidden(
    "bedmethyl-chromosome",
    "the chromosome's name has characters that no name has",
    "give the name of the sequence in the reference genome",
    f"{_BOTH}: chrom; SAMv1, 1.2.1",
)
POSITION = forbidden(
    "bedmethyl-position",
    "the position is not a whole number from 0",
    "write digits only",
    f"{_BOTH}: 0-based start, exclusive end",
)
BACKWARDS = forbidden("bedmethyl-end", "the end is before the start", "swap the two columns", f"{_BED}, 1.6 (chromEnd)")
NAME = forbidden(
    "bedmethyl-name",
    "the name is not a code of a modification, alone or with motif and offset",
    "write one letter or a ChEBI number, such as m, 76792 or m,CG,0; the offset lies inside the motif",
    f"{_MODKIT}: modified base code and motif",
)
NAME_TEXT = forbidden(
    "bedmethyl-name-text",
    "the name is empty, too long, or has characters that no name of BED has",
    "write 1 to 255 printable ASCII characters",
    f"{_ENCODE}; {_BED}, 1.7 (name)",
)
CODE = unusual(
    "bedmethyl-code",
    "the letter of the modification is none of the known ones",
    "write a letter of the list, or the ChEBI number",
    "SAMtags, 1.7 (codes of base modifications)",
    "Nobody can tell what was measured.",
)
SCORE = forbidden(
    "bedmethyl-score",
    "the score is not a whole number, or over 1000 in a file of 11 columns",
    "the score is the coverage, capped at 1000",
    f"{_ENCODE}: score from 0-1000, capped number of reads",
)
SCORE_DISAGREES = forbidden(
    "bedmethyl-score-disagrees",
    "the score is not the coverage",
    "make the file again from its reads; columns of different runs were probably joined",
    f"{_ENCODE}: capped number of reads; {_MODKIT}: score equal to N_valid_cov",
)
STRAND = forbidden(
    "bedmethyl-strand", "the strand is neither + nor - nor a point", "write +, - or .", f"{_BOTH}: strand"
)
THICK = forbidden(
    "bedmethyl-thick",
    "columns 7 and 8 are not the start and the end again",
    "write start and end once more",
    f"{_BOTH}: included for compatibility",
)
COLOUR = forbidden(
    "bedmethyl-colour",
    "the colour is not 0 or three numbers to 255",
    "write 255,0,0 as modkit does, or 0",
    f"{_BOTH}: color; {_BED}, 1.8 (itemRgb)",
)
COVERAGE = forbidden(
    "bedmethyl-coverage",
    "the coverage is not a whole number from 0",
    "take the tool's own file",
    f"{_BOTH}: coverage, N_valid_cov",
)
PERCENTAGE = forbidden(
    "bedmethyl-percentage",
    "the percentage is not a number from 0 to 100",
    "take the tool's own file; decimals are written with a point",
    f"{_BOTH}: percent modified",
)
COUNT = forbidden(
    "bedmethyl-count",
    "a number of calls is not a whole number from 0",
    "take the tool's own file",
    f"{_MODKIT}: N_mod to N_nocall",
)
COVERAGE_DISAGREES = forbidden(
    "bedmethyl-coverage-disagrees",
    "the coverage is not the sum of modified, canonical and other calls",
    "make the file again from its reads; columns of different runs were probably joined",
    f"{_MODKIT}: N_valid_cov = N_mod + N_other_mod + N_canonical",
)
PERCENTAGE_DISAGREES = forbidden(
    "bedmethyl-percentage-disagrees",
    "the percentage is not that of the calls",
    "make the file again from its reads",
    f"{_MODKIT}: percent modified = (N_mod / N_valid_cov) * 100",
    "One program would use the percentage and another the counts.",
)
PAST_END = past_end("bedmethyl", f"{_BOTH}; {_BED}, 1.6")
SITE = unwanted("bedmethyl-site-length", "the site is not one base long", "write each base in a line of its own")
DUPLICATE = unwanted(
    "bedmethyl-duplicate",
    "the same base, strand and modification stand twice",
    "keep one of the lines",
    why="Its calls would be counted twice.",
)
UNSORTED = unwanted(
    "bedmethyl-unsorted",
    "the start is lower than the one before it",
    "sort by chromosome and start (sort -k1,1 -k2,2n)",
    f"{_BED}, 3.4; fairline",
)
SPLIT = unwanted(
    "bedmethyl-chromosome-split",
    "the records of a chromosome do not stand together",
    "sort by chromosome and start (sort -k1,1 -k2,2n)",
    f"{_BED}, 3.4; fairline",
)
WHOLE_FILE = wishes("bedmethyl", "records")

RULES = (
    COLUMNS,
    TRACK,
    CHROMOSOME,
    POSITION,
    BACKWARDS,
    NAME,
    NAME_TEXT,
    CODE,
    SCORE,
    SCORE_DISAGREES,
    STRAND,
    THICK,
    COLOUR,
    COVERAGE,
    PERCENTAGE,
    COUNT,
    COVERAGE_DISAGREES,
    PERCENTAGE_DISAGREES,
    PAST_END,
    SITE,
    DUPLICATE,
    UNSORTED,
    SPLIT,
    *WHOLE_FILE.all,
)
