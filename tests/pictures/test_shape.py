"""The size of a picture as one value."""

import pytest

from gan.pictures.shape import ImageShape


def test_a_shape_reads_as_people_write_it_and_knows_its_longer_side() -> None:
    shape = ImageShape(3, 8, 12)
    assert str(shape) == "3×8×12" and shape.side == 12


@pytest.mark.parametrize("pixels, scale", [(84, 3), (28, 1), (5, 1), (256, 9)])
def test_a_picture_is_enlarged_by_a_whole_factor(pixels: int, scale: int) -> None:
    assert ImageShape(1, 28, 28).scale_to(pixels) == scale
