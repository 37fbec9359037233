"""A runs folder: runs are renamed and copied in it, and new ones put into it. Folders only, no torch.

What makes a run (see gan.runs.fork and gan.runs.archive too) prepares it under a name that is no run's, and
ends with one rename.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan.durable import make_folder, share, writing_to
from gan.errors import Problem
from gan.folders import named
from gan.limits import check_room
from gan.runs.checkpoints import FILES, checkpoints
from gan.runs.run import STEP, Run, is_name, numbered

TOP = r"(run|config|directions)\.json|events\.jsonl|history\.f32|model\.safetensors"
SAMPLE = rf"{STEP}\.png"
MEMBER = rf"{TOP}|samples/{SAMPLE}|checkpoints/{STEP}/({FILES})"  # every file that is part of a run


def _next_name(home: Path, stem: str) -> str:
    """The first of stem-2, stem-3, … that is free; a number at the stem's end counts on."""
    base, _, number = stem.rpartition("-")
    base, start = (base, int(number) + 1) if base and number.isdecimal() else (stem, 2)
    names = (numbered(base, number) for number in range(start, start + 10**6))
    return next(name for name in names if not os.path.lexists(home / name))


def rename(run: Run, name: str) -> Run:
    """Give a run another name. Raises Problem where no run can have it or one has it, or while it trains."""
    name = name.strip()
    if not is_name(name):
        message = (
            "'{name}' can't be a run's name: take letters, digits, spaces and . _ - ( ) (100 at most, 80 of "
            "Korean or Chinese)."
        )
        raise Problem(message, name=name[:60])
    target = run.path.with_name(name)
    if name == run.name:
        return run
    refuse_in_training(run)
    if os.path.lexists(target):
        raise Problem("There is a run '{name}' already: choose another name.", name=name)
    with writing_to(target):
        run.path.rename(target)
    return Run(target)


def duplicate(run: Run) -> Run:
    """A copy with all checkpoints, under the next free name. Raises Problem, also while it trains."""
    refuse_in_training(run)
    home = run.path.parent
    check_room(home)
    with preparing(home) as folder:
        for path in known_files(run.path):
            copy = folder / path.relative_to(run.path)
            make_folder(copy.parent)
            shutil.copyfile(path, copy)  # not its date and rights, which not every disk can take
        make_folder(folder / "samples")
        return put(folder, home, run.name)


def refuse_in_training(run: Run) -> None:
    """Raise Problem while somebody trains the run, and where nobody can tell."""
    run.lock.check_free()


def known_files(folder: Path) -> Iterator[Path]:
    """The files a run consists of, the whole ones: no lock, no log, nothing half-written."""
    for checkpoint in checkpoints(Run(folder)):
        yield from named(checkpoint, FILES)
    yield from named(folder, TOP)
    yield from named(folder / "samples", SAMPLE)


@contextmanager
def preparing(home: Path) -> Iterator[Path]:
    """A folder in which a run is made, until `put` gives it a name; otherwise it is removed at the end."""
    folder = home / f".new-{os.urandom(8).hex()}"
    with writing_to(home):
        make_folder(home)
        folder.mkdir()
        share(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def put(folder: Path, home: Path, name: str) -> Run:
    """Make a folder the run of that name, or of the next free one."""
    target = home / (_next_name(home, name) if os.path.lexists(home / name) else name)
    _move(folder, target)
    return Run(target)


def _move(folder: Path, target: Path) -> None:
    """Rename a folder; a link to one that is relative goes on leading there."""
    if folder.is_symlink() and not os.path.isabs(os.readlink(folder)):
        target.symlink_to(os.path.relpath(folder.resolve(), target.parent.resolve()))
        folder.unlink()
    else:
        folder.rename(target)
