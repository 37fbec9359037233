"""A run in training: what is written when."""

from io import BytesIO

import numpy as np
import torch
from PIL import Image

from gan.data import images
from gan.generator.folder import read_source
from gan.nets.sampling import latents_for, sample
from gan.nets.weights import load_generator
from gan.pictures.png import grid
from gan.runner import start
from gan.runner.checkpoint import checkpoints
from gan.runs.checkpoints import step_of
from gan.runs.order import Order
from gan.runs.run import Run
from tests.runner.short import RECIPE, go_to, lasting


def test_a_run_keeps_pictures_history_generator_and_checkpoint(begin) -> None:
    training = go_to(begin(), 12)
    run = training.run
    assert training.state == "finished" and run.info().state == "finished"
    assert run.sample_steps() == [0, 5, 10, 12]
    assert run.history().shape == (12, 4) and np.isfinite(run.history()).all()
    assert [folder.name for folder in checkpoints(run)] == ["00000012"]
    info = run.info()
    assert (info.step, info.steps, info.saved, info.seed) == (12, 12, 12, 3)
    assert info.recipe == RECIPE and info.data.images == 1797 and info.torch == torch.__version__


def test_the_run_folder_is_a_generator_folder_whose_pictures_are_the_samples(begin) -> None:
    training = go_to(begin(), 12)
    loaded = load_generator(*read_source(training.run.path))
    assert (loaded.config.step, loaded.config.seed, loaded.config.data.name) == (12, 3, "digits")
    assert training.run.sample(12) == training.picture()
    for name, tensor in training.trainer.generator.state_dict().items():
        assert torch.equal(tensor, loaded.net.state_dict()[name])


def test_the_history_holds_the_numbers_of_each_step(begin, digits) -> None:
    training = go_to(begin(), 12)
    from gan.train.trainer import Trainer

    expected = Trainer(RECIPE, digits, 3).advance(12)
    assert np.array_equal(training.run.history(), expected.numpy())
    assert training.record.last["g_loss"] == expected[-1, 1].item()


def test_the_same_order_twice_gives_the_same_files(begin) -> None:
    assert lasting(go_to(begin("one"), 12).run) == lasting(go_to(begin("two"), 12).run)


def test_pause_stop_and_going_on_are_states_on_disk(begin) -> None:
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


def test_a_snapshot_says_where_the_run_stands(begin) -> None:
    training = go_to(begin(), 4)
    snapshot = training.snapshot()
    assert (snapshot.state, snapshot.step, snapshot.steps) == ("running", 4, 12)
    assert snapshot.rates == {"g_rate": 2e-4, "d_rate": 2e-4} and snapshot.speed > 0
    assert set(snapshot.numbers) == {"d_loss", "g_loss", "d_real", "d_fake"}


def test_the_time_that_a_machine_sleeps_is_no_time_of_training(begin, monkeypatch) -> None:
    """Its clock, or that of a process that was stopped, shows an hour more in the middle of a slice."""
    training, times = begin(), iter([0.0, 0.2, 10.0, 10.2, 20.0, 3620.2, 4000.0, 4000.2])
    monkeypatch.setattr("gan.runner.loop.perf_counter", lambda: next(times))
    for _ in range(4):
        training.tick(steps=1)
    assert training.trainer.steps == 4 and 0.8 <= training.seconds < 4
    assert training.record.speed() > 0.5


def test_slow_steps_are_counted_whole(begin, monkeypatch) -> None:
    training, times = begin(), iter([0.0, 20.0, 20.0, 45.0, 45.0, 70.0])
    monkeypatch.setattr("gan.runner.loop.perf_counter", lambda: next(times))
    for _ in range(3):
        training.tick(steps=1)
    assert training.seconds == 70.0


def test_a_run_saves_itself_as_often_as_asked_and_says_so(tmp_path, digits) -> None:
    order = Order(RECIPE.with_changes({"sample_every": 100_000}), "digits", seed=3, steps=5_000)
    training = start.begin(Run.make(tmp_path / "one"), order, digits, save_every=0)
    while not training.info.saved:
        training.tick(1)
    saved = training.run.stored_info().saved
    assert 0 < saved == training.info.saved < 5_000
    training.saver.finish(wait=True)
    assert start.resume(training.run).resumed_from >= saved  # nobody has saved or stopped it


def test_a_run_saves_itself_once_in_each_interval(tmp_path, digits) -> None:
    order = Order(RECIPE, "digits", seed=3, steps=2000)
    training = start.begin(Run.make(tmp_path / "one"), order, digits, save_every=1000)
    training.tick(1)
    training.seconds += 1000  # of training
    for step in (2, 3, 4):
        go_to(training, step)
        training.saver.finish(wait=True)
    assert [step_of(folder) for folder in checkpoints(training.run)] == [2]


def test_a_save_in_the_background_is_told_when_it_is_written(tmp_path, digits) -> None:
    order = Order(RECIPE, "digits", seed=3, steps=2000)
    training = go_to(start.begin(Run.make(tmp_path / "one"), order, digits, save_every=1e9), 2)
    training.save(in_background=True)
    while not training.info.saved:
        training.tick(1)
    assert training.run.stored_info().saved == training.info.saved == 2


def test_images_that_are_wider_than_high_stay_so(tmp_path, monkeypatch) -> None:
    pixels = torch.randint(256, (20, 1, 4, 12), generator=torch.Generator().manual_seed(1)).byte()
    monkeypatch.setitem(images.LOADERS, "digits", lambda: pixels)
    order = Order(RECIPE.with_changes({"batch_size": 8}), "digits", seed=3, steps=6)
    training = go_to(start.begin(Run.make(tmp_path / "wide"), order), 6)
    loaded = load_generator(*read_source(training.run.path))
    assert loaded.config.image.width == 12 and loaded.config.image.height == 4
    pictures = sample(loaded.net, latents_for(3, range(25), 100))
    assert pictures.shape == (25, 4, 12, 1) and torch.equal(pictures, training.trainer.grid())
    with Image.open(BytesIO(training.run.sample(6))) as picture:
        assert np.array_equal(np.asarray(picture), np.asarray(grid(pictures.numpy(), 5)))


def test_steps_taken_in_a_pause_are_as_many_as_asked_for(begin) -> None:
    training = go_to(begin(), 2)
    training.take_steps(1), training.take_steps(4)
    while training.is_busy:
        training.tick()
    assert (training.state, training.trainer.steps) == ("paused", 7)
    training.unpause()
    assert go_to(training, 12).state == "finished"
