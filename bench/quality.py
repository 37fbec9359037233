"""Does bfloat16 draw worse pictures? `python -m bench.quality [--steps N] [--seeds N]`.

The DCGAN, trained with the same seeds in both precisions. Each time, the Fréchet distance (Heusel et al.
2017) between 2,000 of its pictures and the real ones, over the first 64 principal components of the pixels
instead of a network's features: lower is nearer. One half of the real pictures to the other is the floor.
"""

import argparse

import numpy as np
import torch

from gan.compute.settings import prepare
from gan.compute.threads import cores
from gan.data import datasets
from gan.data.images import load
from gan.nets.sampling import latents_for, sample
from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.train.trainer import Trainer

COMPONENTS, PICTURES = 64, 2000


def frechet(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Between two Gaussians fitted to features (N, F)."""
    covariances = [np.cov(one, rowvar=False) for one in (ours, theirs)]
    values, vectors = np.linalg.eigh(covariances[0])
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    mixed = np.linalg.eigvalsh(root @ covariances[1] @ root).clip(0)
    apart = ((ours.mean(0) - theirs.mean(0)) ** 2).sum()
    return float(apart + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * np.sqrt(mixed).sum())


def main() -> None:
    """Print a line a seed and precision."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=1000)
    options.add_argument("--seeds", type=int, default=3)
    asked = options.parse_args()
    images = load("mnist" if datasets.count("mnist") else "digits")
    real = images.pixels.flatten(1).numpy() / 127.5 - 1
    middle = real.mean(0)
    axes = np.linalg.eigh(np.cov(real, rowvar=False))[1][:, -COMPONENTS:]
    features = (real - middle) @ axes
    print(f"real against real {frechet(features[::2], features[1::2]):.2f}")
    for seed in range(asked.seeds):
        for precision in ("float32", "bfloat16"):
            numerics = Numerics(threads=cores(), precision=precision)
            prepare(numerics)
            trainer = Trainer(RECIPES["dcgan"], images, seed, "cpu", numerics)
            numbers = trainer.advance(asked.steps)[-200:].mean(0)
            pictures = sample(trainer.generator, latents_for(seed, range(PICTURES), 100))
            fake = pictures.flatten(1).numpy() / 127.5 - 1
            message = f"d_loss {numbers[0]:.3f}, g_loss {numbers[1]:.3f}"
            print(
                f"seed {seed} {precision:<9} {frechet((fake - middle) @ axes, features):7.2f}  {message}",
                flush=True,
            )


if __name__ == "__main__":
    with torch.random.fork_rng():
        main()
