"""Charts: bounded, honest about peaks, and marked where something was changed."""

import json

import numpy as np
import pytest
from tsdownsample import MinMaxLTTBDownsampler

from gan.charts import curves
from gan.runs.history import HistorySummary, latest_mean


def summary_of(steps: int) -> HistorySummary:
    rng = np.random.default_rng(0)
    return HistorySummary().update(rng.uniform(0, 1, (steps, 4)).astype(np.float32))


def column(values: np.ndarray) -> HistorySummary:
    """A history whose first column has these values."""
    return HistorySummary().update(np.stack([values, values * 0, values * 0, values * 0], axis=1))


def points(figure: dict) -> int:
    return sum(len(line["x"]) for line in figure["data"])


@pytest.mark.parametrize("steps", [0, 1, 2, 99, 300, 10_000, 1_000_000])
def test_both_figures_hold_1500_points_at_most_and_are_json(steps) -> None:
    summary = summary_of(steps)
    figures = curves.losses(summary), curves.accuracy(summary)
    assert sum(map(points, figures)) <= 1500
    assert len(json.dumps(figures)) < 40_000  # bytes a refresh may send beside the pictures


@pytest.mark.parametrize("steps", [1, 240, 50_000])
def test_lines_begin_at_step_one_and_end_at_the_last(steps) -> None:
    for line in curves.losses(summary_of(steps))["data"]:
        assert (line["x"][0], line["x"][-1]) == (1, steps)


def test_a_single_peak_survives_thinning() -> None:
    values = np.zeros(200_000, np.float32)
    values[123_456] = 9
    steps, kept = curves.thin(column(values), 0)
    assert kept[steps.index(123_457)] == 9


def test_a_smoothed_line_is_the_mean_around_each_step() -> None:
    values = np.arange(1000, dtype=np.float32)
    steps, means = curves.smooth(column(values), 0)
    inner = [(step, mean) for step, mean in zip(steps, means, strict=True) if 30 < step < 970]
    assert all(mean == pytest.approx(step - 1, rel=1e-3) for step, mean in inner)


def test_losses_take_their_columns_and_colours() -> None:
    summary = HistorySummary().update(np.tile(np.array([[0.25, 2.0, 0.75, 0.5]], np.float32), (10, 1)))
    g_raw, g, d_raw, d = curves.losses(summary)["data"]
    assert (g["y"][0], d["y"][0]) == (2.0, 0.25)
    assert (g["line"]["color"], d["line"]["color"]) == ("#E8590C", "#1971C2")
    _, real, _, fake = curves.accuracy(summary)["data"]
    assert (real["y"][0], fake["y"][0]) == (0.75, 0.5)


def test_an_edit_is_a_dashed_line_with_its_text() -> None:
    layout = curves.losses(summary_of(100), [(40, "lr G 2e-4 → 1e-4")])["layout"]
    assert [(shape["x0"], shape["line"]["dash"]) for shape in layout["shapes"]] == [(40, "4px,4px")]
    assert [note["text"] for note in layout["annotations"]] == ["lr G 2e-4 → 1e-4"]


def test_accuracy_has_the_line_at_one_half() -> None:
    shapes = curves.accuracy(summary_of(100))["layout"]["shapes"]
    assert [shape["y0"] for shape in shapes] == [0.5]


def test_no_range_is_set_that_would_undo_a_zoom() -> None:
    for figure in (curves.losses(summary_of(100)), curves.accuracy(summary_of(100))):
        assert all("range" not in figure["layout"][axis] for axis in ("xaxis", "yaxis"))
        assert figure["layout"]["uirevision"] == "live"


def test_the_time_machine_s_place_is_a_line() -> None:
    for figure in (curves.losses(summary_of(100), place=40), curves.accuracy(summary_of(100), place=40)):
        assert figure["layout"]["shapes"][-1]["x0"] == 40


# --- short and long histories ------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 240, 241, 1000, 4096])
def test_a_short_history_is_drawn_from_its_very_rows(steps) -> None:
    values = np.random.default_rng(1).uniform(size=(steps, 4)).astype(np.float32)
    made = HistorySummary().update(values)
    chosen = np.arange(steps)
    if steps > curves.RAW_POINTS:
        chosen = MinMaxLTTBDownsampler().downsample(values[:, 3].copy(), n_out=curves.RAW_POINTS)
    steps_drawn, drawn = curves.thin(made, 3)
    assert steps_drawn == (chosen + 1).tolist()
    assert drawn == [float(f"{value:.4g}") for value in values[chosen, 3]]

    at, means = curves.smooth(made, 3)
    reach = max(1, int(steps * curves.WINDOW / 2))
    windows = [values[max(0, step - 1 - reach) : step + reach, 3] for step in at]
    assert means == pytest.approx([window.mean(dtype=float) for window in windows], rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_the_highest_and_the_lowest_value_are_drawn_whatever_the_noise(seed) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(int(rng.integers(4097, 60_000)), 4)).astype(np.float32)
    values[:, 2:] = 0.5
    steps, drawn = curves.thin(HistorySummary().update(values), 0)
    assert len(steps) <= curves.RAW_POINTS and steps == sorted(set(steps))
    for peak in (values[:, 0].argmin(), values[:, 0].argmax()):
        assert drawn[steps.index(peak + 1)] == float(f"{values[peak, 0]:.4g}")


