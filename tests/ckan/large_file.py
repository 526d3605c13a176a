"""One large file to a portal and back, in a process of its own whose memory is measured."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.ckan.stack.live import Stack

ROOT = Path(__file__).resolve().parent.parent.parent

#: Sends and reads back one file as the publisher does, and tells the highest memory of its process.
CHILD = """\
import json, re, sys, time
from pathlib import Path
from catalog.model import BankSettings, Publisher
from catalog.settings import read_settings
from publish.targets.ckan.kind import CKAN
from publish.targets.protocol import Surroundings
from publish.targets.publication import PublishedFile
from publish.targets.planning import Batch

url, organization, token, path, digest = sys.argv[1:]
source = Path(path)
surroundings = Surroundings(root=source.parent, settings=read_settings(), environment={"FAIRLINE_CKAN_TOKEN": token},
                            tell=lambda note: print(note.text, file=sys.stderr), wait=time.sleep)
target = CKAN.open("ckan", {"url": url, "organization": organization, "timeout_seconds": 1800}, surroundings)
list(target.check())
target.client.write("package_create", {"name": "bench-p01", "title": "t", "notes": "n", "private": True,
                                       "owner_org": organization})
file = PublishedFile(package="EXMPi001-A", path="data/large.bin", bytes=source.stat().st_size, sha256=digest,
                     mediatype="application/octet-stream", source=source)
began = time.perf_counter()
target.upload(Batch(container="bench-p01", files=(file,)), lambda note: None)
sent = time.perf_counter()
target.verify("bench-p01", file)
done = time.perf_counter()
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({"upload": sent - began, "verify": done - sent, "peak": peak}))
"""


def write_file(path: Path, size: int) -> str:
    """A file of random blocks, and its digest."""
    block = os.urandom(1 << 20)
    digest = hashlib.sha256()
    with path.open("wb") as stream:
        for _ in range(size >> 20):
            stream.write(block)
            digest.update(block)
    return digest.hexdigest()


def send(stack: Stack, path: Path, digest: str) -> dict[str, float]:
    """Sends a file and reads it back: seconds of both (``upload``, ``verify``), highest memory in MB (``peak``)."""
    arguments = [sys.executable, "-c", CHILD, stack.url, stack.organization, stack.token, str(path), digest]
    done = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found
