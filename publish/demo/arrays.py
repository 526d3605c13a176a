"""CEL files of the demo: a grid far smaller than any array's, so that nobody can take it for a scan."""

from __future__ import annotations

from publish.demo.cel import ArrayScan, ParentFile, generic_cel
from publish.demo.disclosure import IN_FILES
from publish.demo.seeds import generator, identifier

_CHIP = "CytoScanHD_Array"
_SIDE = 64


def array_cel(line_id: str) -> bytes:
    """The intensities of a line's array, with identifiers of its file and of the scan that it would come from."""
    draw = generator(line_id, "snp-array", "intensities")
    first, second = draw.randbytes(_SIDE * _SIDE), draw.randbytes(_SIDE * _SIDE)
    intensities = [60 + one * other / 8 for one, other in zip(first, second, strict=True)]
    words = {"fairline-synthetic": IN_FILES, "fairline-line": line_id}
    # Scanners state here what the laboratory called the image, and how many cells it has each way.
    image = {"affymetrix-dat-header": f"[0..65534]  {line_id}:CLS={_SIDE} RWS={_SIDE}"}
    parent = ParentFile(
        identifier="affymetrix-calvin-scan-acquisition", guid=identifier(line_id, "scan"), parameters=words | image
    )
    # No time of a scan is stated: there was none.
    scan = ArrayScan(
        chip_type=_CHIP,
        rows=_SIDE,
        columns=_SIDE,
        guid=identifier(line_id, "cel"),
        created="",
        parameters=words,
        parent=parent,
    )
    return generic_cel(scan, intensities)
