"""`python -m gan sample`: its options. Drawing itself imports torch, so it stands apart (gan.cli.sample)."""

import argparse
from pathlib import Path

from gan.cli.sample_options import FEW, FILM_SIDE, MOST_LATENTS
from gan.cli.values import truncation, whole
from gan.i18n import t
from gan.latent.bounds import Bounds
from gan.latent.view import COUNT, FRAMES, SPEED, STARTS, STEPS, TRUNCATION
from gan.recipes.recipe import MAX_SEED

HELP = "draw pictures from a generator"
OUT = (
    ".png: a grid; .npy: uint8 (N, H, W, C); .json, .safetensors: the latents; of a walk .gif, .mp4, .zip of "
    "PNG frames, .png with a row for each leg; of neighbours .json or .png, a row for each picture: itself, "
    "six in pixels, six in shape"
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help=t("a run, a generator folder, a .safetensors file, or hf:USER/REPO[@REVISION]"),
    )
    _add_which(parser.add_argument_group(t("which pictures")))
    _add_what(parser.add_argument_group(t("what to make of them (default: a grid)")))
    _add_how(parser.add_argument_group(t("how")))
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=t(OUT))
    parser.add_argument("--json", action="store_true", help=t("end with one JSON object on stdout"))


def _add_which(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--seed", type=whole(0, MAX_SEED), metavar="S", help=t("default: 0"))
    add("--seeds", metavar="LIST", help=t("such as 1,5,9-12: the first of each"))
    about = t("default: {usual}; of a walk {few}", usual=COUNT.default, few=FEW)
    add("--count", type=whole(1, MOST_LATENTS), metavar="N", help=about)
    about = t("{least:g} to {most:g}, scales the latents", least=TRUNCATION.least, most=TRUNCATION.most)
    add("--truncation", type=truncation, metavar="T", help=about)
    add(
        "--shift",
        action="append",
        default=[],
        metavar="NAME=S",
        help=t("by S standard deviations along pca1, svd3, z12 or a saved direction; may be repeated"),
    )
    add("--latents", type=Path, metavar="FILE", help=t("draw these, .json or .safetensors"))
    add(
        "--like", metavar="FILE.png|ADDRESS", help=t("as a picture of the page was made; --seed takes others")
    )


def _add_what(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--grid", type=whole(1, 100), nargs="?", const=0, metavar="COLUMNS")
    add("--walk", action="store_true", help=t("a film from picture to picture"))
    add("--plane", action="store_true", help=t("a map of the plane through 3 or 4 pictures"))
    add("--invert", type=Path, metavar="FILE", help=t("find the latent of that picture"))
    add("--neighbours", action="store_true", help=t("beside the nearest training pictures"))


def _add_how(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument

    def add_number(flag: str, bounds: Bounds, about: str, metavar: str = "N") -> None:
        number = whole(bounds.least, bounds.most)
        add(flag, type=number, metavar=metavar, help=t(about, default=bounds.default))

    add("--raw", action="store_true", help=t("not by the averaged weights, where there are any"))
    add_number("--frames", FRAMES, "of each leg of a walk ({default})")
    add_number("--fps", SPEED, "frames a second ({default})")
    add("--straight", action="store_true", help=t("along the line, not along the sphere"))
    add("--once", action="store_true", help=t("the walk ends at its last picture"))
    add_number("--size", FILM_SIDE, "of a film's side, about ({default})", "PIXELS")
    add_number("--starts", STARTS, "of --invert ({default})")
    add_number("--search-steps", STEPS, "of --invert ({default})")
    add("--whole", action="store_true", help=t("--invert: all of the picture, with a border"))
    add("--negative", action="store_true", help=t("--invert: light and dark swapped"))
    add("--data", metavar="NAME", help=t("of --neighbours (default: the generator's own)"))


def run(options: argparse.Namespace) -> None:
    """Draw pictures, films and answers into a file."""
    from gan.cli import sample  # imports torch: not for a wrong option

    sample.run(options)
