"""How fast a training goes."""

from pathlib import Path

import torch

from gan.runner.record import Record
from gan.runs.run import Run


def test_the_speed_is_that_of_the_last_seconds(tmp_path: Path) -> None:
    record = Record(Run(tmp_path))
    assert record.speed() == 0
    for _ in range(5):
        record.add(torch.zeros(10, 4), 1.0)
    assert record.speed() == 10  # steps a second
    for _ in range(3):
        record.add(torch.zeros(1, 4), 1.0)
    assert record.speed() == 1
