"""A run's history in bounded memory: what charts need of it, however long it is.

The rows (steps) are kept as at most BLOCKS blocks of `size` rows each, a power of two: single rows first,
and neighbours are joined whenever there would be too many. As a history grows, only its new rows are read.
"""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

BLOCKS = 4096  # of one history, at most: about 650 KB
CHUNK = 1 << 16  # rows in memory at once
RUNS = 16  # whose summaries are kept
COLUMNS = 4

# What is known of the finite values of one column in one block; `low_at` and `high_at` count rows from 0.
BLOCK = np.dtype(
    [("low", "f4"), ("high", "f4"), ("low_at", "i8"), ("high_at", "i8"), ("total", "f8"), ("finite", "i8")]
)
NOTHING = np.array((np.inf, -np.inf, 0, 0, 0, 0), BLOCK)  # a block without a finite value


@dataclass(frozen=True)
class HistorySummary:
    """What is known of a history's first `count` rows. It never changes: `update` gives another one."""

    count: int = 0
    size: int = 1  # rows of a block; the last one may have fewer
    blocks: np.ndarray = field(default_factory=lambda: np.zeros((COLUMNS, 0), BLOCK))  # BLOCK (4, b)
    ends: np.ndarray = field(
        default_factory=lambda: np.full((2, COLUMNS), np.nan, "f4")
    )  # first and last row

    def update(self, history: np.ndarray) -> "HistorySummary":
        """The summary of a history, float32 (n, 4), of which this is an earlier one. Only new rows are read;
        one that was cut or rewritten is read anew.
        """
        known = self if self.begins(history) else HistorySummary()
        if len(history) == known.count:
            return known
        blocks, size = known.blocks, known.size
        while size * BLOCKS < len(history):
            blocks, size = _joined(_even(blocks), 2), size * 2
        for start in range(known.count, len(history), CHUNK):
            new = _read(history[start : start + CHUNK], start, size)
            if start % size:  # the last block has room
                both = np.concatenate([blocks[:, -1:], new[:, :1]], axis=1)
                blocks, new[:, :1] = blocks[:, :-1], _joined(both, 2)
            blocks = np.concatenate([blocks, new], axis=1)
        return HistorySummary(len(history), size, blocks, np.array(history[[0, -1]]))

    def begins(self, history: np.ndarray) -> bool:
        """Is this a summary of the beginning of that history, as far as two of its rows tell?"""
        if not self.count or len(history) < self.count:
            return not self.count
        return history[[0, self.count - 1]].tobytes() == self.ends.tobytes()

    def points(self, column: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows (k,) in order and their values (k,): all of a short history, the first, the last and each
        block's lowest and highest of a long one. Values that are not finite are left out.
        """
        blocks = self.blocks[column]
        blocks = blocks[blocks["finite"] > 0]
        rows = np.concatenate([blocks["low_at"], blocks["high_at"], [0, self.count - 1]])
        values = np.concatenate([blocks["low"], blocks["high"], self.ends[:, column]])
        rows, chosen = np.unique(rows, return_index=True)
        finite = np.isfinite(values[chosen])
        return rows[finite], values[chosen][finite]

    def means(self, column: int, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """The means of the finite values from row `low` (k,) to below row `high` (k,), NaN where there is
        none. Of a block that is cut by such a border its share counts.
        """
        blocks = self.blocks[column]
        borders = np.minimum(np.arange(len(blocks) + 1) * self.size, self.count)
        totals, counts = (
            np.interp(high, borders, sums) - np.interp(low, borders, sums)
            for sums in (np.append(0.0, np.cumsum(blocks[name])) for name in ("total", "finite"))
        )
        return np.divide(totals, counts, out=np.full(len(low), np.nan), where=counts > 0)


def _even(blocks: np.ndarray) -> np.ndarray:
    """With an empty block behind the last where their number (4, b) is odd."""
    return np.concatenate([blocks, np.full((COLUMNS, blocks.shape[1] % 2), NOTHING)], axis=1)


def _read(rows: np.ndarray, start: int, size: int) -> np.ndarray:
    """Rows (m, 4) as blocks (4, b); the first row is row `start`, so the first block may have fewer than
    `size`.
    """
    lead = start % size
    around = ((lead, -(lead + len(rows)) % size), (0, 0))
    values = np.ascontiguousarray(np.pad(rows, around, constant_values=np.nan).T)
    finite = np.isfinite(values)
    at = np.broadcast_to(np.arange(start - lead, start - lead + values.shape[1]), values.shape)
    low, high, total = (np.where(finite, values, other) for other in (np.inf, -np.inf, 0))
    names = {"low": low, "high": high, "low_at": at, "high_at": at, "total": total, "finite": finite}
    return _joined(names, size)


def _joined(blocks: np.ndarray | dict[str, np.ndarray], factor: int) -> np.ndarray:
    """Each `factor` neighbours of whole groups (4, b) as one: (4, b / factor)."""
    groups = {name: blocks[name].reshape(COLUMNS, -1, factor) for name in BLOCK.names}
    joined = np.empty(groups["low"].shape[:2], BLOCK)
    for value, at, first in (("low", "low_at", np.argmin), ("high", "high_at", np.argmax)):
        one = first(groups[value], axis=2)[..., None]
        joined[value] = np.take_along_axis(groups[value], one, axis=2)[..., 0]
        joined[at] = np.take_along_axis(groups[at], one, axis=2)[..., 0]
    joined["total"] = groups["total"].sum(axis=2, dtype=np.float64)
    joined["finite"] = groups["finite"].sum(axis=2)
    return joined


# --- the summaries of the runs looked at last ----------------------------------------------------------


class Recorded(Protocol):
    """A gan.runs.run.Run: a folder with a history."""

    path: Path

    def history(self) -> np.ndarray:
        """All steps so far, float32 (n, 4)."""


class _Kept:
    """A run's latest summary; `lock` is held while it is brought up to date, so that no row is read twice."""

    def __init__(self):
        self.lock, self.digest = threading.Lock(), HistorySummary()


_kept: dict[Path, _Kept] = {}  # the run looked at last comes last
_lock = threading.Lock()


def summary_of(run: Recorded) -> HistorySummary:
    """The summary of a run's history as it is now. Pages may ask from many threads."""
    with _lock:
        kept = _kept[run.path] = _kept.pop(run.path, None) or _Kept()
        while len(_kept) > RUNS:
            _kept.pop(next(iter(_kept)))
    with kept.lock:
        kept.digest = kept.digest.update(run.history())
        return kept.digest


LATEST = 50  # steps whose mean the heads of the charts say


def latest(values: np.ndarray, steps: int = LATEST) -> float | None:
    """The mean of the finite ones among the last few values (n, …); None where there is none."""
    last = np.asarray(values[-steps:])
    last = last[np.isfinite(last)]
    return float(np.mean(last)) if len(last) else None
