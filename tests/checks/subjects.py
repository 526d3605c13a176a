"""What a check is given, made in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from catalog.bank import Line
from catalog.checks.protocol import LineSubject
from catalog.findings import Subject
from catalog.vocabulary import Vocabulary, open_vocabulary
from tests.builders import NO_ONTOLOGIES, line_value, seen


def core() -> Vocabulary:
    """The shipped core of terms; close it."""
    return open_vocabulary(NO_ONTOLOGIES)


def subject(
    vocabulary: Vocabulary, line: Line | None = None, files: Sequence[Subject] = (), line_ids: Iterable[str] = ()
) -> LineSubject:
    """A line with what inspection saw; files that are not named are plain texts."""
    given = line or line_value()
    assert given.record is not None
    known = {each.path: seen(each.path) for each in given.files} | {each.path: each for each in files}
    return LineSubject(
        line=given,
        record=given.record,
        files=known,
        annotations=(),
        vocabulary=vocabulary,
        line_ids=frozenset({given.line_id, *line_ids}),
    )


def named(vocabulary: Vocabulary, line_id: str, *, line_ids: Iterable[str] = (), **changes: Any) -> LineSubject:
    """A line of which only the name and the record matter."""
    return subject(vocabulary, line_value(line_id=line_id, **changes), line_ids=line_ids)
