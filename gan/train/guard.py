"""The last state of a trainer that is known to be finite, to go back to from one that is not."""

from time import perf_counter

import torch
from torch import Tensor

from gan.errors import Problem
from gan.recipes.numbers import NUMBERS

COPY_EVERY = 1.0  # seconds between two copies
LOSSES = {"d_loss": "D's loss", "g_loss": "G's loss"}


class NotFinite(Problem):
    """A loss or a weight became infinite or not a number. The trainer is back at its last finite weights."""


class Guard:
    """Copies the state of one `Trainer` (gan.train.trainer) now and then, and brings the last copy back."""

    def __init__(self, trainer) -> None:
        self.trainer = trainer
        self.checkpoint()

    def checkpoint(self) -> None:
        """Have what breaks from now on lead back here: the state is known to be finite."""
        self.state, self.copied = self.trainer.copy(), perf_counter()

    def check(self, numbers: Tensor) -> None:
        """After rounds with these NUMBERS, float (n, 4): copy a finite state if it is time. Raises NotFinite
        for any other, when the trainer is as it was at the last copy.
        """
        cause = self._find_cause(numbers)
        if cause is None:
            if perf_counter() - self.copied >= COPY_EVERY:
                self.checkpoint()
            return
        broken_at = self.trainer.steps
        self.trainer.load_state_dict(self.state)
        raise NotFinite(
            "{cause} by step {step}. The weights are back at step {back}, the last finite ones: "
            "lower a learning rate and resume.",
            cause=cause,
            step=f"{broken_at:,}",
            back=f"{self.trainer.steps:,}",
        )

    def _find_cause(self, numbers: Tensor) -> str | None:
        finite = numbers.isfinite().all(0)
        if not finite.all():
            name = NUMBERS[finite.tolist().index(False)]
            return f"{LOSSES.get(name, 'A number')} is not finite"
        for title, net in (("G", self.trainer.generator), ("D", self.trainer.discriminator)):
            tensors = [tensor for tensor in net.state_dict().values() if tensor.is_floating_point()]
            if not torch.nn.utils.get_total_norm(tensors).isfinite():
                broken = [n for n, x in net.state_dict().items() if not x.isfinite().all()]
                return f"{title}'s weights are not finite ({', '.join(broken[:3]) or 'their norm'})"
        return None
