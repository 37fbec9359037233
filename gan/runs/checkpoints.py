"""A run's checkpoints: the newest few, and those that somebody has pinned. Folders only, no torch: pages list
and pin them, the trainer's process fills them (gan.runner.checkpoint).

A checkpoint is a folder named after its step. It becomes visible by one rename, when all of it is on the
disk. While it is written it is `.NAME.part`; `.NAME.old` is one that another of the same step is about to
replace, `.NAME.gone` one that is removed. A crash may leave any of them behind: `mend` puts that right.
Whatever else lies there is not ours, also where its name begins like a checkpoint's: it stays as it is.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from gan.durable import flush_folder, make_folder, share, write_durably
from gan.errors import Problem, os_errors_as
from gan.folders import is_folder, named
from gan.runs.run import STEP, Run

MAX_UNPINNED = 5  # the oldest of more leave
PIN = "pinned"  # a file of that name in a checkpoint's folder: it never leaves
FILES = r"state\.json|pinned|[a-z_]{1,40}\.safetensors"  # the files of a checkpoint


def checkpoints(run: Run) -> list[Path]:
    """The folders of the run's checkpoints, the newest last."""
    return sorted(named(run.path / "checkpoints", STEP, is_folder), key=step_of)


def checkpoint_at(run: Run, step: int) -> Path:
    """The checkpoint of that step. Raises Problem listing the steps there are."""
    folder = run.path / "checkpoints" / f"{step:08d}"
    if folder not in checkpoints(run):
        steps = ", ".join(f"{step_of(checkpoint):,}" for checkpoint in checkpoints(run)) or "none"
        message = "Run {name} has no checkpoint of step {step}. It has: {steps}."
        raise Problem(message, name=run.name, step=f"{step:,}", steps=steps, misuse=True)
    return folder


def step_of(checkpoint: Path) -> int:
    """The step a checkpoint's folder is named after."""
    return int(checkpoint.name)


def newest_whole(run: Run) -> list[Path]:
    """The newest checkpoint whose files are what their checksums say: one in a list, none of a run that has
    none. Raises Problem where each is damaged.
    """
    found = checkpoints(run)
    for checkpoint in reversed(found):  # each is read whole: no more of them than needed
        if _is_whole(checkpoint):
            return [checkpoint]
    if found:
        message = "Each checkpoint of run {name} is damaged, so it can't go along: take the generator alone."
        raise Problem(message, name=run.name)
    return []


def _is_whole(checkpoint: Path) -> bool:
    try:
        sums = json.loads((checkpoint / "state.json").read_bytes())["checksums"]
        files = {name: (checkpoint / f"{name}.safetensors").read_bytes() for name in sums}
        return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()} == sums != {}
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return False


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
    make_folder(folder)
    mend(run)
    try:
        part.mkdir()
        share(part)
        for name, content in files:
            write_durably(part / name, content)
        if _is_folder(whole):  # the same step saved again, after a move by hand
            os.rename(whole, old)
            if is_pinned(old):  # asked when nobody can pin it any more
                (part / PIN).touch()
        elif os.path.lexists(whole):  # a link or a file, which is not ours: it stays, under another name
            os.rename(whole, whole.with_name(f"{whole.name} before {os.urandom(4).hex()}"))
        flush_folder(part)
        os.rename(part, whole)
        flush_folder(folder)
    except OSError:
        mend(run)
        raise
    shutil.rmtree(old, ignore_errors=True)
    others = [one for one in checkpoints(run) if one != whole and not is_pinned(one)]
    for checkpoint in others[: -(MAX_UNPINNED - (not is_pinned(whole)))]:
        _remove(checkpoint)  # never the one just written, also where damaged ones of later steps lie there
    return whole


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


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
    """Put right what a crash has left: finish a replacement or take it back, remove halves. One that was
    being removed comes back if somebody has pinned it.
    """
    for left in named(run.path / "checkpoints", rf"\.{STEP}\.(part|old|gone)", is_folder):
        whole = left.with_name(left.name[1:].removesuffix(left.suffix))
        is_wanted = left.suffix == ".old" or (left.suffix == ".gone" and is_pinned(left))
        if is_wanted and not os.path.lexists(whole):
            os.rename(left, whole)
        elif not is_wanted or _is_folder(whole):
            shutil.rmtree(left, ignore_errors=True)
