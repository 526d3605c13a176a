"""One file of 5 GiB to a real CKAN and back: memory of the publisher, rate beside curl on the same server in one run.

The CKAN is that of the tests (``tests/ckan/stack``) in a folder of its own.

    python benchmarks/large_upload.py [MIB]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.ckan.large_file import send, write_file  # noqa: E402
from tests.ckan.stack.folder import default_root  # noqa: E402
from tests.ckan.stack.live import Stack  # noqa: E402

SOLR_TIMEOUT_SECONDS = 60.0


def curl(stack: Stack, path: Path) -> float:
    """The same upload by curl, which is as fast as the server allows."""
    stack.action("package_create", {"name": "curl", "title": "t", "notes": "n", "owner_org": stack.organization})
    began = time.perf_counter()
    command = ["curl", "-sf", "-o", os.devnull, "-H", f"Authorization: {stack.token}", "-F", "package_id=curl"]
    command += ["-F", "name=large", "-F", f"upload=@{path}", f"{stack.url}/api/3/action/resource_create"]
    subprocess.run(command, check=True)
    return time.perf_counter() - began


def main() -> None:
    size = (int(sys.argv[1]) if len(sys.argv) > 1 else 5 << 10) << 20
    root = default_root()
    stack = Stack.brought_up(root.with_name(f"{root.name}-bench"), SOLR_TIMEOUT_SECONDS)
    stack.reset()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "large.bin"
        digest = write_file(path, size)
        found = send(stack, path, digest)
        theirs = curl(stack, path)
    stack.reset()
    print(
        f"{size / 2**30:.1f} GiB: sent in {found['upload']:.1f} s ({size / 1e6 / found['upload']:.0f} MB/s, "
        f"{found['upload'] / theirs:.2f} x curl's {theirs:.1f} s), read back and hashed in {found['verify']:.1f} s; "
        f"highest memory of the publisher {found['peak']:.0f} MB"
    )


if __name__ == "__main__":
    main()
