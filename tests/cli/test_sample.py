"""`python -m gan sample`: what the Generate page shows, without a browser."""

import re

import numpy as np
import pytest
from PIL import Image

from tests.cli.command_line import gan, refused, report


def test_samples_are_arrays_or_grids_and_depend_on_the_seed_alone(trained, tmp_path) -> None:
    run, _ = trained
    one, more, other = (tmp_path / name for name in ("one.npy", "more.npy", "deep/other.npy"))
    gan("sample", run, "--seed", 7, "--count", 1, "--out", one)
    gan("sample", run / "model.safetensors", "--seed", 7, "--count", 40, "--out", more)
    gan("sample", run, "--seed", 8, "--count", 1, "--out", other)
    pictures = np.load(more, allow_pickle=False)
    assert pictures.shape == (40, 28, 28, 1) and pictures.dtype == np.uint8
    assert np.array_equal(np.load(one), pictures[:1]) and not np.array_equal(np.load(other), pictures[:1])
    gan("sample", run, "--seed", 7, "--count", 9, "--truncation", 0.5, "--out", tmp_path / "grid.png")
    assert Image.open(tmp_path / "grid.png").size[0] > 3 * 28


def test_a_source_that_is_none_or_damaged_is_named(trained, tmp_path) -> None:
    out = tmp_path / "a.png"
    assert "There is no " in refused("sample", tmp_path / "nowhere", "--out", out, status=1)
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((trained[0] / name).read_bytes()[:100])
    assert "config.json is not JSON" in refused("sample", tmp_path, "--out", out, status=1)
    assert not out.exists()


def test_a_list_of_seeds_gives_the_first_picture_of_each(trained, tmp_path) -> None:
    run, _ = trained
    gan("sample", run, "--seeds", "7,9-10", "--out", tmp_path / "list.npy")
    listed = np.load(tmp_path / "list.npy")
    for seed, picture in zip((7, 9, 10), listed, strict=True):
        gan("sample", run, "--seed", seed, "--count", 1, "--out", tmp_path / "one.npy")
        assert np.array_equal(np.load(tmp_path / "one.npy")[0], picture)


def test_more_pictures_than_a_look_holds_are_those_of_the_same_seed(trained, tmp_path) -> None:
    run, _ = trained
    for count in (1, 4, 65, 300):
        gan("sample", run, "--seed", 7, "--count", count, "--out", tmp_path / f"{count}.npy")
    most = np.load(tmp_path / "300.npy")
    assert len(most) == 300
    assert all(np.array_equal(np.load(tmp_path / f"{n}.npy"), most[:n]) for n in (1, 4, 65))


def test_a_picture_says_how_it_was_made_and_is_made_again_from_that(trained, tmp_path) -> None:
    run, _ = trained
    first, again = tmp_path / "first.png", tmp_path / "again.png"
    gan("sample", run, "--seed", 3, "--count", 6, "--shift", "pca1=2", "--shift", "z5=-1", "--out", first)
    gan("sample", run, "--like", first, "--out", again)
    assert first.read_bytes() == again.read_bytes()
    address = "http://localhost:8501/generate?source=x&seed=3&grid=6&pca=2&raw=5:-1"
    gan("sample", run, "--like", address, "--out", again)
    assert np.array_equal(np.asarray(Image.open(first)), np.asarray(Image.open(again)))
    assert "source=" in Image.open(first).info["gan-workbench"]
    gan("sample", run, "--like", "seed=0&points=1,2&t=0.5", "--seed", 8, "--out", again)
    gan("sample", run, "--seed", 8, "--truncation", 0.5, "--out", first)
    assert np.array_equal(np.asarray(Image.open(first)), np.asarray(Image.open(again)))


def test_latents_go_out_and_come_back(trained, tmp_path) -> None:
    run, _ = trained
    gan("sample", run, "--seed", 3, "--count", 5, "--truncation", 0.7, "--out", tmp_path / "drawn.npy")
    for kind in ("json", "safetensors"):
        file = tmp_path / f"latents.{kind}"
        gan("sample", run, "--seed", 3, "--count", 5, "--truncation", 0.7, "--out", file)
        gan("sample", run, "--latents", file, "--out", tmp_path / "again.npy")
        assert np.array_equal(np.load(tmp_path / "drawn.npy"), np.load(tmp_path / "again.npy"))
    (tmp_path / "bad.json").write_text("[[1, 2]]")
    said = gan("sample", run, "--latents", tmp_path / "bad.json", "--out", tmp_path / "x.npy", expect=1)
    assert "another one" in said


