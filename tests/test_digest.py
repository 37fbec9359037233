"""The digest of a history: bounded, exact about peaks and sums, and it reads each row once."""

import numpy as np
import pytest

from gan.digest import CHUNK, MOST, Digest


def history_of(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, 4)).astype(np.float32)


class Counted(np.ndarray):
    """Rows that count how many of them are read."""

    reads: list[int]

    def __getitem__(self, key):
        found = np.asarray(self)[key]
        self.reads.append(len(found) if np.ndim(found) > 1 else 1)
        return found


def counted(rows: np.ndarray) -> Counted:
    view = rows.view(Counted)
    view.reads = []
    return view


@pytest.mark.parametrize("rows", [0, 1, 2, 7, MOST, MOST + 1, 3 * MOST + 5, 100_003])
def test_extremes_are_values_of_their_rows_and_miss_neither_the_ends_nor_the_peaks(rows):
    history = history_of(rows)
    digest = Digest().update(history)
    for column in range(4):
        at, values = digest.extremes(column)
        assert np.array_equal(values, history[at, column]) and np.all(np.diff(at) > 0)
        assert len(at) <= 2 * MOST + 5
        if rows:
            assert (at[0], at[-1]) == (0, rows - 1)
            assert {history[:, column].argmin(), history[:, column].argmax()} <= set(at.tolist())


@pytest.mark.parametrize("rows", [1, 5, MOST])
def test_up_to_that_many_rows_nothing_is_lost(rows):
    history = history_of(rows)
    digest = Digest().update(history)
    assert np.array_equal(digest.extremes(2)[1], history[:, 2])
    low, high = np.array([0, rows // 2]), np.array([rows, rows // 2 + 1])
    expected = [history[a:b, 1].mean(dtype=np.float64) for a, b in zip(low, high, strict=True)]
    assert digest.means(1, low, high) == pytest.approx(expected)


def test_means_of_a_long_history_are_those_of_its_rows_up_to_a_block():
    history = history_of(500_000)
    digest = Digest().update(history)
    low, high = np.array([0, 100_000, 480_000]), np.array([20_000, 120_000, 500_000])
    for start, end, mean in zip(low, high, digest.means(0, low, high), strict=True):
        first, last = round(start / digest.size), -(-end // digest.size)
        assert mean == pytest.approx(
            history[first * digest.size : last * digest.size, 0].mean(dtype=np.float64)
        )


@pytest.mark.parametrize("seed", range(5))
def test_growing_by_pieces_is_the_same_as_at_once(seed):
    rng, history = np.random.default_rng(seed), history_of(60_000, seed)
    digest, rows = Digest(), 0
    while rows < len(history):
        rows = min(len(history), rows + int(rng.integers(1, 9000)))
        digest.update(history[:rows])
    whole = Digest().update(history)
    assert digest.size == whole.size
    for column in range(4):
        for mine, theirs in zip(digest.extremes(column), whole.extremes(column), strict=True):
            assert np.array_equal(mine, theirs)


def test_an_update_reads_what_is_new_and_little_else():
    history = history_of(300_000)
    digest = Digest().update(history[:299_000])
    view = counted(history)
    digest.update(view)
    assert sum(view.reads) < 1000 + 3 * digest.size + 5
    view = counted(history)
    digest.update(view)
    assert sum(view.reads) < digest.size + 5


def test_no_more_than_a_chunk_is_read_at_once_and_blocks_stay_few():
    view = counted(history_of(400_000))
    digest = Digest().update(view)
    assert max(view.reads) <= CHUNK and len(digest._sum) <= MOST


@pytest.mark.parametrize("regrown", [2000, 9000, 10_000, 20_000])
def test_a_history_that_was_cut_and_written_anew_is_read_anew(regrown):
    digest = Digest().update(history_of(10_000))
    other = history_of(regrown, seed=9)
    digest.update(other)
    assert np.array_equal(digest.extremes(0)[1], Digest().update(other).extremes(0)[1])


def test_values_that_are_not_finite_count_as_nought():
    history = history_of(100)
    history[50] = [np.nan, np.inf, -np.inf, 1]
    digest = Digest().update(history)
    assert all(np.isfinite(digest.extremes(column)[1]).all() for column in range(4))
    assert digest.means(0, np.array([50]), np.array([51])) == 0
