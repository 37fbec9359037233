"""What lies in a folder under names that are ours, exactly.

A file manager, a sync program or a person may put more there: copies ("00000200 (1).png"), links, files of
the system. That is neither read nor counted nor removed.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from gan.errors import os_errors_as

CANNOT_LOOK = "{file} can't be looked into ({why}): mend its rights, or move it elsewhere."
is_file, is_folder = os.DirEntry.is_file, os.DirEntry.is_dir


def named(folder: Path, pattern: str, kind: Callable[..., bool] = is_file) -> list[Path]:
    """The files (or, of kind `is_folder`, the folders) whose whole name is as the pattern says, by name;
    links are none. Where there is no such folder, there are none; one that can't be read raises Problem.
    """
    if not os.path.lexists(folder):
        return []
    with os_errors_as(CANNOT_LOOK, file=folder), os.scandir(folder) as entries:
        found = [e.name for e in entries if re.fullmatch(pattern, e.name) and kind(e, follow_symlinks=False)]
    return [folder / name for name in sorted(found)]
