"""What one does with whole runs: rename, copy, fork, throw away, take out again. Folders only, no torch.

Every operation prepares its result under a name that is no run's and ends with one rename.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load, save

from gan.formats import METADATA, PREFIX, read_config, written
from gan.limits import check_room, check_steps
from gan.recipes import LIVE
from gan.ring import PIN, checkpoint_at
from gan.runs import DIRECTIONS, Run, find, is_name, now, rates_in_force, runs_in, write_durably
from gan.words import Problem

TRASH = ".trash"
ROUGH = ".new"  # the stem of names under which a run is prepared
MEMBER = re.compile(  # every file that is part of a run
    r"run\.json|history\.f32|events\.jsonl|directions\.json|config\.json|model\.safetensors|samples/\d{8,9}\.png"
    r"|checkpoints/\d{8,9}/(state\.json|pinned|[a-z_]{1,40}\.safetensors)"
)


def next_name(home: Path, stem: str) -> str:
    """The first of stem-2, stem-3, … that is free; a number at the stem's end counts on."""
    base, _, number = stem.rpartition("-")
    base, start = (base, int(number) + 1) if base and number.isdecimal() else (stem, 2)
    return next(name for n in range(start, start + 10**6) if not (home / (name := f"{base}-{n}")).exists())


def rename(run: Run, name: str) -> Run:
    """Call a run differently. Raises Problem where that name can't be or is taken, or while it trains."""
    name = name.strip()
    if not is_name(name):
        raise Problem(
            "'{name}' can't be a run's name: take letters, digits, spaces and . _ - (100 at most).",
            name=name[:60],
        )
    target = run.path.with_name(name)
    if name == run.name:
        return run
    _refuse_in_training(run)
    if target.exists():
        raise Problem("There is a run '{name}' already: choose another name.", name=name)
    with _told(target):
        run.path.rename(target)
    return Run(target)


def duplicate(run: Run) -> Run:
    """A copy with all checkpoints, under the next free name. Raises Problem, also while it trains."""
    _refuse_in_training(run)
    home = run.path.parent
    check_room(home)
    with prepared(home) as rough:
        _copy(run.path, rough)
        return put(rough, home, run.name)


def fork(run: Run, step: int, changes: dict[str, object], steps: int | None = None) -> Run:
    """A new run that goes on from one of the run's checkpoints with changed settings. Raises Problem.

    `changes` are settings of the recipe that leave its tensors as they are. Learning rates become edits at
    the fork's step, so the chart shows them. Edits, history and pictures beyond the checkpoint are dropped.
    """
    source, info, home = checkpoint_at(run, step), run.stored_info(), run.path.parent
    recipe = info.recipe.with_changes({key: value for key, value in changes.items() if key not in LIVE})
    rates = info.recipe.with_changes({key: value for key, value in changes.items() if key in LIVE})
    if bool(recipe.ema) != bool(info.recipe.ema):
        raise Problem("A fork keeps its averaged weights, or goes on without: ema can't come or go.")
    steps = steps or max(info.steps, step)
    check_steps(steps)
    check_room(home)
    with prepared(home) as rough:
        try:
            state = json.loads((source / "state.json").read_bytes())
            events = run.events()[: int(state["notes"]["events"])]
            state["belongs"] |= recipe.model_dump(mode="json", include=set(state["belongs"]))
            target = rough / "checkpoints" / source.name
            shutil.copytree(source, target)
            (target / PIN).unlink(missing_ok=True)
        except (OSError, ValueError, KeyError, TypeError) as error:
            told = "Checkpoint {step} of run {name} can't be forked ({why}): choose another one."
            raise Problem(told, step=f"{step:,}", name=run.name, why=error) from None
        born = [{"step": step, "what": "fork", "run": run.name}]
        in_force = rates_in_force(info.recipe, events)
        born += [
            {"step": step, "what": "set", "key": key, "old": in_force[key], "new": getattr(rates, key)}
            for key in LIVE
            if key in changes and getattr(rates, key) != in_force[key]
        ]
        write_durably(target / "state.json", json.dumps(state, indent=1).encode())
        child = Run(rough)
        child.write_events([*events, *born])
        _copy_history(run, rough, step)
        _copy_generator(run, rough, step, recipe)
        if (run.path / DIRECTIONS).exists():
            shutil.copy(run.path / DIRECTIONS, rough)
        told = {"state": "stopped" if step < steps else "finished", "problem": "", "created": now(), "pid": 0}
        share = step / info.step if info.step else 0.0
        told |= {"step": step, "saved": step, "steps": steps, "seconds": info.seconds * min(1.0, share)}
        child.write(info.model_copy(update=told | {"recipe": recipe}))
        return put(rough, home, run.name)