@pytest.mark.parametrize("kind", ["gif", "mp4", "zip", "png", "npy"])
def test_a_walk_becomes_a_film(trained, tmp_path, kind) -> None:
    run, _ = trained
    out = tmp_path / f"walk.{kind}"
    speed = ["--fps", 10] if kind in ("gif", "mp4") else []
    told = report("sample", run, "--seed", 3, "--count", 3, "--walk", "--frames", 5, *speed, "--out", out)
    assert told["frames"] == 15 and out.stat().st_size > 500
    assert told.get("seconds") == (1.5 if kind in ("gif", "mp4") else None)
    if kind == "npy":
        gan("sample", run, "--seed", 3, "--count", 3, "--out", tmp_path / "keys.npy")
        assert np.array_equal(np.load(out)[::5], np.load(tmp_path / "keys.npy"))
        address = "seed=1&walk=1,2,3&frames=5"  # another seed: as many keyframes as there were
        gan("sample", run, "--like", address, "--seed", 3, "--walk", "--out", tmp_path / "like.npy")
        assert np.array_equal(np.load(out), np.load(tmp_path / "like.npy"))
        once = report("sample", run, "--seeds", "3,4", "--walk", "--frames", 5, "--once", "--out", out)
        assert once["frames"] == 6
    if kind == "gif":
        assert Image.open(out).format == "GIF"


def test_a_grid_has_the_columns_asked_for_and_a_plane_nine_by_nine_tiles(trained, tmp_path) -> None:
    run, _ = trained
    gan("sample", run, "--count", 6, "--grid", 6, "--out", tmp_path / "row.png")
    gan("sample", run, "--count", 4, "--grid", "--out", tmp_path / "square.png")
    assert Image.open(tmp_path / "row.png").size == (4 * (6 * 29 - 1), 4 * 28)
    assert Image.open(tmp_path / "square.png").size == (4 * 57, 4 * 57)
    gan("sample", run, "--seeds", "1,2,3", "--plane", "--out", tmp_path / "plane.npy")
    assert np.load(tmp_path / "plane.npy").shape == (81, 28, 28, 1)
    for misuse in (["--seeds", "1,2", "--plane"], ["--count", "1", "--walk"], ["--count", "9", "--walk"]):
        said = gan("sample", run, *misuse, "--out", tmp_path / "x.png", expect=2)
        assert re.search("not 1|not 2|8 at most", said)


def test_the_latent_of_a_picture_is_found(trained, tmp_path) -> None:
    run, _ = trained
    gan("sample", run, "--seed", 5, "--count", 1, "--out", tmp_path / "one.png")
    told = report("sample", run, "--invert", tmp_path / "one.png", "--out", tmp_path / "found.json")
    assert told["mean_squared_error"] < 0.01
    gan("sample", run, "--latents", tmp_path / "found.json", "--out", tmp_path / "found.npy")
    gan("sample", run, "--seed", 5, "--count", 1, "--out", tmp_path / "one.npy")
    found, one = (np.load(tmp_path / f"{name}.npy").astype(float) / 127.5 for name in ("found", "one"))
    assert ((found - one) ** 2).mean() < 0.01
    gan("sample", run, "--invert", tmp_path / "one.png", "--search-steps", 5, "--out", tmp_path / "pair.png")
    assert Image.open(tmp_path / "pair.png").width == 4 * 57
    (tmp_path / "text.png").write_text("no picture")
    for file, said in (("text.png", "no picture"), ("gone.png", "No such file")):
        out = tmp_path / "x.png"
        assert said in gan("sample", run, "--invert", tmp_path / file, "--out", out, expect=1)
        assert not out.exists()


def test_neighbours_are_told_and_drawn(trained, tmp_path) -> None:
    run, _ = trained
    out = tmp_path / "near.png"
    told = report("sample", run, "--seed", 5, "--count", 2, "--neighbours", "--out", out)
    assert told["images"] == 1797 and len(told["pictures"]) == 2
    assert set(told["pictures"][0]) == {"pixels", "shapes"}
    assert Image.open(out).size == (4 * (13 * 29 - 1), 4 * 57)  # the picture, six in pixels, six in shape
    lines = gan("sample", run, "--count", 3, "--neighbours", "--out", out).splitlines()
    assert len(lines) == 3 and all("training pictures" in line for line in lines)
    assert "no data set 'cats'" in gan(
        "sample", run, "--neighbours", "--data", "cats", "--out", out, expect=2
    )
