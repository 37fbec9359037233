"""All recipes by name."""

from gan.errors import Problem
from gan.recipes.posts import POSTS
from gan.recipes.recipe import Recipe

RECIPES = {recipe.name: recipe for recipe in POSTS}


def find_recipe(name: str) -> Recipe:
    """The recipe of that name. Raises Problem listing the names there are."""
    if name not in RECIPES:
        raise Problem(
            "There is no recipe '{name}'. Recipes: {names}.", name=name, names=", ".join(RECIPES), misuse=True
        )
    return RECIPES[name]
