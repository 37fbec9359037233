"""Real images: a data set as one uint8 tensor, and batches drawn from it by a shuffle that can be resumed."""

import hashlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import URLError

import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor

from gan import sources
from gan.words import Problem


@dataclass(frozen=True)
class Images:
    """A data set in memory. `pixels` is uint8 (N, C, H, W); `fingerprint` is a hash of shape and pixels."""

    name: str
    pixels: Tensor
    fingerprint: str

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one image."""
        return tuple(self.pixels.shape[1:])

    def __len__(self) -> int:
        return len(self.pixels)


def load(name: str) -> Images:
    """Read a data set by name. Raises Problem where it is unknown, missing or damaged."""
    sources.check(name)
    pixels = LOADERS[name]().contiguous()
    digest = hashlib.sha256(repr(tuple(pixels.shape)).encode())
    digest.update(pixels.numpy().data)
    return Images(name, pixels, digest.hexdigest()[:16])


def _load_digits() -> Tensor:
    """scikit-learn's 1,797 digits, 8×8 with 16 greys, framed like MNIST's: 20×20 in the middle of 28×28."""
    from sklearn.datasets import load_digits  # takes a second to import, and only this data set needs it

    greys = torch.from_numpy(load_digits().images).float().unsqueeze(1)  # (1797, 1, 8, 8) in [0, 16]
    large = F.interpolate(greys, size=(20, 20), mode="bicubic", align_corners=False)
    return F.pad(large.mul(255 / 16).round().clamp(0, 255), (4, 4, 4, 4)).to(torch.uint8)


class MNIST(torchvision.datasets.MNIST):
    """torchvision's MNIST without its old cache, which is a pickle."""

    def _check_legacy_exist(self) -> bool:
        return False


def _load_mnist() -> Tensor:
    root = sources.data_root()
    try:
        return MNIST(root, train=True).data.unsqueeze(1)  # (N, 1, 28, 28)
    except Exception as error:  # torchvision checks by assert, by view and by what numpy says
        raise Problem(
            "MNIST in {folder} is damaged ({what}): delete that folder and download it again.",
            folder=root / "MNIST" / "raw",
            what=_first_line(error) or "not the size its header says",
        ) from None


AT_ONCE = 64  # batches whose indices are drawn together where each image is drawn anew
LOADERS = {"digits": _load_digits, "mnist": _load_mnist}


def download_mnist() -> None:
    """Fetch MNIST into the data folder with torchvision's own code; its checksums are checked.

    GAN_MNIST_MIRROR names another place to fetch from, for schools and clusters that keep a copy. Raises
    Problem.
    """
    root = sources.data_root()
    mirror = os.environ.get("GAN_MNIST_MIRROR")
    kind = type("MNIST", (MNIST,), {"mirrors": [mirror.rstrip("/") + "/"]}) if mirror else MNIST
    patience = socket.getdefaulttimeout()
    socket.setdefaulttimeout(20)  # seconds; torchvision sets none, and a silent network would hang for ever
    try:
        kind(root, download=True)
    except PermissionError:
        raise Problem(
            "MNIST can't be written to {folder}: choose another one with GAN_DATA.", folder=root
        ) from None
    except (RuntimeError, URLError, HTTPException, OSError, ValueError) as error:
        raise Problem(
            "MNIST could not be downloaded ({what}): check the network, or copy its four files to {folder}. "
            "The digits are built in and need no network.",
            what=_cause(error),
            folder=root / "MNIST" / "raw",
        ) from None
    finally:
        socket.setdefaulttimeout(patience)


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0]


def _cause(error: BaseException) -> str:
    """The last line of torchvision's report: what the last mirror answered."""
    return str(error).strip().split("\n")[-1].strip("<>") or type(error).__name__


class Batches(Iterator[Tensor]):
    """Endless batches of real images, float (B, C, H, W) in [-1, 1], on the device that holds `pixels`.

    `drawing` is the recipe's: "epochs" passes a new shuffle each epoch and keeps its short last batch,
    "full-batches" drops that one, "replacement" draws each image anew. Indices are drawn on the CPU, so
    every device sees one order, and many at a time, so that no step waits for them.
    """

    def __init__(self, pixels: Tensor, batch_size: int, drawing: str, seed: int):
        self.pixels, self.batch_size, self.drawing = pixels, batch_size, drawing
        self.rng = torch.Generator().manual_seed(seed)
        self._draw()

    def _draw(self) -> None:
        """Begin an epoch, or what stands for one. The generator's state is kept from before, so that the same
        order can be drawn again.
        """
        self.epoch_rng, self.position = self.rng.get_state(), 0
        if self.drawing == "replacement":
            order = torch.randint(len(self.pixels), (AT_ONCE * self.batch_size,), generator=self.rng)
        else:
            order = torch.randperm(len(self.pixels), generator=self.rng)
        self.order = order.to(self.pixels.device)

    def __next__(self) -> Tensor:
        return self.take(self.next_indices())

    def take(self, indices: Tensor) -> Tensor:
        """The images of these indices, int64 (B,)."""
        return normalise(self.pixels.index_select(0, indices))

    def next_indices(self) -> Tensor:
        """Where the next batch lies in `pixels`: int64 (B,), on their device."""
        left = len(self.order) - self.position
        if left < (1 if self.drawing == "epochs" else self.batch_size):
            self._draw()
        indices = self.order[self.position : self.position + self.batch_size]
        self.position += len(indices)
        return indices

    def state_dict(self) -> dict[str, Tensor]:
        """Where the drawing stands: uint8 generator states and an int64 position."""
        return {
            "rng": self.rng.get_state(),
            "epoch_rng": self.epoch_rng,
            "position": torch.tensor(self.position),
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from there: the next batch is the one that would have come."""
        self.rng.set_state(state["epoch_rng"])
        self._draw()
        self.position = int(state["position"])
        if not torch.equal(
            self.rng.get_state(), state["rng"]
        ):  # other amounts were drawn then: go on from there
            self.position = len(self.order)
        self.rng.set_state(state["rng"])


def normalise(pixels: Tensor) -> Tensor:
    """uint8 0..255 to float [-1, 1]: (x - 127.5) / 127.5, as all five posts do."""
    return pixels.float().sub_(127.5).div_(127.5)


def to_pixels(images: Tensor) -> Tensor:
    """Float images (N, C, H, W) in [-1, 1] to uint8 (N, H, W, C) on the CPU: how pictures are drawn."""
    return images.mul(127.5).add(127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).cpu()
