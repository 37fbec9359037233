"""A run begun, and begun again where it stood."""

import json

import pytest
import torch

from gan.compute.settings import prepare
from gan.errors import Problem
from gan.generator.folder import read_source
from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runner.loop import Training
from gan.runs.events import LengthChanged, Move, SetRate
from gan.runs.order import Order
from gan.runs.run import Run
from tests.runner.short import RECIPE, go_to, lasting


def test_the_recipes_own_length_is_taken_where_none_is_given(begin) -> None:
    assert begin(steps=None).info.steps == 5700


def edited(training, save_at) -> Training:
    """Twelve steps with edits and manual moves on the way; saves where asked, also between two edits."""

    def save(moment) -> None:
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
def test_a_run_that_crashed_is_resumed_bit_for_bit_with_its_edits(begin, name, save_at) -> None:
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


def test_a_stopped_run_goes_on_to_its_length_and_further(begin) -> None:
    training = go_to(begin(), 7)
    training.stop()
    resumed = start.resume(training.run)
    assert (resumed.state, resumed.trainer.steps, resumed.resumed_from) == ("running", 7, 7)
    go_to(resumed, 12)
    assert resumed.state == "finished"
    longer = go_to(start.resume(training.run, steps=15), 15)
    assert longer.state == "finished" and len(longer.run.history()) == 15
    assert longer.run.events() == [LengthChanged(step=12, old=12, new=15)]


def test_a_finished_run_resumed_is_finished(begin) -> None:
    run = go_to(begin(), 12).run
    before = lasting(run)
    resumed = start.resume(run)
    assert resumed.state == "finished" and lasting(run) == before


def test_history_and_pictures_beyond_the_checkpoint_are_cut(begin) -> None:
    training = go_to(begin(), 4)
    training.save()
    go_to(training, 11).record.flush()
    assert len(training.run.history()) == 11 and training.run.sample_steps() == [0, 5, 10]
    resumed = start.resume(training.run)
    assert len(resumed.run.history()) == 4 and resumed.run.sample_steps() == [0]


def test_changed_data_are_refused_with_both_fingerprints(begin) -> None:
    training = go_to(begin(), 3)
    training.stop()
    file = training.run.path / "run.json"
    info = json.loads(file.read_text())
    was, info["data"]["fingerprint"] = info["data"]["fingerprint"], "feedbeef"
    file.write_text(json.dumps(info))
    with pytest.raises(Problem, match=f"learned from other images.*feedbeef, now {was}"):
        start.resume(training.run)


def test_the_seconds_of_training_go_on_and_the_speed_is_that_of_this_process(begin) -> None:
    training = go_to(begin(), 7)
    training.stop()
    info = training.run.stored_info()
    assert 0 < info.seconds == training.snapshot().seconds
    training.run.write(info.model_copy(update={"seconds": 50_000.0}))
    resumed = start.resume(training.run)
    assert resumed.snapshot().seconds == resumed.run.stored_info().seconds == 50_000
    go_to(resumed, 12)
    assert 50_000 < resumed.run.info().seconds < 60_000
    assert resumed.overall_speed() > 5 / 10_000  # five steps in what was added to the seconds before


@pytest.mark.usefixtures("torch_settings")
@pytest.mark.parametrize(
    "numerics", [Numerics(precision="bfloat16"), Numerics(mode="by hand"), Numerics(threads=2)]
)
def test_a_resumed_run_computes_as_it_did(tmp_path, digits, numerics) -> None:
    def make(name: str) -> Training:
        order = Order(RECIPE, "digits", seed=3, steps=12, numerics=numerics)
        return start.begin(Run.make(tmp_path / name), order, digits)

    whole, parts = go_to(make("whole"), 12), go_to(make("parts"), 7)
    parts.stop()
    prepare(Numerics(threads=3))  # as any other process may have it
    resumed = start.resume(parts.run)
    assert torch.get_num_threads() == numerics.threads
    assert lasting(go_to(resumed, 12).run) == lasting(whole.run)
    assert resumed.run.info().numerics == numerics


def test_a_generator_older_than_its_checkpoint_is_written_again(begin) -> None:
    training = go_to(begin(), 4)
    training.save()
    folder = training.run.path
    older = read_source(folder)
    go_to(training, 7).stop()
    newest = read_source(folder)
    (folder / "config.json").write_bytes(older[0])  # as if it had been killed between the two
    (folder / "model.safetensors").write_bytes(older[1])
    start.resume(training.run)
    assert read_source(folder) == newest != older
