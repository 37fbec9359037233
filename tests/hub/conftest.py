"""A run that can be pushed, and a job to push it in."""

import shutil
from pathlib import Path

import pytest

from gan.data.images import Images
from gan.jobs import Job
from gan.runner import start
from gan.runs.events import SetRate
from gan.runs.order import Order
from gan.runs.run import Run
from tests.conftest import SmallImages, replace_digits
from tests.hub.pushing import RECIPE


@pytest.fixture(scope="session")
def stopped(small_images: SmallImages, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of 30 steps, stopped and saved at 20, that tests only copy."""
    order = Order(RECIPE, "digits", seed=4, steps=30, device="cpu")
    with pytest.MonkeyPatch.context() as patch:
        replace_digits(small_images, patch)
        training = start.begin(Run.make(tmp_path_factory.mktemp("stopped") / "mlp-digits-1"), order)
        while training.trainer.steps < 20:
            training.tick(20 - training.trainer.steps)
        SetRate(key="g_rate", new=1e-3).carry_out(training)
        training.stop()
    return training.run


@pytest.fixture
def run(stopped: Run, small_digits: Images, tmp_path: Path) -> Run:
    """A copy of it, the test's own."""
    return Run(shutil.copytree(stopped.path, tmp_path / "home" / stopped.name))


@pytest.fixture
def job() -> Job:
    """A job that is not under way: functions that take one can be called here, on this thread."""
    idle = Job(lambda job: None)
    idle.wait()
    return idle
