"""A trainer's tensors to and from a run's checkpoints (gan.runs.checkpoints), as safetensors with checksums.
No pickle is written or read.

A checkpoint holds one file for each group of `Trainer.state_dict`, and `state.json` with their checksums and
what they belong to: recipe, data and seed.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save

from gan.errors import Problem
from gan.recipes.recipe import SETTINGS, Recipe
from gan.runs.checkpoints import checkpoints, mend, place, step_of
from gan.runs.info import FORMAT, RunInfo
from gan.runs.run import Run
from gan.train.trainer import State, Trainer

DAMAGE = (OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, SafetensorError)


def save_checkpoint(run: Run, state: State, belongs: dict, notes: dict) -> Path:
    """Keep a trainer's `state_dict`, and `notes` (JSON) with it. Raises OSError where the disk refuses.

    `belongs` is what `belongings` gave: loading for another recipe, other data or another seed is refused.
    """
    return place(run, int(state["counters"]["steps"]), _files(state, belongs, notes))


def _files(state: State, belongs: dict, notes: dict) -> Iterator[tuple[str, bytes]]:
    sums = {}
    for group, tensors in state.items():
        content = save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
        sums[group] = hashlib.sha256(content).hexdigest()
        yield f"{group}.safetensors", content
    facts = {"format_version": FORMAT, "step": int(state["counters"]["steps"]), "checksums": sums}
    yield "state.json", json.dumps(facts | {"belongs": belongs, "notes": notes}, indent=1).encode()


def belongings(info: RunInfo) -> dict:
    """What a checkpoint of that run belongs to, as JSON: the recipe but for its length, data, seed."""
    data = {"data": info.data.name, "fingerprint": info.data.fingerprint, "seed": info.seed}
    return info.recipe.identity() | data


def load_checkpoint(run: Run, trainer: Trainer, belongs: dict) -> tuple[dict | None, list[str]]:
    """Make the trainer what the newest whole checkpoint says; its notes, and the names of damaged ones passed
    over. The notes are None where the run has no checkpoint.

    Raises Problem if each is damaged, and if one was written for another run or by another version.
    """
    mend(run)
    damaged, why = [], ""
    for folder in reversed(checkpoints(run)):
        try:
            return _load(folder, trainer, belongs), damaged
        except DAMAGE as error:
            why = why or f"{folder.name}: {error}"
            damaged.append(folder.name)
    if damaged:
        message = "No checkpoint of run {name} can be used ({why}): start a new run."
        raise Problem(message, name=run.name, why=why)
    return None, damaged


def _load(folder: Path, trainer: Trainer, belongs: dict) -> dict:
    state = json.loads((folder / "state.json").read_bytes())
    _refuse_other_version(folder, state["format_version"])
    _refuse_other_run(folder, state["belongs"], belongs)
    if not isinstance(state["notes"]["events"], int) or state["notes"]["events"] < 0:
        raise ValueError("state.json does not say how many events it contains")
    tensors = {}
    for group, checksum in state["checksums"].items():
        content = (folder / f"{group}.safetensors").read_bytes()
        if hashlib.sha256(content).hexdigest() != checksum:
            raise ValueError(f"{group}.safetensors does not match its checksum")
        tensors[group] = load(content)
    if (step := int(tensors["counters"]["steps"])) != step_of(folder):
        raise ValueError(f"it is a copy of the checkpoint of step {step:,}")
    trainer.load_state_dict(tensors)
    return state["notes"]


def _refuse_other_version(folder: Path, found: object) -> None:
    if found != FORMAT:
        raise Problem(
            "Checkpoint {name} has the format version {found}, and this program reads {reads}: use the "
            "program that wrote it.",
            name=folder.name,
            found=str(found)[:20],
            reads=FORMAT,
        )


def _refuse_other_run(folder: Path, found: dict, belongs: dict) -> None:
    different = [
        f"{key} is {found.get(key)} there and {value} in run.json"
        for key, value in belongs.items()
        if found.get(key, _default(key)) != value
    ]
    if different:
        raise Problem(
            "Checkpoint {name} belongs to another run ({differences}): put run.json back as it was, or fork "
            "the run to change its settings.",
            name=folder.name,
            differences="; ".join(different[:4]),
        )


def _default(key: str) -> object:
    """What a setting was before there was one: checkpoints of that time do not name it."""
    default = Recipe.model_fields[key].default if key in SETTINGS else None
    return list(default) if isinstance(default, tuple) else default  # as JSON has it
