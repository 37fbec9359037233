"""What another user left: files that this process may not open, whoever runs the tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = 65534
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can be somebody else for a while")


@contextmanager
def somebody_else(group: int = NOBODY) -> Iterator[None]:
    """This process is another user in here, of that group alone. What it imports must be there before."""
    groups, group_before = os.getgroups(), os.getegid()
    os.setgroups([])
    os.setegid(group)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group_before)
        os.setgroups(groups)


@contextmanager
def shut(*places: Path) -> Iterator[None]:
    """Nobody may open these places in here. Root may open everything, and is somebody else meanwhile."""
    modes = [place.stat().st_mode for place in places]
    for place in places:
        place.chmod(0)
    try:
        if IS_ROOT:
            with somebody_else():
                yield
        else:
            yield
    finally:
        for place, mode in zip(places, modes, strict=True):
            place.chmod(mode)


def others_may_read(file: Path) -> bool:
    """May another user read that file? Root asks by being one."""
    if not IS_ROOT:
        return True
    with somebody_else():
        return os.access(file, os.R_OK, effective_ids=True)
