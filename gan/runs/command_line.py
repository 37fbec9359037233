"""A run as the command that trains the same without a page."""

import shlex

from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.runs.info import RunInfo


def command_line(info: RunInfo) -> str:
    """`python -m gan train …` with the run's recipe, data, seed and length, and with its device and numerics
    once a trainer has begun it: that gives the same weights, to the bit. Edits and moves on the way are not
    in it.
    """
    recipe = info.recipe
    options = {"recipe": recipe.name, "data": info.data.name, "seed": info.seed, "steps": info.steps}
    if info.begun:
        options |= {"device": info.device, "numerics": (info.numerics or Numerics()).as_option()}
    words = ["python", "-m", "gan", "train"]
    words += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    changes = recipe.changes_from(RECIPES.get(recipe.name, recipe))
    words += [word for name, value in changes.items() for word in ("--set", f"{name}={value}")]
    return shlex.join(words)
