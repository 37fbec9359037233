"""A run as the command that trains the same without a page."""

import shlex

from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.runs.info import RunInfo


def command_line(info: RunInfo) -> str:
    """`python -m gan train …`: the same recipe, data, seed, length, and, once a trainer has begun the run, the same
    device and numerics; so the same weights to the bit. Edits and moves on the way are not in it.
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
