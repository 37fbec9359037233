"""First weights, drawn from a random generator of one's own: torch's layers would draw them from the global
one.
"""

from math import sqrt

import torch
from torch import nn


def pytorch_default(net: nn.Module, rng: torch.Generator) -> None:
    """What nn.Linear and nn.Conv2d draw: U(-b, b), b = 1/sqrt(fan_in), for weights and biases alike."""
    for layer in net.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = 1 / sqrt(layer.weight[0].numel())
            nn.init.uniform_(layer.weight, -bound, bound, generator=rng)
            nn.init.uniform_(layer.bias, -bound, bound, generator=rng)
        elif isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()


def keras_default(net: nn.Module, rng: torch.Generator) -> None:
    """What Keras' Dense and Conv2D draw: Glorot's uniform (Glorot and Bengio 2010) for weights, zero for
    biases.
    """
    for layer in net.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(layer.weight, generator=rng)
            nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
