"""Random generators, one for each purpose."""

import torch

from gan.compute.random_streams import random_stream


def test_streams_of_different_purposes_and_seeds_share_no_draw() -> None:
    draws = [
        torch.randn(4, generator=random_stream(seed, purpose)).tolist()
        for seed in (0, 1, 2**53 - 1)
        for purpose in ("generator", "latents", "batches")
    ]
    assert len({tuple(draw) for draw in draws}) == 9
    again = torch.randn(4, generator=random_stream(1, "latents")).tolist()
    assert again in draws
