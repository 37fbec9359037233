"""Generators and discriminators by name: latents (B, L) to images (B, C, H, W) in [-1, 1], images to logits
(B, 1).

Nets are plain modules: they know no losses, no optimisers and no files. `start` gives them their first
weights, from a random generator that the caller owns.
"""

from typing import NamedTuple

from torch import nn

from gan.nets import dcgan, mlp


class Pair(NamedTuple):
    """The two classes of one architecture. Sizes: width, height, channels, and the generator's
    latent_size.
    """

    generator: type[nn.Module]
    discriminator: type[nn.Module]


NETS = {
    "mlp": Pair(mlp.Generator, mlp.Discriminator),
    "dcgan": Pair(dcgan.Generator, dcgan.Discriminator),
}
