"""Pictures as PNG: grids of many."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from gan.pictures import png


def test_a_grid_enlarges_each_pixel_and_leaves_transparent_gaps() -> None:
    images = np.arange(4 * 2 * 2, dtype=np.uint8).reshape(4, 2, 2, 1)
    sheet = np.asarray(png.grid(images, columns=2, scale=3, gap=1))
    assert sheet.shape == (15, 15, 2)
    assert (sheet[0:3, 0:3, 0] == images[0, 0, 0]).all() and (sheet[12:15, 12:15, 0] == images[3, 1, 1]).all()
    assert (sheet[6:9, :, 1] == 0).all() and (sheet[:6, :6, 1] == 255).all()


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (16, 4), (17, 5), (64, 8)])
def test_pictures_fill_the_smallest_square(count, columns) -> None:
    assert png.columns_for(count) == columns


@pytest.mark.parametrize("channels", [1, 3])
def test_a_grid_is_a_png_that_opens(channels) -> None:
    images = np.full((5, 8, 8, channels), 200, np.uint8)
    picture = Image.open(io.BytesIO(png.grid_png(images, scale=2)))
    assert picture.format == "PNG" and picture.size == ((3 * 9 - 1) * 2, (2 * 9 - 1) * 2)


def test_a_grid_is_read_row_by_row() -> None:
    images = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1)
    assert np.asarray(png.grid(images, columns=3, scale=1, gap=0))[..., 0].tolist() == [[0, 1, 2], [3, 4, 5]]


def head(width: int, height: int) -> bytes:
    """The first bytes of a PNG of that size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (head(1, 1), True),
        (head(png.MAX_SIDE, 8), True),
        (head(png.MAX_SIDE + 1, 8), False),
        (head(8, 1 << 31), False),
        (head(0, 0), False),
        (head(8, 8)[:23], False),
        (b"<svg" + bytes(30), False),
        (b"", False),
    ],
)
def test_a_picture_that_browsers_are_handed_is_a_png_of_a_sensible_size(content: bytes, is_one: bool) -> None:
    assert png.is_png(content) == is_one
