"""Dropout whose masks come from a random generator of one's own."""

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Zero each value with probability p while training and scale the rest by 1/(1 - p) (Srivastava et al.
    2014).

    `rng` is the generator of the trainer that owns the net; torch's own dropout can only draw from the
    global one, and then a run would depend on whatever else the process draws.
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p
        self.rng: torch.Generator | None = None

    def forward(self, values: Tensor) -> Tensor:
        if not self.training:
            return values
        keep = torch.empty_like(values).bernoulli_(1 - self.p, generator=self.rng)
        return values * keep.div_(1 - self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"
