"""Planning a release: working copies and the released state in, a printable plan out. Pure.

``fairline release --dry-run`` prints the very plan that would be carried out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalog.access import Decision, PublicRecord
from catalog.checks.run import JudgedLine
from catalog.errors import ConflictError, UsageError
from catalog.identifiers import ReleaseName
from catalog.ledger import Ledger
from catalog.package import fingerprint
from catalog.store import Content

_LONGEST_WORDS = 2000
#: The bidirectional categories that turn the direction of what follows (Unicode, annex 9).
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

NEW = "new"
CHANGED = "changed"
UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What is released of a package now.

    Attributes:
        fingerprint: of its public record; None when the package has never been public.
        files: digest by path of its public files.
        controlled: digest by path of its controlled object; None when there is none.
    """

    fingerprint: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    controlled: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """A judged working copy with its projection.

    Attributes:
        judged: the line.
        public: its public record, not yet named by a release.
        decisions: the tier of each file.
        controlled: the content of its controlled version.
    """

    judged: JudgedLine
    public: PublicRecord
    decisions: Mapping[str, Decision]
    controlled: Sequence[Content]

    @property
    def line_id(self) -> str:
        """The line and its package."""
        return self.judged.line.line_id

    def sources(self) -> dict[str, Path]:
        """Where the bytes of each open file lie."""
        return {each.path: self.judged.line.folder / each.path for each in self.public.files}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePlan:
    """What a release does with one package.

    Attributes:
        added, removed, replaced: open files against the released version.
        closed: files that were public and are not any more; versions released earlier still hold them.
    """

    working: Working
    public: str
    controlled: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The plan of one package, for ``--json``."""
        return {
            "id": self.working.line_id,
            "public": self.public,
            "controlled": self.controlled,
            "added": list(self.added),
            "removed": list(self.removed),
            "replaced": list(self.replaced),
            "closed": list(self.closed),
            "open_files": len(self.working.public.files),
            "closed_files": sum(not each.is_open for each in self.working.decisions.values()),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """What a release does.

    Attributes:
        release: its name.
        packages: one plan a line of the working copy, sorted by id.
        kept: released packages without a line folder: they stay as they are.
        new_key: the public key that a key change announces, as base64.
    """

    release: str
    message: str
    packages: tuple[PackagePlan, ...]
    kept: tuple[str, ...] = ()
    new_key: str | None = None

    @property
    def public_changes(self) -> tuple[PackagePlan, ...]:
        """Packages whose public object gets a version."""
        return tuple(each for each in self.packages if each.public != UNCHANGED)

    @property
    def controlled_changes(self) -> tuple[PackagePlan, ...]:
        """Packages whose controlled object gets a version."""
        return tuple(each for each in self.packages if each.controlled != UNCHANGED)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to release."""
        return not self.public_changes and not self.controlled_changes and self.new_key is None

    def to_json(self) -> dict[str, object]:
        """The plan, for ``--json``."""
        return {
            "release": self.release,
            "message": self.message,
            "packages": [each.to_json() for each in self.packages],
            "kept": list(self.kept),
            "new_key": self.new_key,
        }


def plan_release(
    release: str, message: str, working: Sequence[Working], released: Mapping[str, Released], new_key: str | None = None
) -> ReleasePlan:
    """The plan of a release.

    Args:
        release: its name, checked already.
        message: the curator's words.
        working: the judged lines.
        released: what is released now, by id; withdrawn packages are not in it.
        new_key: the key that the line announces.
    """
    packages = tuple(
        _plan_package(each, released.get(each.line_id, Released()))
        for each in sorted(working, key=lambda each: each.line_id)
    )
    present = {each.line_id for each in working}
    kept = tuple(sorted(set(released) - present))
    return ReleasePlan(release=release, message=message, packages=packages, kept=kept, new_key=new_key)


