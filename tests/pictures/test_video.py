"""Films of a run: real GIF and MP4 files, read back by the libraries that play them."""

import zipfile
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from gan.pictures.png import grid_png
from gan.pictures.video import (
    HOLD,
    KINDS,
    estimate,
    evenly_spaced,
    frames_zip,
    gif,
    mp4,
    open_pngs,
    sample_frames,
)


def picture(shade: int) -> bytes:
    return grid_png(np.full((25, 9, 9, 1), shade, np.uint8), columns=5, scale=3)  # 147 pixels: an odd side


SHADES = [0, 60, 120, 180, 240]
PICTURES = open_pngs({str(shade): picture(shade) for shade in SHADES})


def test_a_gif_holds_every_picture_in_order_and_rests_on_the_last() -> None:
    film = Image.open(BytesIO(gif(PICTURES, per_second=10)))
    assert (film.format, film.n_frames, film.info["loop"]) == ("GIF", 5, 0)
    shades, durations = [], []
    for number in range(film.n_frames):
        film.seek(number)
        shades.append(film.convert("L").getpixel((10, 10)))
        durations.append(film.info["duration"])
    assert shades == pytest.approx(SHADES, abs=2)
    assert durations == [100] * 4 + [100 * HOLD]


def test_an_mp4_holds_every_picture_in_order_and_rests_on_the_last() -> None:
    with av.open(BytesIO(mp4(PICTURES, per_second=5))) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.average_rate) == ("h264", 5)
        frames = [frame.to_ndarray(format="gray") for frame in film.decode(stream)]
    assert len(frames) == 4 + HOLD
    assert frames[0].shape == (148, 148)  # H.264 takes even sides only
    assert [int(frame[10, 10]) for frame in frames] == pytest.approx([*SHADES, *[240] * (HOLD - 1)], abs=4)


def test_a_long_run_is_thinned_evenly_with_its_first_and_last_picture() -> None:
    steps = list(range(0, 100_000, 200))
    few = evenly_spaced(steps, 100)
    assert (few[0], few[-1], len(few)) == (0, 99_800, 100)
    assert max(np.diff(few)) - min(np.diff(few)) <= 200
    assert evenly_spaced(steps[:3]) == [0, 200, 400] and evenly_spaced([]) == []


def test_a_film_is_as_long_as_its_speed_says() -> None:
    """24 frames a second are 4.17 hundredths each; a GIF counts whole ones."""
    frames = open_pngs({str(shade): picture(shade) for shade in range(0, 240, 5)})  # two seconds
    film = Image.open(BytesIO(gif(frames, 24, hold=1)))
    total = 0
    for number in range(film.n_frames):
        film.seek(number)
        total += film.info["duration"]
    assert total == 2000


def test_a_film_keeps_colours_and_a_grey_one_needs_none() -> None:
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    film = Image.open(BytesIO(gif([red, Image.new("RGB", (16, 16), (0, 0, 255))], 2)))
    assert film.convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    with av.open(BytesIO(mp4([red, red], 5))) as film:
        frame = next(film.decode(film.streams.video[0])).to_ndarray(format="rgb24")
    assert frame[3, 3] == pytest.approx([255, 0, 0], abs=8)


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_that_is_told_before_is_about_the_size_there_is_after(kind) -> None:
    rng = np.random.default_rng(1)
    pictures = [Image.fromarray(one) for one in rng.integers(0, 255, (90, 64, 64), np.uint8)]
    size = len(KINDS[kind](pictures, 24, hold=1))
    tried = [[pictures[number] for number in some] for some in sample_frames(90)]
    assert size / 1.5 < estimate(tried, 90, kind, 24) < size * 1.5
    whole = len(KINDS[kind](pictures[:5], 24, hold=1))
    # one H.264 film in a hundred is a few bytes longer than the others, whatever the number of threads
    assert estimate([pictures[:5]], 5, kind, 24) == pytest.approx(whole, rel=0.01 if kind == "mp4" else 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_film_that_begins_without_a_movement_is_not_told_to_be_small(kind) -> None:
    rng = np.random.default_rng(1)
    still = [Image.fromarray(rng.integers(0, 255, (64, 64), np.uint8))] * 30
    pictures = still + [Image.fromarray(one) for one in rng.integers(0, 255, (60, 64, 64), np.uint8)]
    tried = [[pictures[number] for number in some] for some in sample_frames(90)]
    size = len(KINDS[kind](pictures, 24, hold=1))
    assert size / 2 < estimate(tried, 90, kind, 24) < size * 2


def test_a_short_film_is_tried_whole_and_a_long_one_at_its_ends_and_its_middle() -> None:
    assert sample_frames(3) == [[0, 1, 2]]
    assert sample_frames(100) == [[0, 1, 2, 3, 4], [47, 48, 49, 50, 51], [95, 96, 97, 98, 99]]


def test_transparent_gaps_are_white_in_a_film() -> None:
    film = Image.open(BytesIO(gif(PICTURES, per_second=10)))
    assert film.convert("L").getpixel((28, 10)) > 250  # of 9 pixels, three times enlarged, and a gap
    with av.open(BytesIO(mp4(PICTURES, 5))) as moving:
        frame = next(moving.decode(moving.streams.video[0])).to_ndarray(format="gray")
    assert frame[10, 28] > 200


def test_a_zip_s_pictures_are_numbered_from_one() -> None:
    with zipfile.ZipFile(BytesIO(frames_zip(PICTURES))) as archive:
        assert archive.namelist() == [f"{number:04d}.png" for number in range(1, 6)]
        shades = [
            Image.open(archive.open(name)).convert("L").getpixel((10, 10)) for name in archive.namelist()
        ]
    assert shades == SHADES
