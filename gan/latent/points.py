"""Points: names of single latents. No torch."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

import numpy as np
from pydantic import Field

from gan.errors import Problem
from gan.recipes.recipe import MAX_SEED

MOST_PICTURES = 64  # at once
NUMBER = r"0|[1-9]\d{0,15}"
POINT = rf"^(({NUMBER})(/({NUMBER}))?|z[A-Za-z0-9_-]{{4,22000}})$"
Point = Annotated[str, Field(pattern=POINT)]


def parse_seeds(text: str) -> list[int]:
    """The seeds that "7" or "1,5,9-12" names, in that order. Raises Problem."""
    seeds: list[int] = []
    for part in text.split(","):
        ends = re.fullmatch(rf"\s*({NUMBER})\s*(?:-\s*({NUMBER})\s*)?", part)
        first, last = (int(ends[1]), int(ends[2] or ends[1])) if ends else (1, 0)
        if re.fullmatch(r"\s*\d{16,}\s*", part) and int(part[:99]) > MAX_SEED:
            raise Problem("Seeds go up to {most}.", most=f"{MAX_SEED:,}", misuse=True)
        if not first <= last <= MAX_SEED:
            message = "'{text}' names no seeds: write a whole number like 7, or a list such as 1,5,9-12."
            raise Problem(message, text=text[:60], misuse=True)
        if len(seeds) + last - first >= MOST_PICTURES:
            message = "'{text}' names more than {most} seeds: shorten the list."
            raise Problem(message, text=text[:60], most=MOST_PICTURES, misuse=True)
        seeds += range(first, last + 1)
    return seeds


def moved(seeds: str, by: int) -> str:
    """Every seed of the text that many further, none below 0."""
    by = max(by, -min(parse_seeds(seeds)))
    return re.sub(r"\d+", lambda number: str(min(int(number[0]) + by, MAX_SEED)), seeds)


def explicit(latent: np.ndarray) -> str:
    """The point that is this latent (L,) itself, every bit of its float32."""
    return "z" + urlsafe_b64encode(np.ascontiguousarray(latent, "<f4").tobytes()).decode().rstrip("=")


def unpack(point: str, latent_size: int) -> np.ndarray | tuple[int, int]:
    """An explicit point's latent, float32 (L,), or (seed, index). Raises Problem where it is not this
    generator's.
    """
    if not point.startswith("z"):
        seed, _, index = point.partition("/")
        return int(seed), int(index or 0)
    content = point[1:]
    try:
        latent = np.frombuffer(urlsafe_b64decode(content + "=" * (-len(content) % 4)), "<f4")
    except ValueError:
        latent = np.zeros(0, np.float32)
    if len(latent) != latent_size:
        raise Problem(
            "A latent of {found} numbers was asked for, and this generator takes {needed}: it belongs to "
            "another one.",
            found=len(latent),
            needed=latent_size,
        )
    if not np.isfinite(latent).all() or np.abs(latent).max() > 1000:
        raise Problem("A latent holds values that no latent has: not finite, or above 1,000.")
    return latent
