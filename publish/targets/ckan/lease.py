"""The lease: one publisher at a time, by compare-and-set on a field of the bank dataset.

The field is ``maintainer``: a core field, which ``match`` of package_revise can compare, and empty between runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from catalog.errors import ConflictError
from publish.targets.ckan.client import CkanClient

#: Renewed between steps; a run that died elsewhere keeps others away for so long.
LEASE_MINUTES = 30

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_FORM = re.compile(r"publishing, run ([0-9a-f-]+), until ([0-9TZ:-]+)")


def holder_of(text: str) -> tuple[str, datetime] | None:
    """Which run holds a lease, and until when; None for a text that is no lease."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    return match[1], datetime.strptime(match[2], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@dataclass(slots=True)
class Lease:
    """A lease for one run.

    Attributes:
        client: the portal.
        run: the name of the run.
        dataset: the bank dataset as it is made when it is not there yet.
        is_over: whether the commit has ended it.
    """

    client: CkanClient
    run: str
    dataset: Mapping[str, Any]
    is_over: bool = False
    _text: str = ""
    _until: datetime = _LONG_AGO
    _lock: Lock = field(default_factory=Lock, repr=False)

    def take(self, mine: Sequence[str]) -> None:
        """Takes the lease.

        Args:
            mine: dead runs of this machine, whose lease may be taken over.

        Raises:
            ConflictError: another run has it.
        """
        self._set(self._new_text(), lambda text: self._is_free(text, mine))

    def renew(self) -> None:
        """Takes it for longer when half of its time is over.

        Raises:
            ConflictError: it is lost.
        """
        with self._lock:
            left = self._until - datetime.now(UTC)
            if not self.is_over and left < timedelta(minutes=LEASE_MINUTES / 2):
                old = self._text
                self._set(self._new_text(), lambda text: text == old)

    def give_back(self) -> None:
        """Ends it, if it is still ours."""
        if self.is_over:
            return
        old = self._text
        self._set("", lambda text: text in (old, ""))
        self.is_over = True

    def is_in(self, shown: Mapping[str, Any]) -> bool:
        """Whether the bank dataset, as shown, has this very lease."""
        return self.is_over or shown.get("maintainer") == self._text

    def _new_text(self) -> str:
        self._until = datetime.now(UTC) + timedelta(minutes=LEASE_MINUTES)
        return f"publishing, run {self.run}, until {self._until:%Y-%m-%dT%H:%M:%SZ}"

    def _is_free(self, text: str, mine: Sequence[str]) -> bool:
        holder = holder_of(text)
        return holder is None or holder[0] in (self.run, *mine) or holder[1] < datetime.now(UTC)

    def _set(self, text: str, may: Any) -> None:
        name = str(self.dataset["name"])
        shown: dict[str, Any] | None = None

        def look() -> bool | None:
            nonlocal shown
            shown = self.client.show(name)
            held = str((shown or {}).get("maintainer") or "")
            if shown is not None and held == text:
                return True
            if shown is not None and not may(held):
                raise ConflictError(
                    "publish-running",
                    "another publisher is at work on this portal",
                    at=name,
                    got=held or "nothing: the lease was lost",
                    hint="wait until it has finished; a run that died elsewhere gives way at the time that is named",
                )
            return None

        def act() -> None:
            if shown is None:
                self.client.write("package_create", {**self.dataset, "maintainer": text})
                return
            match = {name: shown.get(name) for name in ("id", "maintainer", "metadata_modified")}
            self.client.write("package_revise", {"match": match, "update": {"maintainer": text}, "include": ["-*"]})

        self.client.settle(look, act, "the lease", known=False)
        self._text = text
