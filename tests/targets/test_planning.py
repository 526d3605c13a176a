"""Plans of publications: what is sent, opened, changed and erased, worked out from releases and from what a target holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import ConflictError, InvalidError
from publish.targets.manifest import render_manifest
from publish.targets.planning import CREATE, ENTOMB, HIDE, REVISE, Plan, check_order, plan_return
from publish.targets.publication import MANIFEST, Publication
from publish.targets.state import Limits, TargetState
from tests.targets.builders import Died, History, MemoryLayout, MemoryTarget

A, B, C = "EXMPi001-A", "EXMPi002-A", "EXMPi003-A"
TWO = {A: {"a.txt": "one", "b.txt": "two"}, B: {"a.txt": "three"}}


def history() -> History:
    return History().add("2026.10", TWO)


def filled(past: History, **members: object) -> MemoryTarget:
    """A target to which every release was published, one after the other."""
    target = MemoryTarget(layout=MemoryLayout(**members))  # type: ignore[arg-type]
    for name, _ in past.releases:
        publication = past.publication(name)
        target.apply(target.plan(publication), publication)
    return target


def actions(plan: Plan) -> dict[str, str]:
    return {each.package: each.action for each in plan.records}


def sent(plan: Plan) -> list[str]:
    return [file.label for batch in plan.uploads for file in batch.files]


def test_plan_when_the_target_is_empty_then_everything_is_sent_and_every_package_made() -> None:
    plan = MemoryTarget().plan(history().publication())
    documents = ["ledger.jsonl", "signing-key.pub", MANIFEST]
    assert sent(plan) == [f"{A}/a.txt", f"{A}/b.txt", f"{B}/a.txt", *documents]
    assert plan.create == plan.open == ("2026.10-p01",)
    assert actions(plan) == {A: CREATE, B: CREATE}
    assert (plan.before, plan.move_pointer, plan.kept, plan.erase) == ("", ("not there yet",), 0, ())
    assert plan.bytes == sum(each.bytes for _, each in plan.stage)
    assert plan.to_json()["before"] is None


def test_plan_when_the_release_is_there_then_there_is_nothing_to_do() -> None:
    past = history()
    plan = filled(past).plan(past.publication())
    assert plan.is_empty
    assert (plan.kept, plan.unchanged, plan.before) == (6, (A, B), "2026.10")


def test_plan_when_a_run_was_cut_off_then_the_same_containers_are_filled_up() -> None:
    past = history()
    target = MemoryTarget(layout=MemoryLayout(limits=Limits(container_files=2, request_files=1)))
    whole = target.plan(past.publication())
    assert whole.create == ("2026.10-p01", "2026.10-p02", "2026.10-p03")
    target.create("2026.10-p01", past.publication())
    target.create("2026.10-p02", past.publication())
    target.upload(whole.uploads[0], lambda _: None)
    target.upload(whole.uploads[2], lambda _: None)
    rest = target.plan(past.publication())
    assert rest.create == ("2026.10-p03",)
    assert (rest.stage, rest.open, rest.urls) == (whole.stage, whole.open, whole.urls)
    assert rest.uploads == (whole.uploads[1], *whole.uploads[3:])
    assert rest.drop == ()


def test_plan_when_some_containers_are_open_already_then_the_next_ones_go_on() -> None:
    past = history()
    target = MemoryTarget(layout=MemoryLayout(limits=Limits(container_files=2)))
    whole = target.plan(past.publication())
    for name in whole.create:
        target.create(name, past.publication())
    for batch in whole.uploads:
        target.upload(batch, lambda _: None)
    target.open("2026.10-p01")
    rest = target.plan(past.publication())
    assert (rest.create, rest.uploads, rest.drop) == ((), (), ())
    assert rest.open == ("2026.10-p02", "2026.10-p03")
    assert rest.urls == whole.urls


def test_plan_when_one_package_changed_then_only_what_is_new_is_sent() -> None:
    past = history().add("2026.11", {**TWO, A: {"a.txt": "one", "b.txt": "other"}})
    target = filled(history())
    plan = target.plan(past.publication())
    assert sent(plan) == [f"{A}/b.txt", "ledger.jsonl", MANIFEST]
    assert actions(plan) == {A: REVISE}
    assert plan.records[0].why == ("links",)
    assert plan.unchanged == (B,)
    assert "2026.10-p01" in plan.urls[past.publication().package(A).files[0].key]


def test_plan_when_metadata_alone_changed_then_no_file_of_a_package_is_sent() -> None:
    past = history().add("2026.11", TWO)
    past.titles["2026.11"] = "Another title"
    plan = filled(history()).plan(past.publication())
    assert sent(plan) == ["ledger.jsonl", MANIFEST]
    assert actions(plan) == {A: REVISE, B: REVISE}
    assert plan.records[0].why == ("title",)


def test_plan_when_a_line_is_withdrawn_then_all_its_bytes_go_and_a_tombstone_comes() -> None:
    past = history().add("2026.11", {**TWO, A: {"a.txt": "changed"}})
    target = filled(past)
    past.add("2026.12", {**TWO, A: None})
    plan = target.plan(past.publication())
    assert sorted(each.key[:2] for each in plan.erase) == [(A, "a.txt"), (A, "a.txt"), (A, "b.txt")]
    assert actions(plan) == {A: ENTOMB}
    target.apply(plan, past.publication())
    assert not any(key[0] == A for _, key in target.files)
    assert any(key[0] == B for _, key in target.files)
    assert target.records[A].is_tombstone
    assert target.plan(past.publication()).is_empty


def test_plan_when_a_line_was_withdrawn_before_it_came_there_then_nothing_is_said_of_it() -> None:
    past = history().add("2026.11", {**TWO, A: None})
    plan = MemoryTarget().plan(past.publication())
    assert actions(plan) == {B: CREATE}
    assert not any(label.startswith(A) for label in sent(plan))


def test_plan_when_going_back_then_packages_of_later_releases_are_hidden() -> None:
    past = history().add("2026.11", {**TWO, C: {"c.txt": "new"}})
    target = filled(past)
    plan = target.plan(past.publication("2026.10"))
    assert actions(plan) == {C: HIDE}
    assert (plan.uploads, plan.erase, plan.open) == ((), (), ())
    target.apply(plan, past.publication("2026.10"))
    assert target.plan(past.publication("2026.10")).is_empty
    again = target.plan(past.publication())
    assert actions(again) == {C: REVISE}
    assert again.uploads == ()


@pytest.mark.parametrize(
    ("shown", "wanted", "rollback", "is_refused"),
    [
        ("2026.11", "2026.10", False, True),
        ("2026.11.2", "2026.11.1", False, True),
        ("2026.11", "2026.10", True, False),
        ("2026.11", "2026.11", False, False),
        ("2026.9", "2026.10", False, False),
        ("", "2026.10", False, False),
    ],
    ids=["older", "older-number", "on-purpose", "same", "unreadable", "first"],
)
def test_order_when_the_target_shows_another_release_then_only_going_forward_is_allowed(
    shown: str, wanted: str, rollback: bool, is_refused: bool
) -> None:
    publication = History().add(wanted, TWO).publication()
    state = TargetState(release=shown)
    if not is_refused:
        check_order(publication, state, rollback=rollback)
        return
    with pytest.raises(ConflictError) as caught:
        check_order(publication, state, rollback=rollback)
    assert caught.value.code == "publish-older"


def test_plan_when_two_packages_have_one_name_on_a_portal_then_refused() -> None:
    past = History().add("2026.10", {"EXMP.1": {"a.txt": "x"}, "EXMP-1": {"a.txt": "y"}})
    with pytest.raises(InvalidError) as caught:
        MemoryTarget().plan(past.publication())
    assert caught.value.code == "portal-name-taken"


@given(
    sizes=st.lists(st.integers(0, 9), min_size=1, max_size=12),
    container_files=st.integers(1, 5),
    request_files=st.integers(1, 4),
    request_bytes=st.integers(1, 12),
)
def test_batches_when_made_then_they_keep_the_limits_and_lose_nothing(
    sizes: list[int], container_files: int, request_files: int, request_bytes: int
) -> None:
    past = History().add("2026.10", {A: {f"f{at:02d}.txt": "x" * size for at, size in enumerate(sizes)}})
    limits = Limits(container_files=container_files, request_files=request_files, request_bytes=request_bytes)
    plan = MemoryTarget(layout=MemoryLayout(limits=limits)).plan(past.publication())
    for batch in plan.uploads:
        assert len(batch.files) <= request_files
        assert batch.bytes <= request_bytes or len(batch.files) == 1
    assert max(Counter(name for name, _ in plan.stage).values()) <= container_files
    placed = [(batch.container, file) for batch in plan.uploads for file in batch.files]
    assert placed == list(plan.stage)
    assert len(placed) == len(sizes) + 3


def test_plan_when_an_unfinished_container_holds_what_does_not_belong_there_then_it_is_dropped() -> None:
    before = history()
    target = MemoryTarget()
    target.create("2026.10-p01", before.publication())
    target.upload(target.plan(before.publication()).uploads[0], lambda _: None)
    after = History().add("2026.10", {A: {"a.txt": "one"}})
    plan = target.plan(after.publication())
    stray = {each.key[1] for each in plan.drop if each.key[0]}
    assert stray == {"a.txt", "b.txt"}
    assert {each.key[0] for each in plan.drop} == {A, B, ""}
    target.apply(plan, after.publication())
    assert target.plan(after.publication()).is_empty
    assert {key[:2] for _, key in target.files if key[0]} == {(A, "a.txt")}


def test_plan_when_files_are_linked_then_they_are_proved_in_the_bank_and_not_sent() -> None:
    past = History().add("2026.10", {A: {"small.txt": "x", "large.txt": "x" * 100}})
    target = MemoryTarget(layout=MemoryLayout(link_above_bytes=50))
    publication = past.publication()
    plan = target.plan(publication)
    large, small = publication.package(A).files
    assert plan.links == (large,)
    assert f"{A}/large.txt" not in sent(plan)
    assert plan.urls[large.key] == f"https://bank.example.org/package/{A}/2026.10/files/large.txt"
    assert plan.urls[small.key].startswith("https://target.example.org/2026.10-p01/")
    target.apply(plan, publication)
    assert target.plan(publication).links == ()


def test_plan_when_a_run_is_given_up_then_closed_containers_are_emptied_and_what_is_shown_stays() -> None:
    past = history()
    target = filled(past)
    past.add("2026.11", {**TWO, C: {"c.txt": "new"}})
    publication = past.publication()
    plan = target.plan(publication)
    target.create("2026.11-p01", publication)
    target.upload(plan.uploads[0], lambda _: None)
    shown = past.publication("2026.10")
    back = plan_return(target.plan(shown), "memory", target.read(shown))
    assert {each.container for each in back.drop} == {"2026.11-p01"}
    assert (back.records, back.move_pointer, back.uploads, back.release) == ((), (), (), "2026.10")


def test_plan_when_the_first_run_is_given_up_then_packages_are_hidden() -> None:
    past = history()
    target = MemoryTarget()
    plan = target.plan(past.publication())
    target.apply(plan, past.publication())
    target.pointer = None
    back = plan_return(None, "memory", target.read(past.publication()))
    assert actions(back) == {A: HIDE, B: HIDE}
    assert (back.drop, back.release) == ((), "")


def test_manifest_when_rendered_then_every_file_has_address_size_and_digest() -> None:
    past = history().add("2026.11", {**TWO, B: None})
    plan = MemoryTarget().plan(past.publication())
    manifest = render_manifest(past.publication(), plan.urls)
    assert manifest.content is not None
    assert manifest.key in plan.urls
    text = manifest.content.decode()
    for file in past.publication().files():
        assert plan.urls[file.key] in text
        assert file.sha256 in text
    assert "consent withdrawn" in text


_TEXTS = st.dictionaries(st.sampled_from(["a.txt", "b.txt", "c.txt"]), st.sampled_from("xyz"), max_size=3)
_RELEASES = st.lists(st.dictionaries(st.sampled_from([A, B, C]), _TEXTS, min_size=1), min_size=1, max_size=4)


@st.composite
def histories(draw: Callable[..., object]) -> History:
    """Releases that follow each other as a bank's do: no package vanishes; a withdrawn one stays withdrawn."""
    past, known, gone = History(), dict[str, dict[str, str]](), set[str]()
    for number, change in enumerate(draw(_RELEASES)):  # type: ignore[var-annotated,arg-type]
        known.update(change)
        if number:
            gone |= draw(st.sets(st.sampled_from(sorted(known)), max_size=1))  # type: ignore[arg-type]
        past.add(f"2026.{number + 1:02d}", {name: None if name in gone else held for name, held in known.items()})
    return past


