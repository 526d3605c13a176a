"""Settings: read once, frozen. Order: flag, then ``FAIRLINE_*``, then ``fairline.toml``, then user's folders, then default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the surroundings say.

    Attributes:
        bank: the bank's folder, when named by flag or environment.
        key_file: the secret signing key, when named by environment.
        config_folder: keys and known public keys of this user.
        ontologies_folder: the term store that ``ontology update`` writes.
        color: whether the terminal may get colours (words always carry the state).
    """

    bank: Path | None
    key_file: Path | None
    config_folder: Path
    ontologies_folder: Path
    color: bool

    @property
    def keys_folder(self) -> Path:
        """Where secret keys lie: beside ``FAIRLINE_KEY_FILE``, else in the user's config folder."""
        return self.key_file.parent if self.key_file else self.config_folder / "keys"


def read_settings(environment: Mapping[str, str] | None = None, bank: Path | None = None) -> Settings:
    """The settings of this process.

    Args:
        environment: variables to read; the process's own by default.
        bank: the value of ``--bank``, which wins over ``FAIRLINE_BANK``.
    """
    variables = os.environ if environment is None else environment

    def folder(name: str, default: Path) -> Path:
        return Path(variables[name]).expanduser() if variables.get(name) else default

    config = folder("FAIRLINE_CONFIG", Path(platformdirs.user_config_dir("fairline")))
    ontologies = folder("FAIRLINE_ONTOLOGIES", Path(platformdirs.user_data_dir("fairline")) / "ontologies")
    named_bank = bank or (Path(variables["FAIRLINE_BANK"]) if variables.get("FAIRLINE_BANK") else None)
    key_file = Path(variables["FAIRLINE_KEY_FILE"]).expanduser() if variables.get("FAIRLINE_KEY_FILE") else None
    return Settings(
        bank=named_bank,
        key_file=key_file,
        config_folder=config,
        ontologies_folder=ontologies,
        color=_color(variables),
    )


def _color(variables: Mapping[str, str]) -> bool:
    """NO_COLOR and TERM=dumb switch colours off, CLICOLOR_FORCE on (no-color.org, bixense.com/clicolors)."""
    if variables.get("NO_COLOR") or variables.get("TERM") == "dumb":
        return False
    if variables.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return os.isatty(2)
