"""From latents to pictures."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from gan.compute.random_streams import random_stream
from gan.compute.settings import plainly
from gan.data.images import to_pixels

CHUNK = 16  # pictures are computed that many at a time, never more or fewer: see `sample`


@contextmanager
def evaluating(net: nn.Module) -> Iterator[None]:
    """Inference: no gradients, batch norm by its moving statistics, no dropout; the mode before comes
    back.
    """
    was_training = net.training
    net.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        net.train(was_training)


def latents_for(seed: int, indices: Sequence[int], latent_size: int) -> Tensor:
    """Standard normal latents (N, L), each drawn on the CPU from (seed, index) alone."""
    draws = [torch.randn(latent_size, generator=random_stream(seed, f"latent/{index}")) for index in indices]
    return torch.stack(draws)


def sample(generator: nn.Module, latents: Tensor) -> Tensor:
    """Pictures of latents (N, L): uint8 (N, H, W, C) on the CPU, G in inference mode.

    Computed in chunks of CHUNK, the last one padded, on one thread: a convolution over 1 and over 1,000
    images may differ in the last bit, and a picture shall depend on weights and latent alone.
    """
    device = next(generator.parameters()).device
    padded = torch.cat([latents, latents.new_zeros(-len(latents) % CHUNK, latents.shape[1])])
    with evaluating(generator), plainly():
        pictures = [to_pixels(generator(chunk.to(device))) for chunk in padded.split(CHUNK)]
    return torch.cat(pictures)[: len(latents)]
