"""A summary of any length: right to the row, grown as the history grows, and never large."""

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from gan.runs import history as module
from gan.runs.history import CHUNK_ROWS, MAX_BLOCKS, MAX_SUMMARIES, HistorySummary, believed, summary_of

LENGTHS = [1, 2, 4095, 4096, 4097, 8192, 8193, 70_001]


def history_of(steps: int, seed: int = 0) -> np.ndarray:
    """Eighths, so that every sum is exact, and many are equal, so that "the first of the lowest" is tried."""
    losses, accuracies = ([-400, -400], [400, 400]), ([0, 0], [9, 9])
    low, high = np.hstack([losses, accuracies])
    return (np.random.default_rng(seed).integers(low, high, (steps, 4)) / 8).astype(np.float32)


def same(one: HistorySummary, other: HistorySummary) -> bool:
    bits = [(d.count, d.size, d.blocks.shape, d.blocks.tobytes(), d.ends.tobytes()) for d in (one, other)]
    return bits[0] == bits[1]


class Watched:
    """A history that notes which rows are read of it."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows, self.reads = rows, []

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which) -> np.ndarray:
        found = self.rows[which]
        self.reads.append(len(found))
        return found


@dataclass
class Recording:
    """A run's folder, as far as a summary knows it."""

    path: Path

    def history(self) -> np.ndarray:
        count = self.path.stat().st_size // 16
        return np.memmap(self.path, "<f4", "r", shape=(count, 4))

    def write(self, history: np.ndarray) -> "Recording":
        self.path.write_bytes(history.tobytes())
        return self

    def add(self, rows: np.ndarray) -> None:
        with open(self.path, "ab", buffering=0) as file:
            file.write(rows.tobytes())


# --- what is kept ------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", LENGTHS)
def test_each_block_is_what_its_rows_are(steps) -> None:
    history = history_of(steps)
    made = HistorySummary().update(history)
    starts = range(0, steps, made.size)
    assert made.blocks.shape == (4, len(starts)) and len(starts) <= MAX_BLOCKS
    for column in range(4):
        for start, block in zip(starts, made.blocks[column], strict=True):
            rows = history[start : start + made.size, column]
            expected = rows.min(), rows.max(), start + rows.argmin(), start + rows.argmax()
            assert block.tolist() == (*expected, rows.sum(dtype=np.float64), len(rows))


@pytest.mark.parametrize("seed", range(8))
def test_grown_bit_by_bit_it_is_the_same_as_read_at_once(seed) -> None:
    rng = np.random.default_rng(seed)
    history = history_of(int(rng.integers(1, 60_000)), seed)
    grown = HistorySummary()
    for count in sorted(rng.integers(0, len(history) + 1, rng.integers(1, 40))):
        grown = grown.update(history[:count])
        assert same(grown, HistorySummary().update(history[:count]))
    assert same(grown.update(history), HistorySummary().update(history))


def test_it_grows_one_row_at_a_time_over_the_joining_of_blocks() -> None:
    history = history_of(4200)
    grown = HistorySummary().update(history[:4090])
    for count in range(4091, 4201):
        grown = grown.update(history[:count])
    assert same(grown, HistorySummary().update(history)) and grown.size == 2


def test_a_short_history_is_kept_whole() -> None:
    history = history_of(MAX_BLOCKS)
    rows, values = HistorySummary().update(history).points(2)
    assert np.array_equal(rows, np.arange(MAX_BLOCKS)) and np.array_equal(values, history[:, 2])


def test_means_are_those_of_the_rows_wherever_blocks_are_whole() -> None:
    history = history_of(100_000)
    made = HistorySummary().update(history)
    low, high = np.array([0, 320, 64_000]), np.array([32, 99_968, 100_000])
    assert not any(low % made.size) and made.size == 32
    expected = [history[a:b, 1].mean(dtype=np.float64) for a, b in zip(low, high, strict=True)]
    assert made.means(1, low, high) == pytest.approx(expected, rel=1e-12)


