"""The chart of a search for a latent."""

from collections.abc import Sequence

import numpy as np

from gan.charts.figure import layout, line, rounded
from gan.i18n import t
from gan.pictures.colours import GENERATOR


def errors(curves: Sequence[Sequence[float]], steps: int) -> dict:
    """The error of each start over the steps of a search, on a logarithmic scale, the best start's strong."""
    best = min(range(len(curves)), key=lambda start: curves[start][-1])
    at = np.linspace(0, steps, len(curves[0])).round().tolist()
    lines = [
        line(
            t("start {number}", number=start + 1),
            at,
            rounded(np.asarray(curve)),
            GENERATOR,
            hover="%{y:.4f}",
            faint=0.0 if start == best else 0.3,
        )
        for start, curve in enumerate(curves)
    ]
    frame = layout(steps, ticks=[], ceiling=1.0)
    frame["yaxis"] = {"type": "log", "tickformat": ".1g", "nticks": 4, "zeroline": False, "title": None}
    frame["margin"] |= {"l": 44}
    return {"data": lines, "layout": frame}
