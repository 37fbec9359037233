"""Going on equals never having stopped, to the bit, for every recipe and after every kind of stop."""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.data import images
from gan.errors import Problem
from gan.recipes.recipe import Recipe
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runner.loop import Training
from gan.runs.checkpoints import checkpoints
from gan.runs.events import Move, SetRate
from gan.runs.order import Order
from gan.runs.run import Run, runs_root

SMALL = {
    "mlp": {"hidden": (8, 12), "latent_size": 5, "batch_size": 7, "sample_every": 10},
    "mlp-g-first": {"hidden": (8, 12), "latent_size": 5, "batch_size": 7, "sample_every": 10},
    "dcgan": {"latent_size": 5, "batch_size": 3, "sample_every": 10},
}


def small(name: str) -> Recipe:
    return RECIPES[name].with_changes(SMALL[name])


@pytest.fixture
def begin(small_digits) -> Callable[..., Training]:
    """A maker of runs on 20 small images: `begin(name, steps)`."""

    def make(name: str = "mlp", steps: int = 30, **changes) -> Training:
        order = Order(small(name).with_changes(changes), "digits", seed=4, steps=steps, device="cpu")
        return start.begin(Run.make_next(runs_root(), f"{name}-digits"), order)

    return make


def play(training: Training, until: int | None = None) -> Training:
    """Slices until that step, or to the end."""
    while training.state == "running" and training.trainer.steps != until:
        training.tick(until - training.trainer.steps if until else None)
    assert training.state != "failed", training.info.problem
    return training


def state_of(training: Training) -> dict[str, torch.Tensor]:
    groups = training.trainer.state_dict().items()
    return {f"{group}/{name}": tensor for group, tensors in groups for name, tensor in tensors.items()}


def assert_equal_runs(one: Training, other: Training) -> None:
    first, second = state_of(one), state_of(other)
    assert first.keys() == second.keys()
    assert not [name for name in first if not torch.equal(first[name], second[name])]
    for file in ("history.f32", "model.safetensors", "config.json"):
        assert (one.run.path / file).read_bytes() == (other.run.path / file).read_bytes(), file
    assert one.run.sample_steps() == other.run.sample_steps()
    assert all(one.run.sample(step) == other.run.sample(step) for step in one.run.sample_steps())


def test_a_run_leaves_all_that_a_page_shows(begin) -> None:
    training = play(begin("mlp", 25))
    run = training.run
    assert training.state == run.info().state == "finished"
    assert run.history().shape == (25, 4)
    assert run.sample_steps() == [0, 10, 20, 25]
    assert json.loads((run.path / "config.json").read_text())["step"] == 25
    assert [folder.name for folder in checkpoints(run)] == ["00000025"]


@pytest.mark.parametrize("name", RECIPES)
def test_stopped_and_resumed_equals_never_stopped(begin, name) -> None:
    whole = play(begin(name, 24))
    parts = play(begin(name, 24), until=9)
    parts.stop()
    assert parts.run.info().state == "stopped"
    for stop in (15, 16):
        parts = play(start.resume(parts.run), until=stop)
        parts.stop()
    assert_equal_runs(whole, play(start.resume(parts.run)))


def test_a_crash_after_edits_and_moves_by_hand_repeats_them_at_their_steps(begin) -> None:
    def edits(training: Training) -> None:
        SetRate(key="g_rate", new=1e-3).carry_out(training)
        training.edit(Move(player="d"))
        training.edit(Move(player="g"))

    whole = begin("mlp", 30)
    edits(play(whole, until=12))
    play(whole)

    crashed = play(begin("mlp", 30), until=8)
    crashed.save()
    edits(play(crashed, until=12))
    crashed.record.flush()
    again = start.resume(crashed.run)  # nothing was saved since step 8: this is what a SIGKILL leaves
    assert again.trainer.steps == 8 and again.trainer.rates()["g_rate"] == 2e-4
    play(again)
    assert_equal_runs(whole, again)
    assert len(again.run.events()) == 3


def test_an_edit_among_those_that_wait_to_be_repeated_comes_first_and_theirs_of_its_kind_lapse(begin) -> None:
    crashed = play(begin("mlp", 30), until=8)
    crashed.save()
    SetRate(key="g_rate", new=1e-3).carry_out(play(crashed, until=12))
    SetRate(key="d_rate", new=5e-4).carry_out(play(crashed, until=14))
    again = start.resume(crashed.run)
    SetRate(key="g_rate", new=3e-3).carry_out(play(again, until=10))
    done = [(event.step, event.key, event.new) for event in again.run.events()]
    assert done == [(10, "g_rate", 3e-3), (14, "d_rate", 5e-4)]
    again.save()
    play(again, until=20)
    assert again.trainer.rates() == {"g_rate": 3e-3, "d_rate": 5e-4}
    third = start.resume(crashed.run)  # from step 10: the edit of step 14 is still to come
    assert third.trainer.rates() == {"g_rate": 3e-3, "d_rate": 2e-4}
    assert_equal_runs(play(again), play(third))


