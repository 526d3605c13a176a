"""What tests of the example bank share: the built bank with its findings, and the content of a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.bank import Bank
from catalog.checks.run import JudgedLine
from catalog.findings import Finding
from catalog.settings import Settings
from publish.demo.bank import Outcome


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The built bank.

    Attributes:
        judged: its lines after all checks, by id.
        of_bank: findings about the bank itself.
    """

    outcome: Outcome
    settings: Settings
    judged: Mapping[str, JudgedLine]
    of_bank: tuple[Finding, ...]

    @property
    def bank(self) -> Bank:
        return self.outcome.bank

    def lines_with(self, code: str) -> set[str]:
        """The lines that have a finding of a code."""
        return {name for name, each in self.judged.items() for finding in each.all_findings() if finding.code == code}

    def findings(self, line_id: str, code: str) -> list[Finding]:
        """A line's findings of a code."""
        return [finding for finding in self.judged[line_id].all_findings() if finding.code == code]


def content_below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by path."""
    paths = [Path(parent) / name for parent, _, names in os.walk(folder) for name in names]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
