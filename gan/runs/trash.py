"""Runs that were deleted, and how they come back."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from gan.durable import writing_to
from gan.runs.library import put, refuse_in_training
from gan.runs.run import Run, find, runs_in

TRASH = ".trash"


def throw_away(run: Run) -> None:
    """Move a run into the trash, from where `take_out` brings it back. Raises Problem while it trains."""
    refuse_in_training(run)
    trash = run.path.parent / TRASH
    with writing_to(trash):
        trash.mkdir(exist_ok=True)
        if not run.path.is_symlink():  # what it leads to is not moved
            os.utime(run.path)
        put(run.path, trash, run.name)


def thrown_away(home: Path) -> list[Run]:
    """The runs in the trash, the last one first."""
    return runs_in(home / TRASH)


def take_out(home: Path, name: str) -> Run:
    """Bring a run back from the trash, under another name if its own is taken. Raises Problem."""
    run = find(name, home / TRASH)
    with writing_to(home):
        return put(run.path, home, name)


def empty_trash(home: Path) -> None:
    """Remove the runs in the trash for good; of one that was linked from elsewhere, the link alone."""
    for run in thrown_away(home):
        if run.path.is_symlink():
            run.path.unlink(missing_ok=True)
        else:
            shutil.rmtree(run.path, ignore_errors=True)
    with suppress(OSError):  # something else lies in it
        (home / TRASH).rmdir()
