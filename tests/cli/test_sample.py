"""`python -m gan sample`: what the Generate page shows, without a browser."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from gan.explore.directions import pca, svd
from gan.generator.folder import read_source
from gan.latent.points import explicit
from gan.latent.saved_directions import Direction, save
from gan.nets.sampling import latents_for
from gan.nets.weights import load_generator
from gan.runs.run import Run
from tests.cli.command_line import gan, refused, report

Trained = tuple[Path, dict[str, Any]]


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


# --- the latents themselves: pictures of a short training are too alike to tell one from another ---------


def latents_drawn(source: Path, folder: Path, *options: object) -> np.ndarray:
    """The latents (N, L) of the pictures that these options draw."""
    gan("sample", source, *options, "--out", folder / "latents.safetensors")
    return load_file(folder / "latents.safetensors")["latents"]


def test_picture_64_is_another_one_than_picture_0(trained: Trained, tmp_path: Path) -> None:
    """A view holds 64: those behind them are the seed's too, by their own numbers, and edited alike."""
    edits = ["--truncation", 0.5, "--shift", "z3=1"]
    found = latents_drawn(trained[0], tmp_path, "--seed", 7, "--count", 130, *edits)
    wanted = latents_for(7, range(130), 100).numpy()
    wanted[:, 2] += 1
    assert np.allclose(found, wanted / 2, atol=1e-6) and len(np.unique(found, axis=0)) == 130


def test_a_file_of_more_latents_than_a_view_holds_is_drawn_whole(trained: Trained, tmp_path: Path) -> None:
    latents = np.random.default_rng(1).standard_normal((130, 100), "float32")
    (tmp_path / "mine.json").write_text(json.dumps(latents.tolist()))
    assert np.array_equal(latents_drawn(trained[0], tmp_path, "--latents", tmp_path / "mine.json"), latents)


def test_a_shift_goes_along_what_it_names_as_far_as_it_says(trained: Trained, tmp_path: Path) -> None:
    """Along what was found in the weights, and along what somebody has saved beside them."""
    run = Run(shutil.copytree(trained[0], tmp_path / "mine"))
    net = load_generator(*read_source(run.path)).net
    up = np.random.default_rng(1).standard_normal(100, "float32")
    save(run.path, [Direction(name="thick strokes", latent_size=100, point=explicit(up))])
    along = {
        "svd3=-1.5": -1.5 * svd(net).vectors[2].numpy(),
        "pca2=3": 3 * pca(net).vectors[1].numpy(),
        "thick strokes=0.5": 0.5 * up,
        "z100=-2": -2 * np.eye(100, dtype="float32")[99],
    }
    plain = latents_for(7, range(3), 100).numpy()
    for source in (run.path, run.path / "model.safetensors"):
        for shift, wanted in along.items():
            found = latents_drawn(source, tmp_path, "--seed", 7, "--count", 3, "--shift", shift)
            assert np.allclose(found - plain, wanted, atol=1e-5), shift
        several = [part for shift in along for part in ("--shift", shift)]
        found = latents_drawn(source, tmp_path, "--seed", 7, "--count", 3, *several)
        assert np.allclose(found - plain, sum(along.values()), atol=1e-5)
    out = tmp_path / "x.npy"
    assert "'thin' is saved" in refused("sample", run.path, "--shift", "thin=1", "--out", out, status=1)


HALF = np.repeat(np.uint8([[250] * 14 + [5] * 28 + [250] * 14]), 28, axis=0)  # dark, between two light edges


@pytest.mark.parametrize(
    "options, middle, edge",
    [
        ([], 5, 5),  # cut to the middle, which is dark
        (["--negative"], 250, 250),
        (["--whole"], 5, 250),
        (["--whole", "--negative"], 250, 5),
    ],
)
def test_a_picture_is_looked_for_as_the_options_say(
    trained: Trained, tmp_path: Path, options: list[str], middle: int, edge: int
) -> None:
    Image.fromarray(HALF).save(tmp_path / "mine.png")
    short = ["--starts", 1, "--search-steps", 1, "--out", tmp_path / "pair.npy"]
    gan("sample", trained[0], "--invert", tmp_path / "mine.png", *options, *short)
    target, _ = np.load(tmp_path / "pair.npy")
    assert target.shape == (28, 28, 1)
    assert target[14, 14, 0] == pytest.approx(middle, abs=2) and target[14, 1, 0] == pytest.approx(
        edge, abs=2
    )
