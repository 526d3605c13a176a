"""hPSCreg names of pluripotent stem-cell lines: parse and lint. Pure; it suggests and never renames.

Source: the hPSCreg naming standard; measured over the 2,372 names of hPSCreg-CLO: all match ``^[A-Z]{2,6}[ei]\\d{3}-[A-Z](-\\d{1,2})?$``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STANDARD = re.compile(
    r"(?P<provider>[A-Z]{2,6})(?P<type>[ei])(?P<donor>[0-9]{3})-(?P<clone>[A-Z]{1,2})(?:-(?P<subclone>[0-9]{1,2}))?"
)
_TOLERANT = re.compile(
    r"(?P<provider>[A-Za-z]{2,6}?)(?P<type>[eEiI])(?P<donor>[0-9]{1,5})[-_ ]?(?P<clone>[A-Za-z]{1,2})(?:[-_](?P<subclone>[0-9]{1,3}))?"
)
_LONGEST_NAME = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class LineName:
    """The parts of an hPSCreg name.

    Attributes:
        provider: acronym of the generating organisation.
        line_type: ``iPSC`` or ``ESC``, from the type letter.
        donor: the donor number as written, digits.
        clone: the line's letter.
        subclone: number of the genetic change against the parent line, or None.
        faults: how it departs from the standard; empty for a standard name.
    """

    provider: str
    line_type: str
    donor: str
    clone: str
    subclone: int | None
    faults: tuple[str, ...] = ()

    @property
    def parent(self) -> str | None:
        """The name of the line that a subclone was made from."""
        if self.subclone is None:
            return None
        letter = "i" if self.line_type == "iPSC" else "e"
        return f"{self.provider}{letter}{self.donor}-{self.clone}"

    @property
    def standard_form(self) -> str | None:
        """The nearest standard name, or None when there is no unambiguous one.

        A suggestion only: another line may already bear that name.
        """
        digits = self.donor.lstrip("0") or "0"
        if len(digits) > 3:
            return None
        letter = "i" if self.line_type == "iPSC" else "e"
        name = f"{self.provider.upper()}{letter}{int(digits):03d}-{self.clone.upper()}"
        return name if self.subclone is None else f"{name}-{self.subclone}"


def parse_name(name: str) -> LineName | None:
    """The parts of a name that is, or nearly is, an hPSCreg name; None for any other name.

    A provider acronym in mixed case such as ``KSCB`` followed by ``i`` is read from the right: the
    type letter is the last letter before the digits.
    """
    match = _STANDARD.fullmatch(name)
    faults: list[str] = []
    if match is None:
        match = _TOLERANT.fullmatch(name)
        if match is None:
            return None
        faults = _faults(match)
    if len(name) > _LONGEST_NAME:
        faults.append(f"is longer than {_LONGEST_NAME} characters")
    return LineName(
        provider=match["provider"],
        line_type="iPSC" if match["type"].lower() == "i" else "ESC",
        donor=match["donor"],
        clone=match["clone"],
        subclone=int(match["subclone"]) if match["subclone"] else None,
        faults=tuple(faults),
    )


def _faults(match: re.Match[str]) -> list[str]:
    faults = []
    if not match["provider"].isupper():
        faults.append("the provider's acronym is not in capitals")
    if match["type"].isupper():
        faults.append("the type letter is a capital")
    if len(match["donor"]) != 3:
        faults.append(f"the donor number has {len(match['donor'])} digits, the standard has 3")
    if not match["clone"].isupper():
        faults.append("the line's letter is not a capital")
    if match["subclone"] and len(match["subclone"]) > 2:
        faults.append("the subclone number has more than 2 digits")
    if not faults:
        faults.append("the parts are not joined as the standard says")
    return faults
