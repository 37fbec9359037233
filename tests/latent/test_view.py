"""Views: seeds, sliders, names."""

import pytest

from gan.errors import Problem
from gan.latent.points import moved, parse_seeds
from gan.latent.view import View, shifts


@pytest.mark.parametrize(
    "text, seeds",
    [("7", [7]), ("1,5,9-12", [1, 5, 9, 10, 11, 12]), (" 3 , 4 ", [3, 4]), ("0-63", list(range(64)))],
)
def test_a_list_names_its_seeds_in_order(text, seeds) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1,,2",
        "-1",
        "9-1",
        "1.5",
        "0-64",
        "1-99999999999",
        "9007199254740992",
        "٣",
        "1;2",
        "01",
        "1 2 3",
    ],
)
def test_what_names_no_seeds_is_refused_with_an_example(text) -> None:
    with pytest.raises(Problem, match=r"1,5,9-12|shorten|go up to"):
        parse_seeds(text)


def test_previous_and_next_move_every_seed_and_stop_at_zero() -> None:
    assert moved("7", 1) == "8"
    assert moved("1,5,9-12", 2) == "3,7,11-14"
    assert moved("3,1", -5) == "2,0"
    assert moved(str(2**53 - 1), 1) == str(2**53 - 1)


def test_a_picture_has_a_short_name_only_where_seed_and_index_say_it_all() -> None:
    assert [View(seeds="7").point(index) for index in (0, 3)] == ["7", "7/3"]
    assert View(seeds="7,9").point(1) == "9"
    assert View(seeds="7", truncation=0.5).point(3) is None
    assert View(seeds="7", base="3/4").point(0) == "3/4" and View(seeds="7", base="3/4").point(1) is None
    assert View(points=("5", "6/1")).point(1) == "6/1"


def test_sliders_are_kept_as_they_are_shown() -> None:
    assert shifts([0.0, 1.2000000001, 0.0, 0.0]) == (0.0, 1.2)
    assert shifts([0.0, 0.001]) == ()


@pytest.mark.parametrize(
    "slider", [{"pca": (1.0,)}, {"svd": (0.0, 1.0)}, {"named": {"up": 1.0}}, {"raw": {3: 1.0}}]
)
def test_a_picture_that_any_slider_has_moved_has_no_short_name(slider: dict[str, object]) -> None:
    for view in (View(seeds="7"), View(seeds="7", base="3/4"), View(points=("5", "6/1"))):
        assert view.point(0) is not None
        moved = view.changed(**slider)
        assert moved.is_edited and moved.point(0) is None and moved.unedited() == view
