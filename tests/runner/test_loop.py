"""Runs in training: what is written when, and that a resume is the run that was never interrupted."""

import json
import os
import shutil

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from gan.data import images
from gan.errors import Problem
from gan.generator.folder import read_source
from gan.nets.weights import load_generator
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runner.checkpoint import checkpoints
from gan.runs.events import Move, SetRate
from gan.runs.order import Order
from gan.runs.run import Run

RECIPE = RECIPES["mlp"].with_changes({"sample_every": 5, "hidden": (8, 16)})


@pytest.fixture(scope="module")
def digits():
    return images.load("digits")


@pytest.fixture
def begin(tmp_path, digits):
    """A maker of runs of 12 steps, each in a folder of its own."""

    def make(name="one", recipe=RECIPE, steps=12):
        run = Run.make(tmp_path / name)
        return start.begin(run, Order(recipe, "digits", seed=3, steps=steps), digits)

    return make


def go_to(training, step):
    while training.trainer.steps < step and training.state in ("running", "paused"):
        training.tick(step - training.trainer.steps)
    return training


def lasting(run):
    """The files that equal runs have in common, by name."""
    files = [*run.path.glob("samples/*"), *run.path.glob("*.safetensors")]
    files += [run.path / "history.f32", run.path / "config.json"]
    files += checkpoints(run)[-1].glob("*")
    return {str(file.relative_to(run.path)): file.read_bytes() for file in files}


# --- a whole run ------------------------------------------------------------------------------------


def test_a_run_keeps_pictures_history_generator_and_checkpoint(begin):
    training = go_to(begin(), 12)
    run = training.run
    assert training.state == "finished" and run.info().state == "finished"
    assert run.sample_steps() == [0, 5, 10, 12]
    assert run.history().shape == (12, 4) and np.isfinite(run.history()).all()
    assert [folder.name for folder in checkpoints(run)] == ["00000012"]
    info = run.info()
    assert (info.step, info.steps, info.saved, info.seed) == (12, 12, 12, 3)
    assert info.recipe == RECIPE and info.data.images == 1797 and info.torch == torch.__version__


def test_the_run_folder_is_a_generator_folder_whose_pictures_are_the_samples(begin):
    training = go_to(begin(), 12)
    loaded = load_generator(*read_source(training.run.path))
    assert (loaded.config.step, loaded.config.seed, loaded.config.data.name) == (12, 3, "digits")
    assert training.run.sample(12) == training.picture()
    for name, tensor in training.trainer.generator.state_dict().items():
        assert torch.equal(tensor, loaded.net.state_dict()[name])


def test_the_history_holds_the_numbers_of_each_step(begin, digits):
    training = go_to(begin(), 12)
    from gan.train.trainer import Trainer

    expected = Trainer(RECIPE, digits, 3).advance(12)
    assert np.array_equal(training.run.history(), expected.numpy())
    assert training.record.last["g_loss"] == expected[-1, 1].item()


def test_the_same_order_twice_gives_the_same_files(begin):
    assert lasting(go_to(begin("one"), 12).run) == lasting(go_to(begin("two"), 12).run)


def test_the_recipes_own_length_is_taken_where_none_is_given(begin):
    assert begin(steps=None).info.steps == 5700


def test_pause_stop_and_going_on_are_states_on_disk(begin):
    training = begin()
    go_to(training, 2)
    training.unpause()  # it runs already
    training.pause(), training.pause()
    training.save()
    assert training.run.stored_info().state == "paused" and training.run.stored_info().saved == 2
    training.unpause()
    assert training.run.stored_info().state == "running"
    training.stop(), training.stop(), training.pause()
    assert training.state == "stopped" and training.run.stored_info().step == 2


def test_a_snapshot_says_where_the_run_stands(begin):
    training = go_to(begin(), 4)
    snapshot = training.snapshot()
    assert (snapshot.state, snapshot.step, snapshot.steps) == ("running", 4, 12)
    assert snapshot.rates == {"g_rate": 2e-4, "d_rate": 2e-4} and snapshot.speed > 0
    assert set(snapshot.numbers) == {"d_loss", "g_loss", "d_real", "d_fake"}


# --- edits ------------------------------------------------------------------------------------------


def test_an_edit_is_on_disk_before_it_takes_effect(begin, monkeypatch):
    training = go_to(begin(), 2)
    seen = []
    monkeypatch.setattr(training.trainer, "set_rates", lambda **_: seen.append(training.run.events()))
    monkeypatch.setattr(training.trainer, "move", lambda _: seen.append(training.run.events()) or {})
    SetRate(key="g_rate", new=1e-3).carry_out(training)
    training.edit(Move(player="d"))
    edit = SetRate(step=2, key="g_rate", old=2e-4, new=1e-3)
    assert seen == [[edit], [edit, Move(step=2, player="d")]]


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 5])
def test_a_rate_that_can_not_be_is_refused_and_nothing_noted(begin, value):
    training = begin()
    with pytest.raises(Problem, match="d_rate = "):
        SetRate(key="d_rate", new=value).carry_out(training)
    assert training.state == "running" and not training.run.events()
    assert training.trainer.rates()["d_rate"] == 2e-4


