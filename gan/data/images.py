"""Real images: a data set as one uint8 tensor, and how its numbers become a net's and a picture's."""

import hashlib
import struct
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from gan.data import datasets
from gan.pictures.shape import ImageShape


@dataclass(frozen=True)
class Images:
    """A data set in memory. `pixels` is uint8 (N, C, H, W); `fingerprint` is a hash of shape and pixels;
    `known` says that they are the data set's own, not others under the names of its files.
    """

    name: str
    pixels: Tensor
    fingerprint: str
    known: bool = True

    @property
    def shape(self) -> ImageShape:
        """The shape of one image."""
        return ImageShape(*self.pixels.shape[1:])

    def __len__(self) -> int:
        return len(self.pixels)


def load(name: str) -> Images:
    """Read a data set by name. Raises Problem where it is unknown, missing or damaged."""
    datasets.check(name)
    pixels = LOADERS[name]().contiguous()
    digest = hashlib.sha256(repr(tuple(pixels.shape)).encode())
    digest.update(pixels.numpy().data)
    return Images(name, pixels, digest.hexdigest()[:16], _is_known(name, pixels))


def _is_known(name: str, pixels: Tensor) -> bool:
    """Is the file of these images, in MNIST's format, one of the data set's own?"""
    files = datasets.DATASETS[name].files
    if not files:
        return True
    count, _, height, width = pixels.shape
    file = hashlib.sha256(struct.pack(">4i", 2051, count, height, width))
    file.update(pixels.numpy().data)
    return file.hexdigest() in files


def _load_digits() -> Tensor:
    """scikit-learn's 1,797 digits, 8×8 with 16 greys, framed like MNIST's: 20×20 in the middle of 28×28."""
    from sklearn.datasets import load_digits  # takes a second to import, and only this data set needs it

    greys = torch.from_numpy(load_digits().images).float().unsqueeze(1)  # (1797, 1, 8, 8) in [0, 16]
    large = F.interpolate(greys, size=(20, 20), mode="bicubic", align_corners=False)
    return F.pad(large.mul(255 / 16).round().clamp(0, 255), (4, 4, 4, 4)).to(torch.uint8)


def _load_mnist() -> Tensor:
    from gan.data.mnist import load_mnist  # torchvision takes two seconds to import, and only MNIST needs it

    return load_mnist()


LOADERS = {"digits": _load_digits, "mnist": _load_mnist}


def normalise(pixels: Tensor) -> Tensor:
    """uint8 0..255 to float [-1, 1]: (x - 127.5) / 127.5, as all five posts do."""
    return pixels.float().sub_(127.5).div_(127.5)


def to_pixels(images: Tensor) -> Tensor:
    """Float images (N, C, H, W) in [-1, 1] to uint8 (N, H, W, C) on the CPU: how pictures are drawn."""
    return images.mul(127.5).add(127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).cpu()
