"""The command line: `python -m gan …`, the same runs without a browser.

Exit status 0: done; 1: failed, with one sentence on stderr; 2: wrong use.
"""

import argparse
from pathlib import Path

from gan.cli.data import download
from gan.cli.recipes import recipes, summary
from gan.cli.train import train
from gan.cli.values import seconds, truncation, whole
from gan.data.datasets import DATASETS
from gan.generator.config import LICENCES
from gan.i18n import t
from gan.recipes.recipe import MAX_SEED, MAX_STEPS
from gan.recipes.table import RECIPES


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="python -m gan", description=t("Train GANs and draw from them."))
    subparsers = top.add_subparsers(title=t("commands"), required=True, metavar="COMMAND")

    one = subparsers.add_parser("recipes", help=t("list the recipes"))
    one.add_argument("--json", action="store_true")
    one.set_defaults(run_command=recipes)

    one = subparsers.add_parser("train", help=t("train a run"))
    one.add_argument("--recipe", required=True, metavar="NAME", help=", ".join(RECIPES))
    one.add_argument("--data", required=True, metavar="NAME", help=", ".join(DATASETS))
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
    one.add_argument(
        "--numerics", metavar="KEY=VALUE,…", help=t("compute like that; a run's Settings tab shows its own")
    )
    one.add_argument("--resume", action="store_true", help=t("go on with the run in --run"))
    one.add_argument(
        "--tune", action="store_true", help=t("measure anew how this machine computes the recipe fastest")
    )
    one.add_argument("--json", action="store_true", help=t("end with one JSON object on stdout"))
    one.set_defaults(run_command=train)

    one = subparsers.add_parser("sample", help=t("draw pictures from a generator"))
    one.add_argument(
        "source",
        metavar="SOURCE",
        help=t("a run, a generator folder, a .safetensors file, or hf:USER/REPO[@REVISION]"),
    )
    add_sample_options(one)
    one.set_defaults(run_command=sample)

    one = subparsers.add_parser("push", help=t("share a generator on the Hugging Face Hub"))
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

    one = subparsers.add_parser("pull", help=t("fetch a generator from the Hub"))
    one.add_argument("repo", metavar="USER/REPO")
    one.add_argument("--revision", metavar="R", help=t("a branch, a tag, or a whole commit hash"))
    one.add_argument("--out", type=Path, required=True, metavar="DIR", help=t("a new folder"))
    one.add_argument("--whole", action="store_true", help=t("the whole run, ready to resume"))
    one.add_argument("--json", action="store_true")
    one.set_defaults(run_command=on_the_hub("pull"))

    one = subparsers.add_parser("browse", help=t("list the generators on the Hub"))
    one.add_argument("--search", default="", metavar="TEXT")
    one.add_argument("--limit", type=whole(1, 200), default=24, metavar="N")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run_command=on_the_hub("browse"))

    one = subparsers.add_parser("summary", help=t("layers, shapes and parameters of a recipe"))
    one.add_argument("recipe", metavar="RECIPE", help=", ".join(RECIPES))
    one.add_argument("--picture", type=Path, metavar="FILE.png", help=t("draw the structure"))
    one.add_argument("--json", action="store_true")
    one.set_defaults(run_command=summary)

    one = subparsers.add_parser("download", help=t("fetch a data set into GAN_DATA"))
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


# --- commands ----------------------------------------------------------------------------------------


def sample(options: argparse.Namespace) -> None:
    """Draw pictures, films and answers into a file."""
    from gan.cli import sample as sample_module  # imports torch: not for a wrong option

    sample_module.run(options)


def on_the_hub(name: str):
    """A command of gan.cli.hub, which imports the Hub's client: the other commands do without."""

    def run(options: argparse.Namespace) -> None:
        from gan.cli import hub

        getattr(hub, name)(options)

    return run