def test_a_border_inside_a_block_takes_its_share() -> None:
    history = np.zeros((5000, 4), np.float32)
    history[:, 0] = np.arange(5000)
    made = HistorySummary().update(history)
    assert made.size == 2
    assert made.means(0, np.array([10]), np.array([13])) == pytest.approx([(10 + 11 + 12.5) / 3])


# --- how much is read and kept -----------------------------------------------------------------------


def test_an_update_reads_only_new_rows() -> None:
    history = history_of(100_050)
    made = HistorySummary().update(history[:100_000])
    watched = Watched(history)
    made.update(watched)
    assert sum(watched.reads) == 50 + 2 + 2  # to recognise it, and its new ends
    still = Watched(history[:100_000])
    assert made.update(still) is made and sum(still.reads) == 2


def test_a_long_history_is_read_in_pieces_and_fits_a_few_blocks() -> None:
    watched = Watched(np.broadcast_to(np.float32([1, 2, 0.25, 0.5]), (5_000_000, 4)))
    made = HistorySummary().update(watched)
    assert max(watched.reads) <= CHUNK_ROWS
    assert MAX_BLOCKS / 2 < made.blocks.shape[1] <= MAX_BLOCKS and made.blocks.nbytes < 1_000_000
    assert made.blocks["total"].sum(axis=1).tolist() == [5e6, 10e6, 1.25e6, 2.5e6]


def test_what_it_keeps_holds_on_to_no_file(tmp_path) -> None:
    made = HistorySummary().update(Recording(tmp_path / "h").write(history_of(9000)).history())
    assert all(type(kept) is np.ndarray for kept in (made.blocks, made.ends))


# --- a history that is no longer the same ------------------------------------------------------------


@pytest.mark.parametrize("steps", [50, 9000])
@pytest.mark.parametrize("kept", [0, 1, 30, 49])
@pytest.mark.parametrize("more", [0, 1, 700])
def test_a_history_cut_and_grown_again_is_read_anew(steps, kept, more) -> None:
    before, other = history_of(steps, 1), history_of(steps + more, 2)
    after = np.concatenate([before[:kept], other[kept:]])
    old = HistorySummary().update(before)
    assert same(old.update(after), HistorySummary().update(after))
    assert same(old.update(before[:kept]), HistorySummary().update(before[:kept]))


# --- values that are no numbers ----------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 300, 5000, 20_000])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_left_out(steps, value) -> None:
    history = history_of(steps)
    broken = np.random.default_rng(5).random(steps) < 0.3
    broken[[0, -1]] = True
    history[broken, 0] = value
    history[:, 2] = value
    made = HistorySummary().update(history)
    kept = history[~broken, 0]
    assert made.blocks[0]["finite"].sum() == len(kept) and made.blocks[0]["total"].sum() == kept.sum()
    rows, values = made.points(0)
    assert np.array_equal(values, history[rows, 0]) and np.isfinite(values).all()
    if len(kept):
        assert (values.min(), values.max()) == (kept.min(), kept.max())
        assert made.means(0, np.array([0]), np.array([steps]))[0] == pytest.approx(kept.mean(dtype=float))
    assert not len(made.points(2)[0]) and np.isnan(made.means(2, np.array([0]), np.array([steps])))


ABSURD = {
    "a loss of -3.2e35": [0.7, -3.2e35, 0.5, 0.5],
    "a loss of 1e20": [1e20, 0.7, 0.5, 0.5],
    "an accuracy of 6.4e38 %": [0.7, 0.7, 6.4e36, 0.5],
    "a negative accuracy": [0.7, 0.7, 0.5, -0.1],
    "an accuracy above 1": [0.7, 0.7, 0.5, 1.5],
}


