"""`python -m gan train`."""

import argparse
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from gan import signals
from gan.cli.output import report
from gan.cli.values import seconds, whole
from gan.data.datasets import DATASETS, check, check_batch
from gan.errors import Problem
from gan.i18n import t
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import MAX_SEED, MAX_STEPS, SETTINGS, Recipe
from gan.recipes.table import RECIPES, find_recipe
from gan.runs.history import latest
from gan.runs.order import Order
from gan.runs.run import Run, check_place, runs_root

if TYPE_CHECKING:
    from gan.data.images import Images
    from gan.runner.loop import Training

HELP = "train a run"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    add = parser.add_argument
    add("--recipe", required=True, metavar="NAME", help=", ".join(RECIPES))
    add("--data", required=True, metavar="NAME", help=", ".join(DATASETS))
    add("--run", metavar="DIR", help=t("the run's folder (default: a new one under GAN_RUNS)"))
    add("--steps", type=whole(1, MAX_STEPS), metavar="N", help=t("total steps (default: the recipe's)"))
    add("--seconds", type=seconds, metavar="S", help=t("stop after that many seconds of training"))
    add("--seed", type=whole(0, MAX_SEED), metavar="S", help=t("default: 0, or the run's"))
    add("--device", default="auto", metavar="NAME", help="auto, cpu, cuda, mps")
    add("--save-every", type=seconds, default=10.0, metavar="S", help=t("seconds between two saves (10)"))
    add("--set", action="append", default=[], metavar="KEY=VALUE", help=t("change the recipe"))
    add("--numerics", metavar="KEY=VALUE,…", help=t("compute like that; a run's Settings tab shows its own"))
    add("--resume", action="store_true", help=t("go on with the run in --run"))
    add("--tune", action="store_true", help=t("measure anew how this machine computes the recipe fastest"))
    add("--json", action="store_true", help=t("end with one JSON object on stdout"))


def run(options: argparse.Namespace) -> int:
    """Train a run to its end, or go on with one."""
    recipe = find_recipe(options.recipe).with_changes(_changes(options.set))
    numerics = Numerics.from_option(options.numerics) if options.numerics else None
    old = _run_to_resume(recipe, options)
    check(options.data)
    check_place(options.run or runs_root())
    from gan.runner import start  # imports torch: not for a wrong name

    if old:
        with old.owned():
            if old.stored_info().state == "finished" and (options.steps or 0) <= old.stored_info().steps:
                return _report(start.resume(old), options)
            return _train(start.resume(old, options.steps, options.save_every), options)
    order = Order(recipe, options.data, options.seed or 0, options.steps, options.device)
    images = _check_before_anything_is_made(order)
    order = replace(order, numerics=numerics or _numerics(order, images, options.tune))
    run = (
        Run.make(options.run) if options.run else Run.make_next(runs_root(), f"{recipe.name}-{options.data}")
    )
    with run.owned():
        return _train(start.begin(run, order, images, options.save_every), options)


def _numerics(order: Order, images: "Images", anew: bool) -> Numerics:
    """How this machine computes the recipe fastest; a line says so where somebody looks on."""
    from gan.compute.devices import pick_device
    from gan.train.autotune import tuned

    device = pick_device(order.device)
    numerics = tuned(order.recipe, images, device, beside_browser=False, anew=anew)
    if anew or sys.stderr.isatty():
        line = t("Computing with {numerics} ({why}).", numerics=numerics.told(device.type), why=numerics.why)
        print(line, file=sys.stderr)
    return numerics


def _run_to_resume(recipe: Recipe, options: argparse.Namespace) -> Run | None:
    """The run that --resume goes on with; None for a new one. Raises Problem where --run is wrong."""
    if options.resume and not options.run:
        raise Problem("--resume needs --run: name the folder of the run to go on with.", misuse=True)
    if not options.run or not Run(options.run).exists():
        return None
    if not options.resume:
        raise Problem(
            "{folder} holds a run already: add --resume to go on with it, or name another folder.",
            folder=options.run,
            misuse=True,
        )
    if length := [pair for pair in options.set if pair.split("=")[0] in ("steps", "epochs")]:
        raise Problem("--set {pair} has no effect on --resume: say --steps N.", pair=length[0], misuse=True)
    if options.numerics:
        raise Problem("--numerics has no effect on --resume: a run computes as it began.", misuse=True)
    _refuse_difference(Run(options.run), recipe, options)
    return Run(options.run)


