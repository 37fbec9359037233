"""A run that has been trained for a while, in a folder of runs."""

import shutil
from pathlib import Path

import pytest

from gan.data.images import Images
from gan.runner import start
from gan.runs.events import SetRate
from gan.runs.order import Order
from gan.runs.run import Run
from tests.conftest import SmallImages, replace_digits
from tests.runs.trained import RECIPE


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return (tmp_path / "home").resolve()


@pytest.fixture(scope="session")
def stopped(small_images: SmallImages, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of 30 steps: an edit at 12, checkpoints at 10 and 20, stopped at 25. Tests only copy it."""
    order = Order(RECIPE, "digits", seed=4, steps=30, device="cpu")
    with pytest.MonkeyPatch.context() as patch:
        replace_digits(small_images, patch)
        training = start.begin(Run.make(tmp_path_factory.mktemp("stopped") / "mlp-digits-1"), order)
        for until in (10, 12, 20, 25):
            while training.trainer.steps < until:
                training.tick(until - training.trainer.steps)
            if until == 12:
                SetRate(key="g_rate", new=1e-3).carry_out(training)
            else:
                training.save()
        training.stop()
    return training.run


@pytest.fixture
def run(stopped: Run, small_digits: Images, home: Path) -> Run:
    """A copy of it, the test's own."""
    return Run(shutil.copytree(stopped.path, home / stopped.name))