def _copy_history(run: Run, target: Path, step: int) -> None:
    with open(target / "history.f32", "wb") as file:
        history = run.history()[:step]
        for start in range(0, len(history), 1 << 16):
            file.write(history[start : start + (1 << 16)].tobytes())
    (target / "samples").mkdir()
    for kept in run.sample_steps():
        if kept <= step:
            shutil.copy(run.path / "samples" / f"{kept:08d}.png", target / "samples")


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
        told = "Checkpoint {step} of run {name} can't be read ({why}): choose another one."
        raise Problem(told, step=f"{step:,}", name=run.name, why=error) from None


# --- the trash ---------------------------------------------------------------------------------------


def throw_away(run: Run) -> None:
    """Into the trash, from where `take_out` brings it back. Raises Problem while somebody trains it."""
    _refuse_in_training(run)
    trash = run.path.parent / TRASH
    with _told(trash):
        trash.mkdir(exist_ok=True)
        name = run.name if not (trash / run.name).exists() else next_name(trash, run.name)
        os.utime(run.path)
        run.path.rename(trash / name)


def thrown_away(home: Path) -> list[Run]:
    """The runs in the trash, the last one first."""
    return runs_in(home / TRASH)


def take_out(home: Path, name: str) -> Run:
    """Bring a run back from the trash, under another name if its own is taken. Raises Problem."""
    run = find(name, home / TRASH)
    with _told(home):
        target = home / (name if not (home / name).exists() else next_name(home, name))
        run.path.rename(target)
        return Run(target)


def empty_trash(home: Path) -> None:
    """Remove what is in the trash, for good."""
    shutil.rmtree(home / TRASH, ignore_errors=True)


# --- between -----------------------------------------------------------------------------------------


def _refuse_in_training(run: Run) -> None:
    if run.is_locked():
        raise Problem("Run {name} is in training: stop it first.", name=run.name)


def known_files(folder: Path) -> Iterator[Path]:
    """The files a run consists of, the whole ones: no lock, no log, nothing half-written."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and MEMBER.fullmatch(path.relative_to(folder).as_posix()):
            yield path


def _copy(source: Path, target: Path) -> None:
    for path in known_files(source):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    (target / "samples").mkdir(exist_ok=True)


@contextmanager
def prepared(home: Path) -> Iterator[Path]:
    """A folder to fill; what is left of it afterwards is removed."""
    rough = home / f"{ROUGH}-{os.urandom(8).hex()}"
    with _told(home):
        home.mkdir(parents=True, exist_ok=True)
        rough.mkdir()
        try:
            yield rough
        finally:
            shutil.rmtree(rough, ignore_errors=True)


def put(rough: Path, home: Path, stem: str) -> Run:
    """Make a prepared folder the run of that name, or of the next free one."""
    name = stem if not (home / stem).exists() else next_name(home, stem)
    rough.rename(home / name)
    return Run(home / name)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """A disk that refuses, as a sentence."""
    try:
        yield
    except OSError as error:
        raise Problem(
            "{file} can't be written ({why}): free some space or mend its rights, and try again.",
            file=error.filename or folder,
            why=error.strerror or error,
        ) from None
