"""First weights."""

import math

import pytest
import torch
from torch import nn

from gan.compute.random_streams import random_stream
from gan.nets import nets_of
from tests.nets.layers import COUNTS, started, weighted


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
