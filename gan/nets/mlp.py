"""Fully connected G and D of the PyTorch post of 2023-09-07 and of the course note of 2025-05-12."""

from math import prod

import torch
from torch import Tensor, nn

from gan.nets.init import pytorch_default

ACTIVATIONS = {"leaky_relu": lambda: nn.LeakyReLU(0.2, inplace=True), "relu": lambda: nn.ReLU(inplace=True)}


class Generator(nn.Module):
    """latent_size -> hidden[0] -> hidden[1] -> C·H·W, tanh. Latents (B, L) in, images (B, C, H, W) in [-1,
    1] out.
    """

    def __init__(
        self,
        width: int = 28,
        height: int = 28,
        channels: int = 1,
        latent_size: int = 100,
        hidden: tuple[int, int] = (128, 256),
        g_activation: str = "leaky_relu",
    ) -> None:
        super().__init__()
        self.shape = (channels, height, width)
        self.layers = nn.Sequential(
            nn.Linear(latent_size, hidden[0]),
            ACTIVATIONS[g_activation](),
            nn.Linear(hidden[0], hidden[1]),
            ACTIVATIONS[g_activation](),
            nn.Linear(hidden[1], prod(self.shape)),
            nn.Tanh(),
        )

    def start(self, rng: torch.Generator) -> None:
        """Draw the first weights as PyTorch would."""
        pytorch_default(self, rng)

    def forward(self, latents: Tensor) -> Tensor:
        return self.layers(latents).view(-1, *self.shape)  # (B, C, H, W)


class Discriminator(nn.Module):
    """C·H·W -> hidden[1] -> hidden[0] -> one logit, LeakyReLU between. Images (B, C, H, W) in, logits (B, 1)
    out.
    """

    def __init__(
        self, width: int = 28, height: int = 28, channels: int = 1, hidden: tuple[int, int] = (128, 256)
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(channels * height * width, hidden[1]),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(hidden[1], hidden[0]),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(hidden[0], 1),
        )

    def start(self, rng: torch.Generator) -> None:
        """Draw the first weights as PyTorch would."""
        pytorch_default(self, rng)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images.flatten(1))  # (B, 1)
