"""Answers about a generator, in this process: what a film, a search and a direction hold."""

import io
import zipfile
from collections.abc import Callable

import av
import numpy as np
import pytest
import torch
from PIL import Image

from gan.control.questions import DirectionPoint, Film, Invert, Place
from gan.explore.answers import direction_point, film, finish, invert, path, place
from gan.explore.explorer import Explorer
from gan.latent.points import unpack
from gan.latent.view import View
from gan.nets.weights import LoadedGenerator
from gan.pictures.png import png
from gan.recipes.table import RECIPES
from tests.generators import config_for, lively

WALK = View(keys=("1", "2", "3"), frames=15, speed=5)  # 45 frames: more than are drawn at once
RAMP = np.repeat(np.arange(27, -1, -1, dtype=np.uint8)[:, None] * 9, 28, axis=1)  # light above, dark below


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return Explorer(LoadedGenerator(lively("mlp"), config_for(RECIPES["mlp"])))


def filmed(explorer: Explorer, kind: str, view: View = WALK) -> bytes:
    return finish(film(Film(view=view, kind=kind, scale=1), explorer)).film


def test_a_film_s_frames_are_the_walk_s_pictures_in_their_order(explorer: Explorer) -> None:
    wanted = explorer.draw(path(WALK, explorer))[..., 0]
    with zipfile.ZipFile(io.BytesIO(filmed(explorer, "zip"))) as frames:
        assert frames.namelist() == [f"{number:04d}.png" for number in range(1, 46)]
        found = [np.asarray(Image.open(frames.open(name))) for name in frames.namelist()]
    assert np.array_equal(found, wanted) and len(np.unique(wanted, axis=0)) == 45


def test_a_film_is_as_fast_as_the_view_says_and_ends_with_its_last_frame(explorer: Explorer) -> None:
    with av.open(io.BytesIO(filmed(explorer, "mp4"))) as moving:
        stream = moving.streams.video[0]
        assert stream.average_rate == 5 and sum(1 for _ in moving.decode(stream)) == 45
    moving, total = Image.open(io.BytesIO(filmed(explorer, "gif"))), 0
    for number in range(moving.n_frames):
        moving.seek(number)
        total += moving.info["duration"]
    assert total == 9000  # milliseconds


def test_a_search_hands_out_its_best_start_and_its_curves(explorer: Explorer) -> None:
    """Here the first start is not the best one."""
    picture = Image.fromarray(RAMP)
    question = Invert(content=png(picture), starts=6, steps=150)
    found = finish(invert(question, explorer))
    ends = [curve[-1] for curve in found.curves]
    assert len(ends) == 6 and min(ends) == pytest.approx(found.error, abs=1e-6) and ends[0] > min(ends)
    assert all(len(curve) <= 101 and curve[-1] < curve[0] for curve in found.curves)
    latent = torch.tensor(unpack(found.point, 100))
    pixels = torch.tensor(np.asarray(picture)) / 127.5 - 1
    with torch.no_grad():
        error = (explorer.net(latent[None])[0, 0] - pixels).square().mean()
    assert error.item() == pytest.approx(found.error, abs=1e-5)
    assert (found.length, found.usual) == (pytest.approx(latent.norm().item()), 10) and found.steps == 150


def test_more_starts_and_more_steps_find_more(explorer: Explorer) -> None:
    picture = png(Image.fromarray(RAMP))

    def error(**how: int) -> float:
        return finish(invert(Invert(content=picture, **how), explorer)).error

    assert error(starts=6, steps=150) < error(starts=1, steps=150) < error(starts=1, steps=5)


def test_a_direction_that_is_to_be_saved_has_length_one(explorer: Explorer) -> None:
    found = direction_point(DirectionPoint(view=View(pca=(1.0, 2.0), raw={3: -2.5})), explorer)
    assert np.linalg.norm(unpack(found.point, 100)) == pytest.approx(1) and found.length > 2


@pytest.mark.parametrize(("linear", "compare"), [(True, np.less), (False, np.greater)])
def test_a_plane_of_straight_lines_cuts_through_the_sphere_both_ways(
    linear: bool, compare: Callable[[float, float], bool], explorer: Explorer
) -> None:
    """The middle of four latents on straight lines is about half as long as a latent."""
    view = View(corners=("1", "2", "3", "4"), across=0.5, down=0.5, linear=linear)
    latent = unpack(place(Place(view=view), explorer).point, 100)
    assert compare(np.linalg.norm(latent), 6)
