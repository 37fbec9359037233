"""A history of any length in bounded memory: what charts need of it, kept up to date step by step.

Rows are gathered in blocks; of each block and column are kept its lowest and highest value, their places, and
the sum. Blocks hold one row until there are MOST of them; then pairs are merged, again and again. So an
update reads only rows it has not read, and everything after that costs the same for a thousand steps as for a
million.
"""

import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np

MOST = 4096  # blocks
CHUNK = 1 << 16  # rows read at once
KNOWN = 16  # histories whose digests are kept


class Digest:
    """Of float32 rows (n, columns), given to `update` again whenever there are more."""

    def __init__(self, columns: int = 4):
        self.columns = columns
        self._forget()

    def _forget(self) -> None:
        self.rows = 0
        self.size = 1  # rows in a block
        self._last: bytes = b""
        nothing = np.zeros((0, self.columns))
        self._low = self._high = nothing.astype(np.float32)
        self._low_at = self._high_at = nothing.astype(np.int64)
        self._sum = nothing

    def update(self, history: np.ndarray) -> "Digest":
        """Take in the rows that are new. A history that was cut or rewritten is read anew."""
        count = len(history)
        if self.rows and (count < self.rows or history[self.rows - 1].tobytes() != self._last):
            self._forget()
        while (start := self.size * len(self._sum)) + self.size <= count:
            end = min(count // self.size * self.size, start + max(CHUNK // self.size, 1) * self.size)
            self._append(*_reduced(history[start:end], start, self.size))
            while len(self._sum) > MOST:
                self._merge()
        tail = history[self.size * len(self._sum) : count]
        self._tail = _reduced(tail, self.size * len(self._sum), max(1, len(tail)))
        self.rows, self._last = count, history[count - 1].tobytes() if count else b""
        self._ends = finite(history[[0, count - 1]]) if count else np.zeros((0, self.columns))
        return self

    def _append(self, low, low_at, high, high_at, total) -> None:
        self._low, self._low_at = np.concatenate([self._low, low]), np.concatenate([self._low_at, low_at])
        self._high, self._high_at = (
            np.concatenate([self._high, high]),
            np.concatenate([self._high_at, high_at]),
        )
        self._sum = np.concatenate([self._sum, total])

    def _merge(self) -> None:
        """Two blocks become one; an odd last one is read again with its fellow."""
        even = len(self._sum) // 2 * 2
        pairs = [part[:even].reshape(even // 2, 2, -1) for part in self._parts()]
        low, low_at, high, high_at, total = pairs
        take_low, take_high = low.argmin(1)[:, None], high.argmax(1)[:, None]
        self._low, self._low_at = _take(low, take_low), _take(low_at, take_low)
        self._high, self._high_at = _take(high, take_high), _take(high_at, take_high)
        self._sum = total.sum(1)
        self.size *= 2

    def _parts(self) -> tuple[np.ndarray, ...]:
        return self._low, self._low_at, self._high, self._high_at, self._sum

    def _with_tail(self) -> list[np.ndarray]:
        return [np.concatenate(pair) for pair in zip(self._parts(), self._tail, strict=True)]

    def extremes(self, column: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows (m,) in order, int64, and their values, float32: the first, the last, and of each block the
        lowest and the highest. m is below 2 * MOST + 5; up to MOST rows, it is all of them.
        """
        low, low_at, high, high_at, _ = (part[:, column] for part in self._with_tail())
        ends = np.array([0, self.rows - 1][: 2 * len(self._ends)], np.int64)
        at, first = np.unique(np.concatenate([low_at, high_at, ends]), return_index=True)
        return at, np.concatenate([low, high, self._ends[:, column]])[first].astype(np.float32)

    def means(self, column: int, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Means of the rows from `low` to below `high`, int (m,) each, as far as blocks tell them apart."""
        sums = np.concatenate([[0.0], np.cumsum(self._with_tail()[4][:, column])])
        edges = np.minimum(np.arange(len(sums)) * self.size, self.rows)
        first = np.minimum(np.rint(low / self.size).astype(int), len(sums) - 2)
        last = np.maximum(np.minimum(-(-high // self.size), len(sums) - 1), first + 1)
        return (sums[last] - sums[first]) / (edges[last] - edges[first])


def _reduced(rows: np.ndarray, start: int, size: int) -> tuple[np.ndarray, ...]:
    """Whole blocks of `size` rows: lowest, its row, highest, its row, sum; each (blocks, columns)."""
    blocks = finite(rows).reshape(len(rows) // size, size, rows.shape[1])
    first = (start + size * np.arange(len(blocks)))[:, None]
    if not len(blocks):
        empty = np.zeros((0, rows.shape[1]))
        return (
            empty.astype(np.float32),
            empty.astype(np.int64),
            empty.astype(np.float32),
            empty.astype(np.int64),
            empty,
        )
    low, high = blocks.argmin(1), blocks.argmax(1)
    return (
        _take(blocks, low[:, None]),
        low + first,
        _take(blocks, high[:, None]),
        high + first,
        blocks.sum(1, dtype=np.float64),
    )


def _take(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Of (blocks, k, columns) the one at (blocks, 1, columns)."""
    return np.take_along_axis(values, at, 1)[:, 0]


def finite(rows: np.ndarray) -> np.ndarray:
    """The rows in memory, 0 where a value is not finite: a chart has no place for it."""
    return np.nan_to_num(rows, copy=True, nan=0.0, posinf=0.0, neginf=0.0)


_known: OrderedDict[Path, Digest] = OrderedDict()
_lock = threading.Lock()


def digest_of(path: Path, history: np.ndarray) -> Digest:
    """The digest of the history that lies at `path`, brought up to date. Pages ask from many threads."""
    with _lock:
        digest = _known.setdefault(path, Digest(history.shape[1]))
        _known.move_to_end(path)
        while len(_known) > KNOWN:
            _known.popitem(last=False)
        return digest.update(history)
