"""Runs trained to their end, and compared."""

import torch

from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs.run import Run

RECIPE = RECIPES["mlp"].with_changes(
    {"hidden": (8, 12), "latent_size": 5, "batch_size": 7, "sample_every": 10}
)


def end(run: Run, steps: int | None = None) -> dict[str, torch.Tensor]:
    """The generator at the run's end."""
    training = start.resume(run, steps)
    while training.state == "running":
        training.tick()
    assert training.state == "finished", training.info.problem
    return training.trainer.state_dict()["generator"]


def equal(one, other) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)
