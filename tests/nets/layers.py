"""Layers of a recipe's networks, as tests look at them."""

from torch import nn

from gan.nets.pair import GAN
from gan.recipes.table import RECIPES

MNIST = (1, 28, 28)
COUNTS = {  # trainable and total, of G and of D
    "mlp": ((247_440, 247_440), (233_985, 233_985)),
    "mlp-g-first": ((247_440, 247_440), (233_985, 233_985)),
    "dcgan": ((855_809, 856_193), (389_761, 390_657)),
}


def leaves(net) -> list[nn.Module]:
    return [layer for layer in net.modules() if not list(layer.children())]


def kinds(net) -> list[str]:
    return [type(layer).__name__ for layer in leaves(net)]


def started(name, seed=0) -> list[nn.Module]:
    gan = GAN.from_recipe(RECIPES[name], MNIST, seed)
    return [layer for net in (gan.generator, gan.discriminator) for layer in leaves(net)]


def weighted(layers) -> list[nn.Module]:
    return [layer for layer in layers if isinstance(layer, nn.Linear | nn.Conv2d)]
