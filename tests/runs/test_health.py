"""Who is ahead, in a word."""

import numpy as np
import pytest

from gan.runs.health import health


def history(accuracy: float, steps: int = 300) -> np.ndarray:
    """Rounds (steps, 4) in which D tells that share of images apart."""
    return np.tile(np.float32([0.7, 0.7, accuracy, accuracy]), (steps, 1))


@pytest.mark.parametrize(
    "accuracy, label, share",
    [(0.99, "D far ahead", "99 %"), (0.3, "G far ahead", "30 %"), (0.6, "Balanced", "60 %")],
)
def test_the_label_follows_what_d_tells_apart(accuracy: float, label: str, share: str) -> None:
    assert health(history(accuracy))[0] == label and share in health(history(accuracy))[1]


def test_the_last_200_steps_decide_and_nothing_is_said_before_them() -> None:
    assert health(history(0.6, 199)) is None
    assert health(np.concatenate([history(0.1, 1000), history(0.99, 200)]))[0] == "D far ahead"
