"""MNIST: loaded from torchvision's files, and downloaded."""

import os
import socket
from http.client import HTTPException
from urllib.error import URLError

import torchvision
from torch import Tensor
from torchvision.datasets.mnist import read_image_file

from gan.data import datasets
from gan.errors import Problem, reason
from gan.network import address, check_connection


class MNIST(torchvision.datasets.MNIST):
    """torchvision's MNIST without its old cache, which is a pickle."""

    def _check_legacy_exist(self) -> bool:
        return False


def load_mnist() -> Tensor:
    """The training images, uint8 (N, 1, 28, 28); no other file is needed. Raises Problem."""
    file = datasets.data_root() / datasets.MNIST_IMAGES
    try:
        return read_image_file(str(file)).unsqueeze(1)  # (N, 1, 28, 28)
    except OSError as error:
        raise Problem(datasets.CANNOT_READ, file=error.filename or file, why=reason(error)) from None
    except Exception as error:  # torchvision checks by assert, by view and by what numpy says
        message = "{file} is damaged ({what}): delete it, and download it again."
        what = str(error).strip().split("\n")[0] or "not the size its header says"
        raise Problem(message, file=file, what=what) from None


def download_mnist() -> None:
    """Fetch MNIST into the data folder with torchvision's own code; its checksums are checked.

    GAN_MNIST_MIRROR names another place to fetch from, for schools and clusters that keep a copy. Raises
    Problem.
    """
    root, dataset = datasets.data_root(), _dataset()
    check_connection()
    usual_timeout = socket.getdefaulttimeout()
    socket.setdefaulttimeout(20)  # seconds; torchvision sets none, and a silent network would hang for ever
    try:
        dataset(root, download=True)
    except (RuntimeError, URLError, HTTPException, OSError, ValueError) as error:
        if isinstance(error, OSError) and not isinstance(error, URLError) and error.filename:
            message = "MNIST can't be written to {folder} ({why}): choose another folder with GAN_DATA."
            raise Problem(message, folder=root, why=reason(error)) from None
        raise Problem(
            "MNIST could not be downloaded ({what}): check the network, or copy its four files to {folder}. "
            "The digits are built in and need no network.",
            what=_cause(error),
            folder=root / "MNIST" / "raw",
        ) from None
    finally:
        socket.setdefaulttimeout(usual_timeout)


def _dataset() -> type[MNIST]:
    """MNIST as it is fetched from GAN_MNIST_MIRROR, where that is set."""
    if not os.environ.get("GAN_MNIST_MIRROR"):
        return MNIST
    mirror = address("GAN_MNIST_MIRROR", "")
    return type("MNIST", (MNIST,), {"mirrors": [f"{mirror}/"]})


def _cause(error: BaseException) -> str:
    """The last line of torchvision's report: what the last mirror answered."""
    return str(error).strip().split("\n")[-1].strip("<>") or type(error).__name__
