"""Where images come from: names, licences and folders of the data sets. No torch: the app reads this before
it loads any.
"""

import struct
from pathlib import Path
from typing import NamedTuple

from gan.errors import Problem, os_errors_as
from gan.i18n import t
from gan.places import is_file, named_folder


class Dataset(NamedTuple):
    """A data set by name: how it is called, whose it is, how many images it holds (None: ask its files), and
    the SHA-256 that its file of images has (none: it is built in). Anybody can give a file that name.
    """

    title: str
    licence: str
    images: int | None = None
    files: tuple[str, ...] = ()


MNIST_FILES = (
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",  # 60,000 images to train with
    "edd8312f7df642caec3baa43cc1c08cdf934fe29e8d457e8a27249c6c5055fec",  # 9,000 of those to test with
)
DATASETS = {
    "digits": Dataset("Digits 8×8", "CC BY 4.0", 1797),
    "mnist": Dataset("MNIST", "CC BY-SA 3.0", files=MNIST_FILES),
}
MNIST_IMAGES = "MNIST/raw/train-images-idx3-ubyte"
MNIST_BYTES = 11_594_722  # of the four compressed files together: what a download brings
NAMED_LIKE = "files named like "  # before a data set's title: other images under the names of its files
CANNOT_READ = "{file} can't be read ({why}): mend its rights, or point GAN_DATA to a folder of your own."


def data_root() -> Path:
    """The data folder: GAN_DATA, or `data` where the program was started."""
    return named_folder("GAN_DATA", "data")


def title(name: str) -> str:
    """What a data set is called; one that is unknown here, by its own name."""
    if name.startswith(NAMED_LIKE):
        return t("files named like {data}'s", data=name.removeprefix(NAMED_LIKE))
    return t(DATASETS[name].title) if name in DATASETS else name


def origin(name: str, known: bool) -> str:
    """The name under which a data set is passed on: other images under its files' names are not it."""
    return name if known or name not in DATASETS else NAMED_LIKE + DATASETS[name].title


def count(name: str) -> int | None:
    """Images the data set holds on this machine; None where its first file can't be read, or isn't one of
    images.
    """
    if name not in DATASETS:
        return None
    if DATASETS[name].images:
        return DATASETS[name].images
    try:
        with open(data_root() / MNIST_IMAGES, "rb") as file:
            kind, images, _, _ = struct.unpack(">4i", file.read(16))
    except (OSError, struct.error):
        return None
    return images if kind == 2051 and images > 0 else None


def is_here(name: str) -> bool:
    """Is that data set on this machine? Raises Problem where nobody can tell."""
    return bool(DATASETS[name].images) or is_file(data_root() / MNIST_IMAGES, CANNOT_READ)


def check(name: str) -> None:
    """Raise Problem unless a data set of that name is known, here, and may be read."""
    if name not in DATASETS:
        message = "There is no data set '{name}'. Data sets: {names}."
        raise Problem(message, name=name, names=", ".join(DATASETS), misuse=True)
    if not is_here(name):
        message = (
            "MNIST is not in {folder}: fetch it with `python -m gan download mnist`, point GAN_DATA to a "
            "folder that holds it, or take digits."
        )
        raise Problem(message, folder=data_root())
    if not DATASETS[name].images:
        with os_errors_as(CANNOT_READ):
            open(data_root() / MNIST_IMAGES, "rb").close()


def check_batch(size: int, name: str, images: int) -> None:
    """Raise Problem if a batch is larger than the data set."""
    if size > images:
        raise Problem(
            "A batch of {batch} is larger than {data}, which holds {count} images: "
            "choose a batch of {count} at most.",
            batch=size,
            data=name,
            count=images,
            misuse=True,
        )


def bytes_here() -> int:
    """Bytes of MNIST's compressed files downloaded so far."""
    folder = (data_root() / MNIST_IMAGES).parent
    try:
        return sum(file.stat().st_size for file in folder.glob("*.gz"))
    except OSError:  # the download itself will say why
        return 0
