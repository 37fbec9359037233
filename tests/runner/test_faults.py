"""A disk that refuses at every moment: no checkpoint is ever lost or half, the end is the same."""

import builtins
import errno
import hashlib
import io
import os
import random
import shutil
import stat
from collections.abc import Callable
from typing import Self

import pytest

from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runner.loop import Training
from gan.runs.events import Move, SetRate
from gan.runs.order import Order
from gan.runs.run import Run

RECIPE = RECIPES["mlp"].with_changes(
    {"hidden": (8, 12), "latent_size": 5, "batch_size": 7, "sample_every": 10}
)


@pytest.fixture
def begin(small_digits, tmp_path) -> Callable[..., Training]:
    def make(name: str) -> Training:
        order = Order(RECIPE, "digits", seed=4, steps=14, device="cpu")
        return start.begin(Run.make(tmp_path / name), order)

    return make


class Disk:
    """Every call that changes the disk, counted; the one of number `at` and those after it fail."""

    def __init__(self, monkeypatch) -> None:
        self.calls, self.at, self.error, self.lasts = 0, None, errno.ENOSPC, 0
        for name in ("replace", "rename", "mkdir", "truncate", "unlink", "fsync"):
            monkeypatch.setattr(os, name, self.guard(getattr(os, name)))
        real = builtins.open

        def guarded_open(file, mode="r", *arguments, **options) -> object:
            if set(mode) & set("wax+") and not isinstance(file, int):
                self.count(file)
                return Guarded(real(file, mode, *arguments, **options), self)
            return real(file, mode, *arguments, **options)

        monkeypatch.setattr(builtins, "open", guarded_open)
        monkeypatch.setattr(io, "open", guarded_open)  # what pathlib opens with

    def guard(self, function) -> Callable:
        def guarded(*arguments, **options) -> object:
            self.count(arguments[0])
            return function(*arguments, **options)

        return guarded

    def count(self, what) -> None:
        self.calls += 1
        if self.at is not None and self.at <= self.calls < self.at + self.lasts:
            raise OSError(self.error, os.strerror(self.error), str(what))


class Guarded:
    """A file whose writes are counted; one that fails has written half."""

    def __init__(self, file, disk) -> None:
        self._file, self._disk = file, disk

    def write(self, content) -> int:
        try:
            self._disk.count(self._file.name)
        except OSError:
            self._file.write(content[: len(content) // 2])
            raise
        return self._file.write(content)

    def __getattr__(self, name) -> object:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        self._file.close()


def live(training: Training) -> None:
    """Slices of up to seven steps with a save after each; an edit and a move by hand at step 7."""
    while training.state == "running":
        training.tick(7, seconds=60)  # never cut short by a busy machine: step 7 must be a stop
        by_hand(training)
        if training.state == "running":
            save(training)


def by_hand(training: Training) -> None:
    """At step 7 an edit and a move, each unless it was made already."""
    for what, act in (
        ("set", lambda: SetRate(key="g_rate", new=1e-3).carry_out(training)),
        ("move", lambda: training.edit(Move(player="d"))),
    ):
        if training.trainer.steps == 7 and training.state == "running":
            if what not in [event.what for event in training.run.events()]:
                act()


def save(training: Training) -> None:
    try:
        training.save()
    except OSError as error:
        training.fail(error)


def finish(training: Training) -> None:
    """The disk is well again: go on, as often as it takes."""
    for _ in range(20):
        training.unpause()
        by_hand(training)
        live(training)
        if training.state == "finished":
            return
    raise AssertionError(training.info.problem)


def weights(run: Run) -> str:
    return hashlib.sha256((run.path / "model.safetensors").read_bytes()).hexdigest()


def test_a_write_that_fails_at_any_call_loses_no_checkpoint(begin, monkeypatch, tmp_path, capsys) -> None:
    whole = begin("whole")
    finish(whole)
    history = (whole.run.path / "history.f32").read_bytes()
    disk = Disk(monkeypatch)
    counted = begin("counted")
    disk.calls = 0
    finish(counted)
    total = disk.calls
    assert total > 80 and weights(counted.run) == weights(whole.run)
    for at in range(1, total + 1):
        training = begin("faulty")
        disk.calls, disk.at = 0, at
        disk.error, disk.lasts = random.Random(at).choice(
            [(errno.ENOSPC, 1), (errno.EACCES, 1), (errno.ENOSPC, 9)]
        )
        live(training)
        disk.at = None
        assert training.state in ("paused", "finished"), (at, training.state, training.info.problem)
        crashed = tmp_path / "crashed"  # as if the process had died right here
        shutil.copytree(training.run.path, crashed)
        again = start.resume(Run(crashed))
        assert again.trainer.steps >= training.info.saved, at
        assert training.trainer.steps - again.trainer.steps <= 7, at
        assert not [event for event in again.run.events() if event.what == "damaged"], at
        for one in (training, again):
            finish(one)
            assert weights(one.run) == weights(whole.run), at
            assert (one.run.path / "history.f32").read_bytes() == history, at
            assert one.run.sample_steps() == [0, 10, 14], at
        shutil.rmtree(crashed), shutil.rmtree(training.run.path)
    with capsys.disabled():
        print(f" [{total} calls that change the disk failed, one after the other]", end="")


@pytest.mark.parametrize("name", ["EINVAL", "ENOTSUP", "EACCES"])
def test_where_folders_can_not_be_flushed_every_save_is_made_all_the_same(begin, monkeypatch, name) -> None:
    monkeypatch.setattr(os, "fsync", refusing_folders(os.fsync, getattr(errno, name)))
    training = begin("network drive")
    finish(training)
    assert training.info.saved == 14 and not training.info.problem
    assert start.resume(training.run).trainer.steps == 14


def test_a_folder_that_the_disk_fails_to_write_pauses_the_run(begin, monkeypatch) -> None:
    training = begin("dying disk")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refusing_folders(os.fsync, errno.EIO))
        live(training)
    assert training.state == "paused" and "Input/output error" in training.info.problem
    finish(training)


def refusing_folders(fsync: Callable[[int], None], number: int) -> Callable[[int], None]:
    """os.fsync as file systems have it that refuse it for a folder."""

    def refusing(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(handle)

    return refusing
