"""Each setting of a recipe does something: a training with it is another one."""

import pytest
import torch

from gan.recipes.recipe import SETTINGS
from gan.recipes.table import RECIPES
from gan.train.trainer import Trainer
from tests.train.states import SEED

SMALL = {"mlp": {"hidden": (8, 16), "batch_size": 8}, "dcgan": {"batch_size": 4}}
CHANGES = {
    "hidden": ("mlp", (8, 12)),
    "g_activation": ("mlp", "relu"),
    "latent_size": ("mlp", 7),
    "order": ("mlp", "gd"),
    "d_scale": ("mlp", 0.9),
    "d_updates": ("dcgan", "joint"),
    "d_latents": ("mlp", "fresh"),
    "d_fakes": ("dcgan", "training"),
    "g_rate": ("mlp", 1e-3),
    "d_rate": ("mlp", 1e-3),
    "betas": ("mlp", (0.5, 0.9)),
    "eps": ("mlp", 1e-3),
    "batch_size": ("mlp", 5),
    "drawing": ("mlp", "replacement"),
    "ema": ("mlp", 1000.0),
}
OF_THE_LOOP = {"epochs", "steps", "sample_every"}  # which the run's loop reads
ALONE = {"loss"}  # there is one so far


@pytest.mark.parametrize("name", CHANGES)
def test_a_setting_makes_another_training(name: str, small_images) -> None:
    recipe_name, value = CHANGES[name]
    usual = RECIPES[recipe_name].with_changes(SMALL[recipe_name])
    told = []
    for recipe in (usual, usual.with_changes({name: value})):
        trainer = Trainer(recipe, small_images(20, 8), SEED)
        told.append((trainer.advance(4), trainer.grid()))
    (numbers, grid), (other_numbers, other_grid) = told
    if name == "ema":  # pictures alone
        assert torch.equal(numbers, other_numbers) and not torch.equal(grid, other_grid)
    else:
        assert not torch.allclose(numbers, other_numbers, atol=1e-6)


def test_no_setting_is_left_out() -> None:
    assert SETTINGS.keys() == CHANGES.keys() | OF_THE_LOOP | ALONE


def test_adams_numbers_are_torchs(small_images) -> None:
    """Betas in their order and eps in its place, for both players."""
    recipe = RECIPES["mlp"].with_changes(SMALL["mlp"] | {"betas": (0.3, 0.6), "eps": 1e-2})
    trainer = Trainer(recipe, small_images(20, 8), SEED)
    for optimizer in (trainer.opt_g, trainer.opt_d):
        found = optimizer.param_groups[0]
        assert (found["betas"], found["eps"], found["weight_decay"]) == ((0.3, 0.6), 1e-2, 0)
