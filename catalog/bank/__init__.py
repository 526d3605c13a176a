"""The bank's folder: ``fairline.toml``, ``lines/`` and the tables in it. The only reader and editor of a curator's files."""

from catalog.bank.editing import Added, add_files, init_bank, new_line
from catalog.bank.folder import Bank, find_bank, open_bank
from catalog.bank.lines import BANK_RULES, Line, read_line

__all__ = [
    "BANK_RULES",
    "Added",
    "Bank",
    "Line",
    "add_files",
    "find_bank",
    "init_bank",
    "new_line",
    "open_bank",
    "read_line",
]
