"""The command line: `python -m gan …`, the same runs without a browser.

Exit status 0: done; 1: failed, with one sentence on stderr; 2: wrong use.
"""

import argparse
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from gan.formats import LICENCES
from gan.recipes import MAX_STEPS, RECIPES, find_recipe
from gan.runs import MAX_SEED, Run, runs_root
from gan.sources import SOURCES, check
from gan.words import Problem, t


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = parser().parse_args(arguments)
    try:
        return options.run_command(options) or 0
    except Problem as problem:
        print(f"gan: {problem}", file=sys.stderr)
        return 2 if problem.misuse else 1
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        print(t("gan: interrupted"), file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="python -m gan", description=t("Train GANs and draw from them."))
    commands = top.add_subparsers(title=t("commands"), required=True, metavar="COMMAND")

    one = commands.add_parser("recipes", help=t("list the recipes"))
    one.add_argument("--json", action="store_true")
    one.set_defaults(run_command=recipes)

    one = commands.add_parser("train", help=t("train a run"))
    one.add_argument("--recipe", required=True, metavar="NAME", help=", ".join(RECIPES))
    one.add_argument("--data", required=True, metavar="NAME", help=", ".join(SOURCES))
    one.add_argument("--run", metavar="DIR", help=t("the run's folder (default: a new one under GAN_RUNS)"))
    one.add_argument(
        "--steps", type=whole(1, MAX_STEPS), metavar="N", help=t("total steps (default: the recipe's)")
    )
    one.add_argument(
        "--seconds", type=seconds, metavar="S", help=t("stop after that many seconds of training")
    )
    one.add_argument("--seed", type=whole(0, MAX_SEED), metavar="S", help=t("default: 0, or the run's"))
    one.add_argument("--device", default="auto", metavar="NAME", help="auto, cpu, cuda, mps")
    one.add_argument(
        "--save-every", type=seconds, default=10.0, metavar="S", help=t("seconds between two saves (10)")
    )
    one.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=t("change the recipe"))
    one.add_argument("--resume", action="store_true", help=t("go on with the run in --run"))
    one.add_argument(
        "--tune", action="store_true", help=t("measure anew how this machine computes the recipe fastest")
    )
    one.add_argument("--json", action="store_true", help=t("end with one JSON object on stdout"))
    one.set_defaults(run_command=train)

    one = commands.add_parser("sample", help=t("draw pictures from a generator"))
    one.add_argument(
        "source",
        metavar="SOURCE",
        help=t("a run, a generator folder, a .safetensors file, or hf:USER/REPO[@REVISION]"),
    )
    add_sample_options(one)
    one.set_defaults(run_command=sample)

    one = commands.add_parser("push", help=t("share a generator on the Hugging Face Hub"))
    one.add_argument("source", metavar="SOURCE", help=t("a run, a generator folder or a .safetensors file"))
    one.add_argument("repo", metavar="USER/REPO")
    one.add_argument("--public", action="store_true", help=t("for everybody (default: private)"))
    one.add_argument("--revision", metavar="R", help=t("a branch, made where it is missing"))
    one.add_argument("--pr", action="store_true", help=t("open a pull request instead"))
    one.add_argument("--message", default="", metavar="TEXT", help=t("of the commit"))
    one.add_argument("--licence", default="mit", choices=LICENCES, metavar="NAME", help=", ".join(LICENCES))
    one.add_argument("--whole", action="store_true", help=t("the run too, to resume it from there"))
    one.add_argument("--zip", metavar="FILE.zip", help=t("write a ZIP instead; needs no network"))
    one.add_argument("--dry-run", action="store_true", help=t("only list what would be pushed"))
    one.add_argument("--json", action="store_true")
    one.set_defaults(run_command=on_the_hub("push"))

    one = commands.add_parser("pull", help=t("fetch a generator from the Hub"))
    one.add_argument("repo", metavar="USER/REPO")
    one.add_argument("--revision", metavar="R", help=t("a branch, a tag, or a whole commit hash"))
    one.add_argument("--out", type=Path, required=True, metavar="DIR", help=t("a new folder"))
    one.add_argument("--whole", action="store_true", help=t("the whole run, ready to resume"))
    one.add_argument("--json", action="store_true")
    one.set_defaults(run_command=on_the_hub("pull"))

    one = commands.add_parser("browse", help=t("list the generators on the Hub"))
    one.add_argument("--search", default="", metavar="TEXT")
    one.add_argument("--limit", type=whole(1, 200), default=24, metavar="N")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run_command=on_the_hub("browse"))

    one = commands.add_parser("summary", help=t("layers, shapes and parameters of a recipe"))
    one.add_argument("recipe", metavar="RECIPE", help=", ".join(RECIPES))
    one.add_argument("--picture", type=Path, metavar="FILE.png", help=t("draw the structure"))
    one.add_argument("--json", action="store_true")
    one.set_defaults(run_command=summary)

    one = commands.add_parser("download", help=t("fetch a data set into GAN_DATA"))
    one.add_argument("data", choices=["mnist"], metavar="NAME", help="mnist")
    one.set_defaults(run_command=download)
    return top


