"""`python -m gan`: how it refuses, and how it ends."""

import os
import re
import subprocess

import pytest

from tests.cli.command_line import HOUSE, TRAIN, command, program, refused


def test_a_program_that_fails_says_one_sentence_and_has_its_status() -> None:
    done = program("train", "--recipe", "stylegan", "--data", "digits")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "gan: There is no recipe 'stylegan'. Recipes: mlp, mlp-g-first, dcgan.\n"


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["train", "--recipe", "stylegan", "--data", "digits"], "no recipe 'stylegan'"),
        (["train", "--recipe", "mlp", "--data", "faces"], "no data set 'faces'"),
        ([*TRAIN, "--set", "lr=1"], "no setting 'lr'"),
        ([*TRAIN, "--set", "g_rate"], "g_rate lacks its value"),
        ([*TRAIN, "--set", "g_rate=0"], "g_rate = 0"),
        ([*TRAIN, "--set", "g_rate=-1"], "g_rate = -1"),
        ([*TRAIN, "--set", "d_rate=nan"], "d_rate = nan"),
        ([*TRAIN, "--set", "d_rate=inf"], "d_rate = inf"),
        ([*TRAIN, "--set", "d_rate=1e6"], "d_rate = 1e6"),
        ([*TRAIN, "--set", "hidden=128"], "hidden = 128"),
        ([*TRAIN, "--set", "batch_size=1798"], "batch of 1798 is larger than digits.*1797"),
        ([*TRAIN, "--set", "batch_size=0"], "batch_size = 0"),
        ([*TRAIN, "--steps", "0"], "'0' is not a whole number from 1"),
        ([*TRAIN, "--steps", "-5"], "'-5' is not"),
        ([*TRAIN, "--steps", "ten"], "'ten' is not"),
        ([*TRAIN, "--seconds", "nan"], "'nan' is not a number of seconds"),
        ([*TRAIN, "--seconds", "0"], "'0' is not"),
        ([*TRAIN, "--seed", "-1"], "'-1' is not"),
        ([*TRAIN, "--seed", str(2**53)], "is not a whole number from 0"),
        ([*TRAIN, "--device", "tpu"], "no device 'tpu'.*cpu"),
        ([*TRAIN, "--resume"], "--resume needs --run"),
        (["summary", "stylegan"], "no recipe 'stylegan'"),
        (["sample", "nowhere", "--out", "a.gif"], "ends in none of .png, .npy"),
        (["sample", "nowhere", "--out", "a.jpg", "--walk"], "ends in none of .gif"),
        (["sample", "nowhere", "--out", "a.png", "--seeds", "1-99"], "more than 64 seeds"),
        (["sample", "nowhere", "--out", "a.png", "--seeds", "x"], "names no seeds"),
        (["sample", "nowhere", "--out", "a.png", "--walk", "--plane"], "one at a time"),
        (["sample", "nowhere", "--out", "a.png", "--shift", "pca1"], "pca1=2"),
        (["sample", "nowhere", "--out", "a.png", "--shift", "pca1=9"], "from -3 to 3"),
        (["sample", "nowhere", "--out", "a.png", "--shift", "pca21=1"], "svd3=-1 .1 to 20"),
        (["sample", "nowhere", "--out", "a.png", "--like", "seed=x"], "seed=x can't be used"),
        (["sample", "nowhere", "--out", "a.png", "--like", "nonsense"], "neither a PNG nor an address"),
        (["sample", "nowhere", "--out", "a.png", "--shift", "pca99999999999=1"], "svd3=-1 .1 to 20"),
        (["sample", "nowhere", "--out", "a.png", "--frames", "5"], "--frames has no effect"),
        (["sample", "nowhere", "--out", "a.png", "--seeds", "1,2", "--seed", "3"], "--seed has no effect"),
        (["sample", "nowhere", "--out", "a.gif", "--walk", "--latents", "x"], "--latents has no effect"),
        (["sample", "nowhere", "--out", "a.png", "--latents", "x", "--seed", "0"], "--seed has no effect"),
        (["sample", "nowhere", "--out", "a.png", "--invert", "x", "--count", "2"], "--count has no effect"),
        (["sample", "nowhere", "--out", "a.png", "--starts", "2"], "--starts has no effect"),
        (["sample", "nowhere", "--out", "a.npy", "--grid", "2"], "--grid has no effect"),
        (["sample", "nowhere", "--out", "a.png", "--walk", "--size", "64"], "--size has no effect"),
        (["sample", "nowhere", "--out", "a.png", "--like", "seed=1,2", "--count", "5"], "--count has no"),
        (["sample", "nowhere", "--out", "a.png", "--like", "base=3", "--count", "65"], "64 at most"),
        (["sample", "nowhere", "--out", "a.gif", "--walk", "--count", "100"], "8 at most"),
        (["sample", "nowhere", "--out", "a.png", "--seeds", ""], "names no seeds"),
        (["sample", "nowhere", "--out", "a.png", "--plane", "--grid", "0"], "'0' is not a whole"),
        (["sample", "nowhere", "--out", "a.png", "--plane", "--grid"], "--grid has no effect"),
        (
            ["sample", "nowhere", "--out", "a.gif", "--walk", "--like", "seed=1&walk=1,2", "--count", "3"],
            "--count has no effect",
        ),
        (["sample", "nowhere", "--out", "a.png", "--truncation", "3"], "'3' is not a number from 0 to 2"),
        (["sample", "nowhere", "--out", "a.png", "--count", "0"], "'0' is not"),
        (["download", "faces"], "faces"),
        (["fly"], "fly"),
    ],
)
def test_wrong_use_is_refused_in_one_sentence_and_nothing_is_made(tmp_path, arguments, said) -> None:
    assert re.search(said, refused(*arguments))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [["recipes"], ["recipes", "--json"], ["summary", "mlp"]])
def test_a_reader_that_leaves_early_is_no_error(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)  # it has left before the first word
    done = subprocess.run(command(*words), cwd=HOUSE, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