def test_a_long_history_is_smoothed_as_its_rows_would_be() -> None:
    values = (np.sin(np.linspace(0, 9, 50_000)) + 2).astype(np.float32)
    steps, means = curves.smooth(column(values), 0)
    reach = int(50_000 * curves.WINDOW / 2)
    windows = [values[max(0, step - 1 - reach) : step + reach] for step in steps]
    assert means == pytest.approx([window.mean(dtype=float) for window in windows], rel=1e-3)


@pytest.mark.parametrize("steps", [1, 300, 20_000])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_left_out(steps, value) -> None:
    history = np.ones((steps, 4), np.float32)
    history[::3, 1] = history[:, 2] = value
    made = HistorySummary().update(history)
    losses, accuracy = curves.losses(made), curves.accuracy(made)
    json.dumps((losses, accuracy), allow_nan=False)
    assert set(losses["data"][0]["y"]) <= {1.0} and 1 not in losses["data"][0]["x"]
    assert accuracy["data"][0]["x"] == accuracy["data"][1]["x"] == []
    assert latest_mean(history[:, 2]) is None
    assert latest_mean(history[:, 1]) == (1.0 if steps > 1 else None)


@pytest.mark.parametrize("steps", [300, 20_000])
def test_where_the_history_has_a_gap_no_line_is_drawn(steps: int) -> None:
    history = np.full((steps, 4), 0.5, np.float32)
    start, end = steps // 3, steps // 2
    history[start:end] = np.nan
    made = HistorySummary().update(history)
    losses, accuracy = curves.losses(made), curves.accuracy(made)
    json.dumps((losses, accuracy), allow_nan=False)
    for drawn in (*losses["data"], *accuracy["data"]):
        points = list(zip(drawn["x"], drawn["y"], strict=True))
        breaks = [step for step, value in points if value is None]
        assert len(breaks) == 1 and start < breaks[0] <= end
        drawn_inside = [step for step, value in points if start < step <= end and value is not None]
        assert all(min(step - start, end + 1 - step) <= made.size for step in drawn_inside)
        assert drawn["x"] == sorted(drawn["x"]) and drawn["x"][-1] == steps


def test_the_last_rows_lost_leave_the_end_of_the_chart_empty() -> None:
    history = np.full((300, 4), 0.5, np.float32)
    history[200:] = np.nan
    figure = curves.losses(HistorySummary().update(history))
    assert all(195 < drawn["x"][-1] <= 200 and None not in drawn["y"] for drawn in figure["data"])


def test_many_gaps_and_absurd_rows_keep_the_figures_small() -> None:
    for steps in (300, 4096, 100_000):
        history = np.random.default_rng(0).uniform(0, 1, (steps, 4)).astype(np.float32)
        history[np.arange(steps) // (steps // 40) % 2 == 0] = [np.nan, -3e35, 2, 2]
        made = HistorySummary().update(history)
        assert points(curves.losses(made)) + points(curves.accuracy(made)) <= 1500


def test_of_many_edits_the_latest_are_marked_and_the_last_three_named() -> None:
    marks = [(step, f"edit {step}") for step in range(1, 101)]
    layout = curves.losses(summary_of(100), marks)["layout"]
    assert [shape["x0"] for shape in layout["shapes"]] == list(range(61, 101))
    assert [note["text"] for note in layout["annotations"]] == ["edit 98", "edit 99", "edit 100"]


def test_a_mark_s_text_stands_where_the_chart_has_room() -> None:
    """Right of its line at the chart's beginning, left of it further on."""
    early, late = curves.losses(summary_of(100), [(1, "early"), (99, "late")])["layout"]["annotations"]
    assert (early["xanchor"], late["xanchor"]) == ("left", "right")
    assert early["xshift"] > 0 > late["xshift"]


def test_a_rare_peak_does_not_flatten_the_rest_and_everything_usual_is_in_sight() -> None:
    values = np.full(20_000, 0.7, np.float32)
    values[500] = 90
    top = curves.losses(column(values))["layout"]["yaxis"]["autorangeoptions"]["clipmax"]
    assert 0.7 < top < 2
