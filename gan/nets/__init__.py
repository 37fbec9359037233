"""Generators and discriminators by name: latents (B, L) to images (B, C, H, W) in [-1, 1], images to logits
(B, 1).

Nets are plain modules: they know no losses, no optimisers and no files. `start` gives them their first
weights, from a random generator that the caller owns.
"""

from importlib import import_module
from typing import NamedTuple

from torch import nn


class Pair(NamedTuple):
    """The two classes of one architecture. Sizes: width, height, channels, and G's latent_size."""

    generator: type[nn.Module]
    discriminator: type[nn.Module]


def nets_of(architecture: str) -> Pair:
    """The classes of an architecture, a key of gan.recipes.architectures.ARCHITECTURES: the module here that
    is called like it has them.
    """
    module = import_module(f"gan.nets.{architecture}")
    return Pair(module.Generator, module.Discriminator)
