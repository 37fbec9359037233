"""What the charts share: their lines, and a layout that fits a page's column."""

from collections.abc import Sequence

import numpy as np

from gan.pictures.colours import GREY

MAX_MARKS, MAX_LABELS = 40, 3  # events that are drawn, and of these the ones with a text: the latest
AXIS = {"automargin": False, "zeroline": False, "title": None, "fixedrange": False}


def line(name: str, x: list, y: list[float], colour: str, hover: str = "", faint: float = 0.0) -> dict:
    """A strong line that the pointer reads as `hover` says, or one of opacity `faint` that it passes by."""
    shape = {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y}
    if faint:
        return shape | {"opacity": faint, "hoverinfo": "skip", "line": {"width": 1, "color": colour}}
    return shape | {"hovertemplate": hover, "line": {"width": 2.2, "color": colour}}


def rounded(values: np.ndarray) -> list[float]:
    """Four significant digits: what a screen can show, and less to send."""
    return [float(f"{value:.4g}") for value in values]


def layout(
    steps: int,
    ticks: list[float],
    ceiling: float,
    decimals: int = 1,
    marks: Sequence[tuple[int, str]] = (),
    labelled: bool = True,
) -> dict:
    """Steps to the right, values from 0 to `ceiling` upwards. `marks` are events by step; with `labelled`,
    the latest have their texts.
    """
    marks = list(marks)[-MAX_MARKS:]
    labels = marks[-MAX_LABELS:] if labelled else []
    right = {"tickformat": ",d", "nticks": 6, "showgrid": False} | _reach(max(steps, 10), steps)
    up = {"tickvals": ticks, "tickformat": f".{decimals}f"} | _reach(ceiling, steps)
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
        "xaxis": AXIS | right,
        "yaxis": AXIS | up,
        "shapes": [vertical(step, width=1, dash="4px,4px") for step, _ in marks],
        "annotations": [_label(step, text, steps) for step, text in labels],
    }


def _reach(most: float, steps: int) -> dict:
    """An axis from 0 to `most`, by Plotly's own choice: a `range` of ours would undo the user's zoom.

    Without a single point Plotly makes no choice, and there is nothing to zoom into.
    """
    if not steps:
        return {"range": [0, most]}
    return {"autorangeoptions": {"include": [0, most], "clipmin": 0, "clipmax": most}}


def vertical(step: int, **style: object) -> dict:
    """A grey line from top to bottom at that step."""
    ends = {"x0": step, "x1": step, "yref": "paper", "y0": 0, "y1": 1}
    return {"type": "line", **ends, "line": {"color": GREY, **style}}


def _label(step: int, text: str, steps: int) -> dict:
    """A mark's text: left of its line, or right of it where the line stands at the chart's beginning."""
    side = "left" if step < 0.3 * steps else "right"
    font = {"size": 10.5, "color": GREY}
    place = {"x": step, "y": 1, "yref": "paper", "yanchor": "top", "xanchor": side, "showarrow": False}
    return place | {"text": text, "font": font, "xshift": 4 if side == "left" else -4}
