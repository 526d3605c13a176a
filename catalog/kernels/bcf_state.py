"""What the compiled path of BCF knows of a file: the places of its numbers, and of its tables, in the state."""

from __future__ import annotations

#: How many entries the dictionary of strings has, where its names are, where each begins, its bytes (-1 for none).
STRINGS, NAMES, NAME_STARTS, NAME_SIZES = 0, 1, 2, 3
#: The type that INFO and FORMAT declare for each entry: one of the kinds below, one byte each.
INFO_KINDS, FORMAT_KINDS = 4, 5
#: The same of the dictionary of contigs.
CONTIGS, CONTIG_NAMES, CONTIG_STARTS, CONTIG_SIZES = 6, 7, 8, 9
#: The number of samples, the minor version of VCF, the entry END, the bytes of the longest name.
SAMPLES, MINOR, END_KEY, LONGEST_NAME = 10, 11, 12, 13
#: Room for the fields of one record: kind, elements and place of each.
FIELDS = 14
#: Room for the place of each record that was read, and for how many.
PLACES, MOST_RECORDS = 15, 16
#: Where the room for lines ends.
OUT_END = 17
#: What was done: where the next record begins, where the last line ends.
DONE, WRITTEN = 18, 19
#: Which entries are filters: the place of one byte each, TEXT for those that are.
FILTER_KINDS = 20
SIZE = 21

#: Declared types. A Flag may be stored as anything, a genotype is stored as integers.
NOT_DECLARED, INTEGER, FLOAT, TEXT, FLAG, GENOTYPE = 0, 1, 2, 3, 4, 5

MOST_FIELDS = 255
