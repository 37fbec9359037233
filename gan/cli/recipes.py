"""`python -m gan recipes`."""

import argparse
import json

from gan.i18n import t
from gan.recipes.table import RECIPES

HELP = "list the recipes"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> None:
    """List the recipes."""
    if options.json:
        print(json.dumps([recipe.model_dump(mode="json") for recipe in RECIPES.values()]))
        return
    for recipe in RECIPES.values():
        print(f"{recipe.name:<12} {t(recipe.purpose)}\n{'':<12} {t(recipe.source)}")