def add_sample_options(one: argparse.ArgumentParser) -> None:
    """What `sample` can be asked for beside its source."""
    which = one.add_argument_group(t("which pictures"))
    which.add_argument("--seed", type=whole(0, MAX_SEED), metavar="S", help=t("default: 0"))
    which.add_argument("--seeds", metavar="LIST", help=t("such as 1,5,9-12: the first of each"))
    which.add_argument("--count", type=whole(1, 10_000), metavar="N", help=t("default: 16; of a walk 4"))
    which.add_argument("--truncation", type=truncation, metavar="T", help=t("0 to 2, scales the latents"))
    which.add_argument(
        "--shift",
        action="append",
        default=[],
        metavar="NAME=S",
        help=t("by S standard deviations along pca1, svd3, z12 or a saved direction; may be repeated"),
    )
    which.add_argument("--latents", type=Path, metavar="FILE", help=t("draw these, .json or .safetensors"))
    which.add_argument(
        "--like", metavar="FILE.png|ADDRESS", help=t("as a picture of the page was made; --seed takes others")
    )
    what = one.add_argument_group(t("what to make of them (default: a grid)"))
    what.add_argument("--grid", type=whole(1, 100), nargs="?", const=0, metavar="COLUMNS")
    what.add_argument("--walk", action="store_true", help=t("a film from picture to picture"))
    what.add_argument("--plane", action="store_true", help=t("a map of the plane through 3 or 4 pictures"))
    what.add_argument("--invert", type=Path, metavar="FILE", help=t("find the latent of that picture"))
    what.add_argument("--neighbours", action="store_true", help=t("beside the nearest training pictures"))
    how = one.add_argument_group(t("how"))
    how.add_argument("--raw", action="store_true", help=t("not by the averaged weights, where there are any"))
    how.add_argument("--frames", type=whole(2, 120), metavar="N", help=t("of each leg of a walk (30)"))
    how.add_argument("--fps", type=whole(1, 50), metavar="N", help=t("frames a second (24)"))
    how.add_argument("--straight", action="store_true", help=t("along the line, not along the sphere"))
    how.add_argument("--once", action="store_true", help=t("the walk ends at its last picture"))
    how.add_argument("--size", type=whole(8, 1024), metavar="PIXELS", help=t("of a film's side, about (256)"))
    how.add_argument("--starts", type=whole(1, 64), metavar="N", help=t("of --invert (8)"))
    how.add_argument("--search-steps", type=whole(1, 10_000), metavar="N", help=t("of --invert (200)"))
    how.add_argument("--whole", action="store_true", help=t("--invert: all of the picture, with a border"))
    how.add_argument("--negative", action="store_true", help=t("--invert: light and dark swapped"))
    how.add_argument("--data", metavar="NAME", help=t("of --neighbours (default: the generator's own)"))
    one.add_argument("--out", type=Path, required=True, metavar="FILE", help=t(OUT))
    one.add_argument("--json", action="store_true", help=t("end with one JSON object on stdout"))


