"""The data package of a line: from a public record to the files of one version, and back (docs/package.md)."""

from catalog.package.descriptor import DESCRIPTOR, descriptor, fingerprint, is_data_file
from catalog.package.documents import documents, restore_record

__all__ = ["DESCRIPTOR", "descriptor", "documents", "fingerprint", "is_data_file", "restore_record"]
