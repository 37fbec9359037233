"""The two files of a generator."""

import pytest

from gan.recipes.recipe import MAX_SEED
from gan.recipes.table import RECIPES
from tests.generators import config_for


@pytest.fixture
def files() -> tuple[bytes, bytes]:
    """A config, and bytes in the place of weights: nobody looks at them here."""
    config = config_for(RECIPES["dcgan"], data="mnist", seed=MAX_SEED, step=4001)
    return config.model_dump_json().encode(), b"weights"
