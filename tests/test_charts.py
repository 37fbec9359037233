"""Charts: bounded, honest about peaks, and marked where something was changed."""

import json

import numpy as np
import pytest

from gan import charts
from gan.digest import Digest


def history_of(steps: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.uniform(0, 1, (steps, 4)).astype(np.float32)


def digest_of(steps: int) -> Digest:
    return Digest().update(history_of(steps))


def points(figure: dict) -> int:
    return sum(len(line["x"]) for line in figure["data"])


@pytest.mark.parametrize("steps", [0, 1, 2, 99, 300, 10_000, 1_000_000])
def test_both_figures_hold_1500_points_at_most_and_are_json(steps):
    digest = digest_of(steps)
    figures = charts.losses(digest), charts.accuracy(digest)
    assert sum(map(points, figures)) <= 1500
    assert len(json.dumps(figures)) < 40_000  # bytes a refresh may send beside the pictures


@pytest.mark.parametrize("steps", [1, 240, 50_000])
def test_lines_begin_at_step_one_and_end_at_the_last(steps):
    for line in charts.losses(digest_of(steps))["data"]:
        assert (line["x"][0], line["x"][-1]) == (1, steps)


def test_a_single_peak_survives_thinning():
    values = np.zeros(200_000, np.float32)
    values[123_456] = 9
    steps, kept = charts.thin(Digest(1).update(values[:, None]), 0)
    assert kept[steps.index(123_457)] == 9


def test_a_smoothed_line_is_the_mean_around_each_step():
    values = np.arange(1000, dtype=np.float32)
    steps, means = charts.smooth(Digest(1).update(values[:, None]), 0)
    inner = [(step, mean) for step, mean in zip(steps, means, strict=True) if 30 < step < 970]
    assert all(mean == pytest.approx(step - 1, rel=1e-3) for step, mean in inner)


def test_losses_take_their_columns_and_colours():
    history = np.tile(np.array([[0.25, 2.0, 0.75, 0.5]], np.float32), (10, 1))
    digest = Digest().update(history)
    g_raw, g, d_raw, d = charts.losses(digest)["data"]
    assert (g["y"][0], d["y"][0]) == (2.0, 0.25)
    assert (g["line"]["color"], d["line"]["color"]) == ("#E8590C", "#1971C2")
    _, real, _, fake = charts.accuracy(digest)["data"]
    assert (real["y"][0], fake["y"][0]) == (0.75, 0.5)


def test_an_edit_is_a_dashed_line_with_its_text():
    layout = charts.losses(digest_of(100), [(40, "lr G 2e-4 → 1e-4")])["layout"]
    assert [(shape["x0"], shape["line"]["dash"]) for shape in layout["shapes"]] == [(40, "4px,4px")]
    assert [note["text"] for note in layout["annotations"]] == ["lr G 2e-4 → 1e-4"]


def test_accuracy_has_the_line_at_one_half():
    shapes = charts.accuracy(digest_of(100))["layout"]["shapes"]
    assert [shape["y0"] for shape in shapes] == [0.5]


def test_no_range_is_set_that_would_undo_a_zoom():
    for figure in (charts.losses(digest_of(100)), charts.accuracy(digest_of(100))):
        assert all("range" not in figure["layout"][axis] for axis in ("xaxis", "yaxis"))
        assert figure["layout"]["uirevision"] == "live"


def test_the_time_machine_s_place_is_a_line():
    for figure in (charts.losses(digest_of(100), place=40), charts.accuracy(digest_of(100), place=40)):
        assert figure["layout"]["shapes"][-1]["x0"] == 40
