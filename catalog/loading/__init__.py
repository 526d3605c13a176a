"""Strict readers for what people write by hand: bytes to plain values with places, or findings.

A reader never guesses and never repairs. It returns a :class:`~catalog.loading.document.Document`
with the value and the line and column of every part of it, and findings for what it refused.
"""

from catalog.loading.document import Document, decode_text
from catalog.loading.json_reader import read_json
from catalog.loading.rows import Row, Rows, read_rows
from catalog.loading.toml_reader import read_toml
from catalog.loading.yaml_reader import read_yaml

__all__ = ["Document", "Row", "Rows", "decode_text", "read_json", "read_rows", "read_toml", "read_yaml"]
