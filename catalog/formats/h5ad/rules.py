"""The rules of H5AD files. The place of a finding is the path of an element in ``column``, and the number of a value."""

from __future__ import annotations

from catalog.findings import Level, Rule, Severity

_SOURCE = "anndata, On-disk format"
_WRITE = "open the file with a current anndata, repair it there, and write it again with write_h5ad"
_COPY = "copy the file again and compare its sha256 with the source"


def _error(code: str, message: str, hint: str, section: str, why: str = "") -> Rule:
    source = section if section.startswith("HDF5") else f"{_SOURCE}: {section}"
    return Rule(f"h5ad-{code}", Severity.ERROR, Level.SPEC, message, hint, source, why)


def _wish(code: str, message: str, hint: str, severity: Severity = Severity.ERROR, why: str = "") -> Rule:
    return Rule(f"h5ad-{code}", severity, Level.BANK, message, hint, "docs/validation.md", why)


def _unread(code: str, message: str, hint: str) -> Rule:
    """What ends the reading is an error for everybody: a file that was not read is not valid."""
    return Rule(f"h5ad-{code}", Severity.ERROR, Level.SPEC, message, hint, "docs/validation.md")


NOT_HDF5 = _error(
    "not-hdf5", "the file is no HDF5 file", _COPY, "HDF5 File Format Specification, II.A (format signature)"
)
TRUNCATED = _error(
    "truncated",
    "the HDF5 file is shorter than it says",
    _COPY,
    "HDF5 File Format Specification, II.A (end of file address)",
    "What is missing may be any part of any array.",
)
UNREADABLE = _error(
    "unreadable",
    "the HDF5 library cannot read the file or an element: {problem}",
    _COPY,
    "HDF5 File Format Specification",
)
OUTSIDE = _error(
    "outside",
    "an element lies in another file: {problem}",
    "copy the other file's content into this one (h5repack, or read and write it with anndata)",
    "hierarchical stores; HDF5 external links, external and virtual storage",
    "The data are not in the bank, and a link can point at anything of the reader's machine.",
)
LINK = _error("soft-link", "an element is a soft link", _WRITE, "elements are arrays or groups")
ENCODING = _error(
    "encoding",
    "an element does not say its encoding, or one that does not exist",
    _WRITE,
    "element specification (encoding-type, encoding-version)",
    "anndata chooses its reader by these two words.",
)
MISSING = _error("missing", "{what} is missing", _WRITE, "specifications of the elements")
KIND = _error("kind", "an element is not of the kind that its encoding says", _WRITE, "specifications of the elements")
SHAPE = _error("shape", "the shape of an array does not fit", _WRITE, "AnnData specification (n_obs, n_var)")
LENGTH = _error(
    "length", "an array does not have as many values as it should", _WRITE, "specifications of the elements"
)
INDPTR = _error(
    "indptr",
    "the row pointers of a sparse array do not rise from 0 to the number of its values",
    _WRITE,
    "sparse arrays",
)
INDICES = _error("indices", "an index of a sparse array lies outside of its shape", _WRITE, "sparse arrays")
CODES = _error("codes", "a code has no category", _WRITE, "categorical arrays (codes)", "The cell's label is lost.")
STRING = _error("string", "text is not stored as UTF-8 of variable length", _WRITE, "string arrays, scalars")
OLD = _wish("old", "the file was written by anndata before 0.8", "read it with a current anndata and write it again", Severity.WARNING)  # fmt: skip
FILTER = _wish(
    "filter",
    "an array is compressed with {problem}, which HDF5 does not bring along; it was not read",
    "write the file again with compression='gzip' or 'lzf'",
    why="Who has not the same plug-in cannot read the file.",
)
BOMB = _unread(
    "bomb", "an array would take {size} bytes in memory and {stored} in the file; it was not read",
    "real data do not compress that well: look at what is in it, and write it again with smaller chunks",
)  # fmt: skip
UNSORTED = _wish("indices-unsorted", "the indices of a row are not in order", "call sort_indices() and write the file again", Severity.WARNING)  # fmt: skip
TWICE = _wish("indices-twice", "an entry of a sparse array stands twice", "call sum_duplicates() if that is meant, and write the file again")  # fmt: skip
NOT_FINITE = _wish("not-finite", "a value of the matrix is not a finite number", "find out where it comes from: a logarithm of a negative number, a division by 0")  # fmt: skip
INDEX_TWICE = _wish("index-twice", "a name of a cell or a gene stands twice", "call obs_names_make_unique or var_names_make_unique, and write the file again")  # fmt: skip
INDEX_TYPE = _wish("index-type", "the names of cells or genes are no strings", "convert the index to strings and write the file again", Severity.WARNING)  # fmt: skip
UNKNOWN_ENTRY = _wish(
    "unknown-entry", "the file has an entry that anndata does not know", "move it to uns", Severity.WARNING
)
DEEP = _unread("deep", "elements lie too deep in each other, or are too many; the rest was not read", "store what is nested so deeply in a file of its own")  # fmt: skip

H5AD_RULES = (
    NOT_HDF5, TRUNCATED, UNREADABLE, OUTSIDE, LINK, ENCODING, MISSING, KIND, SHAPE, LENGTH, INDPTR, INDICES, CODES, STRING,
    OLD, FILTER, BOMB, UNSORTED, TWICE, NOT_FINITE, INDEX_TWICE, INDEX_TYPE, UNKNOWN_ENTRY, DEEP,
)  # fmt: skip
