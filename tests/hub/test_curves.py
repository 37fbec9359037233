"""The curves on a card."""

import io

import numpy as np
from PIL import Image

from gan.hub.curves import DPI, HEIGHT, WIDTH, curves_png
from gan.pictures.colours import DISCRIMINATOR, GENERATOR, REAL
from gan.runs.history import HistorySummary


def test_both_charts_are_one_png_in_the_colours_of_the_pages() -> None:
    rounds = np.random.default_rng(1).uniform(0.3, 0.9, (500, 4)).astype(np.float32)
    picture = Image.open(io.BytesIO(curves_png(HistorySummary().update(rounds))))
    assert picture.format == "PNG" and picture.size == (WIDTH * DPI, HEIGHT * DPI)
    half = picture.width // 2
    losses, accuracy = (picture.crop((left, 0, left + half, picture.height)) for left in (0, half))
    assert {GENERATOR, DISCRIMINATOR} <= colours_of(losses) and REAL not in colours_of(losses)
    assert {GENERATOR, REAL} <= colours_of(accuracy) and DISCRIMINATOR not in colours_of(accuracy)


def colours_of(picture: Image.Image) -> set[str]:
    return {f"#{r:02X}{g:02X}{b:02X}" for _, (r, g, b) in picture.convert("RGB").getcolors(1 << 20)}
