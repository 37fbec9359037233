"""Find the latent whose picture comes nearest to a given one: gradient descent in z, from several starts.

The oldest way (Creswell and Bharath 2016; Zhu et al. 2016), and on nets of this size one needs no other: two
hundred steps take a few seconds on a CPU.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor, nn

from gan.nets.sampling import evaluating, latents_for
from gan.train.adam import Adam

RATE = 0.1  # Adam's
CANDIDATES, AT_ONCE = 512, 64  # random latents, of which the nearest become starts; drawn that many at once
SHELL = 3.0  # how far beyond the usual length √L a latent may go; theirs varies by 0.7 about it


@dataclass(frozen=True)
class Search:
    """How far a search has come. `errors` is the mean squared error in [-1, 1] of each start's picture."""

    step: int
    steps: int
    errors: list[float]
    latents: Tensor  # (S, L), the starts' now

    @property
    def best(self) -> int:
        """The start that is nearest now."""
        return min(range(len(self.errors)), key=self.errors.__getitem__)

    @property
    def error(self) -> float:
        """How near that start is."""
        return min(self.errors)

    @property
    def best_latent(self) -> Tensor:
        """Its latent (L,)."""
        return self.latents[self.best]


def invert(
    net: nn.Module, target: Tensor, latent_size: int, starts: int, steps: int, seed: int = 0
) -> Iterator[Search]:
    """Search, one report a step; the last one holds the result. Whoever stops asking has cancelled it.

    `target` is float (C, H, W) in [-1, 1]. Starts are the nearest of CANDIDATES random latents of `seed`.
    Latents stay in the shell where the generator has seen latents: beyond it almost any picture can be
    forced, and says nothing of the generator.
    """
    trainable = [parameter for parameter in net.parameters() if parameter.requires_grad]
    for parameter in trainable:  # only the latents move
        parameter.requires_grad_(False)
    try:
        latents = _starts(net, target, latent_size, starts, seed).requires_grad_()
        optimizer = Adam([latents], lr=RATE, betas=(0.9, 0.99))
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for step in range(steps):
            optimizer.zero_grad()
            errors = _errors(net, latents, target)
            yield Search(step, steps, errors.tolist(), latents.detach().clone())
            errors.sum().backward()
            optimizer.step()
            schedule.step()
            _keep_in_shell(latents.data)
        with torch.no_grad():
            errors = _errors(net, latents, target)
        yield Search(steps, steps, errors.tolist(), latents.detach().clone())
    finally:
        for parameter in trainable:
            parameter.requires_grad_(True)


def _starts(net: nn.Module, target: Tensor, latent_size: int, starts: int, seed: int) -> Tensor:
    candidates = latents_for(seed, range(CANDIDATES), latent_size)
    with evaluating(net):
        errors = torch.cat([_errors(net, latents, target) for latents in candidates.split(AT_ONCE)])
    return candidates[errors.argsort()[:starts]].clone()


def _errors(net: nn.Module, latents: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of each latent's picture, (S,)."""
    return (net(latents) - target).square().flatten(1).mean(1)


def _keep_in_shell(latents: Tensor) -> None:
    furthest = sqrt(latents.shape[1]) + SHELL
    latents.mul_((furthest / latents.norm(dim=1, keepdim=True).clamp(min=1e-6)).clamp(max=1))
