"""`python -m gan recipes` and `summary`."""

import argparse
import json

from gan.errors import Problem
from gan.i18n import t
from gan.recipes.table import RECIPES, find_recipe


def recipes(options: argparse.Namespace) -> None:
    """List the recipes."""
    if options.json:
        print(json.dumps([recipe.model_dump(mode="json") for recipe in RECIPES.values()]))
        return
    for recipe in RECIPES.values():
        print(f"{recipe.name:<12} {t(recipe.purpose)}\n{'':<12} {t(recipe.source)}")


def summary(options: argparse.Namespace) -> None:
    """Print a recipe's layers, or draw them."""
    recipe = find_recipe(options.recipe)
    from gan.nets.pair import GAN

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