def test_a_damaged_checkpoint_is_told_and_the_end_is_the_same(begin) -> None:
    whole = play(begin("mlp", 24))
    parts = play(begin("mlp", 24), until=8)
    parts.save()
    play(parts, until=12).stop()
    (checkpoints(parts.run)[-1] / "generator.safetensors").write_bytes(b"")
    again = play(start.resume(parts.run))
    assert again.resumed_from == 8
    assert [event.what for event in again.run.events()] == ["damaged"]
    assert_equal_runs(whole, again)


def test_resuming_under_another_torch_is_told(begin) -> None:
    parts = play(begin("mlp", 24), until=8)
    parts.stop()
    parts.run.write(parts.run.stored_info().model_copy(update={"torch": "1.0"}))
    again = start.resume(parts.run)
    assert [(event.what, event.old, event.new) for event in again.run.events()] == [
        ("torch", "1.0", torch.__version__)
    ]


def test_a_run_whose_recipe_was_changed_is_refused_with_what_differs(begin) -> None:
    parts = play(begin("mlp", 24), until=8)
    parts.stop()
    info = parts.run.stored_info()
    parts.run.write(
        info.model_copy(update={"recipe": info.recipe.with_changes({"batch_size": 5}), "seed": 9})
    )
    with pytest.raises(Problem, match="batch_size is 7 there and 5 in run.json; seed is 4 there and 9"):
        start.resume(parts.run)


def test_an_edit_is_on_disk_before_it_takes_effect(begin, monkeypatch) -> None:
    training = begin()
    seen = []
    monkeypatch.setattr(training.trainer, "set_rates", lambda **_: seen.extend(training.run.events()))
    SetRate(key="d_rate", new=5e-4).carry_out(training)
    assert seen == [SetRate(step=0, key="d_rate", old=2e-4, new=5e-4)]


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 2])
def test_a_rate_that_can_not_be_is_refused_and_nothing_changes(begin, value) -> None:
    training = begin()
    with pytest.raises(Problem, match="g_rate"):
        SetRate(key="g_rate", new=value).carry_out(training)
    assert not training.run.events() and training.trainer.rates()["g_rate"] == 2e-4


def test_history_and_pictures_beyond_the_checkpoint_are_there_once(begin) -> None:
    training = play(begin("mlp", 40), until=10)
    training.save()
    play(training, until=30)
    training.record.flush()
    assert len(training.run.history()) == 30
    again = start.resume(training.run)
    assert len(again.run.history()) == 10 and again.run.sample_steps() == [0, 10]
    assert len(play(again).run.history()) == 40


CUTS = {"within a row": 107, "at a row's end": 96, "to nothing": 0}  # bytes that are left of history.f32


@pytest.mark.parametrize("cut", CUTS)
def test_a_history_that_does_not_reach_its_checkpoint_gets_a_gap_and_the_run_says_so(begin, cut) -> None:
    whole = play(begin("mlp", 24))
    parts = play(begin("mlp", 24), until=9)
    parts.stop()
    os.truncate(parts.run.path / "history.f32", CUTS[cut])
    kept = CUTS[cut] // 16
    again = play(start.resume(parts.run))
    assert state_of(again).keys() == state_of(whole).keys()
    assert all(torch.equal(tensor, state_of(again)[name]) for name, tensor in state_of(whole).items())
    assert [(event.step, event.what, event.missing) for event in again.run.events()] == [
        (9, "history", 9 - kept)
    ]
    expected = np.array(whole.run.history())
    expected[kept:9] = np.nan
    assert np.array_equal(again.run.history(), expected, equal_nan=True)
    assert len(start.resume(again.run).run.events()) == 1  # told once


def test_events_that_were_lost_keep_no_later_edit_from_being_made(begin) -> None:
    training = begin("mlp", 30)
    SetRate(key="g_rate", new=1e-3).carry_out(play(training, until=8))
    SetRate(key="d_rate", new=1e-3).carry_out(training)
    play(training, until=10).stop()
    (training.run.path / "events.jsonl").unlink()
    again = start.resume(training.run)
    SetRate(key="g_rate", new=5e-4).carry_out(again)
    again.save()
    third = start.resume(again.run)
    assert third.trainer.rates() == {"g_rate": 5e-4, "d_rate": 1e-3}
    assert third.edits.done == 1 and not third.edits.waiting


