"""Batches of real images, drawn as a recipe says."""

from collections.abc import Iterator

import torch
from torch import Tensor

from gan.data.images import normalise

BATCHES_AT_ONCE = 64  # whose indices are drawn together where each image is drawn anew


class Batches(Iterator[Tensor]):
    """Endless batches of real images, float (B, C, H, W) in [-1, 1], on the device that holds `pixels`.

    `drawing` is the recipe's: "epochs" shuffles anew each epoch and passes its short last batch too,
    "full-batches" leaves that one out, "replacement" draws each image anew. Indices are drawn on the CPU, so
    that every device sees one order, and many at a time, so that no step waits for them.
    """

    def __init__(self, pixels: Tensor, batch_size: int, drawing: str, seed: int) -> None:
        self.pixels, self.batch_size, self.drawing = pixels, batch_size, drawing
        self.rng = torch.Generator().manual_seed(seed)
        self._draw()

    def _draw(self) -> None:
        """Begin an epoch, or what stands for one, and remember the random generator's state before it, so
        that the same order can be drawn again.
        """
        self.epoch_rng, self.position = self.rng.get_state(), 0
        if self.drawing == "replacement":
            order = torch.randint(len(self.pixels), (BATCHES_AT_ONCE * self.batch_size,), generator=self.rng)
        else:
            order = torch.randperm(len(self.pixels), generator=self.rng)
        self.order = order.to(self.pixels.device)

    def __next__(self) -> Tensor:
        return self.take(self.next_indices())

    def take(self, indices: Tensor) -> Tensor:
        """The images of these indices, int64 (B,)."""
        return normalise(self.pixels.index_select(0, indices))

    def next_indices(self) -> Tensor:
        """Where the next batch lies in `pixels`: int64 (B,), on their device."""
        left = len(self.order) - self.position
        if left < (1 if self.drawing == "epochs" else self.batch_size):
            self._draw()
        indices = self.order[self.position : self.position + self.batch_size]
        self.position += len(indices)
        return indices

    def state_dict(self) -> dict[str, Tensor]:
        """How far the drawing is: the random generator's states, uint8, and a position, int64."""
        return {
            "rng": self.rng.get_state(),
            "epoch_rng": self.epoch_rng,
            "position": torch.tensor(self.position),
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from a state: the next batch is the one that would have come."""
        self.rng.set_state(state["epoch_rng"])
        self._draw()
        self.position = int(state["position"])
        if not torch.equal(self.rng.get_state(), state["rng"]):  # another number was drawn at a time then
            self.position = len(self.order)
        self.rng.set_state(state["rng"])
