"""Runs thrown away and taken out again."""

import shutil
from pathlib import Path

import pytest

from gan.errors import Problem
from gan.runs import library, trash
from gan.runs.run import Run, find, runs_in
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


@pytest.fixture(params=["relative", "absolute"])
def linked(request: pytest.FixtureRequest, run: Run, home: Path) -> Run:
    """A run that lies on another disk: the runs folder holds a link to it."""
    target = home.parent / "large disk" / run.name
    target.parent.mkdir()
    shutil.move(run.path, target)
    run.path.symlink_to(target if request.param == "absolute" else Path("../large disk") / run.name)
    return run


def test_a_linked_run_comes_back_from_the_trash(linked: Run, home: Path) -> None:
    for _ in range(2):
        trash.throw_away(linked)
        assert not runs_in(home) and [one.name for one in trash.thrown_away(home)] == [linked.name]
        assert trash.take_out(home, linked.name).path == linked.path and linked.path.is_symlink()
    end(linked)


def test_an_emptied_trash_takes_a_link_and_leaves_what_it_leads_to(linked: Run, home: Path) -> None:
    target = linked.path.resolve()
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    trash.throw_away(linked)
    trash.empty_trash(home)
    assert not list(home.iterdir())
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before


def test_an_emptied_trash_keeps_what_is_no_run(run: Run, home: Path) -> None:
    trash.throw_away(run)
    (home / ".trash" / "my letters").mkdir()
    trash.empty_trash(home)
    assert [path.name for path in (home / ".trash").iterdir()] == ["my letters"]
