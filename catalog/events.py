"""Events: what a long job tells while it runs. Bar, JSON Lines and log are readers of one stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that a job tells.

    Attributes:
        stage: such as ``validate``, ``commit``, ``index``, ``download``.
        text: what is being done, for people.
        done: how much of the stage is done, in ``unit``.
        total: how much there is; None when nobody knows.
        unit: ``files``, ``packages`` or ``bytes``.
    """

    stage: str
    text: str = ""
    done: int = 0
    total: int | None = None
    unit: str = "files"


Listener = Callable[[Event], None]


def silent(_: Event) -> None:
    """A listener that hears nothing."""
