"""Cases of H5AD files, written with h5py by the specification; defects are edits of a whole file."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Callable, Sequence
from typing import Any

import h5py
import numpy

from tests.formats.cases import FormatCases
from tests.formats.defects import Defect

CELLS, GENES = 40, 12
TEXT = h5py.string_dtype("utf-8")
Edit = Callable[[Any], object]


def encode(node: Any, kind: str, version: str) -> Any:
    """Gives an element its encoding."""
    node.attrs["encoding-type"], node.attrs["encoding-version"] = kind, version
    return node


def array(group: Any, name: str, values: Any, **rest: Any) -> Any:
    return encode(group.create_dataset(name, data=numpy.asarray(values), **rest), "array", "0.2.0")


def strings(group: Any, name: str, values: Sequence[str], **rest: Any) -> Any:
    return encode(
        group.create_dataset(name, data=list(values), dtype=TEXT, shape=(len(values),), **rest), "string-array", "0.2.0"
    )


def mapping(group: Any, name: str) -> Any:
    return encode(group.create_group(name), "dict", "0.1.0")


def categorical(group: Any, name: str, codes: Sequence[int], categories: Sequence[str]) -> Any:
    made = encode(group.create_group(name), "categorical", "0.2.0")
    made.attrs["ordered"] = False
    array(made, "codes", numpy.array(codes, numpy.int8))
    strings(made, "categories", categories)
    return made


def nullable(group: Any, name: str, kind: str, values: Any) -> Any:
    made = encode(group.create_group(name), kind, "0.1.0")
    if kind == "nullable-string-array":
        strings(made, "values", values)
    else:
        array(made, "values", values)
    array(made, "mask", numpy.arange(len(values)) % 3 == 0)
    return made


def frame(group: Any, name: str, index: Sequence[str], columns: Sequence[str] = ()) -> Any:
    made = encode(group.create_group(name), "dataframe", "0.2.0")
    made.attrs["_index"] = "_index"
    made.attrs["column-order"] = numpy.array(columns, dtype=object if columns else float)
    strings(made, "_index", index)
    return made


def sparse(group: Any, name: str, shape: tuple[int, int], layout: str = "csr", **rest: Any) -> Any:
    """Every third entry of a matrix."""
    made = encode(group.create_group(name), f"{layout}_matrix", "0.1.0")
    made.attrs["shape"] = numpy.array(shape)
    major, minor = shape if layout == "csr" else shape[::-1]
    rows = [[column for column in range(minor) if (row + column) % 3 == 0] for row in range(major)]
    indices = numpy.array([column for row in rows for column in row], numpy.int32)
    made.create_dataset("indices", data=indices, **rest)
    made.create_dataset("indptr", data=numpy.cumsum([0, *map(len, rows)]).astype(numpy.int32), **rest)
    made.create_dataset("data", data=(indices % 7 + 1).astype(numpy.float32), **rest)
    return made


def names(word: str, count: int) -> list[str]:
    return [f"{word}{number}" for number in range(count)]


def root(file: Any) -> Any:
    """The two frames that every file has."""
    encode(file, "anndata", "0.1.0")
    obs = frame(file, "obs", names("cell", CELLS), ["batch", "count"])
    categorical(obs, "batch", [number % 3 - 1 for number in range(CELLS)], ["a", "세포"])
    array(obs, "count", numpy.arange(CELLS))
    frame(file, "var", [f"ENSG{number:011d}" for number in range(GENES)])
    return file


def small(file: Any) -> None:
    sparse(root(file), "X", (CELLS, GENES))


def full(file: Any, **rest: Any) -> None:
    """Every kind of element."""
    root(file)
    sparse(file, "X", (CELLS, GENES), **rest)
    nullable(file["obs"], "age", "nullable-integer", numpy.arange(CELLS))
    nullable(file["obs"], "good", "nullable-boolean", numpy.arange(CELLS) > 3)
    nullable(file["obs"], "note", "nullable-string-array", names("n", CELLS))
    layers, obsm, uns = mapping(file, "layers"), mapping(file, "obsm"), mapping(file, "uns")
    array(layers, "dense", numpy.ones((CELLS, GENES), numpy.float32), **rest)
    sparse(layers, "spliced", (CELLS, GENES), "csc")
    array(obsm, "X_pca", numpy.full((CELLS, 3), numpy.nan))
    sparse(obsm, "chosen", (CELLS, 2))
    frame(obsm, "frame", names("cell", CELLS), ["x"])
    array(obsm["frame"], "x", numpy.zeros(CELLS))
    ragged = encode(obsm.create_group("ragged"), "awkward-array", "0.1.0")
    ragged.attrs["length"], ragged.attrs["form"] = (
        CELLS,
        '{"class": "NumpyArray", "primitive": "int64", "form_key": "node0"}',
    )
    array(ragged, "node0-data", numpy.arange(CELLS))
    array(mapping(file, "varm"), "loadings", numpy.zeros((GENES, 2)))
    sparse(mapping(file, "obsp"), "connectivities", (CELLS, CELLS))
    array(mapping(file, "varp"), "correlation", numpy.zeros((GENES, GENES)))
    encode(uns.create_dataset("resolution", data=0.5), "numeric-scalar", "0.2.0")
    encode(uns.create_dataset("is_log", data=True), "numeric-scalar", "0.2.0")
    encode(uns.create_dataset("method", data="leiden", dtype=TEXT), "string", "0.2.0")
    encode(uns.create_dataset("stored", data=b"t\xe9l"), "bytes", "0.2.0")
    encode(uns.create_dataset("nothing", data=h5py.Empty("f4")), "null", "0.1.0")
    encode(uns.create_dataset("records", data=numpy.zeros(3, [("a", "i4"), ("b", "f8")])), "rec-array", "0.2.0")
    strings(uns, "colors", ["#fff", "#000"])
    strings(uns, "none", [])
    mapping(mapping(uns, "deep"), "deeper")
    raw = encode(file.create_group("raw"), "raw", "0.1.0")
    sparse(raw, "X", (CELLS, 2 * GENES))
    frame(raw, "var", names("gene", 2 * GENES))
    mapping(raw, "varm")


def dense(file: Any) -> None:
    array(root(file), "X", numpy.arange(CELLS * GENES, dtype=numpy.float64).reshape(CELLS, GENES), chunks=(7, 5))


def old(file: Any) -> None:
    """As anndata 0.6 wrote it."""
    file.create_dataset(
        "obs", data=numpy.array([(f"c{n}".encode(), n) for n in range(CELLS)], [("index", "S8"), ("n", "i8")])
    )
    file.create_dataset("var", data=numpy.array([(f"g{n}".encode(),) for n in range(GENES)], [("index", "S8")]))
    x = sparse(file, "X", (CELLS, GENES))
    x.attrs["h5sparse_format"], x.attrs["h5sparse_shape"] = "csr", x.attrs["shape"]
    for name in ("encoding-type", "encoding-version", "shape"):
        del x.attrs[name]
    uns = file.create_group("uns")
    uns.create_dataset("batch_categories", data=numpy.array([b"a", b"b"]))
    file.create_dataset("raw.X", data=numpy.ones((CELLS, 3)))
    file.create_dataset("raw.var", data=numpy.array([(b"g",), (b"h",), (b"i",)], [("index", "S8")]))


def less_old(file: Any) -> None:
    """As anndata 0.7 wrote it: frames as groups, codes with their categories beside."""
    small(file)
    for name in ("encoding-type", "encoding-version"):
        del file.attrs[name]
    obs = file["obs"]
    obs.attrs["encoding-version"] = file["var"].attrs["encoding-version"] = "0.1.0"
    del obs["batch"]
    obs.create_dataset("batch", data=numpy.zeros(CELLS, numpy.int8))
    obs.create_group("__categories").create_dataset("batch", data=["a"], dtype=TEXT)
    file.create_group("uns").create_dataset("name", data="x", dtype=TEXT)


def written(*edits: Edit, **rest: Any) -> bytes:
    """A file that edits have made, one after another."""
    content = io.BytesIO()
    with h5py.File(content, "w", **rest) as file:
        for edit in edits:
            edit(file)
    return content.getvalue()


def put(path: str, make: Callable[[Any, str], object]) -> Edit:
    """Takes an element away and makes another one of its name."""

    def edit(file: Any) -> None:
        group, _, name = path.rpartition("/")
        if path in file:
            del file[path]
        make(file[group or "/"], name)

    return edit


def put_values(path: str, values: Any) -> Edit:
    """Other values in an array that keeps its attributes."""

    def edit(file: Any) -> None:
        attributes = dict(file[path].attrs)
        del file[path]
        made = file.create_dataset(path, data=values)
        for name, value in attributes.items():
            made.attrs[name] = value

    return edit


def put_value(path: str, at: Any, value: Any) -> Edit:
    def edit(file: Any) -> None:
        file[path][at] = value

    return edit


def put_attribute(path: str, name: str, value: Any) -> Edit:
    def edit(file: Any) -> None:
        if value is None:
            del file[path].attrs[name]
        else:
            file[path].attrs[name] = value

    return edit


def remove(path: str) -> Edit:
    def edit(file: Any) -> None:
        del file[path]

    return edit


SMALL = written(small)
VALID = {
    "small": SMALL,
    "full": written(full),
    "gzip": written(lambda file: full(file, compression="gzip")),
    "lzf and checksums": written(lambda file: full(file, compression="lzf", fletcher32=True, shuffle=True)),
    "latest form of HDF5": written(full, libver="latest"),
    "user block": written(small, userblock_size=1024),
    "dense": written(dense),
    "csc": written(root, lambda file: sparse(file, "X", (CELLS, GENES), "csc")),
    "without X": written(root),
    "index with a mask": written(
        small,
        remove("obs/_index"),
        lambda file: nullable(file["obs"], "_index", "nullable-string-array", names("c", CELLS)),
    ),
    "opposite categories": written(
        small, put("obs/batch/categories", lambda group, name: array(group, name, [-1, -2, 3]))
    ),
    "no cells": written(
        lambda file: (
            encode(file, "anndata", "0.1.0"),
            frame(file, "obs", []),
            frame(file, "var", names("g", GENES)),
            sparse(file, "X", (0, GENES)),
        )
    ),
    "large pieces": written(
        root,
        put("obs", lambda group, name: frame(group, name, names("c", 30_000))),
        lambda file: sparse(file, "X", (30_000, GENES), chunks=(1000,), compression="gzip", compression_opts=1),
    ),
    "packed": gzip.compress(SMALL, mtime=0),
    "old": written(old),
    "less old": written(less_old),
}
_OLD = {"old", "less old"}


def broken(path: str) -> bytes:
    """A compressed file with a byte of one array changed."""
    content = VALID["lzf and checksums"]
    with h5py.File(io.BytesIO(content)) as file:
        chunk = file[path].id.get_chunk_info(0)
    at = chunk.byte_offset + chunk.size // 2
    return content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]


def unknown_filter() -> bytes:
    """An array whose filter has a number that nobody knows."""
    content = written(
        small,
        put(
            "X/data",
            lambda group, name: group.create_dataset(name, data=numpy.ones(160, "f4"), fletcher32=True, chunks=(160,)),
        ),
    )
    message = b"\x0b\x00"  # the filter pipeline message; the filter's number is 3 (Fletcher 32)
    at = next(
        at for at in range(len(content)) if content.startswith(message, at) and content[at + 8 : at + 10] == b"\x01\x01"
    )
    at = content.index(b"\x03\x00", at + 16)
    return content[:at] + struct.pack("<H", 32_099) + content[at + 2 :]


def huge(group: Any, name: str) -> None:
    """An array that claims to be large, and stores nothing."""
    encode(group.create_dataset(name, (CELLS, 1 << 40), "f8", chunks=(1, 1024)), "array", "0.2.0")


def huge_chunk(group: Any, name: str) -> None:
    encode(group.create_dataset(name, (1 << 28,), "f4", chunks=(1 << 27,), compression="gzip"), "array", "0.2.0")


def nested(file: Any) -> None:
    group = mapping(file, "uns")
    for _ in range(40):
        group = mapping(group, "a")


def defect(
    name: str, code: str, column: str | None, *edits: Edit, record: int | None = None, only: bool = True
) -> Defect:
    content = written(full, *edits)
    return Defect(id=name, content=content, code=f"h5ad-{code}", column=column, record=record, only=only)


def codes_of(*codes: int) -> Any:
    return numpy.array([*codes, *[0] * (CELLS - len(codes))], numpy.int8)


_OTHER = h5py.VirtualLayout((3,), "i4")
_OTHER[:] = h5py.VirtualSource("/etc/passwd", "data", (3,))
POINTERS = [0, *range(4, 4 * CELLS + 1, 4)]
DEFECTS = [
    Defect(id="text", content=b"no HDF5\n", code="h5ad-not-hdf5"),
    Defect(id="signature changed", content=b"\x89HDG" + SMALL[4:], code="h5ad-not-hdf5"),
    Defect(id="cut", content=SMALL[:-1000], code="h5ad-truncated"),
    Defect(id="half", content=SMALL[: len(SMALL) // 2], code="h5ad-truncated"),
    Defect(id="superblock", content=SMALL[:8] + b"\x09" + SMALL[9:], code="h5ad-unreadable", column=None),
    Defect(id="bits of an array", content=broken("X/data"), code="h5ad-unreadable", column="/X", only=False),
    Defect(id="bits of a layer", content=broken("layers/dense"), code="h5ad-unreadable", column="/layers/dense"),
    defect(
        "external link",
        "outside",
        "/uns/far",
        put("uns/far", lambda group, name: group.__setitem__(name, h5py.ExternalLink("/etc/passwd", "/"))),
    ),
    defect(
        "external X",
        "outside",
        "/X",
        put("X", lambda group, name: group.__setitem__(name, h5py.ExternalLink("b.h5", "X"))),
    ),
    defect(
        "external storage",
        "outside",
        "/uns/far",
        put(
            "uns/far",
            lambda group, name: encode(
                group.create_dataset(name, (3,), "i4", external=[("/etc/passwd", 0, 12)]), "array", "0.2.0"
            ),
        ),
    ),
    defect(
        "virtual",
        "outside",
        "/uns/far",
        put("uns/far", lambda group, name: encode(group.create_virtual_dataset(name, _OTHER), "array", "0.2.0")),
    ),
    defect(
        "soft link",
        "soft-link",
        "/uns/x",
        put("uns/x", lambda group, name: group.__setitem__(name, h5py.SoftLink("/X"))),
    ),
    defect(
        "dangling link",
        "soft-link",
        "/layers/x",
        put("layers/x", lambda group, name: group.__setitem__(name, h5py.SoftLink("/nowhere"))),
    ),
    defect("root of another kind", "encoding", "/", put_attribute("/", "encoding-type", "mudata")),
    defect("root without version", "encoding", "/", put_attribute("/", "encoding-version", None)),
    defect("root without encoding", "encoding", "/", put_attribute("/", "encoding-type", None)),
    defect("root of a later version", "encoding", "/", put_attribute("/", "encoding-version", "9.0.0")),
    defect("no encoding", "encoding", "/uns/colors", put_attribute("uns/colors", "encoding-type", None)),
    defect("no encoding of X", "encoding", "/X", put_attribute("X", "encoding-type", None)),
    defect("no version", "encoding", "/obs/count", put_attribute("obs/count", "encoding-version", None)),
    defect("unknown encoding", "encoding", "/uns/colors", put_attribute("uns/colors", "encoding-type", "list")),
    defect("unknown version", "encoding", "/obs", put_attribute("obs", "encoding-version", "0.3.0")),
    defect("mapping without encoding", "encoding", "/layers", put_attribute("layers", "encoding-type", None)),
    defect("raw without encoding", "encoding", "/raw", put_attribute("raw", "encoding-type", None)),
    defect("raw of another kind", "encoding", "/raw", put_attribute("raw", "encoding-type", "dict")),
    defect("no obs", "missing", "/", remove("obs")),
    defect("no var", "missing", "/", remove("var")),
    defect("no index named", "missing", "/obs", put_attribute("obs", "_index", None), only=False),
    defect("no index", "missing", "/obs", put_attribute("obs", "_index", "name")),
    defect("no order of columns", "missing", "/obs", put_attribute("obs", "column-order", None)),
    defect("a column less", "missing", "/obs", remove("obs/batch")),
    defect("no indptr", "missing", "/X", remove("X/indptr")),
    defect("no shape", "missing", "/X", put_attribute("X", "shape", None)),
    defect("no codes", "missing", "/obs/batch", remove("obs/batch/codes")),
    defect("no categories", "missing", "/obs/batch", remove("obs/batch/categories")),
    defect("not said whether ordered", "missing", "/obs/batch", put_attribute("obs/batch", "ordered", None)),
    defect("no mask", "missing", "/obs/age", remove("obs/age/mask")),
    defect("no form", "missing", "/obsm/ragged", put_attribute("obsm/ragged", "form", None)),
    defect(
        "array for a group",
        "kind",
        "/X",
        put("X", lambda group, name: encode(group.create_dataset(name, data=[1.0]), "csr_matrix", "0.1.0")),
    ),
    defect(
        "obs is a mapping",
        "kind",
        "/obs",
        put_attribute("obs", "encoding-type", "dict"),
        put_attribute("obs", "encoding-version", "0.1.0"),
    ),
    defect("layers is an array", "kind", "/layers", put("layers", lambda group, name: array(group, name, [1]))),
    defect("fractions for indices", "kind", "/X/indices", put_values("X/indices", numpy.ones(160))),
    defect("fractions for codes", "kind", "/obs/batch/codes", put_values("obs/batch/codes", numpy.zeros(CELLS))),
    defect(
        "numbers for text",
        "kind",
        "/uns/method",
        put("uns/method", lambda group, name: encode(group.create_dataset(name, data=1), "string", "0.2.0")),
    ),
    defect(
        "text for a number",
        "kind",
        "/uns/resolution",
        put(
            "uns/resolution",
            lambda group, name: encode(group.create_dataset(name, data="x", dtype=TEXT), "numeric-scalar", "0.2.0"),
        ),
        only=False,
    ),
    defect("numbers for a mask", "kind", "/obs/age/mask", put_values("obs/age/mask", numpy.zeros(CELLS, "i1"))),
    defect(
        "fractions for nullable integers", "kind", "/obs/age/values", put_values("obs/age/values", numpy.zeros(CELLS))
    ),
    defect("text for X", "kind", "/X", put("X", lambda group, name: strings(group, name, ["a"])), only=False),
    defect(
        "category twice",
        "kind",
        "/obs/batch/categories",
        put("obs/batch/categories", lambda group, name: strings(group, name, ["a", "b", "a"])),
        record=3,
    ),
    defect("column of two dimensions", "shape", "/obs/count", put_values("obs/count", numpy.zeros((CELLS, 2)))),
    defect("X transposed", "shape", "/X", put("X", lambda group, name: sparse(group, name, (GENES, CELLS)))),
    defect("dense X", "shape", "/X", put("X", lambda group, name: array(group, name, numpy.zeros((CELLS, GENES + 1))))),
    defect(
        "X of three dimensions",
        "shape",
        "/X",
        put("X", lambda group, name: array(group, name, numpy.zeros((CELLS, GENES, 1)))),
    ),
    defect(
        "layer",
        "shape",
        "/layers/dense",
        put("layers/dense", lambda group, name: array(group, name, numpy.zeros((1, GENES)))),
    ),
    defect(
        "obsm",
        "shape",
        "/obsm/X_pca",
        put("obsm/X_pca", lambda group, name: array(group, name, numpy.zeros((CELLS - 1, 2)))),
    ),
    defect(
        "varm",
        "shape",
        "/varm/loadings",
        put("varm/loadings", lambda group, name: array(group, name, numpy.zeros((CELLS, 2)))),
    ),
    defect(
        "obsp",
        "shape",
        "/obsp/connectivities",
        put("obsp/connectivities", lambda group, name: sparse(group, name, (CELLS, 3))),
    ),
    defect("raw X", "shape", "/raw/X", put("raw/X", lambda group, name: sparse(group, name, (CELLS, GENES)))),
    defect("three sides", "shape", "/X", put_attribute("X", "shape", numpy.array([1, 2, 3]))),
    defect("fractions of sides", "shape", "/X", put_attribute("X", "shape", numpy.array([40.0, 12.0]))),
    defect(
        "array for a scalar",
        "shape",
        "/uns/resolution",
        put(
            "uns/resolution",
            lambda group, name: encode(group.create_dataset(name, data=[1, 2]), "numeric-scalar", "0.2.0"),
        ),
    ),
    defect("short column", "length", "/obs/count", put_values("obs/count", numpy.arange(CELLS - 1))),
    defect("short codes", "length", "/obs/batch", put_values("obs/batch/codes", numpy.zeros(3, "i1"))),
    defect("short mask", "length", "/obs/age/mask", put_values("obs/age/mask", numpy.zeros(3, bool))),
    defect("data and indices", "length", "/X/indices", put_values("X/data", numpy.ones(159, "f4"))),
    defect("pointer falls", "indptr", "/X/indptr", put_value("X/indptr", 5, 90), record=7),
    defect("pointers from 1", "indptr", "/X/indptr", put_value("X/indptr", 0, 1), record=1),
    defect("last pointer", "indptr", "/X/indptr", put_value("X/indptr", CELLS, 161), record=CELLS + 1),
    defect("too few pointers", "indptr", "/X/indptr", put_values("X/indptr", POINTERS[:-1])),
    defect("index too large", "indices", "/X/indices", put_value("X/indices", 7, GENES), record=8),
    defect("negative index", "indices", "/X/indices", put_value("X/indices", 8, -1), record=9),
    defect("code too large", "codes", "/obs/batch/codes", put_values("obs/batch/codes", codes_of(0, 1, 2)), record=3),
    defect("code below -1", "codes", "/obs/batch/codes", put_values("obs/batch/codes", codes_of(-2)), record=1),
    Defect(
        id="code of an old file",
        content=written(less_old, put_values("obs/batch", codes_of(0, 1))),
        code="h5ad-codes",
        column="/obs/batch",
        record=2,
        only=False,
    ),
    defect("strings of fixed length", "string", "/uns/colors", put_values("uns/colors", numpy.array([b"a", b"b"]))),
    defect(
        "strings of ascii",
        "string",
        "/uns/colors",
        put(
            "uns/colors",
            lambda group, name: encode(
                group.create_dataset(name, data=["a"], dtype=h5py.string_dtype("ascii")), "string-array", "0.2.0"
            ),
        ),
    ),
    defect("latin-1", "string", "/uns/colors", put_value("uns/colors", 1, b"t\xe9l"), record=2),
    defect("latin-1 alone", "string", "/uns/method", put_value("uns/method", (), b"t\xe9l")),
    Defect(id="old", content=VALID["old"], code="h5ad-old", column="/"),
    Defect(id="less old", content=VALID["less old"], code="h5ad-old", column="/"),
    Defect(id="filter", content=unknown_filter(), code="h5ad-filter", column="/X"),
    defect("claims much", "bomb", "/uns/x", put("uns/x", huge)),
    defect("large chunks", "bomb", "/uns/x", put("uns/x", huge_chunk)),
    defect("unsorted", "indices-unsorted", "/X/indices", put_value("X/indices", slice(0, 2), [3, 0]), record=2),
    defect("twice", "indices-twice", "/X/indices", put_value("X/indices", 1, 0), record=2),
    defect(
        "twice in no order",
        "indices-twice",
        "/X/indices",
        put_value("X/indices", slice(0, 3), [3, 0, 3]),
        record=3,
        only=False,
    ),
    defect("nan", "not-finite", "/X/data", put_value("X/data", 4, numpy.nan), record=5),
    defect("infinite", "not-finite", "/raw/X/data", put_value("raw/X/data", 0, numpy.inf), record=1),
    Defect(
        id="dense nan", content=written(dense, put_value("X", (3, 3), numpy.nan)), code="h5ad-not-finite", column="/X"
    ),
    defect("cell twice", "index-twice", "/obs/_index", put_value("obs/_index", 7, "cell3"), record=8),
    Defect(
        id="cell twice in an old file",
        content=written(old, lambda file: file["obs"].__setitem__(5, (b"c1", 5))),
        code="h5ad-index-twice",
        column="/obs",
        record=6,
        only=False,
    ),
    defect(
        "numbered genes",
        "index-type",
        "/var/_index",
        put("var/_index", lambda group, name: array(group, name, numpy.arange(GENES))),
    ),
    defect("unknown entry", "unknown-entry", "/extra", lambda file: mapping(file, "extra")),
    defect("deep", "deep", None, remove("uns"), nested),
]

FORMATS = [
    FormatCases(
        format="h5ad",
        file="cells.h5ad",
        valid=VALID,
        clean=sorted(set(VALID) - _OLD),
        defects=DEFECTS,
    )
]
