"""Why the stack cannot go on."""

from __future__ import annotations


class StackError(Exception):
    """The stack cannot do what was asked; the text says why and what helps."""


class PartMissing(StackError):
    """Something must be installed first, and this user or this machine cannot do it."""