def may_be_shown(past: History, publication: Publication) -> bool:
    """Whether a release holds nothing that was withdrawn after it; others are refused when they are read."""
    return not any(each.id in publication.surviving and each.withdrawal is None for each in publication.packages)


@given(past=histories(), files=st.integers(1, 4), cuts=st.lists(st.integers(0, 25), max_size=4), data=st.data())
def test_plan_when_carried_out_from_any_prefix_then_nothing_is_left_to_do_and_the_target_holds_the_release(
    past: History, files: int, cuts: list[int], data: st.DataObject
) -> None:
    target = MemoryTarget(layout=MemoryLayout(limits=Limits(container_files=files, request_files=2)))
    for cut in cuts:
        publication = past.publication(data.draw(st.sampled_from([name for name, _ in past.releases])))
        if may_be_shown(past, publication):
            publish_until(target, publication, cut)
    publication = past.publication()
    plan = target.plan(publication)
    target.apply(plan, publication)
    assert target.plan(publication).is_empty
    assert_holds(target, publication, plan)


def publish_until(target: MemoryTarget, publication: Publication, steps: int) -> None:
    """Carries a plan out and dies after some steps, or does not."""
    last = len(target.acts) + steps

    def die(what: str, name: str) -> None:
        if len(target.acts) >= last:
            raise Died

    target.fail = die
    try:
        target.apply(target.plan(publication), publication)
    except Died:
        pass
    finally:
        target.fail = lambda what, name: None


def assert_holds(target: MemoryTarget, publication: Publication, plan: Plan) -> None:
    """Every file is where the plan says, open and whole; of what is withdrawn there is nothing."""
    assert target.pointer is not None
    assert target.pointer["release"] == publication.release
    addresses = {
        f"https://target.example.org/{name}/{key[0]}/{key[1]}/{key[2]}": key
        for name, key in target.files
        if target.containers[name]
    }
    for key, url in plan.urls.items():
        assert addresses[url] == key
    shown = {name for name, each in target.records.items() if each.is_open and not each.is_tombstone}
    assert shown == {each.id for each in publication.live}
    gone = {each.id for each in publication.packages if each.withdrawal is not None}
    assert not [key for _, key in target.files if key[0] in gone]
