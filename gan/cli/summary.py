"""`python -m gan summary`."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from gan.cli.output import write
from gan.errors import Problem
from gan.i18n import t
from gan.recipes.table import RECIPES, find_recipe

if TYPE_CHECKING:
    from gan.pictures.diagram import Structure

HELP = "layers, shapes and parameters of a recipe"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("recipe", metavar="RECIPE", help=", ".join(RECIPES))
    parser.add_argument("--picture", type=Path, metavar="FILE.png", help=t("draw the structure"))
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> None:
    """Print a recipe's layers, and draw them where --picture asks for it."""
    recipe = find_recipe(options.recipe)
    if options.picture and options.picture.suffix.lower() != ".png":
        raise Problem("--picture {file} does not end in .png.", file=options.picture, misuse=True)
    from gan.nets.pair import GAN  # imports torch

    gan = GAN.from_recipe(recipe, (1, 28, 28))
    structures = gan.summary()
    if options.picture:
        write(options.picture, gan.save_model)
    if options.json:
        names = ("generator", "discriminator")
        facts = {name: _facts(structure) for name, structure in zip(names, structures, strict=True)}
        print(json.dumps(facts))
    else:
        print("\n\n".join(map(str, structures)))


def _facts(structure: "Structure") -> dict[str, object]:
    layers = [layer.model_dump(mode="json") for layer in structure.layers]
    return {"trainable": structure.trainable, "total": structure.total, "layers": layers}
