"""`python -m gan`: how it refuses, and how it ends."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gan import __main__ as entry
from gan.runs.run import Run
from tests.cli.command_line import HOUSE, TINY, TRAIN, command, program, refused
from tests.hub_server import HubServer


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


def test_the_program_works_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HOUSE))
    done = subprocess.run(command("recipes"), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "dcgan" in done.stdout and not list(tmp_path.iterdir())


# --- what it prints to --------------------------------------------------------------------------------


@pytest.fixture
def streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Run a command as the program does, with streams that know ASCII alone: its status, and what they hold
    then.
    """

    def run(*arguments: object, out: Path = tmp_path / "out") -> tuple[int, str, str]:
        for name, file in (("stdout", out), ("stderr", tmp_path / "err")):
            strict = io.TextIOWrapper(io.BufferedWriter(io.FileIO(file, "w")), "ascii")
            monkeypatch.setattr(sys, name, strict)
        status = entry.program([str(argument) for argument in arguments])
        return status, out.read_text("ascii") if out.is_file() else "", (tmp_path / "err").read_text("ascii")

    return run


def test_every_command_prints_names_that_its_output_has_no_letters_for(
    ada: HubServer, streams: Callable, tmp_path: Path
) -> None:
    home = tmp_path / "café 한글"
    commands = [
        ["train", *TINY, "--run", home / "run", "--steps", 2],
        ["train", "--help"],
        ["recipes"],
        ["summary", "mlp"],
        ["sample", home / "run", "--out", home / "그림.png", "--json"],
        ["push", home / "run", "ada/digits", "--zip", home / "낱.zip"],
        ["push", home / "run", "ada/digits", "--message", "café"],
        ["browse"],
        ["pull", "ada/digits", "--out", home / "받은"],
    ]
    for arguments in commands:
        status, out, err = streams(*arguments)
        assert status == 0 and out and "Traceback" not in err, (arguments, err)
    status, out, err = streams("train", *TINY, "--run", home / "run")
    assert (status, out) == (2, "") and "caf\\xe9 \\ud55c\\uae00" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' full device")
def test_output_that_is_lost_costs_no_work_and_the_status_tells_it(streams: Callable, tmp_path: Path) -> None:
    finished = ["train", *TINY, "--run", tmp_path / "run", "--steps", 2]
    status, _, err = streams(*finished, out=Path("/dev/full"))
    assert status == 1 and err == (
        "gan: standard output can't be written (No space left on device): what it should have shown is lost\n"
    )
    assert Run(tmp_path / "run").info().state == "finished"
    assert streams("train", "--help", out=Path("/dev/full"))[0] == 1
    assert streams("fly", out=Path("/dev/full"))[0] == 2


def shell(redirection: str, *arguments: object) -> subprocess.CompletedProcess:
    """The command as a shell starts it whose line ends like that."""
    line = ["bash", "-c", f'exec "$@" {redirection}', "bash", *command(*arguments)]
    return subprocess.run(line, cwd=HOUSE, capture_output=True, timeout=120)


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes streams")
def test_a_training_needs_no_standard_error_and_speaks_the_console_s_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp949")
    done = shell("2>&-", "train", *TINY, "--run", tmp_path / "café 한글", "--steps", 2)
    assert done.returncode == 0 and done.stdout.decode("cp949").endswith("caf\\xe9 한글\n")
    assert Run(tmp_path / "café 한글").info().state == "finished"


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes streams")
def test_a_program_without_streams_ends_with_its_status() -> None:
    assert shell(">&-", "recipes").returncode == 0
    assert shell("<&- >&- 2>&-", "summary", "stylegan").returncode == 2


def test_what_nobody_foresaw_is_one_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TQDM_MININTERVAL", "often")  # tqdm itself ends in a ValueError
    done = program("push", "nothing", "ada/digits", "--zip", "x.zip")
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("gan: Something went wrong that nobody foresaw (ValueError: ")
