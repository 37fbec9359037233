"""The trainer against the loops of the posts."""

import pytest
import torch

from gan.recipes.table import RECIPES
from gan.train.trainer import Trainer
from tests.train.posts import LOOPS
from tests.train.states import SEED


def doubled(trainer) -> Trainer:
    """The trainer in float64, so that rounding can't grow where Adam divides by a gradient close to 0."""
    for net in (trainer.generator, trainer.discriminator):
        net.double().register_forward_pre_hook(lambda _, inputs: (inputs[0].double(),))
    return trainer


@pytest.mark.parametrize("name, rounds", [("mlp", 5), ("mlp-g-first", 5), ("dcgan", 2)])
def test_a_few_rounds_are_those_of_the_posts_loop(name, rounds, small_images) -> None:
    images, recipe = small_images(70, 28), RECIPES[name]  # 70: the third batch of an epoch is short
    trainer = doubled(Trainer(recipe, images, SEED))
    numbers = trainer.advance(rounds)
    g, d, expected = LOOPS[name](recipe, images, rounds)
    assert torch.allclose(numbers, torch.tensor(expected, dtype=torch.float64), atol=1e-9)
    for ours, theirs in ((trainer.generator, g), (trainer.discriminator, d)):
        for mine, yours in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
            assert torch.allclose(mine, yours, rtol=0, atol=1e-8)
