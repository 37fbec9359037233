"""Averaged weights: what they are; training does not notice them, and a resume goes on with them."""

import json

import pytest
import torch

from gan.errors import Problem
from gan.generator.folder import read_source
from gan.nets.sampling import latents_for, sample
from gan.nets.weights import load_generator
from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs.fork import generator_at
from gan.runs.order import Order
from gan.runs.run import Run
from gan.train.ema import Average
from gan.train.guard import NotFinite
from gan.train.trainer import Trainer
from tests.train.states import same

DCGAN = RECIPES["dcgan"].with_changes({"batch_size": 4, "ema": 40})
MLP = RECIPES["mlp"].with_changes({"batch_size": 4, "ema": 40, "sample_every": 3})


def test_an_average_moves_half_way_in_its_half_life() -> None:
    """One weight that jumps from 0 to 1: after 100 images of a half-life of 100 it stands at a half."""
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(net.weight)
    average = Average(net, half_life=100)
    torch.nn.init.ones_(net.weight)
    for step in range(10):
        average.update(net, 10, 1_000_000 + 10 * step)
    assert average.net.weight.item() == pytest.approx(0.5, abs=1e-6)


def test_early_on_the_average_forgets_what_was_before() -> None:
    """Of the first 100 images only the last 5 or so count: the half-life is at most a twentieth of them."""
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(net.weight)
    average = Average(net, half_life=10_000)
    torch.nn.init.ones_(net.weight)
    for step in range(1, 11):
        average.update(net, 10, 10 * step)
    assert average.net.weight.item() > 0.99


def test_an_average_takes_batch_norms_statistics_along() -> None:
    """Half of the way in a half-life, as the weights do; how often they were taken is counted."""
    net = torch.nn.BatchNorm2d(1)
    average = Average(net, half_life=10)
    net(torch.linspace(4, 8, 12).view(3, 1, 2, 2))
    average.update(net, 10, 1_000_000)
    found = average.state_dict()
    assert found["running_mean"].item() == pytest.approx(net.running_mean.item() / 2) != 0
    assert found["running_var"].item() == pytest.approx((net.running_var.item() + 1) / 2) != 1
    assert found["num_batches_tracked"] == 1


def test_the_half_life_counts_images(small_images) -> None:
    """In a batch as large as the half-life the average goes half the way, whatever the step's number."""
    trainer = Trainer(MLP.with_changes({"ema": 4}), small_images(20, 8), 3)
    trainer.advance(21)  # now a twentieth of the images seen is more than the half-life
    before = averaged(trainer)
    trainer.advance(1)
    for name, now in trainer.generator.state_dict().items():
        assert torch.allclose(trainer.average.state_dict()[name], before[name].lerp(now, 0.5), atol=1e-6)
    slower = Trainer(MLP.with_changes({"ema": 400}), small_images(20, 8), 3)
    slower.advance(22)
    assert not torch.allclose(slower.average.net.layers[0].weight, trainer.average.net.layers[0].weight)


@pytest.mark.usefixtures("no_copy_in_time")
def test_a_move_of_g_takes_its_average_along_and_one_of_d_does_not(small_images) -> None:
    trainer = Trainer(MLP, small_images(20, 8), 3)
    trainer.advance(3)
    before = averaged(trainer)
    trainer.move("d")
    assert same(averaged(trainer), before)
    trainer.move("g")
    after = averaged(trainer)
    assert not any(torch.equal(after[name], before[name]) for name in after)
    with torch.no_grad():
        trainer.discriminator.layers[0].weight.fill_(float("nan"))
    with pytest.raises(NotFinite):
        trainer.advance(1)
    assert same(averaged(trainer), after)  # a break after a move leads back to what it left


def averaged(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in trainer.average.state_dict().items()}


@pytest.mark.parametrize("recipe", [MLP, DCGAN], ids=["mlp", "dcgan"])
def test_training_goes_the_same_way_with_and_without(small_images, recipe) -> None:
    images = small_images(20, 8)
    averaged = Trainer(recipe, images, 3, "cpu", Numerics())
    plain = Trainer(recipe.with_changes({"ema": 0}), images, 3, "cpu", Numerics())
    for _ in range(6):
        assert torch.equal(averaged.step(), plain.step())
    for name, tensor in plain.generator.state_dict().items():
        assert torch.equal(tensor, averaged.generator.state_dict()[name])
    assert plain.average is None and "ema" not in plain.state_dict()
    first, second = averaged.average.state_dict(), averaged.generator.state_dict()
    assert any(not torch.equal(first[name], second[name]) for name in first)
    assert torch.equal(averaged.grid(), sample(averaged.average.net, averaged.grid_latents))


def test_a_resume_goes_on_with_the_average_bit_for_bit(tmp_path, small_digits) -> None:
    def ended(name: str, *stops: int) -> Run:
        run = Run.make(tmp_path / name)
        with run.owned():
            training = start.begin(run, Order(MLP, "digits", 3, 20, "cpu", Numerics()), small_digits)
            for stop in stops:
                training.tick(stop - training.trainer.steps, seconds=60)
                training.stop()
                training = start.resume(run)
            while training.state == "running":
                training.tick()
            assert training.state == "finished", training.info.problem
        return run

    whole, parts = ended("whole"), ended("parts", 3, 6)
    assert read_source(whole.path)[1] == read_source(parts.path)[1]
    config, tensors = read_source(whole.path)
    averaged, raw = load_generator(config, tensors), load_generator(config, tensors, raw=True)
    latents = latents_for(3, range(25), 100)
    assert not torch.equal(sample(averaged.net, latents), sample(raw.net, latents))
    assert generator_at(parts, 20) == read_source(parts.path)  # an address knows them by their bytes
    at = generator_at(parts, 6)
    assert json.loads(at[0])["step"] == 6 and load_generator(*at).config.recipe.ema == 40


def test_a_file_without_its_average_is_refused(tmp_path, small_digits) -> None:
    run = Run.make(tmp_path / "run")
    with run.owned():
        plain = MLP.with_changes({"ema": 0})
        training = start.begin(run, Order(plain, "digits", 3, 2, "cpu", Numerics()), small_digits)
        while training.state == "running":
            training.tick()
    config, tensors = read_source(run.path)
    told = json.loads(config)
    told["recipe"]["ema"] = 40.0
    with pytest.raises(Problem, match="lacks ema"):
        load_generator(json.dumps(told).encode(), tensors)
