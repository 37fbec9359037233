"""Runs that were deleted, and how they come back."""

import os
import shutil
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
    """Remove what is in the trash, for good."""
    shutil.rmtree(home / TRASH, ignore_errors=True)
