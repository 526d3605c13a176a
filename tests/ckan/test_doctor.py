"""The doctor on a real CKAN: each defect is made to happen, found, mended, and gone; what is not ours is not touched."""

from __future__ import annotations

import json
import os
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from catalog.bank import Bank
from catalog.cli.root import run
from catalog.errors import ConflictError
from publish.targets.mending import DoctorJob, Visit
from publish.targets.protocol import Diagnosis
from tests.builders import settings_of
from tests.ckan.banks import (
    FIRST,
    MIXED,
    OPEN,
    SECOND,
    TOKEN_VARIABLE,
    aim,
    change,
    environment,
    publish_here,
    publish_until,
    small_bank,
)
from tests.ckan.stack.asking import AnswerRefused
from tests.ckan.stack.live import Stack

LINE, OTHER_LINE = OPEN.lower(), MIXED.lower()
BANK, FILES = "bank-bank", f"bank-files-{FIRST.replace('.', '-')}-p01"
ADMIN, EDITOR = "admin", "editor"
BASE = "https://bank.example.org/"


@dataclass(kw_only=True)
class Patient:
    """A published bank, and the portal that it was published to.

    Attributes:
        is_well: whether the last test left everything as it found it.
    """

    stack: Stack
    bank: Bank
    who: str = EDITOR
    is_well: bool = False

    @property
    def token(self) -> str:
        return self.stack.token if self.who == ADMIN else self.stack.editor_token

    def publish(self) -> Any:
        ran = publish_here(self.bank, self.token)
        assert ran.went_well, ran.error
        return ran.summary

    def visit(self) -> Visit:
        return Visit(job=DoctorJob(bank=self.bank, settings=settings_of(self.bank), target="ckan"))

    def look(self) -> list[Diagnosis]:
        with mock.patch.dict(os.environ, {TOKEN_VARIABLE: self.token}):
            return list(self.visit().look())

    def mend(self) -> tuple[list[Diagnosis], list[Diagnosis]]:
        """What one look found that is not ok, and what mending told."""
        with mock.patch.dict(os.environ, {TOKEN_VARIABLE: self.token}):
            visit = self.visit()
            found = list(visit.look())
            told = list(visit.mend(found))
        return [each for each in found if each.state != "ok"], told

    def command(self, *options: str) -> int:
        with mock.patch.dict(os.environ, environment(self.bank, self.token)):
            return run(["--bank", str(self.bank.root), "doctor", *options])

    def show(self, name: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.stack.action("package_show", {"id": name, "include_plugin_data": True})
        return shown

    def as_admin(self, action: str, **data: Any) -> Any:
        return self.stack.action(action, data)


@pytest.fixture(scope="module")
def kept(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Patient:
    bank = small_bank(tmp_path_factory.mktemp("patient"))
    return Patient(stack=stack, bank=aim(bank, stack.url, tries=3))


@pytest.fixture
def patient(kept: Patient) -> Patient:
    """A bank that is published and well; where the last test failed, it is published anew to an empty portal."""
    kept.who = EDITOR
    if not kept.is_well:
        kept.stack.reset()
        kept.publish()
    kept.is_well = False
    return kept


def names_of(lines: list[Diagnosis]) -> list[tuple[str, str]]:
    return [(each.name, each.state) for each in lines if each.state != "ok"]


def assert_well(patient: Patient) -> None:
    """A second look finds nothing, and publishing the same release writes nothing."""
    assert names_of(patient.look()) == []
    summary = patient.publish()
    assert (summary["writes"], summary["uploaded"]) == (0, 0)
    patient.is_well = True


def assert_mended(patient: Patient) -> None:
    """A second look finds nothing."""
    assert names_of(patient.look()) == []
    patient.is_well = True


def solr(patient: Patient, path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        f"{patient.stack.solr_url}/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.loads(answer.read())


def entry_of(patient: Patient, name: str) -> dict[str, Any]:
    """The document of a dataset in Solr, complete enough to be written again."""
    (found,) = solr(patient, f"select?q=name:%22{name}%22&wt=json")["response"]["docs"]
    found.pop("_version_", None)
    shown = json.loads(found["validated_data_dict"])
    return {**found, "owner_org": shown["owner_org"], "permission_labels": ["public"]}


def written(patient: Patient, document: dict[str, Any]) -> None:
    solr(patient, "update?commit=true", [document])


def stored(patient: Patient, name: str) -> Path:
    """Where CKAN keeps the bytes of a file of the files dataset."""
    entry = str(resource(patient, name)["id"])
    return patient.stack.storage / "resources" / entry[:3] / entry[3:6] / entry[6:]


def resource(patient: Patient, name: str, dataset: str = FILES) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in patient.show(dataset)["resources"] if each["name"].endswith(name))
    return found


def make_gap(dataset: str, patient: Patient) -> None:
    """Sends an id once more: CKAN says yes, and refuses every later change."""
    entry = patient.show(dataset)["resources"][1]
    kept_fields = {key: value for key, value in entry.items() if key not in {"position", "package_id"}}
    patient.as_admin("resource_create", package_id=dataset, **kept_fields)
    with pytest.raises(AnswerRefused) as caught:
        patient.as_admin("package_patch", id=dataset, author="nobody")
    assert caught.value.status == 500


def change_bytes(patient: Patient) -> None:
    path = stored(patient, "counts.tsv")
    path.write_bytes(b"x" + path.read_bytes()[1:])


def lose_bytes(patient: Patient) -> None:
    stored(patient, "citation.bib").unlink()


def change_manifest(patient: Patient) -> None:
    stored(patient, "manifest.json").write_bytes(b"{}")


def take_entry_out(patient: Patient) -> None:
    patient.as_admin("resource_delete", id=resource(patient, "citation.ris")["id"])


def link_elsewhere(patient: Patient) -> None:
    entry = resource(patient, "notes.txt")["id"]
    patient.as_admin("resource_patch", id=entry, clear_upload=True, url="https://elsewhere.example.org/notes.txt")


def change_entry(patient: Patient) -> None:
    entry = resource(patient, "README.md")["id"]
    patient.as_admin("resource_patch", id=entry, hash="0" * 64, description="Another text.")


def patch(dataset: str, patient: Patient, **fields: Any) -> None:
    patient.as_admin("package_patch", id=dataset, **fields)


def delete(dataset: str, patient: Patient) -> None:
    patient.as_admin("package_delete", id=dataset)


def forget_entry(patient: Patient) -> None:
    solr(patient, "update?commit=true", {"delete": {"query": f'name:"{LINE}"'}})


def age_entry(patient: Patient) -> None:
    """An older copy of a line comes back into the search."""
    old = entry_of(patient, OTHER_LINE)
    shown = json.loads(old["validated_data_dict"])
    shown |= {"title": "As it was", "metadata_modified": "2026-11-01T00:00:00.000000"}
    written(
        patient,
        {**old, "title": "As it was", "metadata_modified": "2026-11-01T00:00:00Z"}
        | {"validated_data_dict": json.dumps(shown)},
    )


def leave_lease(patient: Patient) -> None:
    text = f"publishing, run {uuid.uuid4()}, until 2026-01-01T00:00:00Z"
    patch(BANK, patient, maintainer=text)


#: Defects that happen at one time, each with the line that tells it.
DEFECTS: dict[str, tuple[tuple[Callable[[Patient], None], tuple[str, str]], ...]] = {
    "gaps": (
        (partial(make_gap, FILES), (FILES, "bad")),
        (partial(make_gap, LINE), (LINE, "bad")),
        (partial(make_gap, BANK), (BANK, "bad")),
    ),
    "bytes": (
        (change_bytes, (FILES, "bad")),
        (lose_bytes, (FILES, "bad")),
        (change_manifest, (FILES, "bad")),
        (take_entry_out, (FILES, "bad")),
        (link_elsewhere, (FILES, "bad")),
        (change_entry, (FILES, "bad")),
    ),
    "changes": (
        (partial(patch, LINE, title="Mine now", tags=[{"name": "great"}]), (OPEN, "bad")),
        (partial(patch, OTHER_LINE, private=True), (MIXED, "bad")),
        (partial(patch, BANK, notes="Mine now"), (BANK, "bad")),
        (partial(patch, FILES, private=True), (FILES, "bad")),
    ),
    "deleted": (
        (partial(delete, LINE), (LINE, "bad")),
        (partial(delete, FILES), (FILES, "bad")),
        (partial(delete, BANK), (BANK, "bad")),
    ),
    "renamed": (
        (partial(patch, LINE, name="another-name"), (LINE, "bad")),
        (partial(patch, FILES, name="another-files"), (FILES, "bad")),
        (partial(patch, BANK, name="another-bank"), (BANK, "bad")),
    ),
    "search": (
        (forget_entry, (LINE, "bad")),
        (age_entry, (OTHER_LINE, "bad")),
        (leave_lease, ("lease", "warn")),
    ),
}


#: An editor mends what is not said here.
WHO = {"renamed": ADMIN, "search": ADMIN}


@pytest.mark.parametrize("kind", DEFECTS)
def test_defects_when_they_happen_then_each_is_found_and_mended(patient: Patient, kind: str) -> None:
    patient.who = WHO.get(kind, EDITOR)
    for damage, _ in DEFECTS[kind]:
        damage(patient)
    found, told = patient.mend()
    counted = names_of(found)
    for expected in {each for _, each in DEFECTS[kind]}:
        assert counted.count(expected) >= [each for _, each in DEFECTS[kind]].count(expected)
    assert all(each.mend for each in found)
    assert {each.state for each in told} == {"mended"}, told
    assert_well(patient)


def test_ghost_when_solr_stored_what_the_database_forgot_then_a_sysadmin_removes_it(patient: Patient) -> None:
    name = "bank-files-2030-01-p01"
    patient.stack.freeze_solr()
    try:
        with pytest.raises(AnswerRefused):
            patient.as_admin(
                "package_create", name=name, title=name, notes="Never stored.", owner_org="bank", uri=f"{BASE}none"
            )
    finally:
        patient.stack.thaw_solr()
    until = time.monotonic() + 30
    while not patient.as_admin("package_search", fq=f'name:"{name}"')["count"]:
        assert time.monotonic() < until
        time.sleep(0.2)
    found, told = patient.mend()
    assert (names_of(found), told) == ([(name, "bad")], [])
    assert "clear-orphans" in found[0].mend
    patient.who = ADMIN
    found, told = patient.mend()
    assert names_of(found) == [(name, "bad")]
    assert {each.state for each in told} == {"mended"}
    assert patient.as_admin("package_search", fq=f'name:"{name}"')["count"] == 0
    patient.who = EDITOR
    assert_mended(patient)


def test_line_when_given_to_another_organization_then_who_may_takes_it_back(patient: Patient) -> None:
    patch(LINE, patient, owner_org=patient.stack.other_organization)
    found, told = patient.mend()
    assert (LINE, "bad") in names_of(found)
    assert (LINE, "bad") in names_of(told)
    patient.who = ADMIN
    _, told = patient.mend()
    assert {each.state for each in told} == {"mended"}
    patient.who = EDITOR
    assert_mended(patient)


def test_mending_when_things_are_not_ours_then_names_them_and_touches_nothing(patient: Patient) -> None:
    made = [
        patient.as_admin("package_create", name="orphan", title="Orphan", notes="-", owner_org="bank", uri=f"{BASE}x"),
        patient.as_admin("package_create", name="stranger", title="Stranger", notes="-", owner_org="bank"),
    ]
    link = patient.as_admin("resource_create", package_id=FILES, url="https://elsewhere.example.org/", name="ours?")
    before = [patient.show(each["name"]) for each in (*made, {"name": FILES})]
    found, told = patient.mend()
    assert (sorted(names_of(found)), told) == ([("orphan", "warn"), ("orphans", "warn")], [])
    assert [patient.show(each["name"]) for each in (*made, {"name": FILES})] == before
    for each in made:
        patient.as_admin("dataset_purge", id=each["id"])
    patient.as_admin("resource_delete", id=link["id"])
    assert_mended(patient)


def test_name_when_taken_by_others_then_nothing_of_theirs_is_touched(patient: Patient) -> None:
    patch(LINE, patient, name="another-name")
    foreign = patient.as_admin("package_create", name=LINE, title="Theirs", notes="-", owner_org="bank")
    before = patient.show(LINE)
    found, told = patient.mend()
    assert names_of(found).count((LINE, "bad")) == 2
    assert names_of(told) == [(LINE, "bad")]
    assert patient.show(LINE) == before
    patient.as_admin("dataset_purge", id=foreign["id"])
    patient.mend()
    assert_mended(patient)


def test_mending_when_a_publisher_is_at_work_then_waits_for_no_one(patient: Patient) -> None:
    patch(BANK, patient, maintainer=f"publishing, run {uuid.uuid4()}, until 2099-01-01T00:00:00Z")
    patch(LINE, patient, title="Mine now")
    with pytest.raises(ConflictError) as caught:
        patient.mend()
    assert caught.value.code == "publish-running"
    assert patient.show(LINE)["title"] == "Mine now"
    patch(BANK, patient, maintainer="")
    patient.mend()
    assert_mended(patient)


def test_command_when_asked_to_mend_then_ends_with_0_and_prints_each_step(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    patch(LINE, patient, title="Mine now")
    capsys.readouterr()
    assert patient.command("--target", "ckan", "--json") == 1
    lines = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in lines if each["state"] == "bad"] == [OPEN]
    assert all(set(each) == {"name", "state", "text", "mend"} for each in lines)
    assert patient.command("--target", "ckan", "--mend") == 0
    printed = capsys.readouterr()
    assert "mended" in printed.out
    assert "no fault is left" in printed.err
    patient.is_well = True


def test_look_when_the_portal_is_not_there_or_refuses_the_token_then_says_so_and_ends(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    with mock.patch.object(Patient, "token", "no-such-token"):
        lines = patient.look()
    assert names_of(lines) == [("token", "bad")]
    assert [each.name for each in lines][:3] == ["target", "token", "version"]
    aim(patient.bank, "http://127.0.0.1:9", tries=1)
    capsys.readouterr()
    assert patient.command("--target", "ckan", "--json") == 1
    assert "connection" in {each["name"] for each in json.loads(capsys.readouterr().out)}
    patient.bank = aim(patient.bank, patient.stack.url, tries=3)
    patient.is_well = True


def test_look_when_nothing_is_published_yet_then_says_so(patient: Patient) -> None:
    patient.stack.reset()
    assert names_of(patient.look()) == [("release", "warn"), ("limits", "warn")]


def test_leftovers_when_a_run_was_killed_then_are_erased_and_the_next_run_goes_well(patient: Patient) -> None:
    change(patient.bank)
    disk = patient.stack.files_on_disk().keys()
    assert publish_until(patient.bank, patient.token, kind="verify", nth=3, when="after") == -9
    patch(LINE, patient, title="Mine now")
    found, told = patient.mend()
    assert names_of(found) == [("release", "warn"), (OPEN, "bad"), ("leftovers", "warn"), ("lease", "warn")]
    assert {each.state for each in told} == {"mended"}
    assert patient.stack.files_on_disk().keys() == disk
    assert names_of(patient.look()) == [("release", "warn")]
    summary = patient.publish()
    assert (summary["release"], summary["verified"]) == (SECOND, summary["uploaded"])
    assert_well(patient)
