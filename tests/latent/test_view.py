"""Looks: what an address or a PNG says is what was looked at, and nothing else is believed."""

import re

import numpy as np
import pytest
from PIL import Image

from gan.errors import Problem
from gan.latent.address import LONGEST_ADDRESS, from_query, query_in, refuse_sheet, to_query
from gan.latent.points import explicit, moved, parse_seeds, unpack
from gan.latent.view import View, shifts
from gan.pictures.png import grid_png, png

LATENT = np.float32([0.1, -2.5, 1e-30, 3.0])
FULL = View(
    seeds="1,5,9-12",
    base=explicit(LATENT),
    strength=0.24,
    truncation=0.7,
    pca=(0.0, 1.2, -3.0),
    svd=(0.5,),
    named={"thick strokes": 1.0, "é-2": -0.3},
    raw={3: 1.5, 100: -0.1},
    keys=("7", "7/3", explicit(LATENT)),
    frames=12,
    linear=True,
    loop=False,
    speed=50,
    corners=("1", "2", "3"),
    across=0.25,
    down=1.0,
)


@pytest.mark.parametrize(
    "text, seeds",
    [("7", [7]), ("1,5,9-12", [1, 5, 9, 10, 11, 12]), (" 3 , 4 ", [3, 4]), ("0-63", list(range(64)))],
)
def test_a_list_names_its_seeds_in_order(text, seeds):
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
def test_what_names_no_seeds_is_refused_with_an_example(text):
    with pytest.raises(Problem, match=r"1,5,9-12|shorten|go up to"):
        parse_seeds(text)


def test_previous_and_next_move_every_seed_and_stop_at_zero():
    assert moved("7", 1) == "8"
    assert moved("1,5,9-12", 2) == "3,7,11-14"
    assert moved("3,1", -5) == "2,0"
    assert moved(str(2**53 - 1), 1) == str(2**53 - 1)


def test_an_address_says_everything_and_gives_it_back():
    query = to_query(FULL, source="mlp-digits-1", step=300, weights="0123456789abcdef")
    assert query.startswith("source=mlp-digits-1&step=300&weights=0123456789abcdef&seed=1,5,9-12&")
    view, about, complaints = from_query(query)
    assert view == FULL and not complaints
    assert about == {"source": "mlp-digits-1", "step": "300", "weights": "0123456789abcdef"}


def test_what_is_at_its_default_is_not_in_the_address():
    assert to_query(View(seeds="7")) == "seed=7"
    assert from_query("seed=7") == (View(seeds="7"), {}, [])


def test_eight_keyframes_of_a_hundred_numbers_fit_an_address():
    latents = np.random.default_rng(0).normal(size=(8, 100)).astype(np.float32)
    assert len(to_query(View(keys=tuple(map(explicit, latents))))) < LONGEST_ADDRESS


@pytest.mark.parametrize(
    "query, kept",
    [
        ("seed=x&t=0.5", {"truncation": 0.5}),
        ("t=nan&seed=3", {"seeds": "3"}),
        ("t=9&grid=65&strength=-1", {}),
        ("pca=1,2,99&seed=3", {"seeds": "3"}),
        ("raw=0:1&raw=x&named=a/b:1", {}),
        ("base=../../etc/passwd", {}),
        ("walk=" + ",".join(["7"] * 9), {}),
        ("seed=" + "9" * 100_000, {}),
        ("points=" + ",".join(["z!"] * 3), {}),
        ("named=<script>:1", {}),
        ("truncation=0.5&seed=3", {"seeds": "3"}),  # its name in addresses is t
        ("seed=1 2 3", {}),
    ],
)
def test_what_an_address_says_wrongly_is_told_and_the_rest_is_kept(query, kept):
    view, _, complaints = from_query(query)
    assert view == View(**kept)
    assert complaints and all(re.search("default|passed over", one) for one in complaints)
    assert all(len(one) < 200 for one in complaints)


def test_a_point_holds_every_bit_of_its_latent():
    assert unpack(explicit(LATENT), 4).tobytes() == LATENT.tobytes()
    assert unpack("7/3", 4) == (7, 3) and unpack("7", 4) == (7, 0)


@pytest.mark.parametrize("latent", [LATENT[:3], [np.nan] * 4, [np.inf] * 4, [2e3] * 4])
def test_a_latent_that_is_no_latent_of_this_generator_is_refused(latent):
    with pytest.raises(Problem, match="latent"):
        unpack(explicit(np.float32(latent)), 4)


def test_a_picture_has_a_short_name_only_where_seed_and_index_say_it_all():
    assert [View(seeds="7").point(index) for index in (0, 3)] == ["7", "7/3"]
    assert View(seeds="7,9").point(1) == "9"
    assert View(seeds="7", truncation=0.5).point(3) is None
    assert View(seeds="7", base="3/4").point(0) == "3/4" and View(seeds="7", base="3/4").point(1) is None
    assert View(points=("5", "6/1")).point(1) == "6/1"


def test_sliders_are_kept_as_they_are_shown():
    assert shifts([0.0, 1.2000000001, 0.0, 0.0]) == (0.0, 1.2)
    assert shifts([0.0, 0.001]) == ()


def test_a_png_carries_its_look_and_a_copy_without_it_says_so(tmp_path):
    query = to_query(FULL, source="mine", step=3)
    picture = grid_png(np.zeros((4, 8, 8, 1), np.uint8), note=query)
    assert from_query(query_in(picture))[0] == FULL
    with open(tmp_path / "copy.png", "wb") as file:
        file.write(png(Image.new("L", (8, 8))))
    with pytest.raises(Problem, match="unchanged"):
        query_in((tmp_path / "copy.png").read_bytes())


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(50)])
def test_what_is_no_png_is_refused(content):
    with pytest.raises(Problem, match="no PNG"):
        query_in(content)
    truncated = grid_png(np.zeros((4, 8, 8, 1), np.uint8), note="seed=1")[:30]
    with pytest.raises(Problem, match="PNG"):
        query_in(truncated)


def test_numbers_come_back_as_they_were_to_the_last_digit():
    view = View(truncation=0.123456789, named={"a": 2.3456789})
    assert from_query(to_query(view))[0] == view


def test_a_picture_of_many_is_no_picture_to_find_the_latent_of():
    many = grid_png(np.zeros((4, 8, 8, 1), np.uint8), note="seed=1&grid=4")
    with pytest.raises(Problem, match="holds 4 pictures"):
        refuse_sheet(many)
    refuse_sheet(grid_png(np.zeros((1, 8, 8, 1), np.uint8), note="seed=1&grid=1"))
    refuse_sheet(b"no picture at all")
