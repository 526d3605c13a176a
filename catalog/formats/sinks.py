"""The derived tables of one file: opened when a format asks for them, kept only when the file has no error."""

from __future__ import annotations

import glob
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.columns import TableSink

#: Nobody writes a table for so long: what bears its name and is older was left behind by a process that was killed.
_LEFT_BEHIND_SECONDS = 2 * 86_400


class Sinks:
    """Derived tables in a folder, named after the file and the table: ``calls.vcf.gz.variants.parquet``."""

    def __init__(self, folder: Path | None, name: str) -> None:
        """Nothing is written yet.

        Args:
            folder: where they appear; None when nobody wants them.
            name: the file's name.
        """
        self._folder = folder
        self._name = name
        self._open: dict[str, TableSink] = {}
        self._dropped: set[str] = set()
        self._written: tuple[Path, ...] = ()
        self._problems: dict[str, str] = {}

    def open(self, table: str) -> TableSink | None:
        """The table of a name such as ``variants-1``, the same at every call; None when nobody wants it."""
        if self._folder is None or table in self._dropped or table in self._problems:
            return None
        if table not in self._open:
            from catalog.columns import TableSink

            try:
                self._folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                self._problems[table] = str(error.strerror)
                return None
            path = self._place(table)
            _remove_left_behind(path)
            self._open[table] = TableSink(path, table)
        return self._open[table]

    def drop(self, table: str) -> None:
        """Takes a table back that cannot be made of this file after all; whatever else is found, it does not appear."""
        self._dropped.add(table)
        if table in self._open:
            self._open.pop(table).close(keep=False)

    def close(self, *, keep: bool) -> None:
        """Ends all tables; they appear at their places, or nothing is left of them, as of one that has a problem.

        Where none appears, one of an earlier reading goes away.
        """
        written: list[Path] = []
        try:
            while self._open:
                table = next(iter(self._open))
                each = self._open.pop(table)
                each.close(keep=keep)
                if each.problem:
                    self._problems[table] = each.problem
                elif keep:
                    written.append(each.path)
            self._remove_older(written)
        finally:
            self.stop()
            self._written = tuple(written)

    def stop(self) -> None:
        """Ends all tables where reading was stopped: nothing is left of them, and earlier ones stay."""
        while self._open:
            self._open.popitem()[1].close(keep=False)

    def _remove_older(self, written: Sequence[Path]) -> None:
        """Removes tables of an earlier reading: the file may have had other content then."""
        if self._folder is None:
            return
        for schema in files("catalog.schemas").joinpath("derived").iterdir():
            path = self._place(schema.name)
            if path not in written:
                with suppress(OSError):
                    path.unlink()

    def _place(self, table: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{self._name}.{table.rpartition('-')[0]}.parquet"

    @property
    def written(self) -> tuple[Path, ...]:
        """The tables that appeared."""
        return self._written

    @property
    def problem(self) -> str:
        """Why a table could not be written, with the folder; empty when all could."""
        return next((f"{self._folder}: {each}" for each in self._problems.values()), "")


def _remove_left_behind(path: Path) -> None:
    """Removes what a killed process left of a table; one that is being written elsewhere stays."""
    for each in path.parent.glob(f".{glob.escape(path.name)}.{'[0-9a-f]' * 32}"):
        with suppress(OSError):
            if time.time() - each.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                each.unlink()
