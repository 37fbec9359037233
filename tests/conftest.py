"""Folders of its own for every test, and small images. Nothing heavy is imported here."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gan  # noqa: F401  # before huggingface_hub, which reads what this sets

if TYPE_CHECKING:
    from gan.data.images import Images
    from tests.hub_server import HubServer

SmallImages = Callable[..., "Images"]
for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "SPACE_ID", "GAN_PUBLIC"):
    os.environ.pop(name, None)  # whoever runs the tests has a login of their own: no test sees it
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # several run beside each other: one thread for each
os.environ["HF_ENDPOINT"] = "http://127.0.0.1:9"  # nor the real Hub
os.environ["GAN_TUNING"] = "off"  # nothing is measured beforehand: every test computes plainly
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"  # real MNIST, where somebody put it
LONGEST = ("browser/", "control/", "test_bench", "runner/", "explore/test_inversion", "worker/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first: two processes that share the tests then end at about the same time."""

    def place(item: pytest.Item) -> int:
        return next((place for place, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST))

    items.sort(key=place)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs go to the test's own folder; data come from the shared one, or there are none."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GAN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GAN_DATA", str(SHARED if SHARED.is_dir() else tmp_path / "data"))


@pytest.fixture
def a_copy_each_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trainer copies its state after every slice: what breaks leads back to the slice before."""
    monkeypatch.setattr("gan.train.guard.COPY_EVERY", 0.0)


@pytest.fixture
def no_copy_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices pass before the next copy is due, as in life, however slow the machine is."""
    monkeypatch.setattr("gan.train.guard.COPY_EVERY", 1e9)


@pytest.fixture(autouse=True)
def nobody_is_signed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has signed in on this machine."""
    from huggingface_hub import constants

    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "hf" / "token"))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder of the test's own that all users may look into and write to, unlike `tmp_path`."""
    folder = Path(tempfile.mkdtemp(prefix="gan-test-"))
    folder.chmod(0o777)
    yield folder.resolve()
    shutil.rmtree(folder)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator["HubServer"]:
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
def torch_settings() -> Iterator[None]:
    """What torch computes with is afterwards as it was before."""
    import torch

    from gan.compute.settings import prepare
    from gan.recipes.numerics import Numerics

    threads = torch.get_num_threads()
    yield
    prepare(Numerics(threads=threads))


@pytest.fixture(scope="session")
def small_images() -> SmallImages:
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
def small_digits(small_images: SmallImages, monkeypatch: pytest.MonkeyPatch) -> "Images":
    """Twenty images of 8×8 pixels in place of the digits, for whoever loads them in this process."""
    return replace_digits(small_images, monkeypatch)


def replace_digits(small_images: SmallImages, patch: pytest.MonkeyPatch) -> "Images":
    """The same for fixtures that live longer than a test."""
    from gan.data import images

    patch.setitem(images.LOADERS, "digits", lambda: small_images(20, 8).pixels)
    return images.load("digits")
