"""Folders of its own for every test, and small images. Nothing heavy is imported here."""

import os
import sys
from pathlib import Path

import pytest

import gan  # noqa: F401  # before huggingface_hub, which reads what this sets

os.environ["GAN_TUNING"] = "off"  # nothing is measured beforehand: every test computes plainly
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"  # real MNIST, where somebody put it


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs go to the test's own folder; data come from the shared one, or there are none."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GAN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GAN_DATA", str(SHARED if SHARED.is_dir() else tmp_path / "data"))


@pytest.fixture(autouse=True)
def every_slice_keeps_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its last finite state, so that no test depends on how long a slice takes."""
    if "torch" in sys.modules:
        monkeypatch.setattr("gan.train.guard.COPY_EVERY", 0.0)


@pytest.fixture(autouse=True)
def nobody_is_signed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests has a login of their own: no test sees it, or the real Hub."""
    from huggingface_hub import constants

    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "SPACE_ID", "GAN_PUBLIC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "hf" / "token"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch):
    """A Hub with ada, who may write, bob, who may too, and carl, whose token may only read."""
    from huggingface_hub.utils import close_session

    from tests.hub_server import HubServer

    server = HubServer()
    server.user("ada", "hf_adas_own_token")
    server.user("bob", "hf_bobs_own_token")
    server.user("carl", "hf_carls_own_token", role="read")
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    yield server
    close_session()
    server.stop()


@pytest.fixture
def small_images():
    """A maker of images that are the same each time: `small_images(count, side)`."""
    import torch

    from gan.data.images import Images

    def make(count: int = 20, side: int = 8) -> Images:
        pixels = torch.randint(
            256, (count, 1, side, side), generator=torch.Generator().manual_seed(1), dtype=torch.uint8
        )
        return Images("small", pixels, "0123456789abcdef")

    return make


@pytest.fixture
def small_digits(small_images, monkeypatch: pytest.MonkeyPatch):
    """Twenty images of 8×8 pixels in place of the digits, for whoever loads them in this process."""
    from gan.data import images

    monkeypatch.setitem(images.LOADERS, "digits", lambda: small_images(20, 8).pixels)
    return images.load("digits")
