"""A run that fails ends in a sentence, and can be resumed."""

import os
import shutil

import pytest
import torch

from gan.generator.folder import read_source
from gan.nets.weights import load_generator
from gan.runner import start
from gan.runner.loop import Training
from gan.runs.checkpoints import checkpoints, step_of
from gan.runs.events import Move, SetRate
from gan.runs.run import Run
from tests.runner.short import go_to, lasting


@pytest.mark.usefixtures("a_copy_each_slice")
def test_weights_that_break_end_the_run_at_the_last_finite_ones(begin) -> None:
    training = go_to(begin(), 6)
    with torch.no_grad():
        training.trainer.generator.layers[0].weight[0, 0] = float("nan")
    training.tick(3)
    assert training.state == "failed" and "not finite" in training.info.problem
    info = training.run.info()
    assert (info.state, info.step, info.saved, info.problem) == ("failed", 6, 6, training.info.problem)
    assert len(training.run.history()) == 6
    load_generator(*read_source(training.run.path))
    resumed = go_to(start.resume(training.run), 12)
    assert resumed.state == "finished" and not resumed.info.problem


def break_down(training) -> None:
    """Have the weights break in the next slice."""
    with torch.no_grad():
        training.trainer.generator.layers[0].weight[0, 0] = float("nan")
    training.tick(1)
    assert training.state == "failed" and "not finite" in training.info.problem


@pytest.mark.usefixtures("no_copy_in_time")
def test_a_break_long_after_the_last_copy_leaves_history_pictures_and_generator_at_its_step(begin) -> None:
    training = go_to(begin("broken"), 3)
    training.save()
    for step in (4, 6, 8):
        go_to(training, step).record.flush()  # as a worker does four times a second
    go_to(training, 11)
    assert training.run.sample_steps() == [0, 5, 10] and len(training.run.history()) == 8
    break_down(training)
    info = training.run.info()
    assert (info.state, info.step, info.saved) == ("failed", 3, 3)
    assert "by step 12" in info.problem and "back at step 3" in info.problem
    assert training.run.sample_steps() == [0] and len(training.run.history()) == 3
    assert load_generator(*read_source(training.run.path)).config.step == 3
    assert [step_of(one) for one in checkpoints(training.run)] == [3]
    resumed = go_to(start.resume(training.run), 12)
    assert lasting(resumed.run) == lasting(go_to(begin("whole"), 12).run)


@pytest.mark.usefixtures("no_copy_in_time")
@pytest.mark.parametrize("player", ["d", "g"])
def test_a_move_by_hand_survives_a_later_break(begin, player) -> None:
    def moved(name: str) -> Training:
        training = go_to(begin(name), 3)
        training.edit(Move(player=player))
        return training

    training = go_to(moved("broken"), 7)
    break_down(training)
    assert training.run.info().step == 3
    resumed = start.resume(training.run)
    assert resumed.run.events() == [Move(step=3, player=player)] and not resumed.edits.waiting
    assert lasting(go_to(resumed, 12).run) == lasting(go_to(moved("whole"), 12).run)


@pytest.mark.usefixtures("no_copy_in_time")
def test_a_rate_that_a_break_takes_back_leaves_the_edits_that_wait_for_their_step(begin) -> None:
    crashed = go_to(begin(), 3)
    crashed.save()
    SetRate(key="g_rate", new=1e-3).carry_out(go_to(crashed, 5))
    SetRate(key="d_rate", new=5e-4).carry_out(go_to(crashed, 9))
    again = go_to(start.resume(crashed.run), 6)  # killed: both are to be made again, one has been
    break_down(again)
    last = go_to(start.resume(crashed.run), 12)
    told = [(event.step, event.key, event.old, event.new) for event in last.run.events()]
    assert told == [(5, "g_rate", 2e-4, 1e-3), (5, "g_rate", 1e-3, 2e-4), (9, "d_rate", 2e-4, 5e-4)]
    assert last.trainer.rates() == {"g_rate": 2e-4, "d_rate": 5e-4}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux' full device")
def test_a_full_disk_pauses_the_run_and_it_goes_on_when_there_is_room(begin) -> None:
    whole = go_to(begin("whole"), 12)
    training = go_to(begin("full"), 3)
    training.save()
    history = training.run.path / "history.f32"
    kept = history.read_bytes()
    history.unlink()
    history.symlink_to("/dev/full")
    go_to(training, 12)
    assert training.state == "paused"
    assert "No space left on device" in training.info.problem and "resume" in training.info.problem
    training.unpause()
    assert training.state == "paused" and training.info.problem
    history.unlink()
    history.write_bytes(kept)
    training.unpause()
    assert training.state == "running" and not training.info.problem
    training.tick()
    assert training.state == training.run.info().state == "finished"
    for file in ("history.f32", "model.safetensors"):
        assert (training.run.path / file).read_bytes() == (whole.run.path / file).read_bytes()


def test_a_run_that_a_disk_refuses_can_be_given_up_by_a_second_stop(begin) -> None:
    training = go_to(begin(), 3)
    training.save()
    (training.run.path / "checkpoints").rename(training.run.path / "kept")
    (training.run.path / "checkpoints").write_text("in the way")
    go_to(training, 5)
    training.stop()
    assert training.state == "paused" and "can't be written" in training.info.problem
    training.stop()
    assert training.state == "failed"
    (training.run.path / "checkpoints").unlink()
    (training.run.path / "kept").rename(training.run.path / "checkpoints")
    assert start.resume(training.run).resumed_from == 3


def test_a_folder_deleted_meanwhile_ends_the_run_in_a_sentence(begin) -> None:
    training = go_to(begin(), 3)
    shutil.rmtree(training.run.path)
    go_to(training, 12)
    assert training.state == "failed"
    assert training.info.problem.endswith(".") and not training.run.path.exists()


def test_what_nobody_foresaw_is_named_and_kept_in_full(begin, monkeypatch) -> None:
    training = go_to(begin(), 3)
    monkeypatch.setattr(training.trainer, "advance", lambda *_: 1 // 0)
    training.tick()
    assert training.state == "failed" and "ZeroDivisionError" in training.info.problem
    assert "1 // 0" in (training.run.path / "error.log").read_text()


def test_full_memory_is_said_with_its_cure(begin, monkeypatch) -> None:
    training = begin()

    def too_much(*_) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(training.trainer, "advance", too_much)
    training.tick()
    assert training.state == "failed" and "smaller batch" in training.info.problem


def test_a_folder_moved_meanwhile_is_not_called_deleted_and_resumes_where_it_is(begin, tmp_path) -> None:
    training = go_to(begin(), 3)
    training.save()
    training.run.path.rename(tmp_path / "elsewhere")
    go_to(training, 12)
    assert training.state == "failed" and training.info.problem.endswith("is gone: it was moved or deleted.")
    assert start.resume(Run(tmp_path / "elsewhere")).trainer.steps == 3


def test_where_not_even_the_reason_can_be_written_it_is_told(begin, monkeypatch) -> None:
    training = go_to(begin(), 3)
    (training.run.path / "error.log").mkdir()
    monkeypatch.setattr(training.trainer, "advance", lambda *_: 1 // 0)
    training.tick()
    assert training.state == "failed" and "ZeroDivisionError" in training.info.problem
