"""A run's checkpoints: the newest few, and those that somebody has pinned. Folders only, no torch: pages list
and pin them, the trainer's process fills them (gan.runner.checkpoint).

A checkpoint is a folder named after its step. It becomes visible by one rename, when all of it is on the
disk. While it is written it is `.NAME.part`; `.NAME.old` is one that another of the same step is about to
replace, `.NAME.gone` one that is removed. A crash may leave any of them behind: `mend` puts that right.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from gan.durable import write_durably
from gan.errors import Problem, os_errors_as
from gan.runs.run import Run

MAX_UNPINNED = 5  # the oldest of more leave
PIN = "pinned"  # a file of that name in a checkpoint's folder: it never leaves


def checkpoints(run: Run) -> list[Path]:
    """The folders of the run's checkpoints, the newest last."""
    return sorted(run.path.glob("checkpoints/[0-9]*"))


def checkpoint_at(run: Run, step: int) -> Path:
    """The checkpoint of that step. Raises Problem listing the steps there are."""
    folder = run.path / "checkpoints" / f"{step:08d}"
    if not folder.is_dir():
        steps = ", ".join(f"{step_of(checkpoint):,}" for checkpoint in checkpoints(run)) or "none"
        message = "Run {name} has no checkpoint of step {step}. It has: {steps}."
        raise Problem(message, name=run.name, step=f"{step:,}", steps=steps, misuse=True)
    return folder


def step_of(checkpoint: Path) -> int:
    """The step a checkpoint's folder is named after."""
    return int(checkpoint.name)


def pin(checkpoint: Path, pinned: bool = True) -> None:
    """Let a checkpoint stay for good, or no longer. Raises Problem where it has just left."""
    message, step = "Checkpoint {step} can't be pinned ({why}): choose a newer one.", step_of(checkpoint)
    with os_errors_as(message, step=f"{step:,}"):
        (checkpoint / PIN).touch() if pinned else (checkpoint / PIN).unlink(missing_ok=True)


def is_pinned(checkpoint: Path) -> bool:
    """Does it stay whatever comes after it?"""
    return (checkpoint / PIN).exists()


def place(run: Run, step: int, files: Iterable[tuple[str, bytes]]) -> Path:
    """Write a checkpoint's files and make it visible in one go; the oldest unpinned ones leave.

    Raises OSError where the disk refuses; every checkpoint that was there is there still.
    """
    folder = run.path / "checkpoints"
    part, whole, old = (folder / name for name in (f".{step:08d}.part", f"{step:08d}", f".{step:08d}.old"))
    folder.mkdir(exist_ok=True)
    mend(run)
    try:
        part.mkdir()
        for name, content in files:
            write_durably(part / name, content)
        if whole.exists():  # the same step saved again, after a move by hand
            os.rename(whole, old)
            if is_pinned(old):  # asked when nobody can pin it any more
                (part / PIN).touch()
        _flush(part)
        os.rename(part, whole)
        _flush(folder)
    except OSError:
        mend(run)
        raise
    shutil.rmtree(old, ignore_errors=True)
    unpinned = [checkpoint for checkpoint in checkpoints(run) if not is_pinned(checkpoint)]
    for checkpoint in unpinned[:-MAX_UNPINNED]:
        _remove(checkpoint)
    return whole


def _remove(checkpoint: Path) -> None:
    """Out of sight first, so that no half of it is ever taken for a whole one."""
    gone = checkpoint.with_name(f".{checkpoint.name}.gone")
    try:
        os.rename(checkpoint, gone)
        if is_pinned(gone):  # in this very moment
            os.rename(gone, checkpoint)
            return
    except OSError:
        return  # it stays a little longer
    shutil.rmtree(gone, ignore_errors=True)


def mend(run: Run) -> None:
    """Put right what a crash has left: finish a replacement or take it back, remove halves."""
    for old in run.path.glob("checkpoints/.*.old"):
        whole = old.with_name(old.name.removeprefix(".").removesuffix(".old"))
        if whole.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.rename(old, whole)
    for half in [*run.path.glob("checkpoints/.*.part"), *run.path.glob("checkpoints/.*.gone")]:
        shutil.rmtree(half, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Make a folder's list of names durable, where the system can (Windows can't)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
