"""A maker of short runs."""

from collections.abc import Callable

import pytest

from gan.data import images
from gan.data.images import Images
from gan.runner import start
from gan.runner.loop import Training
from gan.runs.order import Order
from gan.runs.run import Run
from tests.runner.short import RECIPE


@pytest.fixture(scope="session")
def digits() -> Images:
    return images.load("digits")


@pytest.fixture
def begin(tmp_path, digits) -> Callable[..., Training]:
    """A maker of runs of 12 steps, each in a folder of its own."""

    def make(name="one", recipe=RECIPE, steps=12) -> Training:
        run = Run.make(tmp_path / name)
        return start.begin(run, Order(recipe, "digits", seed=3, steps=steps), digits)

    return make
