"""A maker of short runs."""

import pytest

from gan.data import images
from gan.runner import start
from gan.runs.order import Order
from gan.runs.run import Run
from tests.runner.short import RECIPE


@pytest.fixture(scope="session")
def digits():
    return images.load("digits")


@pytest.fixture
def begin(tmp_path, digits):
    """A maker of runs of 12 steps, each in a folder of its own."""

    def make(name="one", recipe=RECIPE, steps=12):
        run = Run.make(tmp_path / name)
        return start.begin(run, Order(recipe, "digits", seed=3, steps=steps), digits)

    return make
