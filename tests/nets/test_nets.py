"""What all networks of the table have in common."""

import pytest
import torch
from torch import nn

from gan.nets.dropout import Dropout
from gan.nets.pair import GAN
from gan.recipes.table import RECIPES
from tests.nets.layers import COUNTS, MNIST, leaves, weighted


@pytest.mark.parametrize("name", COUNTS)
def test_parameters_are_as_many_as_the_post_has(name) -> None:
    structures = GAN.from_recipe(RECIPES[name], MNIST).summary()
    assert tuple((one.trainable, one.total) for one in structures) == COUNTS[name]


@pytest.mark.parametrize("name", COUNTS)
def test_slopes_rates_and_moments_are_the_posts(name) -> None:
    gan = GAN.from_recipe(RECIPES[name], MNIST)
    for layer in [*leaves(gan.generator), *leaves(gan.discriminator)]:
        if isinstance(layer, nn.LeakyReLU):
            assert layer.negative_slope == 0.2
        if isinstance(layer, nn.BatchNorm2d):
            assert (layer.momentum, layer.eps) == (0.01, 1e-3)
        if isinstance(layer, Dropout):
            assert layer.p == 0.25


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("shape", [MNIST, (3, 8, 12)])
def test_images_lie_in_bounds_and_logits_are_one_each(name, shape) -> None:
    gan = GAN.from_recipe(RECIPES[name], shape)
    images = gan.generator(torch.randn(5, 100, generator=torch.Generator().manual_seed(0)) * 50)
    assert images.shape == (5, *shape) and images.abs().max() <= 1
    assert gan.discriminator(images).shape == (5, 1)


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("value", [-30.0, 30.0])
def test_discriminators_return_logits_not_probabilities(name, value) -> None:
    """What the last layer says, far outside of what a probability can be."""
    net = GAN.from_recipe(RECIPES[name], MNIST).discriminator.eval()
    last = weighted(leaves(net))[-1]
    with torch.no_grad():
        last.weight.zero_(), last.bias.fill_(value)
        assert (net(torch.zeros(3, *MNIST)) == value).all()


def test_the_joined_model_is_d_after_g() -> None:
    gan = GAN.from_recipe(RECIPES["mlp"], MNIST)
    z = torch.ones(3, 100)
    assert torch.equal(gan.model()(z), gan.discriminator(gan.generator(z)))