IN_THE_WAY = ["history.f32", "events.jsonl", "run.json", "config.json", "samples", "checkpoints", "lock"]


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_a_folder_where_a_file_belongs_or_a_file_for_a_folder_is_a_sentence(begin, name: str) -> None:
    training = play(begin("mlp", 24), until=9)
    training.stop()
    path = training.run.path / name
    if path.is_dir():
        shutil.rmtree(path)
        path.write_text("mine")
    else:
        path.unlink(missing_ok=True)
        (path / "mine").mkdir(parents=True)
    before = sorted(folder.name for folder in training.run.path.glob("checkpoints/*"))
    with suppress(Problem):  # it may also do without
        with training.run.owned():
            again = play(start.resume(training.run), until=12)
            assert again.trainer.steps == 12 or again.problem
    assert path.read_text() == "mine" if path.is_file() else (path / "mine").exists()
    assert before == sorted(folder.name for folder in training.run.path.glob("checkpoints/*"))


def test_the_last_five_checkpoints_are_kept(begin) -> None:
    training = begin("mlp", 100)
    for step in range(5, 45, 5):
        play(training, until=step).save()
    assert [int(folder.name) for folder in checkpoints(training.run)] == [20, 25, 30, 35, 40]


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone", "state"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(begin, damage) -> None:
    whole = play(begin("mlp", 30))
    training = play(begin("mlp", 30), until=10)
    training.save()
    play(training, until=20).save()
    spoil(checkpoints(training.run)[-1], damage)
    again = start.resume(training.run)
    assert again.trainer.steps == 10
    assert_equal_runs(whole, play(again))


def spoil(checkpoint: Path, damage: str) -> None:
    file = checkpoint / ("state.json" if damage == "state" else "discriminator.safetensors")
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    match damage:
        case "cut" | "state":
            file.write_bytes(content[: len(content) // 2])
        case "flipped":
            file.write_bytes(content)
        case "gone":
            file.unlink()


def test_no_usable_checkpoint_is_said_and_nothing_is_overwritten(begin) -> None:
    training = play(begin("mlp", 30), until=10)
    training.save()
    spoil(checkpoints(training.run)[-1], "cut")
    with pytest.raises(Problem, match="No checkpoint .* can be used"):
        start.resume(training.run)
    assert len(training.run.history()) == 10


def test_other_images_are_refused(begin, small_digits, small_images, monkeypatch) -> None:
    training = play(begin(), until=5)
    training.stop()
    monkeypatch.setitem(images.LOADERS, "digits", lambda: small_images(19, 8).pixels)
    was, now = small_digits.fingerprint, images.load("digits").fingerprint
    assert was != now
    with pytest.raises(Problem, match=f"learned from other images.*{was}.*{now}"):
        start.resume(training.run)


def test_a_run_whose_folder_vanishes_fails_with_a_sentence(begin) -> None:
    training = play(begin(steps=1000), until=5)
    shutil.rmtree(training.run.path)
    while training.state == "running":
        training.tick()
    assert training.state == "failed" and "gone" in training.info.problem


@pytest.mark.usefixtures("a_copy_each_slice")
def test_a_loss_that_breaks_stops_the_run_at_its_last_finite_weights(begin) -> None:
    training = play(begin("mlp", 1000), until=20)
    before = {name: tensor.clone() for name, tensor in training.trainer.generator.state_dict().items()}
    with torch.no_grad():
        next(training.trainer.discriminator.parameters())[0, 0] = torch.nan
    training.tick()
    assert training.state == training.run.info().state == "failed"
    assert "not finite" in training.info.problem and "step 20" in training.info.problem
    after = training.trainer.generator.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert len(training.run.history()) == 20
    again = start.resume(training.run)
    assert again.trainer.steps == 20 and again.state == "running"


def test_a_snapshot_is_small(begin) -> None:
    snapshot = play(begin(), until=10).snapshot()
    assert len(snapshot.model_dump_json(exclude={"picture"})) < 2000
    assert (snapshot.state, snapshot.step, snapshot.steps) == ("running", 10, 30)
    assert set(snapshot.numbers) == {"d_loss", "g_loss", "d_real", "d_fake"}


def test_an_edit_that_broke_the_run_goes_back_with_the_weights_and_says_so(begin) -> None:
    training = play(begin("mlp", 1000), until=20)
    SetRate(key="g_rate", new=0.1).carry_out(training)
    with torch.no_grad():
        next(training.trainer.discriminator.parameters())[0, 0] = torch.nan
    training.tick()
    assert training.state == "failed"
    assert [(event.old, event.new) for event in training.run.events()] == [(2e-4, 0.1), (0.1, 2e-4)]
    again = start.resume(training.run)
    assert again.trainer.rates()["g_rate"] == 2e-4 and not again.edits.waiting
