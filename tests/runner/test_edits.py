"""Edits of a run in training: on the disk before they take effect."""

import pytest
from pydantic import ValidationError

from gan.errors import Problem
from gan.runs.events import Move, SetRate
from tests.runner.short import go_to


def test_an_edit_is_on_disk_before_it_takes_effect(begin, monkeypatch) -> None:
    training = go_to(begin(), 2)
    seen = []
    monkeypatch.setattr(training.trainer, "set_rates", lambda **_: seen.append(training.run.events()))
    monkeypatch.setattr(training.trainer, "move", lambda _: seen.append(training.run.events()) or {})
    SetRate(key="g_rate", new=1e-3).carry_out(training)
    training.edit(Move(player="d"))
    edit = SetRate(step=2, key="g_rate", old=2e-4, new=1e-3)
    assert seen == [[edit], [edit, Move(step=2, player="d")]]


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 5])
def test_a_rate_that_can_not_be_is_refused_and_nothing_noted(begin, value) -> None:
    training = begin()
    with pytest.raises(Problem, match="d_rate = "):
        SetRate(key="d_rate", new=value).carry_out(training)
    assert training.state == "running" and not training.run.events()
    assert training.trainer.rates()["d_rate"] == 2e-4


def test_other_settings_and_players_are_refused(begin) -> None:
    training = begin()
    with pytest.raises(ValidationError):
        SetRate(key="batch_size", new=3).carry_out(training)
    with pytest.raises(ValidationError):
        training.edit(Move(player="x"))
    assert not training.run.events()


def test_the_same_rate_again_is_no_event(begin) -> None:
    training = begin()
    for _ in range(2):
        SetRate(key="g_rate", new=1e-3).carry_out(training)
    assert len(training.run.events()) == 1
