"""The chart of a search for a latent."""

from collections.abc import Sequence

import numpy as np

from gan.charts.curves import _layout, _short
from gan.i18n import t
from gan.pictures.colours import GENERATOR


def errors(curves: Sequence[Sequence[float]], steps: int) -> dict:
    """The chart of a search: the error of each start over the steps, on a logarithmic scale, the best one
    strong.
    """
    best = min(range(len(curves)), key=lambda start: curves[start][-1])
    at = np.linspace(0, steps, len(curves[0])).round().tolist()
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": t("start {number}", number=start + 1),
            "x": at,
            "y": _short(np.asarray(curve)),
            "hovertemplate": "%{y:.4f}" if start == best else None,
            "hoverinfo": None if start == best else "skip",
            "opacity": 1.0 if start == best else 0.3,
            "line": {"width": 2.2 if start == best else 1, "color": GENERATOR},
        }
        for start, curve in enumerate(curves)
    ]
    layout = _layout(steps, (), ticks=[], ceiling=1.0, decimals=1)
    layout["yaxis"] = {"type": "log", "tickformat": ".1g", "nticks": 4, "zeroline": False, "title": None}
    layout["margin"] |= {"l": 44}
    return {"data": lines, "layout": layout}
