"""First weights."""

import math

import pytest
import torch
from torch import nn

from gan.compute.random_streams import random_stream
from gan.nets import nets_of
from gan.nets.pair import GAN
from gan.recipes.table import RECIPES
from tests.nets.layers import COUNTS, MNIST, started, weighted


def test_the_dcgan_starts_as_keras_draws() -> None:
    for layer in weighted(started("dcgan")):
        taps = layer.weight[0, 0].numel()
        fan_in, fan_out = layer.weight.shape[1] * taps, layer.weight.shape[0] * taps
        bound = math.sqrt(6 / (fan_in + fan_out))
        assert 0.97 * bound < layer.weight.abs().max() <= bound
        assert not layer.bias.any()


def test_batch_norms_start_neutral() -> None:
    norms = [layer for layer in started("dcgan") if isinstance(layer, nn.BatchNorm2d)]
    assert len(norms) == 5
    for layer in norms:
        assert (layer.weight == 1).all() and not layer.bias.any()
        assert (layer.running_var == 1).all() and not layer.running_mean.any()
        assert layer.num_batches_tracked == 0


@pytest.mark.parametrize("name", COUNTS)
def test_first_weights_come_from_the_seed_alone(name) -> None:
    torch.manual_seed(1)
    first = [layer.weight for layer in weighted(started(name))]
    torch.manual_seed(2)
    assert all(map(torch.equal, first, [layer.weight for layer in weighted(started(name))]))
    assert not any(map(torch.equal, first, [layer.weight for layer in weighted(started(name, seed=1))]))


def test_nets_start_from_the_generator_they_are_given() -> None:
    net = nets_of("mlp").generator()
    net.start(random_stream(0, "generator"))
    assert torch.equal(net.layers[0].weight, started("mlp")[0].weight)


FIRST = {  # weights of G and of D, as they have always been drawn from the seed 5
    "mlp": ([-0.0766375, 0.0171206, 0.0373563], [-0.0203204, -0.0296668, -0.0180709]),
    "dcgan": ([-0.0235169, 0.0052536, 0.0114631], [-0.0808700, -0.1180663, -0.0719177]),
}


@pytest.mark.parametrize("name", FIRST)
def test_a_seed_draws_the_weights_that_it_has_always_drawn(name) -> None:
    gan = GAN.from_recipe(RECIPES[name], MNIST, seed=5)
    for net, expected in zip((gan.generator, gan.discriminator), FIRST[name], strict=True):
        assert net.layers[0].weight.flatten()[:3].tolist() == pytest.approx(expected, abs=1e-6)
