"""How a run is doing, in a word."""

import numpy as np

from gan.i18n import t
from gan.runs.history import latest


def health(history: np.ndarray) -> tuple[str, str] | None:
    """Who is ahead, by D's accuracy over the last 200 steps: a label and the reason; None before that."""
    if len(history) < 200:
        return None
    accuracy = latest(history[:, 2:], 200)
    if accuracy is None:
        return None
    shown = {"share": round(100 * accuracy)}
    if accuracy > 0.97:
        return t("D far ahead"), t("D tells {share} % apart: G learns little from it now.", **shown)
    if accuracy < 0.4:
        return (
            t("G far ahead"),
            t("D tells only {share} % apart: it gives G little to learn.", **shown),
        )
    return t("Balanced"), t("D tells {share} % apart; 50 % would be guessing.", **shown)
