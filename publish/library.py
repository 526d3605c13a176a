"""What curators do, as functions: the same that the commands do (``import publish``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catalog.bank import open_bank
from catalog.errors import ConflictError
from catalog.events import Listener, silent
from catalog.settings import Settings, read_settings
from catalog.vocabulary import open_vocabulary
from publish.planning import ReleasePlan
from publish.releasing import Outcome, ReleaseJob, now_utc
from publish.releasing import release as make_release
from publish.targets.protocol import Tell
from publish.targets.publishing import FORWARD, ROLLBACK, PublishJob
from publish.targets.publishing import publish as publish_release
from publish.withdrawal import Withdrawn
from publish.withdrawal import withdraw as make_withdrawal


def _run(bank: str | Path, name: str, message: str, tell: Listener, *, dry_run: bool) -> Outcome:
    settings: Settings = read_settings()
    with open_vocabulary(settings.ontologies_folder) as vocabulary:
        job = ReleaseJob(
            bank=open_bank(Path(bank)), settings=settings, vocabulary=vocabulary, tell=tell, dry_run=dry_run
        )
        return make_release(job, name, message)


def plan(bank: str | Path, name: str, message: str = "") -> ReleasePlan:
    """What a release would do; nothing is released.

    Args:
        bank: the bank's folder.
        name: the release's name, ``YYYY.MM`` or ``YYYY.MM.N``.
        message: the curator's words.

    Raises:
        InvalidError: findings of severity error.
        ConflictError: the name is not above the last, or something withdrawn came back.
    """
    return _run(bank, name, message, silent, dry_run=True).plan


def apply(bank: str | Path, planned: ReleasePlan, tell: Listener = silent) -> Outcome:
    """Carries a plan out, and nothing but this plan.

    Args:
        bank: the bank's folder.
        planned: what :func:`plan` gave.
        tell: hears of progress.

    Raises:
        ConflictError: the bank is no longer as it was planned for; plan again.
    """
    now = plan(bank, planned.release, planned.message)
    if now.to_json() != planned.to_json():
        raise ConflictError(
            "plan-stale",
            "the bank has changed since it was planned",
            at=str(bank),
            hint="plan again, and look at the plan",
        )
    return _run(bank, planned.release, planned.message, tell, dry_run=False)


def release(bank: str | Path, name: str, message: str = "", tell: Listener = silent) -> Outcome:
    """Makes a release, as ``fairline release`` does."""
    return _run(bank, name, message, tell, dry_run=False)


def publish(
    bank: str | Path, target: str, release: str | None = None, *, rollback: bool = False, tell: Tell = lambda _: None
) -> dict[str, Any]:
    """Publishes a release to a target of ``fairline.toml``, as ``fairline publish`` does.

    Args:
        bank: the bank's folder.
        target: the target's name.
        release: which release; the last one for None.
        rollback: give up an unfinished run, or go back to the release before.
        tell: hears of each finished step, of progress, retries and warnings.

    Returns:
        The members of the summary (docs/targets.md).

    Raises:
        CatalogError: why it cannot go on; the same call goes on where it stopped.
    """
    job = PublishJob(
        bank=open_bank(Path(bank)),
        settings=read_settings(),
        target=target,
        release=release,
        mode=ROLLBACK if rollback else FORWARD,
        tell=tell,
    )
    summary: dict[str, Any] = {}
    for note in publish_release(job):
        tell(note)
        if note.type == "summary":
            summary = dict(note.members)
    return summary


def withdraw(bank: str | Path, target: str, reason: str, tell: Listener = silent) -> Withdrawn:
    """Withdraws ``LINE`` or ``LINE/PATH``, as ``fairline withdraw`` does."""
    return make_withdrawal(open_bank(Path(bank)), read_settings(), target, reason, now_utc, tell)