OUT = (
    ".png: a grid; .npy: uint8 (N, H, W, C); .json, .safetensors: the latents; of a walk .gif, .mp4, .zip of "
    "PNG frames, .png with a row for each leg; of neighbours .json or .png, a row for each picture: itself, "
    "six in pixels, six in shape"
)


def whole(least: int, most: int):
    """A type for argparse: a whole number in bounds."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            raise argparse.ArgumentTypeError(
                t("'{text}' is not a whole number from {least} to {most}", text=text, least=least, most=most)
            )
        return value

    return convert


def number(text: str, least: float, most: float, meaning: str) -> float:
    """A number in bounds, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(t("'{text}' is not {meaning}", text=text, meaning=meaning))
    return value


def seconds(text: str) -> float:
    """--seconds."""
    return number(text, 0.001, 1e9, t("a number of seconds above 0"))


def truncation(text: str) -> float:
    """--truncation."""
    return number(text, 0, 2, t("a number from 0 to 2"))


# --- commands ----------------------------------------------------------------------------------------


def recipes(options: argparse.Namespace) -> None:
    """List the recipes."""
    if options.json:
        print(json.dumps([recipe.model_dump(mode="json") for recipe in RECIPES.values()]))
        return
    for recipe in RECIPES.values():
        print(f"{recipe.name:<12} {t(recipe.purpose)}\n{'':<12} {t(recipe.source)}")


def train(options: argparse.Namespace) -> int:
    """Train a run to its end, or go on with one."""
    recipe = find_recipe(options.recipe).with_changes(_changes(options.set))
    old = _run_to_resume(recipe, options)
    check(options.data)
    from gan.training import Order, Training  # imports torch: not for a wrong name

    if old:
        with old.owned():
            if old.stored_info().state == "finished" and (options.steps or 0) <= old.stored_info().steps:
                return _report(Training.resume(old), options)
            return _train(Training.resume(old, options.steps, options.save_every), options)
    order = Order(recipe, options.data, options.seed or 0, options.steps, options.device)
    images = _check_before_anything_is_made(order)
    order = replace(order, numerics=_numerics(order, images, options.tune))
    run = (
        Run.make(options.run) if options.run else Run.make_next(runs_root(), f"{recipe.name}-{options.data}")
    )
    with run.owned():
        return _train(Training.begin(run, order, images, options.save_every), options)


def _numerics(order, images, anew: bool):
    """How this machine computes the recipe fastest, told where somebody looks on."""
    from gan.trainer import pick_device
    from gan.tuning import tuned

    device = pick_device(order.device)
    numerics = tuned(order.recipe, images, device, beside_browser=False, anew=anew)
    if anew or sys.stderr.isatty():
        told = t("Computing with {numerics} ({why}).", numerics=numerics.told(device.type), why=numerics.why)
        print(told, file=sys.stderr)
    return numerics


def _run_to_resume(recipe, options: argparse.Namespace) -> Run | None:
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
    _refuse_difference(Run(options.run), recipe, options)
    return Run(options.run)


