"""Each recipe in turn, and its trainer; measuring that is short."""

import pytest

from gan.recipes.recipe import Recipe
from gan.recipes.table import RECIPES
from gan.train import autotune
from gan.train.trainer import Trainer
from tests.train.states import SEED


@pytest.fixture(params=RECIPES)
def recipe(request) -> Recipe:
    """Each recipe in turn, with a batch that 20 images fill two and a half times."""
    return RECIPES[request.param].with_changes({"batch_size": 8})


@pytest.fixture
def trainer(recipe, small_images) -> Trainer:
    return Trainer(recipe, small_images(), SEED)


@pytest.fixture
def measuring(torch_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring is on, short, and waits for nobody."""
    monkeypatch.delenv("GAN_TUNING")
    monkeypatch.setattr(autotune, "SECONDS", 0.01)
    monkeypatch.setattr(autotune, "LEAST", 1)
    monkeypatch.setattr(autotune, "CALM_AT_MOST", 0.0)
