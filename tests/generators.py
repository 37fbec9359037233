"""Generators whose pictures differ: fresh ones draw nearly the same grey for every latent."""

from functools import cache
from pathlib import Path

import torch

from gan.__main__ import main
from gan.data.datasets import DATASETS
from gan.data.images import load
from gan.generator.config import DataOrigin, GeneratorConfig, ImageInfo
from gan.nets.pair import Generator
from gan.nets.weights import save_generator
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import Recipe
from gan.recipes.table import RECIPES
from gan.train.trainer import Trainer

STEPS, BATCH = 150, 8  # after which a DCGAN's digits differ; the MLPs' are alike for thousands of steps


def config_for(recipe: Recipe, side: int = 28, data: str = "digits", **more: object) -> GeneratorConfig:
    """What the config.json of a generator of square grey pictures says; `more` are its other fields."""
    return GeneratorConfig(
        architecture=recipe.nets,
        latent_size=recipe.latent_size,
        image=ImageInfo(channels=1, height=side, width=side),
        recipe=recipe,
        data=DataOrigin(name=data, licence=DATASETS[data].licence),
        **{"step": 12} | more,
    )


def make_run(folder: Path) -> None:
    """A finished run of five steps, whose generator's pictures differ from each other."""
    options = ["--recipe", "mlp", "--data", "digits", "--steps", "5", "--device", "cpu"]
    assert main(["train", *options, "--run", str(folder)]) == 0
    save_generator(folder, lively("mlp").state_dict(), config_for(RECIPES["mlp"], step=5))


@cache
def lively(name: str) -> torch.nn.Module:
    """That recipe's generator in inference mode: a DCGAN trained for some seconds, an MLP with its first
    weights doubled.
    """
    net = Generator(recipe=name, seed=3).model()
    if name == "dcgan":
        recipe = RECIPES[name].with_changes({"batch_size": BATCH})
        trainer = Trainer(recipe, load("digits"), 1, "cpu", Numerics())
        for _ in range(STEPS):
            trainer.step()
        net.load_state_dict(trainer.generator.state_dict())
    else:
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.mul_(2)
    return net.eval()
