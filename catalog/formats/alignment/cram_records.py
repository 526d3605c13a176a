"""Unpacks the records of a CRAM: a program of its own, so that a crash of htslib takes nothing else down.

It reads a CRAM from standard input and writes the same records as BAM to standard output. It asks no network for a
reference. It is run as a script by :mod:`catalog.formats.alignment.cram_decoder`, and imports nothing of fairline.
"""

from __future__ import annotations

import os
import sys

_MEMORY_BYTES = 4 << 30


def _limit() -> None:
    """No core dump, bounded memory; where the system has such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def main(arguments: list[str]) -> int:
    """Unpacks.

    Args:
        arguments: an empty folder, and the reference where there is one.

    Returns:
        The exit status: 0, or 1 with a line about what is wrong on standard error.
    """
    folder, *references = arguments
    os.environ["REF_PATH"] = os.environ["REF_CACHE"] = os.path.join(folder, "%s")
    _limit()
    import pysam

    pysam.set_verbosity(1)
    reference = references[0] if references else None
    try:
        with (
            pysam.AlignmentFile(
                "-", "rc", reference_filename=reference, check_sq=False, format_options=[b"decode_md=0"]
            ) as stored,
            pysam.AlignmentFile("-", "wbu", template=stored) as unpacked,
        ):
            for record in stored.fetch(until_eof=True):
                unpacked.write(record)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
