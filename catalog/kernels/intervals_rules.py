"""Judges of interval tables: each counts rows of which its format has nothing to say, and stops at the first other one.

Every judge takes a table (see :mod:`catalog.kernels.intervals_layout`), how many rows it has, the tally and the reals,
and gives how many rows it took.
"""

from __future__ import annotations

import numpy

from catalog.kernels import intervals_layout as at
from catalog.kernels import kernel

# Constants of a kernel must be plain names.
_START, _END, _LENGTH, _HIGHEST = at.START, at.END, at.LENGTH, at.HIGHEST
_SPAN, _LEAST = at.SPAN, at.LEAST
_WAITING, _ALONE, _ALONE_LINE = at.WAITING, at.ALONE, at.ALONE_LINE
_SEEN, _NAMED, _COLOURED, _FORM, _IS_TARGET = at.SEEN, at.NAMED, at.COLOURED, at.FORM, at.IS_TARGET
_RECORDS, _BASES, _COVERED = at.RECORDS, at.BASES, at.COVERED
_LEVELS, _STRANDS, _COVERAGE, _MOST_COVERAGE = at.LEVELS, at.STRANDS, at.COVERAGE, at.MOST_COVERAGE
_GROUPS, _MOST_GROUPS, _NAMES, _COLOURS = at.GROUPS, at.MOST_GROUPS, at.NAMES, at.COLOURS
_LOWEST, _HIGHEST_VALUE = at.LOWEST_VALUE, at.HIGHEST_VALUE
_MINUS, _TOO_MANY = at.MINUS, at.TOO_MANY
_TENS = numpy.array([10.0**exponent for exponent in range(32)])
_CG, _CHG, _CHH = at.packed(b"CG"), at.packed(b"CHG"), at.packed(b"CHH")
_PLUS, _HYPHEN = 43, 45
#: C, G and the other letters of a trinucleotide, in six bits.
_C, _G = at.ALPHABET.index(b"C"), at.ALPHABET.index(b"G")
_BASES_OF_DNA = sum(1 << at.ALPHABET.index(letter) for letter in b"ACGTN")


@kernel
def judge_coverage(table, rows, tally, reals):  # type: ignore[no-untyped-def]
    """Bismark coverage: contig, start, end, percentage, methylated and unmethylated calls."""
    last, highest = tally[_START], tally[_HIGHEST]
    row = 0
    while row < rows:
        start, end, methylated = table[1, row], table[2, row], table[4, row]
        calls = methylated + table[5, row]
        if start <= last or start < tally[_LEAST] or end - start != tally[_SPAN] or end > tally[_LENGTH]:
            break
        if calls == 0 or methylated > _TOO_MANY or calls > _TOO_MANY or end > _TOO_MANY:
            break
        decimals = table[3, row] & 31
        percentage = (table[3, row] >> 5) / _TENS[decimals]
        share = 100 * methylated / calls
        if percentage > 100 or abs(percentage - share) > reals[decimals]:
            break
        last = start
        highest = max(highest, end)
        tally[_LEVELS + min(9, int(share * 0.1))] += 1
        tally[_COVERAGE + min(_MOST_COVERAGE, calls)] += 1
        tally[_GROUPS + 1] += methylated
        tally[_GROUPS + 2] += calls
        row += 1
    tally[_START] = last
    tally[_HIGHEST] = highest
    tally[_GROUPS] += row
    tally[_RECORDS] += row
    return row


@kernel
def judge_report(table, rows, tally, reals):  # type: ignore[no-untyped-def]
    """Bismark's cytosine report: contig, position, strand, methylated and unmethylated calls, context, trinucleotide."""
    row = 0
    while row < rows:
        position, strand, methylated = table[1, row], table[2, row], table[3, row]
        calls = methylated + table[4, row]
        if position <= tally[_START] or position <= 2 or position > tally[_LENGTH] or position > _TOO_MANY:
            break
        if (strand != _PLUS and strand != _HYPHEN) or methylated > _TOO_MANY or calls > _TOO_MANY:
            break
        three = table[6, row]
        first, second, third = (three >> 12) & 63, (three >> 6) & 63, three & 63
        if three >> 18 != 1 or first != _C or not ((_BASES_OF_DNA >> second) & (_BASES_OF_DNA >> third) & 1):
            break
        group = 0 if second == _G else 1 if third == _G else 2
        if table[5, row] != (_CG if group == 0 else _CHG if group == 1 else _CHH):
            break
        waiting = tally[_WAITING]
        is_second = group == 0 and strand == _HYPHEN
        is_pair = is_second and position == waiting + 1
        alone = int(waiting >= 0 and not is_pair) + int(is_second and not is_pair)
        if alone and not tally[_ALONE_LINE]:
            break
        tally[_ALONE] += alone
        tally[_WAITING] = position if group == 0 and strand == _PLUS else -1
        tally[_START] = position
        tally[_STRANDS + (strand == _HYPHEN)] += 1
        tally[_COVERAGE + min(_MOST_COVERAGE, calls)] += 1
        tally[_GROUPS + 3 * group] += 1
        if calls:
            tally[_LEVELS + min(9, int(100 * methylated / calls * 0.1))] += 1
            tally[_GROUPS + 3 * group + 1] += methylated
            tally[_GROUPS + 3 * group + 2] += calls
        row += 1
    if row:
        tally[_HIGHEST] = max(tally[_HIGHEST], tally[_START])
    tally[_RECORDS] += row
    return row


