"""Templates: Jinja2 with autoescape; each template has one documented context (:mod:`catalog.web.contexts`)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request

from catalog.model import BankSettings
from catalog.wording import human_bytes


class Renderer:
    """Renders pages of one bank.

    Args:
        bank: its settings, which every page shows.
    """

    def __init__(self, bank: BankSettings) -> None:
        self._bank = bank
        self._environment = Environment(
            loader=PackageLoader("catalog.web", "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._environment.filters["bytes"] = human_bytes
        self._environment.filters["day"] = lambda text: str(text)[:10]

    def render(self, template: str, request: Request, root: str, context: Mapping[str, Any] | Any) -> bytes:
        """A page.

        Args:
            template: its template.
            request: the request.
            root: the relative path to the portal's root.
            context: a dataclass of :mod:`catalog.web.contexts`, or plain members.
        """
        members = (
            {field.name: getattr(context, field.name) for field in dataclasses.fields(context)}
            if dataclasses.is_dataclass(context)
            else dict(context)
        )
        page = self._environment.get_template(template)
        return page.render(bank=self._bank, root=root, path=request.url.path, **members).encode()
