"""Runs thrown away and taken out again."""

import pytest

from gan.errors import Problem
from gan.runs import library, trash
from gan.runs.run import find, runs_in
from tests.runs.trained import end


def test_what_was_thrown_away_is_out_of_sight_and_comes_back_whole(run, home) -> None:
    trash.throw_away(run)
    assert not runs_in(home) and [one.name for one in trash.thrown_away(home)] == ["mlp-digits-1"]
    with pytest.raises(Problem):
        find("mlp-digits-1", home)
    back = trash.take_out(home, "mlp-digits-1")
    assert not trash.thrown_away(home)
    end(back)


def test_two_of_one_name_in_the_trash_both_come_back(run, home) -> None:
    copy = library.duplicate(run)
    trash.throw_away(run)
    trash.throw_away(library.rename(copy, "mlp-digits-1"))
    names = {one.name for one in trash.thrown_away(home)}
    assert len(names) == 2
    for name in names:
        trash.take_out(home, name)
    assert {one.name for one in runs_in(home)} == names


def test_an_emptied_trash_is_empty_and_a_strange_name_takes_nothing_out(run, home) -> None:
    trash.throw_away(run)
    with pytest.raises(Problem):
        trash.take_out(home, "../mlp-digits-1")
    trash.empty_trash(home)
    assert not trash.thrown_away(home) and not list(home.iterdir())
