"""The stack for tests does what its users rely on: it empties, it can be disturbed part by part, it comes back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.ckan.conftest import SOLR_TIMEOUT_SECONDS
from tests.ckan.stack import installing, processes
from tests.ckan.stack.asking import AnswerRefused
from tests.ckan.stack.failures import PartMissing, StackError
from tests.ckan.stack.folder import SERVICES, Folder
from tests.ckan.stack.live import Stack, command


def make_dataset(stack: Stack, name: str = "line-a", **changes: Any) -> dict[str, Any]:
    """The shortest dataset that the portal takes."""
    data = {"name": name, "title": name, "notes": "An example.", "owner_org": stack.organization, **changes}
    made: dict[str, Any] = stack.action("package_create", data, token=stack.editor_token)
    return made


def upload(stack: Stack, dataset: str, content: bytes) -> dict[str, Any]:
    """Adds a file to a dataset."""
    answer = requests.post(
        f"{stack.url}/api/3/action/resource_create",
        data={"package_id": dataset, "name": "calls"},
        files={"upload": ("calls.txt", content)},
        headers={"Authorization": stack.editor_token},
        timeout=60,
    )
    answer.raise_for_status()
    made: dict[str, Any] = answer.json()["result"]
    return made


def found(stack: Stack) -> list[str]:
    """The names that a search finds."""
    return [each["name"] for each in stack.action("package_search", {"rows": 100})["results"]]


def test_portal_when_asked_then_it_is_a_whole_ckan(ckan: Stack) -> None:
    status = ckan.action("status_show")
    assert status["ckan_version"] == "2.12.0"
    assert {"activity", "dcat", "croissant", "harvest", "scheming_datasets"} <= set(status["extensions"])
    assert status["site_url"] == ckan.url


def test_portal_when_reset_then_datasets_files_and_search_are_empty_and_tokens_stay(ckan: Stack) -> None:
    make_dataset(ckan)
    stored = upload(ckan, "line-a", b"x" * 1000)
    assert requests.get(stored["url"], timeout=60).content == b"x" * 1000
    assert list(ckan.files_on_disk().values()) == [1000]
    assert found(ckan) == ["line-a"]
    begun = time.monotonic()
    ckan.reset()
    assert time.monotonic() - begun < 10
    assert ckan.files_on_disk() == {}
    assert found(ckan) == []
    assert ckan.action("package_list") == []
    make_dataset(ckan)


def test_editor_when_writing_elsewhere_then_is_refused(ckan: Stack) -> None:
    with pytest.raises(AnswerRefused) as refused:
        make_dataset(ckan, owner_org=ckan.other_organization)
    assert refused.value.status == 403
    with pytest.raises(AnswerRefused) as refused:
        ckan.action("package_create", {"name": "nobody"}, token="")
    assert refused.value.status == 403


def test_solr_when_stopped_then_writes_fail_and_reads_go_on(ckan: Stack) -> None:
    make_dataset(ckan)
    ckan.stop_solr()
    with pytest.raises(AnswerRefused) as refused:
        make_dataset(ckan, "line-b")
    assert refused.value.status == 500
    assert ckan.action("package_show", {"id": "line-a"})["name"] == "line-a"
    ckan.start_solr()
    make_dataset(ckan, "line-b")
    assert sorted(found(ckan)) == ["line-a", "line-b"]


def test_solr_when_frozen_then_a_write_fails_after_ckans_patience(ckan: Stack) -> None:
    ckan.freeze_solr()
    begun = time.monotonic()
    with pytest.raises(AnswerRefused) as refused:
        make_dataset(ckan)
    assert refused.value.status == 500
    assert SOLR_TIMEOUT_SECONDS <= time.monotonic() - begun < SOLR_TIMEOUT_SECONDS + 20
    ckan.thaw_solr()
    with pytest.raises(AnswerRefused) as refused:
        ckan.action("package_show", {"id": "line-a"})
    assert refused.value.status == 404


def test_reset_when_solr_is_frozen_and_ckan_killed_then_all_works(ckan: Stack) -> None:
    ckan.freeze_solr()
    ckan.kill_ckan()
    with pytest.raises(OSError, match=r"refused|reset"):
        ckan.action("status_show")
    ckan.reset()
    make_dataset(ckan)
    assert found(ckan) == ["line-a"]


def test_ckan_when_restarted_at_another_solr_then_uses_it_until_reset(ckan: Stack) -> None:
    ckan.restart_ckan("http://127.0.0.1:9/solr/ckan")
    with pytest.raises(AnswerRefused) as refused:
        found(ckan)
    assert refused.value.status == 500
    ckan.reset()
    assert found(ckan) == []


@pytest.mark.parametrize("service", SERVICES)
def test_service_when_killed_then_up_starts_it_and_the_data_are_there(ckan: Stack, service: str) -> None:
    make_dataset(ckan)
    assert processes.send(ckan.folder.pid_file(service), signal.SIGKILL)
    ckan.up()
    assert ckan.runs(service)
    make_dataset(ckan, "line-b")
    assert sorted(found(ckan)) == ["line-a", "line-b"]


def test_up_when_asked_twice_at_once_then_both_tell_the_same(ckan: Stack) -> None:
    ckan.kill_ckan()
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda _: command(ckan.folder.root, "up"), range(2)))
    assert told[0] == told[1]
    assert json.loads(told[0])["url"] == ckan.url
    assert ckan.runs("ckan")


def test_up_when_it_runs_on_another_port_then_refuses_to_move_it(ckan: Stack) -> None:
    with pytest.raises(StackError, match="say 'down' before"):
        command(ckan.folder.root, "up", "--solr-port", "1")


def test_stack_when_up_then_listens_on_loopback_only(ckan: Stack) -> None:
    ports = ckan.folder.state().ports.values()
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = {int(row[1].rpartition(":")[2], 16): row[1].partition(":")[0] for row in rows if row[3] == "0A"}
    for port in ports:
        assert listening[port] in {"0100007F", "0000000000000000FFFF00000100007F"}


def test_folder_when_new_then_status_fails_and_reset_says_what_comes_first(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "tests.ckan.stack", "status", "--dir", str(tmp_path / "stack")]
    done = subprocess.run(line, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 1
    assert json.loads(done.stdout)["works"] is False
    command(tmp_path / "stack", "down")
    with pytest.raises(StackError, match="say 'up' first"):
        command(tmp_path / "stack", "reset")


def test_install_when_not_root_then_says_which_packages_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(PartMissing, match=r"apt-get install .*redis-server default-jdk-headless maven"):
        installing.install(Folder.opened(tmp_path))


def test_lock_when_held_then_another_waits_no_longer_than_asked(tmp_path: Path) -> None:
    folder = Folder.opened(tmp_path)
    with folder.locked(), pytest.raises(StackError, match="another process"), folder.locked(wait_seconds=0.2):
        pass


def test_process_file_when_the_number_is_anothers_then_nothing_runs(tmp_path: Path) -> None:
    own = Path("/proc/self/stat").read_text()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    file = tmp_path / "x.pid"
    file.write_text(boot + own)
    assert processes.alive(file) == os.getpid()
    head, _, fields = own.rpartition(")")
    later = fields.split()
    later[19] = str(int(later[19]) + 1)
    file.write_text(f"{boot}{head}) {' '.join(later)}\n")
    assert processes.alive(file) is None
    file.write_text("another-boot\n" + own)
    assert processes.alive(file) is None
    file.write_text("")
    assert processes.alive(file) is None
