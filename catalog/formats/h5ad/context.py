"""What all parts of judging one H5AD file share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from catalog.findings import Place, Rule
from catalog.formats.h5ad import library
from catalog.formats.h5ad.library import Member, Refused
from catalog.formats.h5ad.rules import BOMB, DEEP, FILTER, KIND, LINK, MISSING, OUTSIDE, UNREADABLE
from catalog.formats.isolated import JudgedFile

_REFUSED = {"outside": OUTSIDE, "filter": FILTER, "bomb": BOMB}
_SHOWN_PROBLEM = 200
_MOST_ELEMENTS, _DEEPEST = 100_000, 32


class Context:
    """Findings about elements, and bounds.

    Attributes:
        file: the file on its way.
        is_old: whether it was written before encodings had to be stated.
    """

    def __init__(self, file: JudgedFile, *, is_old: bool) -> None:
        self.file = file
        self.is_old = is_old
        self._elements = 0
        self._was_told = False

    def find(self, rule: Rule, path: str, number: int | None = None, **rest: Any) -> None:
        """Puts a finding about an element down; a number counts its values from 1."""
        self.file.find(rule.at(Place(column=path or "/", record=number), **rest))

    def enters(self, path: str) -> bool:
        """Whether a further element is to be looked at."""
        self.file.alive()
        self._elements += 1
        if self._elements <= _MOST_ELEMENTS and path.count("/") <= _DEEPEST:
            return True
        if not self._was_told:
            self.find(DEEP, path[:_SHOWN_PROBLEM], expected=f"{_MOST_ELEMENTS} elements, {_DEEPEST} deep")
        self._was_told = True
        return False

    @contextmanager
    def guarded(self, path: str) -> Iterator[None]:
        """What the library says of damage becomes a finding; the file is judged further behind it."""
        try:
            yield
        except Refused as error:
            self.file.find(_REFUSED[error.why].at(Place(column=path or "/"), **error.words))
        except MemoryError as error:
            self.find(UNREADABLE, path, problem=f"MemoryError: {error}")
        except Exception as error:  # h5py raises many kinds
            problem = f"{type(error).__name__}: {error}".split("\n")[0][:_SHOWN_PROBLEM]
            self.find(UNREADABLE, path, problem=problem)

    def is_here(self, member: Member) -> bool:
        """Whether a member is a group or a dataset of this file; anything else is put down."""
        if member.kind == "external":
            self.find(OUTSIDE, member.path, problem=member.node)
        elif member.kind == "soft":
            self.find(LINK, member.path, expected="the element itself", got=member.node)
        elif member.kind == "broken":
            self.find(UNREADABLE, member.path, problem=member.node[:_SHOWN_PROBLEM])
        elif member.kind == "other":
            self.find(KIND, member.path, expected="a group or a dataset", got="a named data type")
        return member.kind in {"group", "dataset"}

    def part(self, group: Member, name: str, kind: str) -> Member | None:
        """A member that must be there and of a kind (``group`` or ``dataset``); None when it is not, which is put down."""
        found = library.child(group, name)
        if found is None:
            self.find(MISSING, group.path, what=f"{name}", expected=f"a {kind} {name}")
            return None
        if not self.is_here(found):
            return None
        if found.kind != kind:
            self.find(KIND, found.path, expected=f"a {kind}", got=f"a {found.kind}")
            return None
        return found