def _changes(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise Problem("--set {pair} lacks its value: write --set key=value.", pair=pair, misuse=True)
    return dict(pair.split("=", 1) for pair in pairs)


def _check_before_anything_is_made(order):
    """The images, if device, data and batch allow a run at all."""
    from gan import data
    from gan.trainer import check_batch, pick_device

    pick_device(order.device)
    images = data.load(order.data)
    check_batch(order.recipe, images)
    return images


def _refuse_difference(run: Run, recipe, options: argparse.Namespace) -> None:
    """A resume goes on with the same recipe, data and seed; only the length may grow."""
    info = run.stored_info()
    length = {"steps", "epochs"}
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


def _train(training, options: argparse.Namespace) -> int:
    """Slices until the run ends, time is up or somebody interrupts; progress on stderr where that is a
    terminal.
    """
    from tqdm import tqdm

    interrupted: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _: interrupted.append(number))
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
                {key: f"{value:.3f}" for key, value in training.last_numbers.items()}, refresh=False
            )
            out_of_time = options.seconds and training.seconds - start >= options.seconds
            if training.state == "running" and (interrupted or out_of_time):
                training.stop()
    if training.info.problem:  # it failed, or pauses because the disk refuses
        print(f"gan: {training.info.problem}", file=sys.stderr)
        return 1
    if interrupted:
        message = t("gan: interrupted at step {step}; saved in {folder}, --resume goes on from there")
        print(message.format(step=f"{training.trainer.steps:,}", folder=training.run.path), file=sys.stderr)
        _report(training, options)
        return 128 + interrupted[0]
    return _report(training, options)


def _report(training, options: argparse.Namespace) -> int:
    numbers = training.last_numbers or _last_recorded(training.run)
    report = {
        "run": str(training.run.path),
        "state": training.state,
        "step": training.trainer.steps,
        "seconds": round(training.seconds, 3),
        "steps_per_second": round(training.overall_speed(), 2),
        "resumed_from": training.resumed_from,
        "device": training.info.device,
        "numerics": training.info.numerics.model_dump(),
    } | {key: round(value, 6) for key, value in numbers.items()}
    if options.json:
        print(json.dumps(report))
    else:
        line = t(
            "{state} at step {step}: {folder}",
            state=report["state"],
            step=report["step"],
            folder=report["run"],
        )
        print(line)
    return 0


def _last_recorded(run: Run) -> dict[str, float]:
    history = run.history()
    return (
        dict(zip(("d_loss", "g_loss", "d_real", "d_fake"), history[-1].tolist(), strict=True))
        if len(history)
        else {}
    )


def sample(options: argparse.Namespace) -> None:
    """Draw pictures, films and answers into a file."""
    from gan import sampling  # imports torch: not for a wrong option

    sampling.run(options)


def on_the_hub(name: str):
    """A command of gan.hub.commands, which imports the Hub's client: the other commands do without."""

    def run(options: argparse.Namespace) -> None:
        from gan.hub import commands

        getattr(commands, name)(options)

    return run


def summary(options: argparse.Namespace) -> None:
    """Print a recipe's layers, or draw them."""
    recipe = find_recipe(options.recipe)
    from gan.model import GAN

    gan = GAN.from_recipe(recipe, (1, 28, 28))
    parts = gan.summary()
    if options.picture:
        if options.picture.suffix.lower() != ".png":
            raise Problem("--picture {file} does not end in .png.", file=options.picture, misuse=True)
        try:
            gan.save_model(options.picture)
        except OSError as error:
            raise Problem(
                "{file} can't be written: {why}.", file=options.picture, why=error.strerror
            ) from None
    if options.json:
        names = ("generator", "discriminator")
        print(json.dumps({name: _numbers(part) for name, part in zip(names, parts, strict=True)}))
    else:
        print("\n\n".join(map(str, parts)))


def _numbers(part) -> dict:
    layers = [layer.model_dump(mode="json") for layer in part.layers]
    return {"trainable": part.trainable, "total": part.total, "layers": layers}


def download(options: argparse.Namespace) -> None:
    """Fetch a data set; torchvision shows its progress on stderr."""
    from gan.data import download_mnist
    from gan.sources import data_root

    download_mnist()
    print(t("{data} is in {folder}", data=options.data, folder=data_root()))


if __name__ == "__main__":
    sys.exit(main())