def test_other_settings_and_players_are_refused(begin):
    training = begin()
    with pytest.raises(ValidationError):
        SetRate(key="batch_size", new=3).carry_out(training)
    with pytest.raises(ValidationError):
        training.edit(Move(player="x"))
    assert not training.run.events()


def test_the_same_rate_again_is_no_event(begin):
    training = begin()
    for _ in range(2):
        SetRate(key="g_rate", new=1e-3).carry_out(training)
    assert len(training.run.events()) == 1


# --- resume -----------------------------------------------------------------------------------------


def edited(training, save_at):
    """Twelve steps with edits and manual moves on the way; saves where asked, also between two edits."""

    def save(moment):
        if save_at == moment:
            training.save()

    go_to(training, 3), save("before the edits")
    SetRate(key="g_rate", new=3e-4).carry_out(training)
    training.edit(Move(player="d")), save("between two edits of one step")
    training.edit(Move(player="g"))
    go_to(training, 6)
    SetRate(key="d_rate", new=5e-4).carry_out(training), save("after an edit")
    go_to(training, 8)
    training.edit(Move(player="d"))
    return training


MOMENTS = ["never", "before the edits", "between two edits of one step", "after an edit"]


@pytest.mark.parametrize(
    "name, save_at",
    [(name, moment) for name in ("mlp", "mlp-g-first") for moment in MOMENTS] + [("dcgan", MOMENTS[2])],
)
def test_a_run_that_crashed_is_resumed_bit_for_bit_with_its_edits(begin, name, save_at):
    changes = {"sample_every": 5, "batch_size": 8} | ({} if name == "dcgan" else {"hidden": (8, 16)})
    recipe = RECIPES[name].with_changes(changes)
    whole = go_to(edited(begin("whole", recipe), "never"), 12)
    crashed = edited(begin("crashed", recipe), save_at)
    crashed.record.flush()  # the file holds more than the checkpoint knows
    resumed = go_to(start.resume(crashed.run), 12)
    assert resumed.resumed_from == {"never": 0, "after an edit": 6}.get(save_at, 3)
    assert resumed.state == "finished"
    assert lasting(resumed.run) == lasting(whole.run)
    assert resumed.run.events() == whole.run.events() and len(whole.run.events()) == 5


def test_a_stopped_run_goes_on_to_its_length_and_further(begin):
    training = go_to(begin(), 7)
    training.stop()
    resumed = start.resume(training.run)
    assert (resumed.state, resumed.trainer.steps, resumed.resumed_from) == ("running", 7, 7)
    go_to(resumed, 12)
    assert resumed.state == "finished"
    longer = go_to(start.resume(training.run, steps=15), 15)
    assert longer.state == "finished" and len(longer.run.history()) == 15


def test_a_finished_run_resumed_is_finished(begin):
    run = go_to(begin(), 12).run
    before = lasting(run)
    resumed = start.resume(run)
    assert resumed.state == "finished" and lasting(run) == before


def test_history_and_pictures_beyond_the_checkpoint_are_cut(begin):
    training = go_to(begin(), 4)
    training.save()
    go_to(training, 11).record.flush()
    assert len(training.run.history()) == 11 and training.run.sample_steps() == [0, 5, 10]
    resumed = start.resume(training.run)
    assert len(resumed.run.history()) == 4 and resumed.run.sample_steps() == [0]


def test_changed_data_are_refused_with_both_fingerprints(begin):
    training = go_to(begin(), 3)
    training.stop()
    file = training.run.path / "run.json"
    info = json.loads(file.read_text())
    was, info["data"]["fingerprint"] = info["data"]["fingerprint"], "feedbeef"
    file.write_text(json.dumps(info))
    with pytest.raises(Problem, match=f"learned from other images.*feedbeef, now {was}"):
        start.resume(training.run)


# --- what goes wrong --------------------------------------------------------------------------------


def test_weights_that_break_end_the_run_at_the_last_finite_ones(begin):
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


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux' full device")
def test_a_full_disk_pauses_the_run_and_it_goes_on_when_there_is_room(begin):
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


def test_a_run_that_a_disk_refuses_can_be_given_up_by_a_second_stop(begin):
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


def test_a_folder_deleted_meanwhile_ends_the_run_in_a_sentence(begin):
    training = go_to(begin(), 3)
    shutil.rmtree(training.run.path)
    go_to(training, 12)
    assert training.state == "failed"
    assert training.info.problem.endswith(".") and not training.run.path.exists()


def test_what_nobody_foresaw_is_named_and_kept_in_full(begin, monkeypatch):
    training = go_to(begin(), 3)
    monkeypatch.setattr(training.trainer, "advance", lambda *_: 1 // 0)
    training.tick()
    assert training.state == "failed" and "ZeroDivisionError" in training.info.problem
    assert "1 // 0" in (training.run.path / "error.log").read_text()


def test_full_memory_is_said_with_its_cure(begin, monkeypatch):
    training = begin()

    def too_much(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(training.trainer, "advance", too_much)
    training.tick()
    assert training.state == "failed" and "smaller batch" in training.info.problem
