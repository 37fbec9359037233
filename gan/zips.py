"""ZIPs: what is written into them from memory, and what goes wrong while they are read.

Files have a fixed date: a machine without a clock lives in 1970, and a ZIP knows no year before 1980.
"""

import lzma
import struct
import zipfile
import zlib

UNREADABLE = (  # what zipfile and its decompressors raise for a ZIP that is damaged or of another kind
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Put a file into a ZIP, for its owner to write and for all to read."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
