"""A run begun, and begun again where it stood."""

import json

import pytest

from gan.errors import Problem
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runner.loop import Training
from gan.runs.events import Move, SetRate
from tests.runner.short import go_to, lasting


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
