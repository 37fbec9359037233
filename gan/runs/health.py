"""How a run is doing, in a word."""

import numpy as np

from gan.i18n import t
from gan.runs.history import believed, latest_mean

JUDGED_STEPS = 200  # whose mean accuracy is judged
D_AHEAD, G_AHEAD = 0.97, 0.4  # D's accuracy above which it is far ahead, and below which G is


def health(history: np.ndarray) -> tuple[str, str] | None:
    """Who is ahead, by D's accuracy over the last 200 steps: a label and the reason; None before that."""
    if len(history) < JUDGED_STEPS:
        return None
    accuracy = latest_mean(believed(history[-JUDGED_STEPS:])[:, 2:], JUDGED_STEPS)
    if accuracy is None:
        return None
    share = round(100 * accuracy)
    if accuracy > D_AHEAD:
        return t("D far ahead"), t("D tells {share} % apart: G learns little from it now.", share=share)
    if accuracy < G_AHEAD:
        return t("G far ahead"), t("D tells only {share} % apart: it gives G little to learn.", share=share)
    return t("Balanced"), t("D tells {share} % apart; 50 % would be guessing.", share=share)
