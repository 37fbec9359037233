"""Folders of its own for every test, and small images. Nothing heavy is imported here."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"  # real MNIST, where somebody put it


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs go to the test's own folder; data come from the shared one, or there are none."""
    monkeypatch.setenv("GAN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GAN_DATA", str(SHARED if SHARED.is_dir() else tmp_path / "data"))


@pytest.fixture
def small_images():
    """A maker of images that are the same each time: `small_images(count, side)`."""
    import torch

    from gan.data import Images

    def make(count: int = 20, side: int = 8) -> Images:
        pixels = torch.randint(
            256, (count, 1, side, side), generator=torch.Generator().manual_seed(1), dtype=torch.uint8
        )
        return Images("small", pixels, "0123456789abcdef")

    return make