def _changes(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise Problem("--set {pair} lacks its value: write --set key=value.", pair=pair, misuse=True)
    return dict(pair.split("=", 1) for pair in pairs)


def _check_before_anything_is_made(order: Order) -> "Images":
    """The images, if device, data and batch allow a run at all."""
    from gan.compute.devices import pick_device
    from gan.data.images import load

    pick_device(order.device)
    images = load(order.data)
    check_batch(order.recipe.batch_size, images.name, len(images))
    return images


def _refuse_difference(run: Run, recipe: Recipe, options: argparse.Namespace) -> None:
    """A resume goes on with the same recipe, data and seed; only the length may grow."""
    info = run.stored_info()
    length = {name for name, setting in SETTINGS.items() if setting.of_length}
    seed = info.seed if options.seed is None else options.seed
    asked = {"data": options.data, "seed": seed} | recipe.model_dump(exclude=length)
    holds = {"data": info.data.name, "seed": info.seed} | info.recipe.model_dump(exclude=length)
    if options.device != "auto":
        asked, holds = asked | {"device": options.device}, holds | {"device": info.device}
    if recipe.name != info.recipe.name:  # then nearly every other value differs with it
        asked, holds = {"recipe": recipe.name}, {"recipe": info.recipe.name}
    different = [
        t("{key} is {old} there and {new} here", key=key, old=holds[key], new=value)
        for key, value in asked.items()
        if holds[key] != value
    ]
    if different:
        raise Problem(
            "Run {name} can't be resumed like that: {differences}.",
            name=run.name,
            differences="; ".join(different[:4]),
            misuse=True,
        )


def _train(training: "Training", options: argparse.Namespace) -> int:
    """Slices until the run ends, time is up or somebody interrupts; progress on stderr where that is a
    terminal.
    """
    from tqdm import tqdm

    interrupted: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: interrupted.append(number))
    signals.on_end(interrupted.append)
    total, start = training.info.steps, training.seconds
    with tqdm(
        total=total, initial=training.trainer.steps, unit="step", disable=not sys.stderr.isatty()
    ) as bar:
        while training.state == "running":
            slice_seconds = 0.1
            if options.seconds:
                slice_seconds = min(slice_seconds, start + options.seconds - training.seconds)
            bar.update(training.tick(seconds=slice_seconds))
            bar.set_postfix(
                {key: f"{value:.3f}" for key, value in training.record.last.items()}, refresh=False
            )
            out_of_time = options.seconds and training.seconds - start >= options.seconds
            if training.state == "running" and (interrupted or out_of_time):
                training.stop()
    if training.info.problem:  # it failed, or pauses because the disk refuses
        print(f"gan: {training.info.problem}", file=sys.stderr)
        return 1
    if interrupted:
        message = "gan: interrupted at step {step}; saved in {folder}, --resume goes on from there"
        place = {"step": f"{training.trainer.steps:,}", "folder": training.run.path}
        print(t(message, **place), file=sys.stderr)
        _report(training, options)
        return 128 + interrupted[0]
    return _report(training, options)


def _report(training: "Training", options: argparse.Namespace) -> int:
    numbers = training.record.last or latest(training.run.history())
    facts = {
        "run": str(training.run.path),
        "state": training.state,
        "step": training.trainer.steps,
        "seconds": round(training.seconds, 3),
        "steps_per_second": round(training.overall_speed(), 2),
        "resumed_from": training.resumed_from,
        "device": training.info.device,
        "numerics": training.info.numerics.model_dump(),
    } | {key: round(value, 6) for key, value in numbers.items()}
    place = {"state": training.state, "step": training.trainer.steps, "folder": training.run.path}
    report(options, facts, t("{state} at step {step}: {folder}", **place))
    return 0