@kernel
def judge_values(table, rows, tally, reals):  # type: ignore[no-untyped-def]
    """Rows of bedGraph: contig, start, end, value."""
    highest = tally[_HIGHEST]
    row = 0
    while row < rows:
        start, end = table[1, row], table[2, row]
        if start >= end or start < highest or start < tally[_START] or end > tally[_LENGTH] or end > _TOO_MANY:
            break
        packed = table[3, row]
        value = ((packed & (_MINUS - 1)) >> 5) / _TENS[packed & 31]
        if packed & _MINUS:
            value = -value
        if tally[_FORM]:
            if end != start + 1 or value < 0 or value > 100:
                break
            tally[_LEVELS + min(9, int(value * 0.1))] += 1
        tally[_START] = start
        highest = end
        tally[_BASES] += end - start
        tally[_COVERED] += end - start
        reals[_LOWEST] = min(reals[_LOWEST], value)
        reals[_HIGHEST_VALUE] = max(reals[_HIGHEST_VALUE], value)
        row += 1
    tally[_RECORDS] += row
    tally[_HIGHEST] = highest
    return row


@kernel
def judge_modifications(table, rows, tally, reals):  # type: ignore[no-untyped-def]
    """Rows of bedMethyl with 11 or 18 columns: sites of one base, with names (of 18) and colours that plain code has seen."""
    is_wide = len(table) == 18
    row = 0
    while row < rows:
        start, strand, calls = table[1, row], table[5, row], table[9, row]
        if start < tally[_START] or table[2, row] != start + 1 or start >= tally[_LENGTH] or start >= _TOO_MANY:
            break
        if table[4, row] != min(1000, calls) and (table[4, row] != calls or not is_wide):
            break
        if table[6, row] != start or table[7, row] != start + 1 or calls > _TOO_MANY:
            break
        colour = 0
        while colour < tally[_COLOURED] and tally[_COLOURS + colour] != table[8, row]:
            colour += 1
        side = 0 if strand == _PLUS else 1 if strand == _HYPHEN else 2
        if colour == tally[_COLOURED] or (side == 2 and strand != 46):
            break
        percentage = (table[10, row] >> 5) / _TENS[table[10, row] & 31]
        group = 0
        if is_wide:
            while group < tally[_NAMED] and tally[_NAMES + group] != table[3, row]:
                group += 1
            modified, canonical, other = table[11, row], table[12, row], table[13, row]
            if (
                group == tally[_NAMED]
                or max(modified, canonical, other) > calls
                or modified + canonical + other != calls
            ):
                break
            share = 100 * modified / calls if calls else 0.0
            if abs(percentage - share) > reals[table[10, row] & 31]:
                break
        else:
            modified = int(calls * percentage / 100 + 0.5)
            share = percentage
        seen = tally[_SEEN] if start == tally[_START] else 0
        bit = 1 << (3 * group + side)
        if percentage > 100 or seen & bit:
            break
        tally[_SEEN] = seen | bit
        tally[_START] = start
        tally[_STRANDS + side] += 1
        tally[_COVERAGE + min(_MOST_COVERAGE, calls)] += 1
        tally[_GROUPS + 3 * group] += 1
        if calls:
            tally[_LEVELS + min(9, int(share * 0.1))] += 1
            tally[_GROUPS + 3 * group + 1] += modified
            tally[_GROUPS + 3 * group + 2] += calls
        row += 1
    if row:
        tally[_HIGHEST] = max(tally[_HIGHEST], tally[_START] + 1)
    tally[_RECORDS] += row
    return row


@kernel
def judge_regions(table, rows, tally, reals):  # type: ignore[no-untyped-def]
    """BED3 to BED9 (the first columns of the table that there are), sorted, without empty regions."""
    columns = tally[_FORM]
    row = 0
    while row < rows:
        start, end = table[1, row], table[2, row]
        if start >= end or end > tally[_LENGTH] or end > _TOO_MANY or start < tally[_START]:
            break
        if start == tally[_START] and end < tally[_END]:
            break
        if columns > 4 and table[4, row] > 1000:
            break
        side = 2
        if columns > 5:
            side = 0 if table[5, row] == _PLUS else 1 if table[5, row] == _HYPHEN else 2
            if side == 2 and table[5, row] != 46:
                break
        if columns > 6 and (table[6, row] < start or table[6, row] > end):
            break
        if columns > 7 and (table[7, row] < table[6, row] or table[7, row] > end):
            break
        if columns > 8:
            colour = 0
            while colour < tally[_COLOURED] and tally[_COLOURS + colour] != table[8, row]:
                colour += 1
            if colour == tally[_COLOURED]:
                break
        highest = tally[_HIGHEST]
        if tally[_IS_TARGET] and start < highest:
            break
        tally[_COVERED] += max(0, end - max(start, highest))
        tally[_HIGHEST] = max(highest, end)
        tally[_BASES] += end - start
        tally[_STRANDS + side] += 1
        tally[_START] = start
        tally[_END] = end
        row += 1
    tally[_RECORDS] += row
    return row
