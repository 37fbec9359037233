"""A trainer's tensors to and from a run's folder, as safetensors with checksums. No pickle is written or
read.

A checkpoint is a folder named after its step: one file for each group of `Trainer.state_dict`, and
`state.json` with their checksums. It is written under another name, flushed to the disk and renamed: a
checkpoint is there whole or not.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save

from gan.runs import Run
from gan.trainer import Trainer
from gan.words import Problem

FORMAT = 1
KEPT = 5  # the newest ones; older ones are removed
DAMAGE = (OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, SafetensorError)


def save_checkpoint(run: Run, trainer: Trainer, notes: dict) -> Path:
    """Keep the trainer as it stands, and `notes` (JSON) with it. Raises OSError where the disk refuses."""
    folder = run.path / "checkpoints"
    part, whole = folder / f".{trainer.steps:08d}.part", folder / f"{trainer.steps:08d}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    sums = {}
    for group, tensors in trainer.state_dict().items():
        content = save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
        sums[group] = hashlib.sha256(content).hexdigest()
        _write(part / f"{group}.safetensors", content)
    state = {"format_version": FORMAT, "step": trainer.steps, "checksums": sums, "notes": notes}
    _write(part / "state.json", json.dumps(state, indent=1).encode())
    _flush(part)
    shutil.rmtree(whole, ignore_errors=True)  # the same step saved again, after a manual move
    os.replace(part, whole)
    _flush(folder)
    for old in checkpoints(run)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return whole


def checkpoints(run: Run) -> list[Path]:
    """The run's checkpoints, the newest last."""
    return sorted(run.path.glob("checkpoints/[0-9]*"))


def load_checkpoint(run: Run, trainer: Trainer) -> dict | None:
    """Make the trainer what the newest whole checkpoint says and return its notes; None if there is none.

    Raises Problem if there are checkpoints and each is damaged or of an unknown version.
    """
    troubles = []
    for folder in reversed(checkpoints(run)):
        try:
            return _load(folder, trainer)
        except DAMAGE as error:
            troubles.append(f"{folder.name}: {error}")
    if troubles:
        raise Problem(
            "No checkpoint of run {name} can be used ({why}): start a new run.",
            name=run.name,
            why=troubles[0],
        )
    return None


def _load(folder: Path, trainer: Trainer) -> dict:
    state = json.loads((folder / "state.json").read_bytes())
    if state["format_version"] != FORMAT:
        raise ValueError(f"format version {state['format_version']}, this program reads {FORMAT}")
    tensors = {}
    for group, checksum in state["checksums"].items():
        content = (folder / f"{group}.safetensors").read_bytes()
        if hashlib.sha256(content).hexdigest() != checksum:
            raise ValueError(f"{group}.safetensors does not match its checksum")
        tensors[group] = load(content)
    trainer.load_state_dict(tensors)
    return state["notes"]


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Make a folder's list of names durable, where the system can (Windows can't)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
