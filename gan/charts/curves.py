"""A run's history as Plotly figures: dictionaries, knowing neither torch nor streamlit.

However long the run, its summary (gan.runs.history) is all they need, and the two figures of a page hold at
most POINTS points together: raw lines are thinned by MinMaxLTTB (Donner et al. 2023, of the tsdownsample
library), which keeps peaks; smoothed ones are means over a window, taken at evenly spaced steps. Values that
are not finite are left out; where a whole stretch of them is, the line has a gap.
"""

from collections.abc import Sequence
from math import floor, log10

import numpy as np
from tsdownsample import MinMaxLTTBDownsampler

from gan.charts.figure import layout, line, rounded, vertical
from gan.i18n import t
from gan.pictures.colours import DISCRIMINATOR, GENERATOR, GREY, REAL
from gan.runs.history import HistorySummary

POINTS = 1500  # in the browser at once, both figures together
RAW_POINTS, SMOOTH_POINTS = 240, 120  # of one line; a figure has two raw and two smoothed ones
WINDOW = 0.04  # of the run's length so far: how far a smoothed value looks to both sides together


Points = tuple[list[int], list[float | None]]  # steps, the first of which is 1, and values; None in a gap


def losses(summary: HistorySummary, marks: Sequence[tuple[int, str]] = (), place: int | None = None) -> dict:
    """The chart of both losses. `marks` are events by step, `place` is the step one looks back at."""
    lines = _lines(summary, 1, t("G"), GENERATOR) + _lines(summary, 0, t("D"), DISCRIMINATOR)
    top = _top([line["y"] for line in lines[::2]])
    frame = layout(summary.count, [0, top / 2, top], top * 1.15, _decimals(top), marks)
    frame["shapes"] += _cursor(place)
    return {"data": lines, "layout": frame}


def accuracy(
    summary: HistorySummary, marks: Sequence[tuple[int, str]] = (), place: int | None = None
) -> dict:
    """The chart of D's accuracy on real images and on fakes, with the line at 0.5 where D only guesses."""
    lines = _lines(summary, 2, t("real"), REAL) + _lines(summary, 3, t("fake"), GENERATOR)
    frame = layout(summary.count, [0, 0.5, 1], ceiling=1.08, marks=marks, labelled=False)
    half = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5}
    frame["shapes"].append(half | {"line": {"color": GREY, "width": 1, "dash": "2px,3px"}})
    frame["shapes"] += _cursor(place)
    return {"data": lines, "layout": frame}


def _lines(summary: HistorySummary, column: int, name: str, colour: str) -> list[dict]:
    """A column's raw line, faint, and its smoothed one, strong."""
    return [
        line(name, *thin(summary, column), colour, faint=0.22),
        line(name, *smooth(summary, column), colour, hover="%{y:.3f}"),
    ]


def thin(summary: HistorySummary, column: int, points: int = RAW_POINTS) -> Points:
    """Steps and values of a column, at most that many."""
    rows, values = summary.points(column)
    gaps = summary.gaps(column)
    points -= len(gaps)
    if len(rows) > points:
        is_long = summary.size > 1  # among so many, MinMaxLTTB alone may lose the very highest
        extremes = [np.argmin(values), np.argmax(values)] if is_long else []
        places = MinMaxLTTBDownsampler().downsample(rows, values, n_out=points - len(extremes))
        places = np.union1d(places, extremes).astype(int)
        rows, values = rows[places], values[places]
    return _with_gaps(rows, values, gaps)


def smooth(summary: HistorySummary, column: int, points: int = SMOOTH_POINTS) -> Points:
    """Evenly spaced steps, the last one among them, and a column's means over a window around each."""
    count = summary.count
    if not count:
        return [], []
    rows = np.unique(np.linspace(0, count - 1, min(count, points)).astype(int))
    reach = max(1, int(count * WINDOW / 2))
    means = summary.means(column, np.maximum(rows - reach, 0), np.minimum(rows + reach + 1, count))
    finite = np.isfinite(means)
    gaps = summary.gaps(column)
    for start, end in gaps:
        finite &= (rows < start) | (rows >= end)
    return _with_gaps(rows[finite], means[finite], gaps)


def _with_gaps(rows: np.ndarray, values: np.ndarray, gaps: np.ndarray) -> Points:
    """The points, and one without a value in each gap between two of them: no line is drawn there."""
    places = np.searchsorted(rows, gaps[:, 0])
    between = (places > 0) & (places < len(rows))
    steps = np.insert(rows, places[between], gaps[between, 0]) + 1
    drawn: list[float | None] = list(rounded(values))
    for place in places[between][::-1]:
        drawn.insert(place, None)
    return steps.tolist(), drawn


def _top(lines: list[list[float | None]]) -> float:
    """A round number that all but the rarest peaks stay below."""
    values = np.array([value for line in lines for value in line if value is not None])
    most = max(float(np.quantile(values, 0.995)) if len(values) else 1.0, 1e-6)
    unit = 10.0 ** floor(log10(most))
    return next(step * unit for step in (1, 2, 3, 4, 6, 8, 10) if most <= step * unit * 1.1)


def _decimals(top: float) -> int:
    """How many decimals tell an axis' ticks apart."""
    return max(1, 1 - floor(log10(top / 2)) if top < 2 else 1)


def _cursor(place: int | None) -> list[dict]:
    """Where the time machine stands, if it is used."""
    return [] if place is None else [vertical(place, width=2)]
