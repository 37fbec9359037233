"""A process that trains a run until it is killed, or until it kills itself in the middle of a checkpoint's
writing. Its parent process has imported torch already: it is there at once.
"""

import itertools
import os
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import sklearn.datasets  # noqa: F401  # here and not in each child: it takes seconds to import

from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs.order import Order
from gan.runs.run import Run

STEPS = 2400
RECIPE = RECIPES["mlp"].with_changes({"batch_size": 8, "hidden": (64, 128), "sample_every": 100})
SAVE_EVERY = 0.02  # seconds of training


def begin(folder: Path, steps: int = STEPS, die_at: int = 0) -> ForkServerProcess:
    """A process that trains the run in that folder, on from its newest checkpoint; it is training when this
    returns. It takes that many steps at most: however late it is killed, the run has not come to its end.

    With `die_at` it ends by SIGKILL at that file of a checkpoint; it saves at its last step at the latest.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    hears, says = context.Pipe(duplex=False)
    process = context.Process(target=_live, args=(folder, steps, die_at, says))
    process.start()
    says.close()
    assert hears.recv() == "training"
    return process


def _live(folder: Path, steps: int, die_at: int, says: Connection) -> None:
    run = Run(folder)
    if die_at:
        os.fsync = _deadly(os.fsync, folder, die_at)
    with run.owned():
        if run.exists():
            training = start.resume(run, save_every=SAVE_EVERY)
        else:
            order = Order(RECIPE, "digits", seed=3, steps=STEPS)
            training = start.begin(Run.make(folder), order, save_every=SAVE_EVERY)
        says.send("training")
        last = training.trainer.steps + steps
        while training.state == "running" and training.trainer.steps < last:
            training.tick(last - training.trainer.steps, seconds=0.01)
        if die_at:
            training.save()
        if training.state == "running":
            time.sleep(3600)  # until the parent kills it
        assert training.state == "finished", training.info.problem


def _deadly(fsync: Callable[[int], None], folder: Path, at: int) -> Callable[[int], None]:
    """os.fsync, but at its call number `at` while a checkpoint is being written the process dies."""
    calls = itertools.count(1)

    def deadly(handle: int) -> None:
        if is_writing(folder) and next(calls) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(handle)

    return deadly


def is_writing(folder: Path) -> bool:
    """Is a checkpoint being written at this moment, or was one when its writer died?"""
    return any(folder.glob("checkpoints/.*.part"))
