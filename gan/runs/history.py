"""A run's history in bounded memory: what charts need of it, however long it is.

A summary divides the rows (steps) into at most MAX_BLOCKS blocks of `size` rows each, a power of two: single
rows at first, and neighbours are joined whenever there would be too many. As a history grows, only its new
rows are read.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

COLUMNS = ("d_loss", "g_loss", "d_real", "d_fake")  # of a history; every row is a step
MAX_BLOCKS = 4096  # of one summary: about 650 KB
CHUNK_ROWS = 1 << 16  # rows in memory at once
MAX_SUMMARIES = 16  # in memory, one for each run
MEAN_STEPS = 50  # steps whose mean stands above a chart
MAX_LOSS = 1e19  # its square is infinite in float32: no optimiser has made a step from there
MAX_GAPS = 12  # of one column, which charts leave empty: the longest
GAP_SHARE = 0.01  # of the history, below which a gap can't be seen

# The finite values of one column in one block; `low_at` and `high_at` are the rows of the lowest and highest.
BLOCK = np.dtype(
    [("low", "f4"), ("high", "f4"), ("low_at", "i8"), ("high_at", "i8"), ("total", "f8"), ("finite", "i8")]
)
NOTHING = np.array((np.inf, -np.inf, 0, 0, 0, 0), BLOCK)  # a block without a finite value


def believed(rows: np.ndarray) -> np.ndarray:
    """Rows (n, 4) of a history file, float32 of its own; NaN in each row that no training can have written.

    Such rows come of a file that was damaged, or cut within a row and then continued. Accuracies lie between
    0 and 1.
    """
    rows = np.array(rows, np.float32)
    losses, accuracies = rows[:, :2], rows[:, 2:]
    absurd = np.hstack([np.abs(losses) > MAX_LOSS, (accuracies < 0) | (accuracies > 1)])
    rows[(absurd & np.isfinite(rows)).any(1)] = np.nan
    return rows


def latest(history: np.ndarray, names: Sequence[str] = COLUMNS) -> dict[str, float]:
    """The first of COLUMNS, as many as are named, in the last row of a history (n, 4); none where there is no
    row, or one of them is not believed or not finite.
    """
    values = believed(history[-1:])[:, : len(names)]
    if not len(values) or not np.isfinite(values).all():
        return {}
    return dict(zip(names, values[0].tolist(), strict=True))


@dataclass(frozen=True)
class HistorySummary:
    """The summary of a history's first `count` rows. It never changes: `update` returns another one.

    `blocks` is BLOCK (4, b), all of `size` rows but the last, which may have fewer; `ends` are the first and
    the last row, float32 (2, 4).
    """

    count: int = 0
    size: int = 1
    blocks: np.ndarray = field(default_factory=lambda: np.zeros((len(COLUMNS), 0), BLOCK))
    ends: np.ndarray = field(default_factory=lambda: np.full((2, len(COLUMNS)), np.nan, "f4"))

    def update(self, history: np.ndarray) -> "HistorySummary":
        """The summary of that history, float32 (n, 4). Where this one is a summary of its beginning, only the
        rows behind are read; of a history that was cut or rewritten, all are.
        """
        earlier = self if self.begins(history) else HistorySummary()
        if len(history) == earlier.count:
            return earlier
        blocks, size = earlier.blocks, earlier.size
        while size * MAX_BLOCKS < len(history):
            blocks, size = _join(_even(blocks), 2), size * 2
        for start in range(earlier.count, len(history), CHUNK_ROWS):
            new = _read(history[start : start + CHUNK_ROWS], start, size)
            if start % size:  # the last block has room
                both = np.concatenate([blocks[:, -1:], new[:, :1]], axis=1)
                blocks, new[:, :1] = blocks[:, :-1], _join(both, 2)
            blocks = np.concatenate([blocks, new], axis=1)
        return HistorySummary(len(history), size, blocks, np.array(history[[0, -1]]))

    def begins(self, history: np.ndarray) -> bool:
        """Is this a summary of that history's beginning, as far as its first and last row tell?"""
        if not self.count or len(history) < self.count:
            return not self.count
        return history[[0, self.count - 1]].tobytes() == self.ends.tobytes()

    def points(self, column: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows (k,) in order and their values (k,): all rows of a short history; of a long one the first, the
        last, and the lowest and the highest of each block. Values that are not finite are left out.
        """
        blocks = self.blocks[column]
        blocks = blocks[blocks["finite"] > 0]
        rows = np.concatenate([blocks["low_at"], blocks["high_at"], [0, self.count - 1]])
        values = np.concatenate([blocks["low"], blocks["high"], believed(self.ends)[:, column]])
        rows, places = np.unique(rows, return_index=True)
        values = values[places]
        finite = np.isfinite(values)
        return rows[finite], values[finite]

    def gaps(self, column: int) -> np.ndarray:
        """The longest stretches without a value in a column: their first row and the one behind them, int
        (k, 2), in order.
        """
        empty = np.concatenate([[False], self.blocks[column]["finite"] == 0, [False]])
        stretches = np.minimum(np.flatnonzero(np.diff(empty)).reshape(-1, 2) * self.size, self.count)
        lengths = np.diff(stretches)[:, 0]
        longest = np.sort(np.argsort(lengths, kind="stable")[-MAX_GAPS:])
        return stretches[longest[lengths[longest] >= max(2, GAP_SHARE * self.count)]]

    def means(self, column: int, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """The means (k,) of the finite values from row `low` (k,) to below row `high` (k,), NaN where there
        are none. A block of which only a part lies between them counts by that part.
        """
        blocks = self.blocks[column]
        borders = np.minimum(np.arange(len(blocks) + 1) * self.size, self.count)
        totals, counts = (
            np.interp(high, borders, sums) - np.interp(low, borders, sums)
            for sums in (np.append(0.0, np.cumsum(blocks[name])) for name in ("total", "finite"))
        )
        return np.divide(totals, counts, out=np.full(len(low), np.nan), where=counts > 0)


def _even(blocks: np.ndarray) -> np.ndarray:
    """Blocks (4, b) with an empty one at the end where their number is odd."""
    return np.concatenate([blocks, np.full((len(COLUMNS), blocks.shape[1] % 2), NOTHING)], axis=1)


def _read(rows: np.ndarray, start: int, size: int) -> np.ndarray:
    """Rows (m, 4) as blocks (4, b). The first one is the history's row `start`, which need not be the
    beginning of a block: then the first block has fewer rows than `size`.
    """
    lead = start % size
    around = ((lead, -(lead + len(rows)) % size), (0, 0))
    values = np.ascontiguousarray(np.pad(believed(rows), around, constant_values=np.nan).T)
    finite = np.isfinite(values)
    at = np.broadcast_to(np.arange(start - lead, start - lead + values.shape[1]), values.shape)
    low, high, total = (np.where(finite, values, other) for other in (np.inf, -np.inf, 0))
    names = {"low": low, "high": high, "low_at": at, "high_at": at, "total": total, "finite": finite}
    return _join(names, size)


def _join(blocks: np.ndarray | dict[str, np.ndarray], factor: int) -> np.ndarray:
    """Blocks (4, b), each `factor` neighbours as one: (4, b / factor)."""
    groups = {name: blocks[name].reshape(len(COLUMNS), -1, factor) for name in BLOCK.names}
    joined = np.empty(groups["low"].shape[:2], BLOCK)
    for value, at, find in (("low", "low_at", np.argmin), ("high", "high_at", np.argmax)):
        index = find(groups[value], axis=2)[..., None]
        joined[value] = np.take_along_axis(groups[value], index, axis=2)[..., 0]
        joined[at] = np.take_along_axis(groups[at], index, axis=2)[..., 0]
    joined["total"] = groups["total"].sum(axis=2, dtype=np.float64)
    joined["finite"] = groups["finite"].sum(axis=2)
    return joined


# --- the summaries of the runs looked at last ----------------------------------------------------------


class HasHistory(Protocol):
    """A gan.runs.run.Run: a folder with a history."""

    path: Path

    def history(self) -> np.ndarray:
        """All steps so far, float32 (n, 4)."""


class _Cached:
    """A run's latest summary. `lock` is held while it is brought up to date, so that no row is read twice."""

    def __init__(self) -> None:
        self.lock, self.summary = threading.Lock(), HistorySummary()


_cache: dict[Path, _Cached] = {}  # the run looked at last comes last
_lock = threading.Lock()


def summary_of(run: HasHistory) -> HistorySummary:
    """The summary of a run's history as it is now. Pages may call this from many threads."""
    with _lock:
        cached = _cache[run.path] = _cache.pop(run.path, None) or _Cached()
        while len(_cache) > MAX_SUMMARIES:
            _cache.pop(next(iter(_cache)))
    with cached.lock:
        cached.summary = cached.summary.update(run.history())
        return cached.summary


def latest_mean(values: np.ndarray, steps: int = MEAN_STEPS) -> float | None:
    """The mean of the finite ones among the last few rows of values (n, …); None where there is none."""
    last = np.asarray(values[-steps:])
    last = last[np.isfinite(last)]
    return float(np.mean(last)) if len(last) else None
