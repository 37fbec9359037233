"""Convolutional G and D of the Keras chapter, with Keras' own numbers where they differ from PyTorch's."""

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan.nets.dropout import Dropout
from gan.nets.init import keras_default


def batch_norm(channels: int) -> nn.BatchNorm2d:
    """Keras' defaults: momentum 0.99, which counts the other way round in PyTorch, and eps 1e-3."""
    return nn.BatchNorm2d(channels, momentum=0.01, eps=1e-3)


def channels_last(images: Tensor) -> Tensor:
    """The same images with the channels of a pixel side by side in memory, where convolutions are fastest.

    One channel lies the same way in both orders, and only the strides tell which one the next layer keeps.
    """
    count, channels, height, width = images.shape
    laid = images.contiguous(memory_format=torch.channels_last)
    return laid.as_strided(images.shape, (height * width * channels, 1, width * channels, channels))


class UpConv(nn.Conv2d):
    """Nearest ×2 upsampling and a 3×3 'same' convolution, computed as one transposed 4×4 convolution.

    Each input pixel stands for a 2×2 block of equal pixels, so the taps of the 3×3 kernel that fall into one
    block add up beforehand. Images (B, C, H, W) in, (B, C', 2H, 2W) out, equal to the two-layer form within
    float rounding (a test compares them) at less than half its arithmetic.
    """

    title = "Upsample ×2, conv 3×3"

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(channels_in, channels_out, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        out, into = self.weight.shape[:2]
        taps = self.weight.view(-1, 9) @ spread(self.weight.device, self.weight.dtype)  # (C'·C, 16)
        taps = taps.view(out, into, 4, 4).transpose(0, 1)
        return F.conv_transpose2d(images, taps, self.bias, stride=2, padding=1)


@cache
def spread(device: torch.device, dtype: torch.dtype) -> Tensor:
    """(9, 16): the taps of a 3×3 kernel to those of UpConv's 4×4 kernel.

    Along each axis, an output pixel at an even place sees taps (0) and (1, 2) of the kernel in two input
    pixels, one at an odd place (0, 1) and (2); a transposed convolution has them in reverse.
    """
    axis = torch.tensor([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=dtype)
    return torch.kron(axis, axis).T.contiguous().to(device)


class HalfConv(nn.Conv2d):
    """A 3×3 convolution with stride 2 and Keras' 'same' padding: an even size is padded at its end only."""

    title = "Conv 3×3, stride 2"

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(channels_in, channels_out, 3, stride=2)

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[2:]
        left, top = width % 2, height % 2  # an odd size is padded on both sides
        return super().forward(F.pad(images, (left, 1, top, 1)))  # (B, C', ceil(H/2), ceil(W/2))


class Maps(nn.Unflatten):
    """Features (B, C·H·W) to maps (B, C, H, W), channels last."""

    title = "Reshape"

    def forward(self, features: Tensor) -> Tensor:
        return channels_last(super().forward(features))


class Generator(nn.Module):
    """Dense to 128 maps of a quarter the size, two UpConv with batch norm, a last convolution, tanh.

    Latents (B, L) in, images (B, C, H, W) in [-1, 1] out. Width and height are multiples of 4.
    """

    def __init__(self, width: int = 28, height: int = 28, channels: int = 1, latent_size: int = 100) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(latent_size, 128 * (height // 4) * (width // 4)),
            nn.ReLU(inplace=True),
            Maps(1, (128, height // 4, width // 4)),  # (B, 128, 7, 7)
            UpConv(128, 128),  # (B, 128, 14, 14)
            batch_norm(128),
            nn.ReLU(inplace=True),
            UpConv(128, 64),  # (B, 64, 28, 28)
            batch_norm(64),
            nn.ReLU(inplace=True),
            nn.Conv2d(64, channels, 3, padding=1),  # (B, C, 28, 28)
            nn.Tanh(),
        )

    def start(self, rng: torch.Generator) -> None:
        """Draw the first weights as Keras would."""
        keras_default(self, rng)

    def forward(self, latents: Tensor) -> Tensor:
        return self.layers(latents)


class Discriminator(nn.Module):
    """Four stride-2 convolutions, 28 -> 14 -> 7 -> 4 -> 2, dropout after each; images in, logits (B, 1)
    out.
    """

    def __init__(self, width: int = 28, height: int = 28, channels: int = 1) -> None:
        super().__init__()
        last = 256 * -(-height // 16) * -(-width // 16)
        self.layers = nn.Sequential(
            *(HalfConv(channels, 32), nn.LeakyReLU(0.2, inplace=True), Dropout(0.25)),
            *(HalfConv(32, 64), batch_norm(64), nn.LeakyReLU(0.2, inplace=True), Dropout(0.25)),
            *(HalfConv(64, 128), batch_norm(128), nn.LeakyReLU(0.2, inplace=True), Dropout(0.25)),
            *(HalfConv(128, 256), batch_norm(256), nn.LeakyReLU(0.2, inplace=True), Dropout(0.25)),
            nn.Flatten(),
            nn.Linear(last, 1),
        )

    def start(self, rng: torch.Generator) -> None:
        """Draw the first weights as Keras would."""
        keras_default(self, rng)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(channels_last(images))  # (B, 1)
