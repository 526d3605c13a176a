"""Any CSV or TSV table: its structure, judged as a stream; what the columns mean is not known here.

CSV is RFC 4180 (quotes, line ends in quoted cells); TSV is the IANA type, in which a quote is an ordinary
character. A table that has a schema is judged further by :mod:`catalog.checks.tables`.

Facts: ``rows``, ``columns`` (the first 100 names), ``delimiter``, ``genotype_like``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.documents import GENOTYPES, has_genotype_rows
from catalog.formats.protocol import LIKELY, NO, Facts, Head, Reading, as_facts
from catalog.loading.rows import LONGEST_CELL
from catalog.model import Tier
