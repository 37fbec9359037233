"""G and D as a pair: built from a recipe, measured, drawn, and asked for pictures."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from gan import structure
from gan.data import to_pixels
from gan.nets import NETS
from gan.nets.dcgan import HalfConv, Maps, UpConv
from gan.nets.dropout import Dropout
from gan.recipes import Recipe, find_recipe
from gan.structure import Layer, Structure
from gan.torch_settings import plainly
from gan.words import Problem

CHUNK = 16  # pictures are computed that many at a time, never more or fewer: see `sample`


def random_stream(seed: int, purpose: str, device: str | torch.device = "cpu") -> torch.Generator:
    """A random generator of its own for one purpose of one seed: streams of different purposes share no
    draw.
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "big") >> 1)


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
        return structure.save_picture(path, self.summary())


class Generator(Network):
    """G of the *classes* post: latents (B, latent_size) to images (B, channels, height, width) in [-1, 1].

    `recipe` chooses the layers. Weights are drawn from `seed`; a trainer draws its own.
    """

    title, colour = "Generator", structure.GENERATOR

    def __init__(
        self,
        width: int = 28,
        height: int = 28,
        channels: int = 1,
        latent_size: int = 100,
        *,
        recipe: Recipe | str = "dcgan",
        seed: int = 0,
    ):
        recipe = find_recipe(recipe) if isinstance(recipe, str) else recipe
        sizes = {"hidden": recipe.hidden, "activation": recipe.g_activation} if recipe.hidden else {}
        self.input, self.latent_size = (latent_size,), latent_size
        self.net = _build(
            NETS[recipe.nets].generator, width, height, channels, latent_size=latent_size, **sizes
        )
        self.net.start(random_stream(seed, "generator"))


class Discriminator(Network):
    """D of the *classes* post: images (B, channels, height, width) to logits (B, 1), above 0 for "real"."""

    title, colour = "Discriminator", structure.DISCRIMINATOR

    def __init__(
        self,
        width: int = 28,
        height: int = 28,
        channels: int = 1,
        *,
        recipe: Recipe | str = "dcgan",
        seed: int = 0,
    ):
        recipe = find_recipe(recipe) if isinstance(recipe, str) else recipe
        sizes = {"hidden": recipe.hidden} if recipe.hidden else {}
        self.input = (channels, height, width)
        self.net = _build(NETS[recipe.nets].discriminator, width, height, channels, **sizes)
        self.net.start(random_stream(seed, "discriminator"))


class GAN:
    """D and G joined, with the same three methods for both at once."""

    def __init__(self, discriminator: Discriminator, generator: Generator):
        self.parts = (generator, discriminator)
        self.generator, self.discriminator = generator.model(), discriminator.model()
        self.latent_size = generator.latent_size

    @classmethod
    def from_recipe(cls, recipe: Recipe, shape: tuple[int, int, int], seed: int = 0) -> "GAN":
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
        return structure.save_picture(path, *self.summary())


def _build(kind: type[nn.Module], width: int, height: int, channels: int, **sizes: object) -> nn.Module:
    """The net with its memory but no weights: torch's own first draws, from the global generator, never
    happen.
    """
    if kind.__module__.endswith("dcgan") and (width % 4 or height % 4):
        raise Problem(
            "dcgan makes images whose sides are multiples of 4, not {size}.", size=f"{width}×{height}"
        )
    with torch.device("meta"):
        net = kind(width, height, channels, **sizes)
    return net.to_empty(device="cpu")


def measure(net: nn.Module, input_shape: tuple[int, ...]) -> tuple[Layer, ...]:
    """Every layer's output shape, seen on a batch of one, and its parameters."""
    layers: list[Layer] = []
    device = next(net.parameters()).device

    def note(layer: nn.Module, _: tuple, output: Tensor) -> None:
        trainable = sum(p.numel() for p in layer.parameters())
        moving = sum(b.numel() for b in layer.buffers() if b.is_floating_point())
        layers.append(
            Layer(
                name=describe(layer),
                output=tuple(output.shape[1:]),
                trainable=trainable,
                total=trainable + moving,
            )
        )

    hooks = [layer.register_forward_hook(note) for layer in net.modules() if not list(layer.children())]
    with evaluating(net):
        net(torch.zeros(1, *input_shape, device=device))
    for hook in hooks:
        hook.remove()
    return tuple(layers)


NAMES = {
    UpConv: lambda layer: "Upsample ×2, conv 3×3",
    HalfConv: lambda layer: "Conv 3×3, stride 2",
    nn.Conv2d: lambda layer: f"Conv {layer.kernel_size[0]}×{layer.kernel_size[1]}",
    nn.BatchNorm2d: lambda layer: "Batch norm",
    nn.LeakyReLU: lambda layer: f"LeakyReLU {layer.negative_slope}",
    Maps: lambda layer: "Reshape",
    Dropout: lambda layer: f"Dropout {layer.p}",
}


def describe(layer: nn.Module) -> str:
    """A layer's name as the posts would write it."""
    return NAMES.get(type(layer), lambda layer: type(layer).__name__)(layer)


@contextmanager
def evaluating(net: nn.Module) -> Iterator[None]:
    """Inference: no gradients, batch norm by its moving statistics, no dropout; the mode before comes
    back.
    """
    was_training = net.training
    net.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        net.train(was_training)


def latents_for(seed: int, indices: Sequence[int], latent_size: int) -> Tensor:
    """Standard normal latents (N, L), each drawn on the CPU from (seed, index) alone."""
    draws = [torch.randn(latent_size, generator=random_stream(seed, f"latent/{index}")) for index in indices]
    return torch.stack(draws)


def sample(generator: nn.Module, latents: Tensor) -> Tensor:
    """Pictures of latents (N, L): uint8 (N, H, W, C) on the CPU, G in inference mode.

    Computed in chunks of CHUNK, the last one padded, on one thread: a convolution over 1 and over 1,000
    images may differ in the last bit, and a picture shall depend on weights and latent alone.
    """
    device = next(generator.parameters()).device
    padded = torch.cat([latents, latents.new_zeros(-len(latents) % CHUNK, latents.shape[1])])
    with evaluating(generator), plainly():
        pictures = [to_pixels(generator(chunk.to(device))) for chunk in padded.split(CHUNK)]
    return torch.cat(pictures)[: len(latents)]
