"""Is it copying? The training pictures nearest to a picture, and how near they are to each other.

Distances are measured in pixels and between shapes: histograms of oriented gradients (Dalal and Triggs
2005), which change little when a picture is shifted or a stroke is bolder. Neither needs labels or a trained
network, so both serve for any data. A distance says something only beside the baseline: how far a training
picture is from the nearest other one.
"""

from math import pi

import torch
import torch.nn.functional as F
from torch import Tensor

from gan.compute.random_streams import random_stream
from gan.compute.settings import plainly
from gan.control.questions import Near
from gan.data.images import Images, normalise

NEIGHBOURS = 6  # of a picture
BASELINE = 1000  # training pictures whose nearest other one makes the baseline
ROWS = 2000  # pictures compared at once
BINS, CELL = 8, 4  # of the histograms: directions, and pixels of a cell's side
SPACES = ("pixels", "shapes")


class Neighbours:
    """A data set prepared for the question. Making it takes some seconds for MNIST's 60,000."""

    def __init__(self, images: Images) -> None:
        self.images = images
        self.features = {space: _features(images.pixels, space) for space in SPACES}
        rows = torch.randperm(len(images), generator=random_stream(0, "neighbours"))[:BASELINE]
        self.baseline = {
            space: nearest(features[rows], features, 1, leave_out=rows)[0][:, 0].sort().values
            for space, features in self.features.items()
        }

    def of(self, picture: Tensor) -> dict[str, Near]:
        """The nearest training pictures of one, uint8 (C, H, W), in each space."""
        return {space: self._near(picture, space) for space in SPACES}

    def _near(self, picture: Tensor, space: str) -> Near:
        baseline = self.baseline[space]
        distances, indices = nearest(_features(picture[None], space), self.features[space], NEIGHBOURS)
        nearer = torch.searchsorted(baseline, distances[0, :1]).item()
        return Near(
            indices=indices[0].tolist(),
            distances=distances[0].tolist(),
            usual=baseline[len(baseline) // 2].item(),
            rank=nearer / len(baseline),
        )


def _features(pixels: Tensor, space: str) -> Tensor:
    """What is compared in a space, float16 (N, F): half the memory, and far finer than a grey level."""
    measure = shapes if space == "shapes" else lambda pictures: normalise(pictures).flatten(1)
    with plainly():
        return torch.cat([measure(pictures).half() for pictures in pixels.split(ROWS)])


def nearest(
    queries: Tensor, features: Tensor, count: int, leave_out: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Distances and indices (Q, count) of the nearest rows. `leave_out` (Q,) is a row each may not find:
    itself.
    """
    queries, count = queries.float(), min(count, len(features))
    best, indices = torch.empty(len(queries), 0), torch.empty(len(queries), 0, dtype=torch.long)
    with plainly():
        for start in range(0, len(features), ROWS):
            rows = features[start : start + ROWS].float()
            apart = torch.cdist(queries, rows, compute_mode="use_mm_for_euclid_dist")
            squares = apart.square() / rows.shape[1]
            if leave_out is not None:
                mine = (leave_out >= start) & (leave_out < start + len(rows))
                squares[mine.nonzero()[:, 0], leave_out[mine] - start] = torch.inf
            best, order = torch.cat([best, squares], 1).sort(1)
            numbers = torch.arange(start, start + len(rows)).expand(len(queries), -1)
            indices = torch.cat([indices, numbers], 1).gather(1, order)[:, :count]
            best = best[:, :count]
    return best.clamp(min=0).sqrt(), indices


def shapes(pixels: Tensor) -> Tensor:
    """Histograms of oriented gradients of uint8 (N, C, H, W): float (N, F), each cell's histogram of unit
    length unless the cell is flat.
    """
    grey = normalise(pixels).mean(1, keepdim=True)
    framed = F.pad(grey, (1, 1, 1, 1), mode="replicate")
    across = framed[:, :, 1:-1, 2:] - framed[:, :, 1:-1, :-2]
    down = framed[:, :, 2:, 1:-1] - framed[:, :, :-2, 1:-1]
    strength = (across.square() + down.square()).sqrt()
    turn = torch.atan2(down, across).remainder(pi) / pi * BINS  # light on dark is as dark on light
    centres = torch.arange(BINS).view(1, BINS, 1, 1)
    apart = (turn - centres).abs()
    share = (1 - torch.minimum(apart, BINS - apart)).clamp(min=0)  # between the two nearest bins
    cells = F.avg_pool2d(strength * share, 2 * CELL, CELL, CELL // 2, ceil_mode=True)  # overlapping
    return (cells / (cells.norm(dim=1, keepdim=True) + 0.05)).flatten(1)
