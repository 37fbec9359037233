"""The small modules: words, pictures, structure."""

import io

import numpy as np
import pytest
from PIL import Image

from gan.compute import threads
from gan.errors import Problem
from gan.i18n import t
from gan.pictures import png
from gan.pictures.diagram import Layer, Structure, draw, save_picture

# --- words -------------------------------------------------------------------------------------------


def test_a_sentence_has_its_places_filled_and_braces_of_values_stay():
    assert t("Run {name} is gone", name="{x}") == "Run {x} is gone"
    assert t("no places {here}") == "no places {here}"


def test_a_problem_is_its_sentence():
    problem = Problem("{count} is too many", count=7, misuse=True)
    assert (str(problem), problem.misuse, problem.values) == ("7 is too many", True, {"count": 7})


# --- pictures ----------------------------------------------------------------------------------------


def test_a_grid_enlarges_each_pixel_and_leaves_transparent_gaps():
    images = np.arange(4 * 2 * 2, dtype=np.uint8).reshape(4, 2, 2, 1)
    sheet = np.asarray(png.grid(images, columns=2, scale=3, gap=1))
    assert sheet.shape == (15, 15, 2)
    assert (sheet[0:3, 0:3, 0] == images[0, 0, 0]).all() and (sheet[12:15, 12:15, 0] == images[3, 1, 1]).all()
    assert (sheet[6:9, :, 1] == 0).all() and (sheet[:6, :6, 1] == 255).all()


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (16, 4), (17, 5), (64, 8)])
def test_pictures_fill_the_smallest_square(count, columns):
    assert png.columns_for(count) == columns


@pytest.mark.parametrize("channels", [1, 3])
def test_a_grid_is_a_png_that_opens(channels):
    images = np.full((5, 8, 8, channels), 200, np.uint8)
    picture = Image.open(io.BytesIO(png.grid_png(images, scale=2)))
    assert picture.format == "PNG" and picture.size == ((3 * 9 - 1) * 2, (2 * 9 - 1) * 2)


# --- structure ---------------------------------------------------------------------------------------

LAYERS = (
    Layer(name="Linear", output=(8,), trainable=80, total=80),
    Layer(name="Batch norm", output=(2, 2, 2), trainable=4, total=8),
)
STRUCTURE = Structure(title="Generator", colour="#E8590C", input=(9,), layers=LAYERS)


def test_a_structure_counts_and_prints():
    assert (STRUCTURE.trainable, STRUCTURE.total) == (84, 88)
    assert "2×2×2" in str(STRUCTURE) and "84 trainable of 88" in str(STRUCTURE)


def test_a_structure_is_drawn_into_a_folder_that_was_not_there(tmp_path):
    file = save_picture(tmp_path / "new" / "g.png", STRUCTURE, STRUCTURE)
    picture = Image.open(file)
    assert picture.format == "PNG" and picture.width > draw(STRUCTURE).width
    assert (0xE8, 0x59, 0x0C) in {colour for _, colour in picture.convert("RGB").getcolors(1 << 20)}


# --- threads -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "cores"), [("1", 1), ("0", 1), ("nonsense", None), ("", None), ("9999", None)]
)
def test_fewer_threads_may_be_asked_for_but_not_more_than_there_are(monkeypatch, said, cores):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    here = threads.cores()
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert threads.cores() == (cores or here)
    assert 1 <= threads.threads_beside_a_browser() <= max(1, here - 1)
