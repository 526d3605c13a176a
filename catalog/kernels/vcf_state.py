"""What the plain and the compiled path through the records of a VCF share: numbers in one table, by their places.

Nothing heavy is imported here. Addresses are numbers; 64-bit integers everywhere unless something else is said.
"""

from __future__ import annotations

(
    # the text: address of the buffer, where the next line begins, where the last line ends that may be taken
    TEXT, AT, LIMIT,
    # marked bytes of a part of it (32-bit distances from its begin): address, how many there is room for, bytes to mark,
    # whether only the columns before the samples are marked, line by line
    TOKENS, TOKENS_ROOM, PART, IS_COHORT,
    # records taken, the number of the next line, the version, the columns and samples of the header,
    # samples whose genotypes are counted
    RECORDS, NUMBER, MINOR, COLUMNS, SAMPLES, COUNTED,
    # the contig: CHROM and its size, the last POS, the highest that is right, the length for END
    CHROM, CHROM_SIZE, LAST, HIGHEST, LENGTH,
    # REF and ALT of the records at the last POS (begin and end), how many, whether the first ones were told by plain code
    HERE, HERE_NUMBER, HERE_IS_TOLD,
    # positions that somebody listens to: address, how many, the next one
    CHOSEN, CHOSEN_NUMBER, CHOSEN_AT,
    # the region of positions from first to last; whether two alleles are expected
    REGION, REGION_FIRST, REGION_LAST, IS_AUTOSOME,
    # reference blocks: whether each record has the unspecified allele, the end of the last block, how many
    IS_GVCF, BLOCK_END, BLOCKS, ALLOWS_STAR, ALLOWS_NON_REF,
    # identifiers: whether they are wanted, their digests and lines, how many, how many there is room for
    DIGESTS, LINES, IDENTIFIERS, IDENTIFIERS_ROOM,
    # counts of alleles
    SNVS, TRANSITIONS, INDELS,
    # FILTER columns that are right: texts (address, size, marked bytes, how often) and the last one
    FILTERS, FILTERS_NUMBER, FILTER,
    # INFO keys: rows of KEY_ROW numbers, a table of their hashes, how many of the record are counted, rows (distances in
    # bytes, of 32 bits) that are expected at each place, rows that are counted, the row (distance) of END
    KEYS, KEYS_NUMBER, SLOTS, SLOTS_MASK, FOUND, EXPECTED, RECORD_KEYS, END_KEY,
    # FORMAT columns: rows of FORM_ROW numbers, the last one, and the number of ALT alleles that it was prepared for
    FORMS, FORMS_NUMBER, FORM, FORM_ALTERNATIVES,
    # what fields of a sample must have: values of each field with none, one and two known alleles; the program
    WANTED, PROGRAM, PROGRAM_SIZE, PROGRAM_DEPTH, PROGRAM_QUALITY, PROGRAM_SAMPLE,
    # what was found in the record
    POS, END, ID_AT, ID_SIZE, REF_AT, REF_SIZE, ALT_END, ALLELES, ALTERNATIVES, HAS_UNSPECIFIED, RECORD_SNVS, RECORD_TRANSITIONS,
    RECORD_INDELS, IS_NEW,
    # per sample: kind of the genotype (bytes), DP and GQ (32 bits, -1 where there is none); counters
    KINDS, DEPTHS, QUALITIES, CALLS, DEPTH_COUNTS, QUALITY_COUNTS,
    # the derived table: its rows (0 when nobody wants them), codes of the genotypes (32 bits), whether DP or GQ of a sample is
    # a number that only plain code reads
    ROWS, GENOTYPES, IS_ODD,
    SIZE,
) = range(85)  # fmt: skip

#: A row of a key: its text, its size, its first and next eight bytes with their masks, what its values are, how many,
#: in how many records it was met and not declared, whether that is counted, the last line it was met in.
(
    KEY_TEXT, KEY_SIZE, KEY_HEAD, KEY_HEAD_MASK, KEY_TAIL, KEY_TAIL_MASK, KEY_KIND, KEY_NUMBER, KEY_COUNT, KEY_IS_COUNTED,
    KEY_LINE, KEY_ROW,
) = range(12)  # fmt: skip
#: A row of a filter: its text, its size, the marked bytes within, records with it.
FILTER_TEXT, FILTER_SIZE, FILTER_MARKS, FILTER_COUNT, FILTER_ROW = range(5)
#: A row of a FORMAT column: its text, its size, the marked bytes within, records with it, how many fields, whether the
#: first is GT, which ones are DP and GQ (-1), then what the values of each field are, and how many.
(
    FORM_TEXT, FORM_SIZE, FORM_MARKS, FORM_COUNT, FORM_FIELDS, FORM_HAS_GENOTYPE, FORM_DEPTH, FORM_QUALITY, FORM_KINDS,
) = range(9)  # fmt: skip
MOST_FIELDS = 40
FORM_NUMBERS = FORM_KINDS + MOST_FIELDS
FORM_ROW = FORM_NUMBERS + MOST_FIELDS

#: What values are: numbers, text, one character, nothing at all, one filter, anything.
INTEGER, FLOAT, STRING, CHARACTER, FLAG, NAME, ANY = range(7)
KIND_MASK = 7
#: Numbers below zero are wrong; numbers above one are as well.
UNSIGNED, SHARE = 8, 16
#: How many values: as many as there are ALT alleles, alleles, genotypes; any.
PER_ALTERNATIVE, PER_ALLELE, PER_GENOTYPE, ANY_NUMBER = -1, -2, -3, -4

MOST_HERE = 16
MOST_ALTERNATIVES = 8
MOST_RECORD_KEYS = 250
MOST_PROGRAM = 64
#: Bytes that are marked at once, first and at most.
FIRST_PART, LARGEST_PART = 1 << 13, 1 << 15

#: The rows of the derived table: sites so far, how many there is room for, whether there was none for the next; addresses of
#: POS (32 bits), QUAL (floats of 64 bits), the ends of IDs (32 bits) and their text, its room; then for CHROM, REF, ALT and
#: FILTER the address of codes (32 bits), that of the words, and address and size of the text in the record at hand.
(
    ROWS_NUMBER, ROWS_ROOM, ROWS_ARE_FULL, ROWS_POS, ROWS_QUAL, ROWS_ID_ENDS, ROWS_IDS, ROWS_IDS_ROOM, ROWS_WORDS,
) = range(9)  # fmt: skip
ROW_CODES, ROW_WORDS, ROW_AT, ROW_TEXT_SIZE, ROW_WIDTH = range(5)
ROW_COLUMNS = 4
ROW_CHROM, ROW_REF, ROW_ALT, ROW_FILTER = (ROWS_WORDS + ROW_WIDTH * column for column in range(ROW_COLUMNS))
ROWS_SIZE = ROWS_WORDS + ROW_WIDTH * ROW_COLUMNS
#: Words of a column: how many, how many there is room for; addresses of their slots by hash (32 bits, number + 1), of their
#: first eight bytes, their ends (32 bits) and their text, its room.
WORDS_NUMBER, WORDS_ROOM, WORDS_SLOTS, WORDS_HEADS, WORDS_ENDS, WORDS_TEXT, WORDS_TEXT_ROOM, WORDS_SIZE = range(8)
#: Slots of a table of words; it is half full at most.
WORDS_SLOTS_NUMBER = 1 << 16
#: What a text may be followed by, where eight bytes are copied at once.
ROWS_PADDING = 16
#: Codes of genotypes: of the first allele (a dot, or one digit), the sign behind it, the other allele.
GENOTYPE_SIGNS, GENOTYPE_ALLELES = 3, 12
