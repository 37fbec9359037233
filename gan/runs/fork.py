"""A new run that goes on from a checkpoint of another one."""

import json
import re
import shutil
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load, save

from gan.durable import make_folder, write_durably
from gan.errors import Problem
from gan.folders import named
from gan.generator.config import METADATA, PREFIX, read_config, written
from gan.generator.store import DIRECTIONS
from gan.limits import check_room, check_steps
from gan.recipes.recipe import LIVE, SETTINGS, Recipe
from gan.runs.checkpoints import FILES, PIN, checkpoint_at
from gan.runs.events import Event, Forked, SetRate
from gan.runs.library import preparing, put
from gan.runs.run import Run, now, rates_in_force


def fork(run: Run, step: int, changes: dict[str, object], steps: int | None = None) -> Run:
    """A new run that goes on from one of the run's checkpoints with changed settings. Raises Problem.

    `changes` are settings of the recipe that leave its tensors as they are. Learning rates become edits at
    the fork's step, so the chart shows them. Edits, history and pictures beyond the checkpoint are dropped.
    """
    source, info, home = checkpoint_at(run, step), run.stored_info(), run.path.parent
    recipe = info.recipe.with_changes({key: value for key, value in changes.items() if key not in LIVE})
    asked = info.recipe.with_changes({key: value for key, value in changes.items() if key in LIVE})
    rates = {key: getattr(asked, key) for key in LIVE if key in changes}
    _refuse_other_tensors(info.recipe, recipe)
    steps = steps or max(info.steps, step)
    check_steps(steps)
    check_room(home)
    with preparing(home) as rough:
        events = _copy_checkpoint(run, source, rough, recipe)
        born = [Forked(step=step, run=run.name), *_rate_edits(info.recipe, rates, events, step)]
        child = Run(rough)
        child.write_events([*events, *born])
        _copy_history(run, rough, step)
        _copy_generator(run, rough, step, recipe)
        for directions in named(run.path, re.escape(DIRECTIONS)):
            shutil.copyfile(directions, rough / DIRECTIONS)
        told = {"state": "stopped" if step < steps else "finished", "problem": "", "created": now(), "pid": 0}
        share = step / info.step if info.step else 0.0
        told |= {"step": step, "saved": step, "steps": steps, "seconds": info.seconds * min(1.0, share)}
        child.write(info.model_copy(update=told | {"recipe": recipe}))
        return put(rough, home, run.name)


def _copy_checkpoint(run: Run, source: Path, target: Path, recipe: Recipe) -> list[Event]:
    """Copy a checkpoint so that it belongs to the recipe. Returns the run's edits up to it."""
    folder = target / "checkpoints" / source.name
    try:
        state = json.loads((source / "state.json").read_bytes())
        events = run.events()[: int(state["notes"]["events"])]
        state["belongs"] |= recipe.model_dump(mode="json", include=set(state["belongs"]))
        folder.mkdir(parents=True)
        for file in named(source, FILES):
            if file.name != PIN:
                shutil.copyfile(file, folder / file.name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        told = "Checkpoint {step} of run {name} can't be forked ({why}): choose another one."
        raise Problem(told, step=f"{int(source.name):,}", name=run.name, why=error) from None
    write_durably(folder / "state.json", json.dumps(state, indent=1).encode())
    return events


def _rate_edits(recipe: Recipe, rates: dict[str, float], events: list[Event], step: int) -> list[SetRate]:
    """The edits that take the rates in force after the events to the new ones."""
    in_force = rates_in_force(recipe, events)
    return [
        SetRate(step=step, key=key, old=in_force[key], new=rates[key])
        for key in rates
        if rates[key] != in_force[key]
    ]


def _refuse_other_tensors(recipe: Recipe, changed: Recipe) -> None:
    """Raise Problem for a setting that asks for tensors which the checkpoint does not hold."""
    if bool(recipe.ema) != bool(changed.ema):
        raise Problem("A fork keeps its averaged weights, or goes on without: ema can't come or go.")
    for name in changed.changes_from(recipe):
        if SETTINGS[name].of_tensors and name != "ema":
            raise Problem("A fork keeps its networks: {name} can't change. Start a new run.", name=name)


def _copy_history(run: Run, target: Path, step: int) -> None:
    with open(target / "history.f32", "wb") as file:
        history = run.history()[:step]
        for start in range(0, len(history), 1 << 16):
            file.write(history[start : start + (1 << 16)].tobytes())
    make_folder(target / "samples")
    for kept in run.sample_steps():
        if kept <= step:
            shutil.copyfile(*(one / "samples" / f"{kept:08d}.png" for one in (run.path, target)))


def _copy_generator(run: Run, target: Path, step: int, recipe) -> None:
    """So that a run is a generator folder too: the checkpoint's generator, with the config it had."""
    config, tensors = generator_at(run, step)
    told = read_config(config).model_copy(update={"recipe": recipe})
    (target / "config.json").write_bytes(written(told))
    (target / "model.safetensors").write_bytes(tensors)


def generator_at(run: Run, step: int) -> tuple[bytes, bytes]:
    """The contents of `config.json` and `model.safetensors` as they were at a checkpoint. Raises Problem."""
    checkpoint = checkpoint_at(run, step)
    try:
        text = (run.path / "config.json").read_bytes()
        config = read_config(text)
        tensors = load((checkpoint / "generator.safetensors").read_bytes())
        if (checkpoint / "ema.safetensors").exists():
            average = load((checkpoint / "ema.safetensors").read_bytes())
            tensors |= {PREFIX + name: tensor for name, tensor in average.items()}
        if config.step != step:  # otherwise the very bytes, whichever version has written them
            text = written(config.model_copy(update={"step": step}))
        return text, save(tensors, METADATA)
    except (OSError, ValueError, TypeError, SafetensorError) as error:
        message = "Checkpoint {step} of run {name} can't be read ({why}): choose another one."
        raise Problem(message, step=f"{step:,}", name=run.name, why=error) from None
