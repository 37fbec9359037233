"""Named directions: kept with their generator, exported, imported, and never believed blindly."""

import json

import numpy as np
import pytest

from gan.errors import Problem
from gan.generator.store import DIRECTIONS
from gan.latent.points import explicit
from gan.latent.saved_directions import Direction, directions_in, forget, parse, save, to_file
from gan.latent.view import MOST_DIRECTIONS
from gan.runs.library import duplicate
from gan.runs.run import Run

UP = Direction(name="thick strokes", latent_size=4, point=explicit(np.float32([0, 1, 0, 0])), step=300)


def test_a_direction_is_saved_and_forgotten(tmp_path) -> None:
    save(tmp_path, [UP])
    save(tmp_path, [UP.model_copy(update={"name": "é 2"}), UP.model_copy(update={"step": 400})])
    assert {name: one.step for name, one in directions_in(tmp_path).items()} == {
        "é 2": 300,
        "thick strokes": 400,
    }
    forget(tmp_path, "é 2")
    forget(tmp_path, "never there")
    assert list(directions_in(tmp_path)) == ["thick strokes"]


def test_a_file_of_directions_comes_back_bit_for_bit() -> None:
    assert parse(to_file([UP]), "mine.json") == [UP]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[1]",
        b'[{"name": "a"}]',
        json.dumps([UP.model_dump() | {"name": "<b>x</b>"}]).encode(),
        json.dumps([UP.model_dump() | {"name": "x" * 41}]).encode(),
        json.dumps([UP.model_dump() | {"point": "../x"}]).encode(),
        json.dumps([UP.model_dump() | {"point": "7/3"}]).encode(),
        json.dumps([UP.model_dump() | {"more": 1}]).encode(),
        b" " * (3 << 20),
        b"[" * 100_000,
    ],
)
def test_a_file_that_holds_no_directions_is_refused(content) -> None:
    with pytest.raises(Problem, match="mine.json"):
        parse(content, "mine.json")


def test_a_direction_for_another_latent_size_or_without_length_is_refused() -> None:
    UP.check(4)
    for one in (
        UP.model_copy(update={"point": explicit(np.zeros(4, np.float32))}),
        UP.model_copy(update={"point": explicit(np.full(4, 1e3, np.float32))}),
    ):
        with pytest.raises(Problem, match="vector"):
            one.check(4)
    with pytest.raises(Problem, match="another"):
        UP.check(5)


def test_a_name_that_is_taken_is_refused_and_nothing_of_the_rest_is_kept(tmp_path) -> None:
    save(tmp_path, [UP])
    other = UP.model_copy(update={"point": explicit(np.float32([1, 0, 0, 0]))})
    with pytest.raises(Problem, match="already"):
        save(tmp_path, [UP.model_copy(update={"name": "new"}), other])
    assert directions_in(tmp_path) == {UP.name: UP}


def test_there_is_an_end_to_how_many(tmp_path) -> None:
    save(tmp_path, [UP.model_copy(update={"name": f"number {number}"}) for number in range(MOST_DIRECTIONS)])
    with pytest.raises(Problem, match="forget some"):
        save(tmp_path, [UP])
    save(tmp_path, [UP.model_copy(update={"name": "number 3", "step": 9})])


def test_directions_go_with_the_run(tmp_path) -> None:
    run = Run.make(tmp_path / "mine")
    (run.path / "run.json").write_text("{}")
    save(run.path, [UP])
    copy = duplicate(run)
    assert directions_in(copy.path) == {UP.name: UP}


def test_a_folder_that_can_not_be_written_is_told(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Problem, match="export it"):
        save(tmp_path / "file", [UP])


def test_directions_that_can_not_be_read_are_told_and_not_written_over(tmp_path) -> None:
    (tmp_path / DIRECTIONS).mkdir()
    for use in (directions_in, lambda folder: save(folder, [UP])):
        with pytest.raises(Problem, match="can't be read"):
            use(tmp_path)
