"""Errors: why a job cannot go on. (Faults of the *data* are findings, see :mod:`catalog.findings`.)

The tree, with the exit status that the command line gives each (docs/commands.md)::

    CatalogError
    ├── InvalidError        1   findings of severity error stop the job
    ├── UsageError          2   the call itself is wrong
    ├── NotFoundError       3   no such line, package, release, file, term
    ├── UnauthorisedError   4   a key, token or permission is missing
    ├── TemporaryError      5   try again: network, lock of another machine, disk full
    ├── ConflictError       6   someone else was first, or a name is taken or refused
    ├── IntegrityError      7   bytes, hashes or signatures do not agree
    └── DefectError        70   our own bug, or a broken installation

Every code that is raised anywhere is explained in ``schemas/errors.toml``; a test compares both.
"""

from __future__ import annotations


class CatalogError(Exception):
    """The root of everything that fairline raises on purpose.

    Args:
        code: kebab-case, never reused; ``fairline explain CODE`` prints its text.
        message: what happened, in one sentence without a final period.
        at: the place (a path, an address, a field).
        want: what was expected there.
        got: what was found there.
        hint: the next step, as a sentence or a command.
    """

    exit_status = 70

    def __init__(
        self,
        code: str,
        message: str,
        *,
        at: str | None = None,
        want: str | None = None,
        got: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.want = want
        self.got = got
        self.hint = hint

    def to_json(self) -> dict[str, object]:
        """The error as the object that ``--json`` prints; absent members are left out."""
        members = {
            "error": self.code,
            "message": self.message,
            "at": self.at,
            "want": self.want,
            "got": self.got,
            "hint": self.hint,
            "exit_status": self.exit_status,
        }
        return {name: value for name, value in members.items() if value is not None}

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders (workers), so keyword arguments must survive pickling."""
        return _rebuild, (type(self), self.code, self.message, self.at, self.want, self.got, self.hint)


def _rebuild(
    kind: type[CatalogError],
    code: str,
    message: str,
    *rest: str | None,
) -> CatalogError:
    at, want, got, hint = rest
    return kind(code, message, at=at, want=want, got=got, hint=hint)


class InvalidError(CatalogError):
    """Findings of severity error stop the job."""

    exit_status = 1


class UsageError(CatalogError):
    """The call is wrong: an argument, an option, a setting."""

    exit_status = 2


class NotFoundError(CatalogError):
    """What was asked for does not exist."""

    exit_status = 3


class UnauthorisedError(CatalogError):
    """A key, a token or a permission is missing."""

    exit_status = 4


class TemporaryError(CatalogError):
    """The same call may succeed later, unchanged."""

    exit_status = 5


class ConflictError(CatalogError):
    """Another writer was first, or the name is taken, or it was withdrawn."""

    exit_status = 6


class IntegrityError(CatalogError):
    """Bytes, digests, chains or signatures do not agree."""

    exit_status = 7


class DefectError(CatalogError):
    """Our own bug or a broken installation."""

    exit_status = 70
