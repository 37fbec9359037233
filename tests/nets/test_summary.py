"""Networks as tables."""

import torch

from gan.nets.pair import GAN, Discriminator, Generator
from gan.recipes.table import RECIPES


def test_summaries_are_tables_that_print() -> None:
    text = str(Generator(recipe="dcgan").summary())
    assert text.startswith("Generator") and "128×14×14" in text and "855,809 trainable of 856,193" in text
    assert "389,761 trainable of 390,657" in str(Discriminator(recipe="dcgan").summary())
    assert [one.title for one in GAN.from_recipe(RECIPES["mlp"], (1, 28, 28)).summary()] == [
        "Generator",
        "Discriminator",
    ]


def test_a_summary_leaves_mode_weights_and_moving_statistics_alone(generator) -> None:
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    pair = Generator(recipe="dcgan")
    moving = {name: tensor.clone() for name, tensor in pair.model().state_dict().items()}
    pair.summary()
    assert pair.model().training
    assert all(torch.equal(tensor, pair.model().state_dict()[name]) for name, tensor in moving.items())
    assert all(torch.equal(tensor, generator.state_dict()[name]) for name, tensor in before.items())
