"""G and D as a pair: built from a recipe, measured, drawn, and asked for pictures."""

from pathlib import Path

import torch
from torch import nn

from gan.compute.random_streams import random_stream
from gan.errors import Problem
from gan.nets import nets_of
from gan.nets.summary import measure
from gan.pictures import colours, diagram
from gan.pictures.diagram import Structure
from gan.recipes.architectures import ARCHITECTURES, Shape
from gan.recipes.recipe import Recipe
from gan.recipes.table import find_recipe


class Network:
    """What the *classes* post asks of each of its classes: `model()`, `summary()` and `save_model()`."""

    title = colour = ""
    net: nn.Module
    input: tuple[int, ...]

    def model(self) -> nn.Module:
        """The torch module itself."""
        return self.net

    def summary(self) -> Structure:
        """Layers with their output shapes and parameters; printed, it is a table."""
        return Structure(
            title=self.title, colour=self.colour, input=self.input, layers=measure(self.net, self.input)
        )

    def save_model(self, path: str | Path) -> Path:
        """Draw the structure into a PNG file and return its path. No system program is needed."""
        return diagram.save_picture(path, self.summary())


class Generator(Network):
    """G of the *classes* post: latents (B, latent_size) to images (B, channels, height, width) in [-1, 1].

    `recipe` chooses the layers. Weights are drawn from `seed`; a trainer draws its own.
    """

    title, colour = "Generator", colours.GENERATOR

    def __init__(
        self,
        width: int = 28,
        height: int = 28,
        channels: int = 1,
        latent_size: int = 100,
        *,
        recipe: Recipe | str = "dcgan",
        seed: int = 0,
    ) -> None:
        recipe = find_recipe(recipe) if isinstance(recipe, str) else recipe
        settings = {name: getattr(recipe, name) for name in ARCHITECTURES[recipe.nets].g_settings}
        self.input, self.latent_size = (latent_size,), latent_size
        check_shape(recipe, (channels, height, width))
        self.net = _build(
            nets_of(recipe.nets).generator, width, height, channels, latent_size=latent_size, **settings
        )
        self.net.start(random_stream(seed, "generator"))


class Discriminator(Network):
    """D of the *classes* post: images (B, channels, height, width) to logits (B, 1), above 0 for "real"."""

    title, colour = "Discriminator", colours.DISCRIMINATOR

    def __init__(
        self,
        width: int = 28,
        height: int = 28,
        channels: int = 1,
        *,
        recipe: Recipe | str = "dcgan",
        seed: int = 0,
    ) -> None:
        recipe = find_recipe(recipe) if isinstance(recipe, str) else recipe
        settings = {name: getattr(recipe, name) for name in ARCHITECTURES[recipe.nets].d_settings}
        self.input = (channels, height, width)
        check_shape(recipe, self.input)
        self.net = _build(nets_of(recipe.nets).discriminator, width, height, channels, **settings)
        self.net.start(random_stream(seed, "discriminator"))


class GAN:
    """D and G joined, with the same three methods for both at once."""

    def __init__(self, discriminator: Discriminator, generator: Generator) -> None:
        self.parts = (generator, discriminator)
        self.generator, self.discriminator = generator.model(), discriminator.model()
        self.latent_size = generator.latent_size

    @classmethod
    def from_recipe(cls, recipe: Recipe, shape: Shape, seed: int = 0) -> "GAN":
        """The pair a recipe asks for, on the CPU, for images of shape (channels, height, width)."""
        channels, height, width = shape
        return cls(
            Discriminator(width, height, channels, recipe=recipe, seed=seed),
            Generator(width, height, channels, recipe.latent_size, recipe=recipe, seed=seed),
        )

    def model(self) -> nn.Sequential:
        """G followed by D: latents to logits. Both are the same modules, not copies."""
        return nn.Sequential(self.generator, self.discriminator)

    def summary(self) -> tuple[Structure, Structure]:
        """The structures of G and of D."""
        generator, discriminator = self.parts
        return generator.summary(), discriminator.summary()

    def save_model(self, path: str | Path) -> Path:
        """Draw both structures side by side into a PNG file and return its path."""
        return diagram.save_picture(path, *self.summary())


def check_shape(recipe: Recipe, shape: Shape) -> None:
    """Raise Problem unless the recipe's networks can make images of that shape."""
    architecture = ARCHITECTURES[recipe.nets]
    if not architecture.can_make(shape):
        raise Problem(
            "{nets} makes images whose sides are multiples of {step}, not {size}.",
            nets=recipe.nets,
            step=architecture.multiple_of,
            size=f"{shape[2]}×{shape[1]}",
        )


def _build(kind: type[nn.Module], width: int, height: int, channels: int, **sizes: object) -> nn.Module:
    """The net with its memory but no weights: torch's own first draws, from the global generator, never
    happen.
    """
    with torch.device("meta"):
        net = kind(width, height, channels, **sizes)
    return net.to_empty(device="cpu")
