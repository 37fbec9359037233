"""A run's history as Plotly figures: dictionaries, knowing neither torch nor streamlit.

However long the run, its summary (gan.runs.history) is all they need, and the two figures of a page hold at
most POINTS points together: raw lines are thinned by MinMaxLTTB (Donner et al. 2023, of the tsdownsample
library), which keeps peaks; smoothed ones are means over a window, taken at evenly spaced steps. Values that
are not finite are left out.
"""

from collections.abc import Sequence
from math import floor, log10

import numpy as np
from tsdownsample import MinMaxLTTBDownsampler

from gan.i18n import t
from gan.pictures.colours import DISCRIMINATOR, GENERATOR, GREY, REAL
from gan.runs.history import HistorySummary

POINTS = 1500  # in the browser at once, both figures together
RAW_POINTS, SMOOTH_POINTS = 240, 120  # of one line; a figure has two raw and two smoothed ones
WINDOW = 0.04  # of the run's length so far: how far a smoothed value looks to both sides together
MARKS = 40  # events drawn at most, the latest ones


def losses(summary: HistorySummary, marks: Sequence[tuple[int, str]] = (), place: int | None = None) -> dict:
    """The chart of both losses. `marks` are events by step, `place` is the step one looks back at."""
    lines = _lines(summary, 1, t("G"), GENERATOR) + _lines(summary, 0, t("D"), DISCRIMINATOR)
    top = _top([line["y"] for line in lines[::2]])
    layout = _layout(
        summary.count, marks, ticks=[0, top / 2, top], ceiling=top * 1.15, decimals=_decimals(top)
    )
    layout["shapes"] += _cursor(place)
    return {"data": lines, "layout": layout}


def accuracy(
    summary: HistorySummary, marks: Sequence[tuple[int, str]] = (), place: int | None = None
) -> dict:
    """The chart of D's accuracy on real images and on fakes, with the line at 0.5 where D only guesses."""
    lines = _lines(summary, 2, t("real"), REAL) + _lines(summary, 3, t("fake"), GENERATOR)
    layout = _layout(summary.count, marks, ticks=[0, 0.5, 1], ceiling=1.08, decimals=1, labelled=False)
    half = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5}
    layout["shapes"].append(half | {"line": {"color": GREY, "width": 1, "dash": "2px,3px"}})
    layout["shapes"] += _cursor(place)
    return {"data": lines, "layout": layout}


def _lines(summary: HistorySummary, column: int, name: str, colour: str) -> list[dict]:
    """A column's raw line, faint, and its smoothed one, strong."""
    style = {"type": "scatter", "mode": "lines", "name": name}
    raw_steps, raw = thin(summary, column)
    steps, smooth_values = smooth(summary, column)
    return [
        style
        | {
            "x": raw_steps,
            "y": raw,
            "opacity": 0.22,
            "hoverinfo": "skip",
            "line": {"width": 1, "color": colour},
        },
        style
        | {
            "x": steps,
            "y": smooth_values,
            "hovertemplate": "%{y:.3f}",
            "line": {"width": 2.2, "color": colour},
        },
    ]


def thin(summary: HistorySummary, column: int, points: int = RAW_POINTS) -> tuple[list[int], list[float]]:
    """At most that many of a column's values, with their steps (the first is step 1)."""
    rows, values = summary.points(column)
    if len(rows) > points:
        long = summary.size > 1  # among so many, MinMaxLTTB alone may lose the very highest
        extremes = [np.argmin(values), np.argmax(values)] if long else []
        chosen = MinMaxLTTBDownsampler().downsample(rows, values, n_out=points - len(extremes))
        chosen = np.union1d(chosen, extremes).astype(int)
        rows, values = rows[chosen], values[chosen]
    return (rows + 1).tolist(), _short(values)


def smooth(
    summary: HistorySummary, column: int, points: int = SMOOTH_POINTS
) -> tuple[list[int], list[float]]:
    """A column's means over a window around evenly spaced steps, and around the last one."""
    count = summary.count
    if not count:
        return [], []
    at = np.unique(np.linspace(0, count - 1, min(count, points)).astype(int))
    reach = max(1, int(count * WINDOW / 2))
    means = summary.means(column, np.maximum(at - reach, 0), np.minimum(at + reach + 1, count))
    known = np.isfinite(means)
    return (at[known] + 1).tolist(), _short(means[known])


def _short(values: np.ndarray) -> list[float]:
    """Four significant digits: what a screen can show, and less to send."""
    return [float(f"{value:.4g}") for value in values]


def _top(lines: list[list[float]]) -> float:
    """A round number that all but the rarest peaks stay below."""
    values = np.concatenate([np.asarray(line) for line in lines]) if lines else np.zeros(0)
    most = max(float(np.quantile(values, 0.995)) if len(values) else 1.0, 1e-6)
    unit = 10.0 ** floor(log10(most))
    return next(step * unit for step in (1, 2, 3, 4, 6, 8, 10) if most <= step * unit * 1.1)


def _decimals(top: float) -> int:
    return max(1, 1 - floor(log10(top / 2)) if top < 2 else 1)


def _layout(
    steps: int,
    marks: Sequence[tuple[int, str]],
    ticks: list[float],
    ceiling: float,
    decimals: int,
    labelled: bool = True,
) -> dict:
    common = {"automargin": False, "zeroline": False, "title": None, "fixedrange": False}
    marks = list(marks)[-MARKS:]
    return {
        "height": 172,
        "margin": {"l": 32, "r": 8, "t": 6, "b": 24},
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 11},
        "hovermode": "x unified",
        "dragmode": "zoom",
        "uirevision": "live",
        "xaxis": common
        | {"tickformat": ",d", "nticks": 6, "showgrid": False}
        | _reach(max(steps, 10), steps),
        "yaxis": common
        | {
            "tickvals": ticks,
            "tickformat": f".{decimals}f",
        }
        | _reach(ceiling, steps),
        "shapes": [_mark_line(step) for step, _ in marks],
        "annotations": [_mark_label(step, text, steps) for step, text in marks[-3:]] if labelled else [],
    }


def _reach(most: float, steps: int) -> dict:
    """An axis from 0 to `most`, by Plotly's own choice: a `range` of ours would undo the user's zoom.

    Without a single point Plotly makes no choice, and there is nothing to zoom into.
    """
    if not steps:
        return {"range": [0, most]}
    return {"autorangeoptions": {"include": [0, most], "clipmin": 0, "clipmax": most}}


def _mark_line(step: int) -> dict:
    line = {"color": GREY, "width": 1, "dash": "4px,4px"}
    return {"type": "line", "x0": step, "x1": step, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _cursor(place: int | None) -> list[dict]:
    """Where the time machine stands."""
    if place is None:
        return []
    line = {"color": GREY, "width": 2}
    return [{"type": "line", "x0": place, "x1": place, "yref": "paper", "y0": 0, "y1": 1, "line": line}]


def _mark_label(step: int, text: str, steps: int) -> dict:
    """Left of its line, or right of it where the line stands at the chart's beginning."""
    side = "left" if step < 0.3 * steps else "right"
    font = {"size": 10.5, "color": GREY}
    place = {"x": step, "y": 1, "yref": "paper", "yanchor": "top", "xanchor": side, "showarrow": False}
    return place | {"text": text, "font": font, "xshift": 4 if side == "left" else -4}
