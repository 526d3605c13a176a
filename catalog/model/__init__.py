"""The model: frozen values of a bank, its lines, records, files and assays. No behaviour that touches the world."""

from catalog.model.bank import BankSettings, Contact, Publisher
from catalog.model.files import AssayRow, FileRow, Role, Tier
from catalog.model.record import Record

__all__ = ["AssayRow", "BankSettings", "Contact", "FileRow", "Publisher", "Record", "Role", "Tier"]
