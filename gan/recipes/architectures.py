"""Architectures: what can be said of a pair of networks before any is built. No torch.

A new one is a module of that name in gan.nets, with a Generator and a Discriminator, and one entry here: what
it takes from a recipe, which pictures it can make, how large it is, and, if there is one, how NumPy draws
with its generator alone (for the card that it is shared with).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gan.pictures.shape import ImageShape as Shape


class Sizes(Protocol):
    """What an architecture reads of a recipe."""

    latent_size: int
    hidden: tuple[int, int] | None
    g_activation: str


@dataclass(frozen=True)
class Architecture:
    """One pair of networks. `parameters` counts the generator's, `values` the numbers between its layers for
    one picture, about.
    """

    title: str
    parameters: Callable[[Sizes, Shape], int]
    values: Callable[[Sizes, Shape], int]
    g_settings: tuple[str, ...] = ()  # of the recipe, handed to the generator by their names
    d_settings: tuple[str, ...] = ()
    multiple_of: int = 1  # what both sides of an image are
    convolutional: bool = True  # then bfloat16 is worth trying
    numpy: Callable[[Sizes, Shape], str] | None = None  # code from latents `x` and weights `w` to pictures

    @property
    def settings(self) -> tuple[str, ...]:
        """Settings of a recipe that this architecture has."""
        return tuple(dict.fromkeys(self.g_settings + self.d_settings))

    def can_make(self, shape: Shape) -> bool:
        """Does it make images of that shape?"""
        return not any(side % self.multiple_of for side in shape[1:])


# --- mlp ---------------------------------------------------------------------------------------------


def _mlp_parameters(sizes: Sizes, shape: Shape) -> int:
    channels, height, width = shape
    widths = (sizes.latent_size, *sizes.hidden, channels * height * width)
    return sum((entering + 1) * leaving for entering, leaving in zip(widths, widths[1:], strict=False))


def _mlp_values(sizes: Sizes, shape: Shape) -> int:
    channels, height, width = shape
    return 2 * sum(sizes.hidden) + 2 * channels * height * width


def _mlp_numpy(sizes: Sizes, shape: Shape) -> str:
    slope = "0.2 * x" if sizes.g_activation == "leaky_relu" else "0"
    return (
        "for at in (0, 2, 4):\n"
        '    x = x @ w[f"layers.{at}.weight"].T + w[f"layers.{at}.bias"]\n'
        f"    x = np.tanh(x) if at == 4 else np.where(x > 0, x, {slope})\n"
    )


# --- dcgan -------------------------------------------------------------------------------------------


def _dcgan_parameters(sizes: Sizes, shape: Shape) -> int:
    channels, height, width = shape
    dense = (sizes.latent_size + 1) * 128 * (height // 4) * (width // 4)
    convolutions = (9 * 128 + 1) * 128 + (9 * 128 + 1) * 64 + (9 * 64 + 1) * channels
    return dense + convolutions + 2 * (128 + 64)  # batch norm's scales and shifts


def _dcgan_values(sizes: Sizes, shape: Shape) -> int:
    channels, height, width = shape
    pixels = height * width  # three times each: convolution, batch norm, ReLU
    return pixels // 16 * 128 * 3 + pixels // 4 * 128 * 3 + pixels * 64 * 3 + 2 * pixels * channels


def _dcgan_numpy(sizes: Sizes, shape: Shape) -> str:
    _, height, width = shape
    return (
        "\ndef conv(x, at):  # 3×3, zeros around\n"
        '    k, (h, v) = w[f"layers.{at}.weight"], x.shape[2:]\n'
        "    p = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))\n"
        "    taps = [(p[..., i:i + h, j:j + v], k[:, :, i, j]) for i in range(3) for j in range(3)]\n"
        '    x = sum(np.einsum("nchw,oc->nohw", part, tap, optimize=True) for part, tap in taps)\n'
        '    return x + w[f"layers.{at}.bias"][:, None, None]\n\n'
        "def norm(x, at):  # batch norm by its moving statistics\n"
        '    names = ("running_mean", "running_var", "weight", "bias")\n'
        '    mean, var, scale, bias = (w[f"layers.{at}.{name}"][:, None, None] for name in names)\n'
        "    return (x - mean) / np.sqrt(var + 1e-3) * scale + bias\n\n"
        'x = np.maximum(x @ w["layers.0.weight"].T + w["layers.0.bias"], 0)'
        f".reshape(-1, 128, {height // 4}, {width // 4})\n"
        "for at in (3, 6):\n"
        "    x = np.maximum(norm(conv(x.repeat(2, 2).repeat(2, 3), at), at + 1), 0)\n"
        "x = np.tanh(conv(x, 9))\n"
    )


ARCHITECTURES = {
    "mlp": Architecture(
        title="fully connected",
        g_settings=("hidden", "g_activation"),
        d_settings=("hidden",),
        convolutional=False,
        parameters=_mlp_parameters,
        values=_mlp_values,
        numpy=_mlp_numpy,
    ),
    "dcgan": Architecture(
        title="convolutional",
        multiple_of=4,
        parameters=_dcgan_parameters,
        values=_dcgan_values,
        numpy=_dcgan_numpy,
    ),
}
