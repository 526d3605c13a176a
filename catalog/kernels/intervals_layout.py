"""What interval kernels and their formats agree on: kinds of columns, and what stands where in a tally.

A *table* is an array of 64-bit integers: a row of it for each column of the file, a column of it for each line. Where
the line begins stands in its row 0. A *tally* is an array of 64-bit integers with what both paths count and remember;
*reals* are numbers with fractions. Nothing heavy is imported here, so that small files need no numpy.
"""

from __future__ import annotations

#: Kinds of columns. CONTIG: the text of the contig that is being read. WHOLE: digits. DECIMAL: digits, perhaps with a
#: fraction. SIGNED: the same, perhaps with a minus. LETTER: one byte. WORD: :func:`packed`. TEXT: printable, no blank.
CONTIG, WHOLE, DECIMAL, SIGNED, LETTER, WORD, TEXT = range(7)
#: LIKE and the number of an earlier column of digits: digits that are mostly the same as there.
LIKE = 16
#: A decimal is its digits times 32, plus the number of decimals, plus this when there is a minus.
MINUS = 1 << 60
#: Bases or calls from which numbers are left to plain code: they must fit into 32 bits, their products into 53.
TOO_MANY = (1 << 31) - 1

#: Start and end of the line before, on the same contig; how long the contig is; the highest end on it.
START, END, LENGTH, HIGHEST = range(4)
#: What the end is away from the start (negative when not known yet); the lowest start.
SPAN, LEAST = 4, 5
#: A cytosine whose other strand comes next (negative for none); how many have none; the line of the first of them.
WAITING, ALONE, ALONE_LINE = 6, 7, 8
#: Bits of the names and strands at this start; how many names and colours are known.
SEEN, NAMED, COLOURED = 9, 10, 11
#: What is known of the whole file: the number of its standard columns, or 1 for the stricter of two forms; whether
#: overlaps are to be told.
FORM, IS_TARGET = 12, 13
#: Lines with an interval, the sum of their lengths, and bases in at least one of them.
RECORDS, BASES, COVERED = 14, 15, 16
#: Records by tenths of methylation; by strand (+, -, none).
LEVELS, STRANDS = 17, 27
#: Records by coverage, 0 to 100 and more.
COVERAGE = 30
MOST_COVERAGE = 100
#: Records, modified calls and calls of each group: of a context, or of a name; the last one is for all further names.
GROUPS = 131
MOST_GROUPS = 20
#: The packed names of the groups, and packed colours that are right.
NAMES = GROUPS + 3 * (MOST_GROUPS + 1)
COLOURS = NAMES + MOST_GROUPS
TALLY_SIZE = COLOURS + MOST_GROUPS

#: How far a printed percentage may be from the true one, by its number of decimals.
TOLERANCE = 0
MOST_DECIMALS = 31
LOWEST_VALUE, HIGHEST_VALUE = 32, 33
REALS_SIZE = 34

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789,-"
LONGEST_WORD = 10
_CODES = {byte: code for code, byte in enumerate(ALPHABET)}


def packed(word: bytes) -> int:
    """A short word of letters, digits, comma and hyphen as one number, six bits a character; 0 for any other word."""
    if not 0 < len(word) <= LONGEST_WORD or not all(byte in _CODES for byte in word):
        return 0
    number = 1
    for byte in word:
        number = number << 6 | _CODES[byte]
    return number
