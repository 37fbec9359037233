"""The chart of a search for a latent."""

import json

from gan.charts.inversion import errors


def test_the_best_start_is_strong_and_the_steps_are_told() -> None:
    figure = errors([[1.0, 0.5, 0.3], [1.0, 0.2, 0.01]], 200)
    weak, strong = figure["data"]
    assert strong["x"] == [0, 100, 200] and "opacity" not in strong and weak["opacity"] < 1
    assert strong["line"]["width"] > weak["line"]["width"] and weak["hoverinfo"] == "skip"
    assert figure["layout"]["yaxis"]["type"] == "log" and json.dumps(figure)
