"""Losses: what each player wants, as functions of D's logits.

The posts put a Sigmoid at D's end and take binary cross-entropy of the probability p. Here D returns the
logit l and p = sigmoid(l), so -log p = softplus(-l) and -log(1 - p) = softplus(l): the same function,
without the overflow that log(0) is. Sources: Goodfellow et al. 2014 (arXiv 1406.2661), whose G objective the
posts use in its non-saturating form.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import softplus

from gan.errors import Problem
from gan.recipes.recipe import Recipe


class Loss(NamedTuple):
    """What each player wants, as functions of D's logits (B, 1) of real images and of fakes: 0-d means.

    G is handed None for the real ones unless `g_sees_real`: a loss that pairs real and fake asks for them.
    `d_parts` are the two terms of `d`, of real images and of fakes, where it is such a sum: some recipes give
    D an update on each.
    """

    d: Callable[[Tensor, Tensor], Tensor]
    g: Callable[[Tensor | None, Tensor], Tensor]
    d_parts: tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]] | None = None
    g_sees_real: bool = False


def bce_as_real(logits: Tensor) -> Tensor:
    """-log p: the cross-entropy to the label 1."""
    return softplus(-logits).mean()


def bce_as_fake(logits: Tensor) -> Tensor:
    """-log(1 - p): the cross-entropy to the label 0."""
    return softplus(logits).mean()


def bce_slope(logits: Tensor, label: float) -> Tensor:
    """The gradient of either, by the logits: (p - label) / B."""
    return logits.sigmoid().sub_(label).div_(len(logits))


def bce_d(real: Tensor, fake: Tensor) -> Tensor:
    """D's: call real images real, and fakes fake."""
    return bce_as_real(real) + bce_as_fake(fake)


def bce_g(real: Tensor | None, fake: Tensor) -> Tensor:
    """G's, in its non-saturating form: have D call its fakes real."""
    return bce_as_real(fake)


def loss_of(recipe: Recipe) -> Loss:
    """The recipe's. Raises Problem where D shall have an update on each part of a loss that has no parts."""
    loss = LOSSES[recipe.loss]
    if recipe.d_updates == "separate" and loss.d_parts is None:
        message = "loss = {loss} has no parts for real and fake images of their own: take d_updates = joint."
        raise Problem(message, loss=recipe.loss, misuse=True)
    return loss


LOSSES = {"bce": Loss(bce_d, bce_g, d_parts=(bce_as_real, bce_as_fake))}
