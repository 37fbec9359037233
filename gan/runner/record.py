"""What the steps of a training leave behind: their numbers for the history, and how fast they went."""

import numpy as np
from torch import Tensor

from gan.recipes.numbers import NUMBERS
from gan.runs.run import Run

SPEED_OVER = 2.0  # seconds over which the speed is averaged
LONGEST_STEP = 10.0  # times its usual length that a step may take; a second is always allowed
LONGEST_FIRST = 60.0  # seconds that the first steps may take: devices warm up


class Record:
    """The numbers of a run's steps on their way to its history file."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.last: dict[str, float] = {}  # numbers of the last step, and of moves since
        self._unwritten: list[np.ndarray] = []
        self._recent: list[tuple[int, float]] = []  # steps and seconds of the last slices

    def add(self, numbers: Tensor, seconds: float) -> None:
        """Take in a slice's NUMBERS, float32 (n, 4), and how long it took."""
        self._recent.append((len(numbers), seconds))
        while len(self._recent) > 1 and sum(took for _, took in self._recent[1:]) > SPEED_OVER:
            self._recent.pop(0)
        self._unwritten.append(numbers.numpy())
        self.last = dict(zip(NUMBERS, numbers[-1].tolist(), strict=True))

    def awake(self, took: float, asked: float) -> float:
        """Of the seconds that a slice took, those in which it can have been at work: it was to end with the
        step that passes `asked`. What is much longer was a laptop asleep or a process stopped. Clocks count
        that too, but for some clocks of some systems, and the process's own leaves out waiting for a GPU.
        """
        speed = self.speed()
        longest = max(1.0, LONGEST_STEP / speed) if speed else LONGEST_FIRST
        return min(took, asked + longest)

    def flush(self, durable: bool = False) -> None:
        """Append to the history file what is not in it yet. Raises OSError."""
        if self._unwritten:
            self.run.append_history(np.concatenate(self._unwritten), durable)
            self._unwritten = []

    def speed(self) -> float:
        """Steps a second over the last seconds of training."""
        took = sum(seconds for _, seconds in self._recent)
        return sum(steps for steps, _ in self._recent) / took if took else 0.0
