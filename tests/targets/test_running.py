"""Carrying plans out: the order of the steps, what an error leaves, and what the journal knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.errors import IntegrityError
from publish.targets.journal import PublishJournal
from publish.targets.planning import plan_return
from publish.targets.protocol import Note
from publish.targets.publication import MANIFEST
from publish.targets.running import Run
from publish.targets.state import Limits
from tests.targets.builders import History, MemoryLayout, MemoryTarget

A, B, C = "EXMPi001-A", "EXMPi002-A", "EXMPi003-A"
PAST = History().add("2026.10", {A: {"a.txt": "one", "b.txt": "two"}, B: {"a.txt": "three"}})
NEXT = History([*PAST.releases]).add("2026.11", {A: {"a.txt": "other"}, B: None, C: {"c.txt": "new"}})
SMALL = Limits(container_files=2, request_files=1)


def small_target() -> MemoryTarget:
    return MemoryTarget(layout=MemoryLayout(limits=SMALL))


def journal_in(folder: Path) -> PublishJournal:
    return PublishJournal(path=folder / "publish-memory.journal")


def steps(notes: list[Note]) -> list[tuple[str, str]]:
    return [(each.step, each.name) for each in notes if each.type == "step"]


def failing(what: str, name: str = "") -> object:
    def fail(act: str, of: str) -> None:
        if act == what and name in of:
            raise IntegrityError("portal-bytes", f"{act} {of}")

    return fail


@pytest.mark.parametrize("jobs", [1, 4], ids=["one-at-a-time", "four"])
def test_run_when_it_goes_well_then_nothing_opens_before_the_barrier_and_the_pointer_moves_last(
    tmp_path: Path, jobs: int
) -> None:
    target = small_target()
    told = steps(target.run(PAST.publication(), journal_in(tmp_path), jobs=jobs))
    order = [step for step, _ in told]
    barrier = order.index("barrier")
    assert set(order[:barrier]) == {"create", "upload", "verify"}
    assert order[barrier + 1 : barrier + 4] == ["open"] * 3
    assert [name for step, name in told if step == "open"] == ["2026.10-p01", "2026.10-p02", "2026.10-p03"]
    assert sorted(order[barrier + 4 : -2]) == ["record", "record"]
    assert told[-2:] == [("pointer", "2026.10"), ("prove", "2026.10")]
    assert order.count("verify") == len(target.files) == 6


def test_run_when_something_is_withdrawn_then_it_is_erased_after_the_pointer_moved(tmp_path: Path) -> None:
    target = small_target()
    target.run(PAST.publication(), journal_in(tmp_path))
    told = steps(target.run(NEXT.publication(), journal_in(tmp_path)))
    order = [step for step, _ in told]
    assert order.index("pointer") < order.index("erase")
    assert order[-1] == "prove"
    assert not any(key[0] == B for _, key in target.files)


def test_run_when_a_file_cannot_be_proved_then_nothing_is_open_and_what_is_done_is_journaled(tmp_path: Path) -> None:
    target, journal = small_target(), journal_in(tmp_path)
    target.fail = failing("verify", "a.txt")  # type: ignore[assignment]
    with pytest.raises(IntegrityError):
        target.run(PAST.publication(), journal)
    assert not any(target.containers.values())
    assert target.records == {}
    assert target.pointer is None
    past = journal.read()
    assert not past.is_done
    assert [each["name"] for each in past.steps if each["step"] == "create"] == sorted(target.containers)
    assert sum(each["step"] == "upload" for each in past.steps) == len(target.files)


@pytest.mark.parametrize("jobs", [1, 4], ids=["one-at-a-time", "four"])
@pytest.mark.parametrize("what", ["create", "upload", "open", "record", "point", "prove"])
def test_run_when_a_step_fails_then_the_first_error_is_told_and_running_again_completes_it(
    tmp_path: Path, what: str, jobs: int
) -> None:
    target, journal = small_target(), journal_in(tmp_path)
    target.fail = failing(what)  # type: ignore[assignment]
    with pytest.raises(IntegrityError) as caught:
        target.run(PAST.publication(), journal, jobs=jobs)
    assert str(caught.value).startswith(what)
    done = len(target.acts)
    assert len([each for each in journal.read().steps if each["step"] not in {"barrier", "verify"}]) == done
    target.fail = lambda act, of: None
    target.run(PAST.publication(), journal, jobs=jobs)
    assert target.plan(PAST.publication()).is_empty
    assert journal.read().is_done
    assert len(target.acts) == len(set(target.acts)) + 3  # of a container with two files two requests are alike


def test_run_when_resumed_then_what_was_proved_is_not_read_again(tmp_path: Path) -> None:
    target, journal = small_target(), journal_in(tmp_path)
    target.fail = failing("open")  # type: ignore[assignment]
    with pytest.raises(IntegrityError):
        target.run(PAST.publication(), journal)
    proved = list(target.verified)
    assert len(proved) == 6
    target.fail = lambda act, of: None
    target.run(PAST.publication(), journal)
    assert target.verified == proved


def test_run_when_the_reader_of_notes_stops_then_the_run_stops_and_can_go_on(tmp_path: Path) -> None:
    target, journal = small_target(), journal_in(tmp_path)
    publication = PAST.publication()
    journal.begin("run-1", publication.release, "2026-12-01T00:00:00Z")
    notes: Iterator[Note] = Run(target=target, publication=publication, journal=journal, jobs=1).apply(
        target.plan(publication), journal.read()
    )
    for _ in range(3):
        next(notes)
    notes.close()  # type: ignore[attr-defined]
    assert not any(target.containers.values())
    target.run(publication, journal)
    assert target.plan(publication).is_empty


def test_run_when_given_up_then_closed_containers_are_empty_and_packages_are_hidden(tmp_path: Path) -> None:
    target, journal = small_target(), journal_in(tmp_path)
    target.fail = failing("point")  # type: ignore[assignment]
    with pytest.raises(IntegrityError):
        target.run(PAST.publication(), journal)
    target.fail = lambda act, of: None
    target.containers["2026.10-p03"] = False
    plan = plan_return(None, "memory", target.read(PAST.publication()))
    run = Run(target=target, publication=PAST.publication(), journal=journal)
    told = steps(list(run.give_up(plan)))
    assert sorted({step for step, _ in told}) == ["drop", "record"]
    assert not any(each.is_open for each in target.records.values())
    assert not any(name == "2026.10-p03" for name, _ in target.files)


def test_summary_when_made_then_counts_are_those_of_the_steps(tmp_path: Path) -> None:
    target, journal = small_target(), journal_in(tmp_path)
    target.run(PAST.publication(), journal)
    plan, publication = target.plan(NEXT.publication()), NEXT.publication()
    run = Run(target=target, publication=publication, journal=journal)
    list(run.apply(plan, journal.read()))
    members = run.summary(plan).members
    assert {name: members[name] for name in ("created", "updated", "uploaded", "verified", "erased")} == {
        "created": 1,
        "updated": 2,
        "uploaded": 4,
        "verified": 4,
        "erased": 1,
    }
    assert (members["release"], members["before"], members["packages"]) == ("2026.11", "2026.10", 3)


def test_check_again_when_the_release_is_there_then_every_file_is_read_and_nothing_written(tmp_path: Path) -> None:
    target, journal = small_target(), journal_in(tmp_path)
    target.run(PAST.publication(), journal)
    target.verified.clear()
    acts = len(target.acts)
    run = Run(target=target, publication=PAST.publication(), journal=journal)
    list(run.check_again(target.plan(PAST.publication())))
    publication = PAST.publication()
    every = {each.key for each in (*publication.files(), *publication.documents)}
    read = {key for _, key in target.verified}
    assert {path for _, path, _ in read - every} == {MANIFEST}
    assert every <= read
    assert len(target.acts) == acts
    assert run.counts.verified == len(read) == len(target.verified)


def test_run_when_a_proved_file_was_lost_before_it_is_resumed_then_it_is_sent_and_proved_anew(tmp_path: Path) -> None:
    target, journal = small_target(), journal_in(tmp_path)
    target.fail = failing("open")  # type: ignore[assignment]
    with pytest.raises(IntegrityError):
        target.run(PAST.publication(), journal)
    target.fail = lambda act, of: None
    lost = next(iter(target.files))
    del target.files[lost]
    target.verified.clear()
    target.run(PAST.publication(), journal)
    assert target.verified == [lost]
