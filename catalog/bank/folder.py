"""Finding and opening a bank: where its parts lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catalog.errors import InvalidError, NotFoundError
from catalog.findings import Finding, Severity
from catalog.identifiers import is_line_id
from catalog.loading import read_toml
from catalog.model import BankSettings
from catalog.profiles import check_bank, decode_bank
from catalog.signing import PublicKey, parse_public_keys

SETTINGS_NAME = "fairline.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A bank on disk: its settings and the places of its parts. Nothing is read but the settings."""

    root: Path
    settings: BankSettings

    @property
    def lines_folder(self) -> Path:
        """The curator's working copies."""
        return self.root / "lines"

    @property
    def store_folder(self) -> Path:
        """The public OCFL storage root."""
        return self.root / "store"

    @property
    def controlled_folder(self) -> Path:
        """The second OCFL storage root, for controlled files and full records; the portal never opens it."""
        return self.root / "store-controlled"

    @property
    def ledger_path(self) -> Path:
        """The public ledger."""
        return self.root / "ledger.jsonl"

    @property
    def controlled_ledger_path(self) -> Path:
        """The ledger of the controlled store."""
        return self.controlled_folder / "ledger.jsonl"

    @property
    def index_folder(self) -> Path:
        """Index generations and ``CURRENT``."""
        return self.root / "index"

    @property
    def work_folder(self) -> Path:
        """Journals and builds; safe to delete when nothing runs."""
        return self.root / "work"

    @property
    def keys_path(self) -> Path:
        """All public keys of the bank, first to last."""
        return self.root / "signing-key.pub"

    def line_ids(self) -> list[str]:
        """The names of the line folders, sorted; hidden folders are passed over."""
        if not self.lines_folder.is_dir():
            return []
        return sorted(
            each.name for each in self.lines_folder.iterdir() if not each.name.startswith(".") and each.is_dir()
        )

    def line_folder(self, line_id: str) -> Path:
        """The folder of a line.

        Raises:
            NotFoundError: there is no such line.
        """
        folder = self.lines_folder / line_id
        if not is_line_id(line_id) or not folder.is_dir():
            raise NotFoundError(
                "line-not-found",
                f"the bank has no line {line_id}",
                at=str(self.lines_folder),
                hint=f"'fairline status' lists the lines; 'fairline line new {line_id}' makes one",
            )
        return folder

    def keys(self) -> tuple[PublicKey, ...]:
        """The public keys in ``signing-key.pub``.

        Raises:
            NotFoundError: the file is missing or empty.
            IntegrityError: a line of it is no key.
        """
        content = self.keys_path.read_bytes() if self.keys_path.exists() else b""
        keys = parse_public_keys(content.decode("utf-8", "replace"), str(self.keys_path))
        if not keys:
            raise NotFoundError(
                "keys-missing",
                "the bank has no signing-key.pub, or no key is in it",
                at=str(self.keys_path),
                hint="restore the file from a backup; 'fairline init DIR' makes a key for a bank without releases",
            )
        return keys


def find_bank(start: Path) -> Path:
    """The nearest folder with a ``fairline.toml``, from a folder upwards.

    Raises:
        NotFoundError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / SETTINGS_NAME).is_file():
            return folder
    raise NotFoundError(
        "bank-not-found",
        "there is no bank here",
        at=str(start),
        want=SETTINGS_NAME,
        hint="change into a bank's folder, pass --bank DIR, or make one with 'fairline init DIR'",
    )


def read_settings_file(root: Path) -> tuple[BankSettings | None, list[Finding]]:
    """The settings of a bank and what is wrong with them; no settings when an error is among the findings."""
    return judge_settings((root / SETTINGS_NAME).read_bytes())


def judge_settings(content: bytes) -> tuple[BankSettings | None, list[Finding]]:
    """As :func:`read_settings_file`, for the content of a file that need not be there yet."""
    document = read_toml(content)
    findings = list(document.findings)
    if document.usable:
        findings += check_bank(document)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return None, findings
    return decode_bank(document.value), findings


def open_bank(root: Path) -> Bank:
    """The bank in a folder.

    Raises:
        NotFoundError: the folder has no ``fairline.toml``.
        InvalidError: the settings have errors.
    """
    if not (root / SETTINGS_NAME).is_file():
        raise NotFoundError(
            "bank-not-found",
            "the folder is not a bank",
            at=str(root),
            want=SETTINGS_NAME,
            hint="make one with 'fairline init DIR'",
        )
    return Bank(root=root, settings=valid_settings((root / SETTINGS_NAME).read_bytes(), root))


def valid_settings(content: bytes, root: Path) -> BankSettings:
    """The settings in the content of a bank's ``fairline.toml``, there already or still to be written.

    Raises:
        InvalidError: the settings have errors.
    """
    settings, findings = judge_settings(content)
    if settings is None:
        first = next(finding for finding in findings if finding.severity is Severity.ERROR)
        raise InvalidError(
            "bank-settings",
            first.message,
            at=f"{root / SETTINGS_NAME}: line {first.line}",
            want=first.expected,
            got=first.got,
            hint=first.hint,
        )
    return settings
