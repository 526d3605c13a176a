"""The kind ``ckan``: from a table of ``fairline.toml`` to a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from publish.targets.ckan.client import CkanClient, Patience
from publish.targets.ckan.layout import Choices
from publish.targets.ckan.portal import Portal
from publish.targets.ckan.target import CkanTarget
from publish.targets.protocol import Surroundings
from publish.targets.settings import read_table
from publish.targets.state import Limits
from publish.targets.tokens import find_token

_Address = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{2,40}$")]
_Count = Annotated[int, msgspec.Meta(ge=1)]


class CkanTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[targets.NAME]`` of kind ``ckan`` (docs/targets.md)."""

    url: _Address
    organization: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    prefix: _Name = ""
    delivery: Literal["upload", "link"] = "upload"
    link_above_bytes: Annotated[int, msgspec.Meta(ge=0)] | None = None
    files_url: _Address | None = None
    token_file: str | None = None
    container_files: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    request_files: Annotated[int, msgspec.Meta(ge=1, le=400)] = 50
    request_bytes: _Count = 256 << 20
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 120.0
    tries: Annotated[int, msgspec.Meta(ge=1, le=20)] = 6
    first_wait_seconds: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.5


class CkanKind:
    """CKAN 2.10 to 2.12, with or without ckanext-dcat and ckanext-scheming."""

    def open(self, name: str, table: Mapping[str, Any], surroundings: Surroundings) -> CkanTarget:
        """The target of a table; nothing is asked yet."""
        read = read_table(name, table, CkanTable)
        url = read.url.rstrip("/")
        token = find_token(name, url, read.token_file, surroundings.root, surroundings.environment)
        patience = Patience(
            read_seconds=read.timeout_seconds, tries=read.tries, first_wait_seconds=read.first_wait_seconds
        )
        client = CkanClient(url=url, token=token, tell=surroundings.tell, wait=surroundings.wait, patience=patience)
        files_url = f"{read.files_url.rstrip('/')}/" if read.files_url else None
        choices = Choices(
            prefix=read.prefix,
            delivery=read.delivery,
            link_above_bytes=read.link_above_bytes,
            files_url=files_url,
        )
        limits = Limits(
            container_files=read.container_files,
            request_files=read.request_files,
            request_bytes=read.request_bytes,
        )
        portal = Portal(client=client, organization=read.organization, choices=choices, limits=limits)
        return CkanTarget(name=name, client=client, portal=portal)


CKAN = CkanKind()
