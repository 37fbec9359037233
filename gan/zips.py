"""ZIPs of what is in memory.

Their files have a fixed date: a machine without a clock lives in 1970, and a ZIP knows no year before 1980.
"""

import zipfile


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Put a file into a ZIP, for its owner to write and for all to read."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
