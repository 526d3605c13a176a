"""Settings: flag before environment before default."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog.settings import read_settings


def test_settings_when_nothing_is_stated_then_defaults_of_the_user() -> None:
    settings = read_settings({})
    assert settings.bank is None
    assert settings.key_file is None
    assert settings.keys_folder == settings.config_folder / "keys"
    assert "fairline" in settings.config_folder.parts
    assert settings.ontologies_folder.name == "ontologies"


def test_settings_when_the_environment_states_them_then_taken_and_home_is_expanded() -> None:
    variables = {
        "FAIRLINE_CONFIG": "~/config",
        "FAIRLINE_ONTOLOGIES": "terms",
        "FAIRLINE_BANK": "bank",
        "FAIRLINE_KEY_FILE": "~/secret/bank.key",
    }
    settings = read_settings(variables)
    assert settings.config_folder == Path.home() / "config"
    assert settings.ontologies_folder == Path("terms")
    assert settings.bank == Path("bank")
    assert settings.key_file == Path.home() / "secret" / "bank.key"
    assert settings.keys_folder == Path.home() / "secret"


def test_bank_when_named_by_the_flag_then_it_wins() -> None:
    assert read_settings({"FAIRLINE_BANK": "a"}, Path("b")).bank == Path("b")


def test_variable_when_empty_then_as_if_it_were_not_there() -> None:
    empty = read_settings({"FAIRLINE_BANK": "", "FAIRLINE_CONFIG": "", "FAIRLINE_KEY_FILE": ""})
    assert (empty.bank, empty.key_file, empty.config_folder) == (None, None, read_settings({}).config_folder)


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
        ({"TERM": "dumb", "CLICOLOR_FORCE": "1"}, False),
        ({"CLICOLOR_FORCE": "1"}, True),
    ],
    ids=["no colour", "dumb terminal", "forced"],
)
def test_color_when_stated_then_obeyed(variables: dict[str, str], wanted: bool) -> None:
    assert read_settings(variables).color is wanted


def test_surroundings_of_a_test_when_read_then_none_of_the_user() -> None:
    settings = read_settings()
    assert settings.bank is None
    assert settings.key_file is None
    assert settings.config_folder == Path(os.environ["FAIRLINE_CONFIG"])
    assert not settings.config_folder.exists()
