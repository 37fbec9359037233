"""Images: what is in them."""

import hashlib

import pytest
import torch
import torch.nn.functional as F

from gan.data import datasets
from gan.data.images import load, normalise, to_pixels
from tests.conftest import SHARED
from tests.data.mnist_files import FILES, write


def test_digits_are_framed_like_mnist() -> None:
    images = load("digits")
    assert images.pixels.shape == (1797, 1, 28, 28) and images.pixels.dtype == torch.uint8
    frame = images.pixels.clone()
    frame[:, :, 4:24, 4:24] = 0
    assert not frame.any()
    assert images.pixels.max() == 255


def test_enlarged_digits_show_what_the_small_ones_do() -> None:
    """No dark pixel turns bright where the enlarging overshoots, and none is turned or mirrored."""
    from sklearn.datasets import load_digits

    small = torch.from_numpy(load_digits().images).float() * (255 / 16)
    back = F.interpolate(load("digits").pixels[:, :, 4:24, 4:24].float(), (8, 8), mode="area")[:, 0]
    assert (back - small).abs().mean() < 25  # of 255: smoothing takes 16


def test_the_same_images_have_the_same_fingerprint_and_others_another(raw) -> None:
    write(raw, FILES)
    first = load("mnist").fingerprint
    assert load("mnist").fingerprint == first
    changed = bytearray(FILES["train-images-idx3-ubyte"])
    changed[-1] ^= 1
    write(raw, {"train-images-idx3-ubyte": bytes(changed)})
    assert load("mnist").fingerprint != first


def test_normalised_pixels_are_the_posts_and_come_back_unchanged() -> None:
    pixels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    images = normalise(pixels)
    assert torch.equal(images, (pixels.float() - 127.5) / 127.5)
    assert torch.equal(to_pixels(images).flatten(), pixels.flatten())


def test_other_pictures_under_mnist_s_names_are_not_taken_for_mnist(raw, monkeypatch) -> None:
    write(raw, FILES)
    assert not load("mnist").known and load("digits").known
    real = datasets.DATASETS["mnist"]._replace(
        files=(hashlib.sha256(FILES["train-images-idx3-ubyte"]).hexdigest(),)
    )
    monkeypatch.setitem(datasets.DATASETS, "mnist", real)
    assert load("mnist").known


@pytest.mark.skipif(not SHARED.is_dir(), reason="no real MNIST beside this checkout")
def test_real_mnist_is_read() -> None:
    images = load("mnist")
    assert images.shape == (1, 28, 28) and len(images) == datasets.count("mnist")
    assert images.known
    assert 20 < images.pixels.float().mean() < 50  # MNIST's mean grey is 33.3
