"""What must be known of a CKAN before anything is sent: version, plug-ins, search, user, organization, clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from catalog.errors import CatalogError, NotFoundError, UnauthorisedError
from publish.targets.ckan.client import CkanClient
from publish.targets.ckan.fields import Site
from publish.targets.ckan.layout import Choices, CkanLayout
from publish.targets.protocol import Diagnosis
from publish.targets.state import Limits

#: Versions whose behaviour was measured, as (major, minor). Older ones store before they index.
_ROLLS_BACK = (2, 12)
_OLDEST = (2, 10)
_NEWEST = (2, 12)
_MOST_SKEW_SECONDS = 120.0
_USEFUL = ("dcat", "scheming_datasets", "croissant", "activity")


@dataclass(slots=True)
class Portal:
    """One CKAN, one user, one organization.

    Attributes:
        client: the connection.
        organization: name or id, as the settings say.
        choices: what else they say.
        limits: how much goes where.
    """

    client: CkanClient
    organization: str
    choices: Choices
    limits: Limits
    version: str = ""
    is_sysadmin: bool = False
    organization_id: str = ""
    _layout: CkanLayout | None = field(default=None, repr=False)
    _plugins: tuple[str, ...] = ()

    @property
    def layout(self) -> CkanLayout:
        """Names and contents; only after :meth:`check`."""
        assert self._layout is not None, "check() comes first"
        return self._layout

    @property
    def rolls_back(self) -> bool:
        """Whether a write that fails is undone (2.12), or may have been stored before it failed (2.11 and older).

        The publisher looks after every doubt, so that both profiles end alike; a dataset that was stored but not indexed
        is found by the proof at the end, and indexed again.
        """
        return _number(self.version) >= _ROLLS_BACK

    def check(self) -> Iterable[Diagnosis]:
        """Asks everything once; nothing is written.

        Raises:
            TemporaryError: CKAN or its search does not answer.
            UnauthorisedError: the token is refused, or its user is no editor.
            NotFoundError: there is no such organization.
        """
        return list(self.judge())

    def judge(self) -> Iterator[Diagnosis]:
        """The same, one line after the other: what was found before an error is not lost."""
        status = self.client.read("status_show", {})
        self.version = str(status.get("ckan_version", ""))
        self._plugins = tuple(status.get("extensions", ()))
        yield self._judge_version()
        yield self._judge_plugins()
        yield self._judge_address(str(status.get("site_url", "")))
        self.client.read("package_search", {"rows": 0})
        yield Diagnosis(name="search", state="ok", text="answers")
        yield self._judge_user()
        yield self._judge_organization()
        yield self._judge_clock()
        self._layout = CkanLayout(
            site=self._site(str(status.get("site_url", ""))), choices=self._named(), limits=self.limits
        )

    def _judge_version(self) -> Diagnosis:
        number = _number(self.version)
        profile = "a failed write is undone" if self.rolls_back else "a failed write may have been stored"
        if _OLDEST <= number <= _NEWEST:
            return Diagnosis(name="version", state="ok", text=f"CKAN {self.version}: {profile}")
        return Diagnosis(
            name="version", state="warn", text=f"CKAN {self.version or 'of unknown version'} was not tried with fairline",
            mend=f"versions {_OLDEST[0]}.{_OLDEST[1]} to {_NEWEST[0]}.{_NEWEST[1]} are known; look well at what is published",
        )  # fmt: skip

    def _judge_plugins(self) -> Diagnosis:
        missing = [each for each in _USEFUL if each not in self._plugins]
        text = ", ".join(each for each in _USEFUL if each in self._plugins) or "none that fairline uses"
        if not missing:
            return Diagnosis(name="plug-ins", state="ok", text=text)
        return Diagnosis(
            name="plug-ins", state="warn", text=f"{text}; not there: {', '.join(missing)}",
            mend="without dcat and scheming_datasets the portal's own RDF says less; ask its operator",
        )  # fmt: skip

    def _judge_address(self, site_url: str) -> Diagnosis:
        if site_url.rstrip("/") == self.client.url:
            return Diagnosis(name="address", state="ok", text=site_url)
        return Diagnosis(
            name="address", state="warn", text=f"the portal calls itself {site_url or 'nothing'}, not {self.client.url}",
            mend="links that are published bear the portal's own name; is ckan.site_url right?",
        )  # fmt: skip

    def _judge_user(self) -> Diagnosis:
        try:
            user = self.client.read("user_show", {})
        except (UnauthorisedError, NotFoundError) as error:
            raise self._token_refused() from error
        self.is_sysadmin = bool(user.get("sysadmin"))
        rights = "a sysadmin" if self.is_sysadmin else "no sysadmin, which is enough"
        return Diagnosis(name="user", state="ok", text=f"{user.get('name')}, {rights}")

    def _token_refused(self) -> UnauthorisedError:
        return UnauthorisedError(
            "token-refused",
            "the portal does not know the token",
            at=self.client.url,
            hint="it may have been revoked: make a new one on the page of your user there",
        )

    def _judge_organization(self) -> Diagnosis:
        mine = self.client.read("organization_list_for_user", {"permission": "create_dataset"})
        found = next((each for each in mine if self.organization in (each["name"], each["id"])), None)
        if found is None:
            known = ", ".join(sorted(each["name"] for each in mine)) or "none"
            if self.is_sysadmin:
                raise NotFoundError(
                    "organization-not-found", f"the portal has no organization {self.organization}", want=known,
                    got=self.organization, hint="make it there, or correct fairline.toml",
                )  # fmt: skip
            raise UnauthorisedError(
                "organization-refused", f"the user may not publish for the organization {self.organization}",
                want=f"an editor of it; organizations that this user may publish for: {known}", got=self.organization,
                hint="ask an admin of the organization to make the user an editor; if it was renamed, correct fairline.toml",
            )  # fmt: skip
        self.organization_id = str(found["id"])
        self.organization = str(found["name"])
        return Diagnosis(name="organization", state="ok", text=f"{found['name']} ({found.get('capacity')})")

    def _judge_clock(self) -> Diagnosis:
        skew = self.client.clock_skew_seconds()
        if skew is None:
            return Diagnosis(name="clock", state="ok", text="the portal does not say its time")
        if abs(skew) <= _MOST_SKEW_SECONDS:
            return Diagnosis(name="clock", state="ok", text=f"within {abs(skew):.0f} s of the portal's")
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Diagnosis(
            name="clock", state="warn", text=f"{now} here, {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} there",
            mend="set the clock: leases end at a time, and publishers on two machines may not see each other's",
        )  # fmt: skip

    def _named(self) -> Choices:
        if self.choices.prefix:
            return self.choices
        return Choices(
            prefix=self.organization,
            delivery=self.choices.delivery,
            link_above_bytes=self.choices.link_above_bytes,
            files_url=self.choices.files_url,
        )

    def _site(self, address: str) -> Site:
        schema: dict[str, Any] = {}
        if "scheming_datasets" in self._plugins:
            try:
                schema = self.client.read("scheming_dataset_schema_show", {"type": "dataset"})
            except CatalogError:
                schema = {}
        return Site(
            organization=self.organization_id,
            schema_fields=frozenset(each["field_name"] for each in schema.get("dataset_fields", ())),
            resource_fields=frozenset(each["field_name"] for each in schema.get("resource_fields", ())),
            address=address.rstrip("/") or self.client.url,
        )


def _number(version: str) -> tuple[int, int]:
    major, _, rest = version.partition(".")
    minor = rest.partition(".")[0]
    digits = "".join(each for each in minor if each.isdigit())
    return (int(major), int(digits)) if major.isdigit() and digits else (0, 0)
