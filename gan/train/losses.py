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


class Loss(NamedTuple):
    """Three functions of D's logits (B, 1), each giving a 0-d mean over the batch."""

    d_real: Callable[[Tensor], Tensor]  # D on real images: call them real
    d_fake: Callable[[Tensor], Tensor]  # D on fakes: call them fake
    g: Callable[[Tensor], Tensor]  # G on its fakes: have D call them real


def bce_as_real(logits: Tensor) -> Tensor:
    """-log p: the cross-entropy to the label 1."""
    return softplus(-logits).mean()


def bce_as_fake(logits: Tensor) -> Tensor:
    """-log(1 - p): the cross-entropy to the label 0."""
    return softplus(logits).mean()


def bce_slope(logits: Tensor, label: float) -> Tensor:
    """The gradient of either, by the logits: (p - label) / B."""
    return logits.sigmoid().sub_(label).div_(len(logits))


LOSSES = {"bce": Loss(d_real=bce_as_real, d_fake=bce_as_fake, g=bce_as_real)}
