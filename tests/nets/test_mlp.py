"""The MLPs: layers and first weights as the posts give them."""

import math

import pytest
from torch import nn

from gan.nets.pair import GAN
from gan.recipes.table import RECIPES
from tests.nets.layers import MNIST, kinds, leaves, started, weighted


@pytest.mark.parametrize("name, activation", [("mlp", "LeakyReLU"), ("mlp-g-first", "ReLU")])
def test_an_mlp_has_its_posts_layers(name, activation) -> None:
    gan = GAN.from_recipe(RECIPES[name], MNIST)
    assert kinds(gan.generator) == ["Linear", activation, "Linear", activation, "Linear", "Tanh"]
    assert kinds(gan.discriminator) == ["Linear", "LeakyReLU", "Linear", "LeakyReLU", "Linear"]
    sizes = [
        [layer.out_features for layer in leaves(net) if isinstance(layer, nn.Linear)]
        for net in (gan.generator, gan.discriminator)
    ]
    assert sizes == [[128, 256, 784], [256, 128, 1]]


@pytest.mark.parametrize("name", ["mlp", "mlp-g-first"])
def test_mlps_start_as_pytorch_draws(name) -> None:
    for layer in weighted(started(name)):
        bound = 1 / math.sqrt(layer.in_features)
        for values in (layer.weight, layer.bias):
            assert values.abs().max() <= bound
        assert layer.weight.abs().max() > 0.97 * bound
        assert abs(layer.weight.std() * math.sqrt(3) / bound - 1) < 0.1  # uniform: std is bound/√3
