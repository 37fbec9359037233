"""Runs that go on from a checkpoint of another one."""

import json

import pytest

from gan.errors import Problem
from gan.runner import start
from gan.runs.checkpoints import checkpoints, pin, step_of
from gan.runs.fork import fork
from tests.runs.trained import end, equal


def test_a_fork_without_changes_comes_to_the_same_end(run) -> None:
    child = fork(run, 20, {})
    assert child.info().state == "stopped" and child.info().step == 20
    assert len(child.history()) == 20 and child.sample_steps() == [0, 10, 20]
    assert [event.what for event in child.events()] == ["set", "fork"]
    assert json.loads((child.path / "config.json").read_text())["step"] == 20
    assert equal(end(child), end(run))


def test_a_fork_has_nothing_beyond_its_step(run) -> None:
    child = fork(run, 10, {})
    assert child.sample_steps() == [0, 10] and len(child.history()) == 10
    assert [step_of(one) for one in checkpoints(child)] == [10]
    info, parent = child.info(), run.info()
    assert (info.step, info.saved, info.state) == (10, 10, "stopped")
    assert info.seconds == pytest.approx(parent.seconds * 10 / parent.step)


@pytest.mark.parametrize(
    ("key", "value"), [("hidden", (8, 16)), ("latent_size", 6), ("ema", 100.0), ("nets", "dcgan")]
)
def test_a_fork_into_other_networks_is_refused_and_leaves_nothing(run, home, key, value) -> None:
    with pytest.raises(Problem, match=key):
        fork(run, 10, {key: value})
    assert [one.name for one in home.iterdir()] == [run.name]


def test_a_fork_before_an_edit_drops_it(run) -> None:
    child = fork(run, 10, {})
    assert [event.what for event in child.events()] == ["fork"]
    assert not equal(end(child), end(run))


def test_a_fork_with_other_rates_batch_and_length_trains_with_them(run) -> None:
    child = fork(run, 20, {"g_rate": 5e-4, "d_rate": 2e-4, "batch_size": 5}, steps=40)
    assert [(event.what, getattr(event, "key", None)) for event in child.events()] == [
        ("set", "g_rate"),
        ("fork", None),
        ("set", "g_rate"),
    ]
    training = start.resume(child)
    training.tick(3)
    assert training.trainer.rates() == {"g_rate": 5e-4, "d_rate": 2e-4}
    assert training.trainer.batches.batch_size == 5 and training.info.steps == 40
    assert not equal(end(child), end(run))


def test_a_fork_leaves_its_parent_as_it_was_and_is_not_pinned(run) -> None:
    pin(checkpoints(run)[0])
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    child = fork(run, 10, {"g_rate": 1e-2})
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before
    assert not (checkpoints(child)[0] / "pinned").exists()


def test_a_fork_from_a_step_without_checkpoint_names_those_there_are(run, home) -> None:
    with pytest.raises(Problem, match=r"no checkpoint of step 11\. It has: 10, 20, 25"):
        fork(run, 11, {})
    with pytest.raises(Problem, match="batch_size"):
        fork(run, 10, {"batch_size": 0})
    (checkpoints(run)[0] / "state.json").write_text("{")
    with pytest.raises(Problem, match="can't be forked"):
        fork(run, 10, {})
    assert [one.name for one in home.iterdir()] == [run.name]
