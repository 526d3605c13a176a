"""Media types of files by their suffix, where nothing better is known."""

from __future__ import annotations

from pathlib import PurePosixPath

_TYPES = {
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".nt": "application/n-triples",
    ".pdf": "application/pdf",
    ".rdf": "application/rdf+xml",
    ".ris": "application/x-research-info-systems",
    ".tsv": "text/tab-separated-values",
    ".ttl": "text/turtle",
    ".txt": "text/plain",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gz": "application/gzip",
    ".vcf": "text/plain",
    ".fastq": "text/plain",
    ".fq": "text/plain",
    ".cov": "text/plain",
}


def media_type_of(path: str) -> str:
    """The media type by suffix, from an allow-list; anything else is a stream of bytes."""
    return _TYPES.get(PurePosixPath(path).suffix.lower(), "application/octet-stream")
