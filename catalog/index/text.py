"""Text search without an extension: words of a package, weighted once at build time by BM25.

A posting's weight holds everything that BM25 (Robertson and Zaragoza 2009, 3.5) needs but the query, so that a
search sums weights. Words are folded (NFKC, case) and cut at everything that is no letter or digit; a word with
inner marks, such as ``KSCBi005-A``, is also kept whole.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

_WHOLE = re.compile(r"[^\W_]+(?:(?:_+|[-.:/*])[^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_K1 = 1.2
_B = 0.6
_MOST_QUERY_WORDS = 12
_LONGEST_WORD = 60


def words(text: str) -> list[str]:
    """The words of a text in order, compound words whole and in parts."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = []
    for whole in _WHOLE.findall(folded):
        parts = _PART.findall(whole)
        if len(parts) > 1:
            found.append(whole[:_LONGEST_WORD])
        found.extend(part[:_LONGEST_WORD] for part in parts)
    return found


def query_words(text: str) -> list[str]:
    """The words that a search asks for: each stretch of the query as a whole, without doubles, at most 12."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return list(dict.fromkeys(whole[:_LONGEST_WORD] for whole in _WHOLE.findall(folded)))[:_MOST_QUERY_WORDS]


def count_words(fields: Iterable[tuple[str, int]]) -> Counter[str]:
    """How often each word stands in the fields of a package, times the field's weight.

    Args:
        fields: (text, weight): names weigh more than descriptions.
    """
    counts: Counter[str] = Counter()
    for text, weight in fields:
        for word in words(text):
            counts[word] += weight
    return counts


def postings(packages: Mapping[str, Counter[str]]) -> list[tuple[str, str, float]]:
    """(word, package, weight) for every word of every package, sorted by word, then package."""
    if not packages:
        return []
    frequency: Counter[str] = Counter()
    for counts in packages.values():
        frequency.update(counts.keys())
    lengths = {name: sum(counts.values()) for name, counts in packages.items()}
    mean = sum(lengths.values()) / len(lengths) or 1.0
    number = len(packages)
    rows = []
    for name, counts in packages.items():
        norm = _K1 * (1 - _B + _B * lengths[name] / mean)
        for word, count in counts.items():
            rarity = math.log(1 + (number - frequency[word] + 0.5) / (frequency[word] + 0.5))
            rows.append((word, name, rarity * count * (_K1 + 1) / (count + norm)))
    return sorted(rows)
