"""What a save in the background costs the training: `python -m bench.save_cost [--seconds S] [--rounds N]`.

The same training with a save every second and without any, in turn; the median of the ratios. Runs save every
ten seconds: a tenth of that cost, which could not be told from noise if it were measured as it is.
"""

import argparse
import shutil
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from gan.data import datasets
from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.runner.loop import SAVE_EVERY
from gan.runner.start import begin
from gan.runs.order import Order
from gan.runs.run import Run

OFTEN, NEVER = 1.0, 1e9  # seconds between two saves


def measure(recipe: str, seconds: float, save_every: float) -> tuple[float, int]:
    """Steps a second over that much time on the clock, saving included, and the number of saves."""
    folder = Path(tempfile.mkdtemp())
    data = "mnist" if datasets.count("mnist") else "digits"
    order = Order(RECIPES[recipe], data, steps=10**8, numerics=Numerics())
    training = begin(Run.make(folder / "run"), order, save_every=save_every)
    training.tick(20)
    saves, seen = 0, 0
    start, first = perf_counter(), training.trainer.steps
    while perf_counter() - start < seconds:
        training.tick()
        saves += training.info.saved != seen
        seen = training.info.saved
    speed = (training.trainer.steps - first) / (perf_counter() - start)
    training.stop()  # a save may still be writing into the folder
    shutil.rmtree(folder)
    return speed, saves


def main() -> None:
    """Print a line a recipe."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=12.0)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    print(f"{'recipe':<14}{'saving':>12}{'not saving':>12}{'saves':>7}{'cost':>8}{'as it is':>10}")
    for recipe in RECIPES:
        with_saves, without, saves = [], [], 0
        for _ in range(asked.rounds):
            speed, count = measure(recipe, asked.seconds, OFTEN)
            with_saves.append(speed)
            saves += count
            without.append(measure(recipe, asked.seconds, NEVER)[0])
        cost = 1 - median(a / b for a, b in zip(with_saves, without, strict=True))
        speeds = f"{median(with_saves):>10.1f}/s{median(without):>10.1f}/s"
        print(f"{recipe:<14}{speeds}{saves:>7}{100 * cost:>7.1f}%{100 * cost * OFTEN / SAVE_EVERY:>9.2f}%")


if __name__ == "__main__":
    main()