@pytest.mark.parametrize("kind", ABSURD)
@pytest.mark.parametrize("steps", [300, 9000])
def test_a_row_that_no_training_can_have_written_is_not_shown_as_truth(kind: str, steps: int) -> None:
    history = np.tile(np.float32([0.75, 0.25, 0.5, 1.0]), (steps, 1))
    history[[0, 7, -1]] = ABSURD[kind]
    made = HistorySummary().update(history)
    for column, value in enumerate([0.75, 0.25, 0.5, 1.0]):
        rows, values = made.points(column)
        assert set(values) == {value} and not {0, 7, steps - 1} & set(rows)
        assert made.means(column, np.array([0]), np.array([steps])) == [value]
    shown = believed(history)
    assert np.isnan(shown[[0, 7, -1]]).all() and np.isfinite(shown).sum() == 4 * (steps - 3)
    assert not np.isnan(history).any()  # the file's own rows are not touched


def test_what_a_training_that_goes_wrong_can_have_written_is_shown() -> None:
    rows = np.float32([[1e18, -1e18, 0, 1], [np.nan, 0.7, np.inf, 0.5]])
    assert np.array_equal(believed(rows), rows, equal_nan=True)


@pytest.mark.parametrize("steps", [300, 9000, 100_000])
def test_gaps_are_the_longest_stretches_without_a_value(steps: int) -> None:
    history = np.zeros((steps, 4), np.float32)
    first, second = slice(steps // 3, steps // 2), slice(steps - steps // 10, steps)
    history[first], history[second, 1] = np.nan, np.nan
    history[5, 0] = np.nan  # a single one can't be seen
    made = HistorySummary().update(history)
    around = made.size
    for column, slices in ((0, [first]), (1, [first, second])):
        found = made.gaps(column).tolist()
        assert len(found) == len(slices)
        for (start, end), expected in zip(found, slices, strict=True):
            assert 0 <= start - expected.start < around and 0 <= expected.stop - end < around
    assert HistorySummary().gaps(0).tolist() == []


# --- the summaries pages share -------------------------------------------------------------------------


@pytest.fixture
def nothing_kept(monkeypatch) -> None:
    monkeypatch.setattr(module, "_cache", {})


def test_a_run_is_read_once_for_all_pages(tmp_path, nothing_kept) -> None:
    run = Recording(tmp_path / "history.f32").write(history_of(500))
    first = summary_of(run)
    assert summary_of(run) is first
    run.add(history_of(20, 3))
    assert summary_of(run).count == 520 and same(summary_of(run), HistorySummary().update(run.history()))
    run.write(history_of(90, 4))  # the resume of another checkpoint
    assert same(summary_of(run), HistorySummary().update(history_of(90, 4)))


def test_only_the_runs_looked_at_last_are_kept(tmp_path, nothing_kept) -> None:
    runs = [
        Recording(tmp_path / str(number)).write(history_of(3, number)) for number in range(MAX_SUMMARIES + 5)
    ]
    for run in runs:
        summary_of(run)
        summary_of(runs[0])
    assert len(module._cache) == MAX_SUMMARIES
    assert {runs[0].path, runs[-1].path} <= set(module._cache) and runs[1].path not in module._cache


def test_threads_that_ask_at_once_read_a_history_once(tmp_path, nothing_kept) -> None:
    run, start = Recording(tmp_path), threading.Barrier(6)
    watched = Watched(history_of(200_000))
    run.history = lambda: watched

    def look() -> None:
        start.wait(60)
        summary_of(run)

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(watched.reads) == 200_000 + 2 + 5 * 2


def test_many_threads_see_a_growing_history_whole(tmp_path, nothing_kept) -> None:
    history = history_of(12_000)
    run = Recording(tmp_path / "history.f32").write(history[:1])
    seen: list[HistorySummary] = []

    def look() -> None:
        while not seen or seen[-1].count < len(history):
            seen.append(summary_of(run))

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for start in range(1, len(history), 300):
        run.add(history[start : start + 300])
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    for made in {made.count: made for made in seen}.values():
        assert same(made, HistorySummary().update(history[: made.count]))
