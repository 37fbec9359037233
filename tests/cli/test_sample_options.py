"""What the options of `python -m gan sample` change in what is drawn, with pictures that differ."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from gan.data.images import load
from gan.nets.sampling import latents_for, sample
from gan.nets.weights import save_generator, with_prefix
from gan.recipes.table import RECIPES
from tests.cli.command_line import gan, report
from tests.generators import config_for, lively


@pytest.fixture(scope="module")
def averaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generator's folder whose averaged weights draw other pictures than its raw ones."""
    folder = tmp_path_factory.mktemp("averaged")
    net = lively("mlp").state_dict()
    raw = {name: tensor.flip(0) for name, tensor in net.items()}
    save_generator(folder, raw | with_prefix(net), config_for(RECIPES["mlp"].with_changes({"ema": 1000})))
    return folder


def drawn(source: Path, folder: Path, *options: object) -> np.ndarray:
    gan("sample", source, *options, "--out", folder / "drawn.npy")
    return np.load(folder / "drawn.npy")


def test_the_average_draws_unless_raw_weights_are_asked_for_and_a_picture_says_which(
    averaged: Path, tmp_path: Path
) -> None:
    some = ["--seed", 3, "--count", 4]
    wanted = sample(lively("mlp"), latents_for(3, range(4), 100)).numpy()
    assert np.array_equal(drawn(averaged, tmp_path, *some), wanted)
    raw = drawn(averaged, tmp_path, *some, "--raw")
    assert not np.array_equal(raw, wanted)
    for options, pictures in (([], wanted), (["--raw"], raw)):
        gan("sample", averaged, *some, *options, "--out", tmp_path / "some.png")
        assert np.array_equal(drawn(averaged, tmp_path, "--like", tmp_path / "some.png"), pictures)


def test_a_straight_walk_takes_another_way_to_the_same_keyframes(averaged: Path, tmp_path: Path) -> None:
    walk = ["--seeds", "1,2", "--walk", "--frames", 4, "--once"]
    round_, straight = (drawn(averaged, tmp_path, *walk, *more) for more in ([], ["--straight"]))
    assert np.array_equal(round_[[0, 4]], straight[[0, 4]])
    assert not np.array_equal(round_[2], straight[2])
    middle = latents_for(1, [0], 100) / 2 + latents_for(2, [0], 100) / 2
    assert np.array_equal(straight[2], sample(lively("mlp"), middle).numpy()[0])


def test_a_film_has_the_size_and_the_speed_asked_for(averaged: Path, tmp_path: Path) -> None:
    out = tmp_path / "walk.mp4"
    how = ["--seeds", "1,2", "--walk", "--frames", 4, "--once", "--fps", 3, "--size", 60]
    told = report("sample", averaged, *how, "--out", out)
    with av.open(out) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (56, 56, 3)
        assert sum(1 for _ in film.decode(stream)) == told["frames"] == 5
    assert told["seconds"] == pytest.approx(5 / 3, abs=1e-3)


def test_each_row_of_neighbours_is_the_picture_then_pixels_then_shapes(
    averaged: Path, tmp_path: Path
) -> None:
    out = tmp_path / "near.npy"
    told = report("sample", averaged, "--seed", 5, "--count", 2, "--neighbours", "--out", out)
    rows = np.load(out).reshape(2, 13, 28, 28, 1)
    assert np.array_equal(rows[:, 0], drawn(averaged, tmp_path, "--seed", 5, "--count", 2))
    digits = load("digits").pixels.permute(0, 2, 3, 1).numpy()
    for row, near in zip(rows, told["pictures"], strict=True):
        assert np.array_equal(row[1:7], digits[near["pixels"]["indices"]])
        assert np.array_equal(row[7:], digits[near["shapes"]["indices"]])


def test_a_search_takes_as_many_starts_and_steps_as_it_is_told(averaged: Path, tmp_path: Path) -> None:
    ramp = np.repeat(np.arange(27, -1, -1, dtype=np.uint8)[:, None] * 9, 28, axis=1)
    Image.fromarray(ramp).save(tmp_path / "mine.png")
    wanted = ["--invert", tmp_path / "mine.png", "--out", tmp_path / "found.json"]

    def error(*how: object) -> float:
        return report("sample", averaged, *wanted, *how)["mean_squared_error"]

    few = error("--starts", 1, "--search-steps", 40)
    assert error("--starts", 12, "--search-steps", 40) < few < error("--starts", 1, "--search-steps", 4)
