"""A package's descriptor with whole addresses, for targets that do not keep the paths of files relative to each other.

``datapackage.json`` is published byte for byte, as the ledger binds it; its paths are relative. On a portal that gives
each file an address of its own, a reader such as frictionless finds the data by this one.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from catalog.package import DESCRIPTOR
from catalog.package.documents import render_json
from publish.targets.publication import PublishedFile, PublishedPackage, document
from publish.targets.state import Urls

WHOLE_DESCRIPTOR = "datapackage-portal.json"


def whole_descriptor(package: PublishedPackage, urls: Urls) -> PublishedFile | None:
    """The descriptor of a package with the addresses of its files; None when it has no descriptor.

    Args:
        package: with its files.
        urls: where everybody reads each file.
    """
    own = next((each for each in package.files if each.path == DESCRIPTOR), None)
    if own is None:
        return None
    with own.open() as stream:
        members: dict[str, Any] = json.load(stream)
    addresses = {path: url for (name, path, _), url in urls.items() if name == package.id}
    for resource in members.get("resources", ()):
        resource["path"] = addresses.get(resource["path"], resource["path"])
    title = "Data package descriptor with whole addresses: read the data from here"
    made = document(WHOLE_DESCRIPTOR, render_json(members), own.mediatype, title)
    return replace(made, package=package.id)