def _plan_package(working: Working, released: Released) -> PackagePlan:
    public = NEW
    if released.fingerprint is not None:
        public = UNCHANGED if fingerprint(working.public) == released.fingerprint else CHANGED
    state = {content.path: content.sha256 for content in working.controlled}
    controlled = NEW
    if released.controlled is not None:
        controlled = UNCHANGED if state == dict(released.controlled) else CHANGED
    files = {each.path: each.sha256 for each in working.public.files}
    removed = sorted(set(released.files) - set(files))
    return PackagePlan(
        working=working,
        public=public,
        controlled=controlled,
        added=tuple(sorted(set(files) - set(released.files))),
        removed=tuple(removed),
        closed=tuple(path for path in removed if path in working.decisions),
        replaced=tuple(sorted(path for path in files if released.files.get(path, files[path]) != files[path])),
    )


def check_name(release: str, ledgers: Iterable[Ledger], resumed: bool) -> ReleaseName:
    """The parsed name of a release that may be made now.

    Args:
        release: the name that the curator gave.
        ledgers: the public and the controlled chain.
        resumed: whether a job of this very name was cut off.

    Raises:
        UsageError: the text is not a release name.
        ConflictError: the name is not above the last one.
    """
    name = ReleaseName.parse(release)
    if name is None:
        raise UsageError("release-name", f"{release} is not a release name", want="YYYY.MM or YYYY.MM.N", got=release)
    for ledger in ledgers:
        last = ReleaseName.parse(ledger.last.release) if ledger.last else None
        if last is not None and (name < last or (name == last and not resumed)):
            raise ConflictError(
                "release-not-above",
                f"{release} is not above the last release {last}",
                want=f"a name above {last}",
                got=release,
                hint=f"the next free name of that month is {last.successor(last.year, last.month)}",
            )
    return name


def check_words(what: str, text: str) -> None:
    """Makes sure that words for the ledger are one line of text, which every tool shows alike.

    Raises:
        UsageError: they have control characters, line separators or changes of direction, or are far too long.
    """
    odd = next((character for character in text if _is_odd(character)), None)
    if odd is not None or len(text) > _LONGEST_WORDS:
        raise UsageError(
            "ledger-words",
            f"the {what} cannot stand in the ledger",
            want=f"one line of at most {_LONGEST_WORDS} characters, without control characters",
            got=f"U+{ord(odd):04X}" if odd is not None else f"{len(text)} characters",
        )


def _is_odd(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or unicodedata.bidirectional(character) in _TURNS


def next_free_name(ledgers: Iterable[Ledger], issued: str) -> str:
    """The next free ``YYYY.MM.N`` above every chain, for a release that nobody named (a withdrawal)."""
    year, month = int(issued[:4]), int(issued[5:7])
    name = ReleaseName(year, month)
    for ledger in ledgers:
        last = ReleaseName.parse(ledger.last.release) if ledger.last else None
        if last is not None and not last < name:
            name = last.successor(year, month)
    return str(name)


@dataclass(frozen=True, slots=True)
class WithdrawnContent:
    """What may never come back: a line, or a path of it, or bytes (kept in the controlled store only)."""

    id: str
    path: str | None
    sha256: tuple[str, ...] = ()


def refuse_withdrawn(working: Sequence[Working], withdrawn: Sequence[WithdrawnContent]) -> None:
    """Makes sure that nothing withdrawn is released again.

    Raises:
        ConflictError: a line, a path or bytes were withdrawn.
    """
    digests = {digest: each for each in withdrawn for digest in each.sha256}
    for line in working:
        mine = [each for each in withdrawn if each.id == line.line_id]
        if any(each.path is None for each in mine):
            raise ConflictError(
                "withdrawn-line",
                f"the line {line.line_id} was withdrawn",
                at=str(line.judged.line.folder),
                hint="move its folder out of lines/; a new line needs a new id",
            )
        for path, subject in line.judged.files.items():
            gone = next((each for each in mine if each.path == path), None) or digests.get(subject.sha256 or "")
            if gone is not None:
                raise ConflictError(
                    "withdrawn-file",
                    f"{path} of {line.line_id} was withdrawn",
                    at=f"{line.line_id}/{path}",
                    hint=f"take its row out of lines/{line.line_id}/files.csv and move the file away",
                )
