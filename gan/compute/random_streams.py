"""Random generators, one for each purpose."""

import hashlib

import torch


def random_stream(seed: int, purpose: str, device: str | torch.device = "cpu") -> torch.Generator:
    """A random generator of its own for one purpose of one seed: streams of different purposes share no
    draw.
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "big") >> 1)
