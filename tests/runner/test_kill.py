"""A trainer's process that is killed again and again: the run comes to the same end."""

import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from gan.runs.checkpoints import checkpoints
from gan.runs.run import Run
from tests.runner.mortal import STEPS, begin, is_writing

KILLS = 32
FILES = 8  # of a checkpoint: seven groups of tensors, and its state
LIFE = (STEPS - 100) // KILLS  # steps at most that one process takes: the run must outlive them all


def finish(folder: Path) -> Run:
    process = begin(folder)
    process.join()
    assert process.exitcode == 0
    return Run(folder)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a POSIX signal")
def test_a_run_killed_again_and_again_ends_with_the_same_weights(tmp_path: Path) -> None:
    """Every other time at whatever moment comes, in between at one of the files of a checkpoint."""
    whole, folder = finish(tmp_path / "whole"), tmp_path / "killed"
    chance = random.Random(11)
    for number in range(KILLS):
        in_a_write = number % 2 == 0
        process = begin(folder, chance.randint(1, LIFE), die_at=1 + number // 2 % FILES if in_a_write else 0)
        if not in_a_write:
            time.sleep(chance.uniform(0.0, 0.12))
            process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert is_writing(folder) or not in_a_write
    killed = finish(folder)
    for file in ("model.safetensors", "history.f32"):
        assert (folder / file).read_bytes() == (whole.path / file).read_bytes()
    assert killed.sample_steps() == whole.sample_steps()
    ends = [json.loads((checkpoints(run)[-1] / "state.json").read_text()) for run in (whole, killed)]
    assert ends[0]["checksums"] == ends[1]["checksums"]
