"""A view as an address, and inside a PNG."""

import re

import numpy as np
import pytest
from PIL import Image

from gan.errors import Problem
from gan.latent.address import LONGEST_ADDRESS, from_query, query_in, refuse_sheet, to_query
from gan.latent.points import explicit
from gan.latent.view import View
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


def test_an_address_says_everything_and_gives_it_back() -> None:
    query = to_query(FULL, source="mlp-digits-1", step=300, weights="0123456789abcdef")
    assert query.startswith("source=mlp-digits-1&step=300&weights=0123456789abcdef&seed=1,5,9-12&")
    view, about, complaints = from_query(query)
    assert view == FULL and not complaints
    assert about == {"source": "mlp-digits-1", "step": "300", "weights": "0123456789abcdef"}


def test_what_is_at_its_default_is_not_in_the_address() -> None:
    assert to_query(View(seeds="7")) == "seed=7"
    assert from_query("seed=7") == (View(seeds="7"), {}, [])


def test_eight_keyframes_of_a_hundred_numbers_fit_an_address() -> None:
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
def test_what_an_address_says_wrongly_is_told_and_the_rest_is_kept(query, kept) -> None:
    view, _, complaints = from_query(query)
    assert view == View(**kept)
    assert complaints and all(re.search("default|passed over", one) for one in complaints)
    assert all(len(one) < 200 for one in complaints)


def test_a_png_carries_its_look_and_a_copy_without_it_says_so(tmp_path) -> None:
    query = to_query(FULL, source="mine", step=3)
    picture = grid_png(np.zeros((4, 8, 8, 1), np.uint8), note=query)
    assert from_query(query_in(picture))[0] == FULL
    with open(tmp_path / "copy.png", "wb") as file:
        file.write(png(Image.new("L", (8, 8))))
    with pytest.raises(Problem, match="unchanged"):
        query_in((tmp_path / "copy.png").read_bytes())


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(50)])
def test_what_is_no_png_is_refused(content) -> None:
    with pytest.raises(Problem, match="no PNG"):
        query_in(content)
    truncated = grid_png(np.zeros((4, 8, 8, 1), np.uint8), note="seed=1")[:30]
    with pytest.raises(Problem, match="PNG"):
        query_in(truncated)


def test_numbers_come_back_as_they_were_to_the_last_digit() -> None:
    view = View(truncation=0.123456789, named={"a": 2.3456789})
    assert from_query(to_query(view))[0] == view


def test_a_picture_of_many_is_no_picture_to_find_the_latent_of() -> None:
    many = grid_png(np.zeros((4, 8, 8, 1), np.uint8), note="seed=1&grid=4")
    with pytest.raises(Problem, match="holds 4 pictures"):
        refuse_sheet(many)
    with pytest.raises(Problem, match="holds 2 pictures"):
        refuse_sheet(grid_png(np.zeros((2, 8, 8, 1), np.uint8), note="seed=1&grid=2"))
    refuse_sheet(grid_png(np.zeros((1, 8, 8, 1), np.uint8), note="seed=1&grid=1"))
    refuse_sheet(b"no picture at all")


def test_what_an_address_says_twice_counts_as_it_is_said_last() -> None:
    assert from_query("seed=3&t=0.5&seed=7")[0] == View(seeds="7", truncation=0.5)
