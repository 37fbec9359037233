"""The *skeleton* post's six functions, whose bodies were "...", at work on the MLP recipe.

    parts = GAN()
    losses = train(parts, load("digits"), steps=300)

`Trainer` is this loop with everything around it that a real run needs; a test holds both to the same bits.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from gan.compute.random_streams import random_stream
from gan.data.batches import Batches
from gan.data.images import Images
from gan.nets import pair
from gan.recipes.table import RECIPES
from gan.train import adam
from gan.train.adam import Adam
from gan.train.losses import LOSSES, Loss

RECIPE = RECIPES["mlp"]


class Parts(NamedTuple):
    """The four things that `GAN` returns."""

    generator: nn.Module
    discriminator: nn.Module
    loss: Loss
    optimizers: tuple[Adam, Adam]  # G's and D's


def generator(seed: int = 0) -> nn.Module:
    """Latents (B, 100) to images (B, 1, 28, 28) in [-1, 1]."""
    return pair.Generator(recipe=RECIPE, seed=seed).model()


def discriminator(seed: int = 0) -> nn.Module:
    """Images to logits (B, 1), above 0 for "real"."""
    return pair.Discriminator(recipe=RECIPE, seed=seed).model()


def loss_function() -> Loss:
    """Binary cross-entropy on logits: what D wants of real images and of fakes, and what G wants."""
    return LOSSES[RECIPE.loss]


def optimize(g: nn.Module, d: nn.Module) -> tuple[Adam, Adam]:
    """An Adam for each player."""
    settings = {"betas": RECIPE.betas, "eps": RECIPE.eps, "fused": True}
    return (
        Adam(g.parameters(), lr=RECIPE.g_rate, **settings),
        Adam(d.parameters(), lr=RECIPE.d_rate, **settings),
    )


def train(parts: Parts, images: Images, steps: int, seed: int = 0) -> Tensor:
    """Let D and G move in turn, that many times; D's and G's losses, float32 (steps, 2)."""
    g, d, loss, (opt_g, opt_d) = parts
    batches_seed = random_stream(seed, "batches").initial_seed()
    batches = Batches(images.pixels, RECIPE.batch_size, RECIPE.drawing, batches_seed)
    rng = random_stream(seed, "latents")
    losses = []
    for _ in range(steps):
        real = next(batches)  # (B, 1, 28, 28)
        fake = g(torch.randn(len(real), RECIPE.latent_size, generator=rng))
        real_logits, fake_logits = d(torch.cat([real, fake.detach()])).split(len(real))
        d_loss = adam.optimize(opt_d, RECIPE.d_scale * loss.d(real_logits, fake_logits))
        g_loss = adam.optimize(opt_g, loss.g(None, d(fake)))
        losses.append(torch.stack([d_loss, g_loss]))
    return torch.stack(losses)


def GAN(seed: int = 0) -> Parts:
    """Call the functions above and return what they give: the two nets, the loss, the optimisers."""
    g, d = generator(seed), discriminator(seed)
    return Parts(g, d, loss_function(), optimize(g, d))
