"""Where the counts of a FASTQ file stand in their one table, for the plain and the compiled path alike.

Both paths write to the same table of 64-bit numbers; nothing here needs more than the standard library.
"""

from __future__ import annotations

#: Cycles that are told apart; qualities of later ones are spread over the tail, where few counts meet.
CYCLES = 500
TAIL_MASK = 7
#: Places of one quality; no power of two, else the same cycle of all qualities shares one set of the cache (ten times
#: slower for long reads).
ROW = 520

#: Reads, bases, fewest and most bases of a read (fewest is -1 without reads).
RECORDS, BASES, SHORTEST, LONGEST = range(4)

#: Classes of letters, each with as many places as follow each other without waiting.
GC, AT, N, OTHER, BAD_LETTER = range(5)
LETTER_MASK = 7
LETTER_SLOTS = LETTER_MASK + 1
LETTERS = 8

#: Qualities from ``!`` to ``~``, then whatever is none.
FIRST_QUALITY, LAST_QUALITY = 33, 126
BAD_QUALITY = LAST_QUALITY - FIRST_QUALITY + 1
QUALITIES = LETTERS + LETTER_SLOTS * (BAD_LETTER + 1)

#: Reads by length: exact below twice this number, then in classes of its inverse (0.1 %).
EXACT_LENGTHS = 1024
LENGTHS = QUALITIES + ROW * (BAD_QUALITY + 1)
LENGTH_CLASSES = EXACT_LENGTHS * 24
SIZE = LENGTHS + LENGTH_CLASSES

#: Of a longer title only so many bytes are looked at.
LONGEST_TITLE = 1 << 16

#: Two primes below 2 to the 32nd; a name's key is the number it spells, modulo each of them.
FIRST_PRIME = 4211564393
SECOND_PRIME = 4043416913
