"""How much a long run grows: `python -m bench.memory [STEPS]`."""

import os
import sys
import tempfile
from pathlib import Path

from bench.open_history import resident
from gan.data import images
from gan.recipes.table import RECIPES
from gan.runner.start import begin
from gan.runs.order import Order
from gan.runs.run import Run

SETTLED = 0.02  # of the steps, after which growth counts


def growth(steps: int) -> dict:
    """Megabytes by which this process's resident memory grows while an MLP is trained that long."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run.make(Path(folder) / "run")
        with run.owned():
            training = begin(run, Order(RECIPES["mlp"], "digits", 0, steps), images.load("digits"))
            before = None
            while training.state == "running":
                training.tick()
                if before is None and training.trainer.steps >= SETTLED * steps:
                    before = resident(os.getpid())
            after = resident(os.getpid())
    return {"steps": steps, "grown": (after - before) * 1.048576}


if __name__ == "__main__":
    print("{steps:,} steps: {grown:.1f} MB".format(**growth(int((sys.argv[1:] or [100_000])[0]))))
