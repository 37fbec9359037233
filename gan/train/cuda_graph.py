"""The whole step as one CUDA graph: recorded once, then replayed by a single launch.

A small GAN's step is a hundred kernels of a few microseconds, and asking for them one by one takes longer
than they do. A graph fixes addresses: real images come in through static indices, learning rates and Adam's
counters lie on the device, and the run's random generators are registered, so that each replay draws anew.
Source: PyTorch's notes on CUDA graphs (docs, "CUDA semantics").
"""

import torch
from torch import Tensor

from gan.recipes.recipe import Recipe

WARM_UP = 3  # rounds played before recording, for what libraries set up at first use
# What a round may depend on and still be recorded: numbers that stay as they are, or lie on the device. The
# values of each setting that are known here, none for any (Recipe.stays_within).
KNOWN: dict[str, tuple] = {
    "nets": ("mlp", "dcgan"),
    "loss": ("bce",),
    **dict.fromkeys(("hidden", "g_activation", "latent_size", "order", "d_scale", "d_updates"), ()),
    **dict.fromkeys(("d_latents", "d_fakes", "betas", "eps", "batch_size", "drawing", "ema"), ()),
}


def can_be_recorded(recipe: Recipe) -> bool:
    """Is the recipe's round one whose recording gives what playing it gives?"""
    return recipe.stays_within(KNOWN)


class RecordedStep:
    """The round of one `Trainer` (gan.train.trainer). What warming up and recording moved is put back
    before the first replay.
    """

    def __init__(self, trainer) -> None:
        self.trainer = trainer
        self.graph: torch.cuda.CUDAGraph | None = None

    def fits(self, indices: Tensor) -> bool:
        """Is this batch as large as the recorded one?"""
        return len(indices) == self.trainer.recipe.batch_size

    def play(self, indices: Tensor) -> Tensor:
        """A round on the real images of these indices, int64 (batch_size,): NUMBERS, on the device."""
        if self.graph is None:
            self._record(indices)
        self.indices.copy_(indices)
        self.graph.replay()
        return self.numbers.clone()

    def _record(self, indices: Tensor) -> None:
        trainer, self.indices = self.trainer, indices.clone()
        before, finite = trainer.copy(), trainer.guard.state
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                trainer.play_round(self.indices)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        for rng in trainer.rng.values():
            graph.register_generator_state(rng)
        for optimizer in (trainer.opt_g, trainer.opt_d):
            optimizer.zero_grad(set_to_none=True)  # gradients shall lie in the graph's own memory
        with torch.cuda.graph(graph):
            self.numbers = trainer.play_round(self.indices)
        trainer.load_state_dict(before)
        trainer.guard.state = finite
        self.graph = graph
