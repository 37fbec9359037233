"""Each recipe's generator in turn."""

import pytest
from torch import nn

from gan.nets.pair import Generator
from gan.nets.sampling import latents_for


@pytest.fixture(scope="module", params=["mlp", "dcgan"])
def generator(request) -> nn.Module:
    """A generator whose batch norm has seen something."""
    net = Generator(recipe=request.param, seed=2).model()
    net(latents_for(5, range(8), 100))
    return net
