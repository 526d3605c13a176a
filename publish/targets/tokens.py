"""Where the token of a target comes from: a variable, a file that only its owner reads, or the keyring.

Never from the bank: what lies in a bank's folder is copied, backed up and published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from catalog.errors import UnauthorisedError

SERVICE = "fairline"


def variable_of(target: str) -> str:
    """The variable that holds the token of a target: ``FAIRLINE_CKAN_TOKEN`` for ``[targets.ckan]``."""
    return f"FAIRLINE_{re.sub(r'[^A-Za-z0-9]', '_', target).upper()}_TOKEN"


def find_token(target: str, url: str, token_file: str | None, root: Path, environment: Mapping[str, str]) -> str:
    """The token of a target.

    Args:
        target: its name in the settings.
        url: its address, the user name in the keyring.
        token_file: what the settings name; None when they name none.
        root: the bank's folder.
        environment: variables.

    Raises:
        UnauthorisedError: there is none, or its file is open to others, lies in the bank, or holds no token.
    """
    variable = variable_of(target)
    if environment.get(variable, "").strip():
        return _checked(environment[variable], f"variable {variable}")
    if token_file is not None:
        refuse_token(token_file, "token_file")
        return _checked(_read(Path(token_file).expanduser(), root), token_file)
    found = _from_keyring(url)
    if found:
        return _checked(found, f"keyring, service {SERVICE}")
    raise UnauthorisedError(
        "token-missing",
        f"there is no token for the target {target}",
        want=f"the variable {variable}, token_file in fairline.toml, or the keyring (service {SERVICE}, user {url})",
        hint=f"make a token on the page of your user there, then: export {variable}=...",
    )


def refuse_token(text: str, member: str) -> None:
    """Makes sure that a member of the settings is not a token itself; it is never repeated.

    Raises:
        UnauthorisedError: it looks like one.
    """
    if re.fullmatch(r"[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text.strip()):
        raise UnauthorisedError(
            "token-in-settings", f"the member {member} in fairline.toml is a token, and no path of a file",
            hint="take it out of fairline.toml and revoke it on the portal: the bank is copied; then make a new one",
        )  # fmt: skip


def _read(path: Path, root: Path) -> str:
    if not path.is_absolute():
        path = root / path
    if path.resolve().is_relative_to(root.resolve()):
        raise UnauthorisedError(
            "token-in-bank",
            "the token's file lies in the bank, which is copied and published",
            at=str(path),
            hint="move it to your own folder and name it in token_file with its whole path",
        )
    try:
        mode = path.stat().st_mode & 0o777
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnauthorisedError("token-file", f"the token's file cannot be read: {error}", at=str(path)) from error
    if mode & 0o077:
        raise UnauthorisedError(
            "token-file-open", "others can read the token's file", at=str(path), want="mode 600", got=f"mode {mode:o}",
            hint=f"chmod 600 {path}; and make a new token, since somebody may have read this one",
        )  # fmt: skip
    return content


def _from_keyring(url: str) -> str | None:
    """The token in the user's keyring; None where there is no keyring (an optional installation) or no entry."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(SERVICE, url)
    except (KeyringError, RuntimeError):
        return None


def _checked(text: str, place: str) -> str:
    """The token without white space round it; it becomes a header, so nothing else may be in it."""
    token = text.strip()
    if not re.fullmatch(r"[!-~]+", token):
        raise UnauthorisedError(
            "token-malformed", "this is no token: it has spaces, line ends or other signs in it", at=place
        )
    return token
