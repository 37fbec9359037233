"""`python -m gan` as a program: what it prints, what it leaves, how it refuses."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.__main__ import main
from gan.runs.run import Run

HOUSE = Path(__file__).resolve().parents[2]
TINY = ["--recipe", "mlp", "--data", "digits", "--set", "hidden=8,16", "--device", "cpu"]


def command(*arguments):
    return [sys.executable, "-m", "gan", *map(str, arguments)]


@pytest.fixture(autouse=True)
def signals():
    """A training here takes over two signals; afterwards they are the test's again."""
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


def gan(*arguments, expect=0):
    """Run one command in this process; its stdout, or its stderr where it is expected to fail."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main([str(one) for one in arguments])
        except SystemExit as end:  # argparse's way
            status = end.code
    assert status == expect, err.getvalue()
    return err.getvalue() if expect else out.getvalue()


def program(*arguments):
    """The same as a program of its own."""
    return subprocess.run(command(*arguments), cwd=HOUSE, capture_output=True, text=True, timeout=120)


def report(*arguments):
    """The JSON object on the last line."""
    return json.loads(gan(*arguments, "--json").splitlines()[-1])


def train(run, *more, steps=10):
    return report("train", *TINY, "--run", run, "--steps", steps, *more)


def refused(*arguments, status=2):
    """The one sentence on stderr."""
    lines = gan(*arguments, expect=status).strip().splitlines()
    assert lines[-1].startswith(("gan: ", "python -m gan")), lines
    assert len(lines) == 1 or lines[0].startswith("usage: ")  # argparse shows the usage first
    return lines[-1]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished run of 10 steps, made by the program, and its report."""
    run = tmp_path_factory.mktemp("trained") / "run"
    done = program("train", *TINY, "--run", run, "--steps", 10, "--json")
    assert done.returncode == 0 and done.stderr == "" and len(done.stdout.splitlines()) == 1, done
    return run, json.loads(done.stdout)


# --- what there is ----------------------------------------------------------------------------------


def test_a_program_that_fails_says_one_sentence_and_has_its_status():
    done = program("train", "--recipe", "stylegan", "--data", "digits")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "gan: There is no recipe 'stylegan'. Recipes: mlp, mlp-g-first, dcgan.\n"


def test_recipes_are_listed():
    text = gan("recipes")
    assert all(name in text for name in ("mlp ", "mlp-g-first", "dcgan", "Keras chapter"))
    names = [recipe["name"] for recipe in json.loads(gan("recipes", "--json").splitlines()[-1])]
    assert names == ["mlp", "mlp-g-first", "dcgan"]


def test_a_summary_counts_parameters_and_draws(tmp_path):
    picture = tmp_path / "made" / "dcgan.png"
    told = report("summary", "dcgan", "--picture", picture)
    assert [told[key]["trainable"] for key in ("generator", "discriminator")] == [855_809, 389_761]
    assert [told[key]["total"] for key in ("generator", "discriminator")] == [856_193, 390_657]
    assert Image.open(picture).format == "PNG"
    assert "247,440" in gan("summary", "mlp")


# --- training ---------------------------------------------------------------------------------------


def test_training_reports_what_the_contract_names(trained):
    run, told = trained
    assert told["run"] == str(run.resolve()) and told["step"] == 10 and told["resumed_from"] == 0
    keys = {"seconds", "steps_per_second", "d_loss", "g_loss", "d_real", "d_fake"}
    assert keys <= told.keys() and all(np.isfinite(told[key]) for key in keys)
    assert told["steps_per_second"] > 0 and 0 <= told["d_real"] <= 1
    last = Run(run).history()[-1]
    assert [told[key] for key in ("d_loss", "g_loss", "d_real", "d_fake")] == pytest.approx(last, abs=1e-5)


def test_tune_measures_anew_and_tells_what_was_chosen(tmp_path, monkeypatch):
    monkeypatch.delenv("GAN_TUNING")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    command = ["train", "--recipe", "mlp", "--data", "digits", "--steps", "5", "--json"]
    command = [sys.executable, "-m", "gan", *command]
    first = subprocess.run([*command, "--run", tmp_path / "a"], capture_output=True, text=True, check=True)
    told = json.loads(first.stdout.splitlines()[-1])["numerics"]
    assert told["why"].startswith("measured: ") and told["threads"] >= 1
    assert Run(tmp_path / "a").stored_info().numerics.model_dump() == told
    kept = (tmp_path / "cache" / "gan-workbench" / "tuning.json").read_text()
    assert told in json.loads(kept).values()
    anew = subprocess.run(
        [*command, "--tune", "--run", tmp_path / "b"], capture_output=True, text=True, check=True
    )
    assert "Computing with " in anew.stderr and "measured: " in anew.stderr


def files(run):
    """All that a run holds, but for what tells one process and moment from another."""
    found = {str(f.relative_to(run)): f.read_bytes() for f in run.rglob("*") if f.is_file()}
    info = json.loads(found.pop("run.json"))
    for key in ("created", "seconds", "pid"):
        info.pop(key)
    return found, info


def test_the_same_command_twice_gives_identical_files(trained, tmp_path):
    run, told = trained
    again = train(tmp_path / "again")
    assert files(run) == files(tmp_path / "again")
    assert {"model.safetensors", "config.json", "history.f32"} <= files(run)[0].keys()
    assert again["d_loss"] == told["d_loss"]


def test_another_seed_gives_other_weights(trained, tmp_path):
    train(tmp_path / "other", "--seed", 1)
    name = "model.safetensors"
    assert (trained[0] / name).read_bytes() != (tmp_path / "other" / name).read_bytes()


def test_without_a_folder_a_new_one_is_made_under_gan_runs(tmp_path):
    told = report("train", *TINY, "--steps", 1)
    assert Path(told["run"]) == (tmp_path / "runs" / "mlp-digits-1").resolve()


def test_seconds_end_a_long_run_which_resumes(tmp_path):
    told = train(tmp_path / "r", "--seconds", 0.2, steps=10**7)
    assert told["state"] == "stopped" and 0 < told["step"] < 10**7 and told["seconds"] < 20
    longer = train(tmp_path / "r", "--resume", steps=told["step"] + 5)
    assert (longer["state"], longer["resumed_from"]) == ("finished", told["step"])
    assert longer["step"] == told["step"] + 5 and len(Run(tmp_path / "r").history()) == longer["step"]


def test_a_finished_run_resumed_does_nothing(trained):
    run, told = trained
    before = files(run)
    again = train(run, "--resume")
    assert (
        again["step"] == 10
        and again["resumed_from"] == 10
        and again["g_loss"] == pytest.approx(told["g_loss"])
    )
    assert files(run) == before


def test_resume_where_nothing_is_yet_starts_at_0(tmp_path):
    assert train(tmp_path / "new", "--resume", steps=2)["resumed_from"] == 0


def test_five_and_five_steps_are_ten(trained, tmp_path):
    train(tmp_path / "halves", steps=5)
    told = train(tmp_path / "halves", "--resume", steps=10)
    assert told["resumed_from"] == 5
    for name in ("model.safetensors", "history.f32", "checkpoints/00000010/optimizer_d.safetensors"):
        assert (trained[0] / name).read_bytes() == (tmp_path / "halves" / name).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_an_interrupted_training_is_saved_and_resumes_while_its_lock_keeps_others_out(tmp_path):
    run = Run(tmp_path / "long")
    arguments = ["train", *TINY, "--run", run.path]
    process = subprocess.Popen(
        command(*arguments, "--steps", 10**7),
        cwd=HOUSE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not (run.exists() and run.stored_info().pid == process.pid):
            assert process.poll() is None and time.monotonic() < deadline, process.stderr.read()
            time.sleep(0.05)
        said = refused(*arguments, "--resume", "--steps", 10**7)
        assert "Run long is being trained by process " in said and str(process.pid) in said
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    step = run.info().step
    assert process.returncode == 130 and run.info().state == "stopped" and step > 0
    assert err.startswith(f"gan: interrupted at step {step:,}; saved in ") and "--resume" in err
    told = report(*arguments, "--resume", "--steps", step + 3)
    assert (told["resumed_from"], told["step"]) == (step, step + 3)


# --- pictures ---------------------------------------------------------------------------------------


def test_samples_are_arrays_or_grids_and_depend_on_the_seed_alone(trained, tmp_path):
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


# --- refusals ---------------------------------------------------------------------------------------

TRAIN = ["train", *TINY]


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
def test_wrong_use_is_refused_in_one_sentence_and_nothing_is_made(tmp_path, arguments, said):
    assert re.search(said, refused(*arguments))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "changes, said",
    [
        (["--seed", "5"], "seed is 0 there and 5 here"),
        (["--set", "g_rate=0.5"], "g_rate is 0.0002 there and 0.5 here"),
        (["--recipe", "dcgan", "--set", "hidden=8,16"], "hidden belongs to an mlp"),
        (["--data", "mnist"], "data is digits there and mnist here"),
    ],
)
def test_a_resume_with_a_difference_is_refused_by_its_name(trained, changes, said):
    before = files(trained[0])
    assert said in refused(*TRAIN, "--run", trained[0], "--resume", *changes)
    assert files(trained[0]) == before


def test_a_resume_with_another_recipe_names_the_recipe_alone(trained):
    said = refused("train", "--recipe", "dcgan", "--data", "digits", "--run", trained[0], "--resume")
    assert said.endswith("can't be resumed like that: recipe is mlp there and dcgan here.")


def test_an_existing_run_is_not_overwritten(trained):
    before = files(trained[0])
    assert "holds a run already: add --resume" in refused(*TRAIN, "--run", trained[0])
    assert files(trained[0]) == before


def test_a_folder_that_can_not_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    said = refused(*TRAIN, "--run", tmp_path / "file" / "run", status=1)
    assert "can't be written" in said and "file" in said
    monkeypatch.setenv("GAN_RUNS", str(tmp_path / "file"))
    assert "GAN_RUNS" in refused(*TRAIN, status=1)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_missing_mnist_is_named_with_its_cure(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "none"))
    said = refused("train", "--recipe", "mlp", "--data", "mnist", status=1)
    assert str(tmp_path / "none") in said and "download mnist" in said
    assert not list(tmp_path.iterdir())


def test_a_damaged_run_is_named(tmp_path):
    (tmp_path / "run.json").write_text('{"format_version": 1, "recipe"')
    assert "run.json can't be used" in refused(*TRAIN, "--run", tmp_path, "--resume", status=1)


def test_a_source_that_is_none_or_damaged_is_named(trained, tmp_path):
    out = tmp_path / "a.png"
    assert "There is no " in refused("sample", tmp_path / "nowhere", "--out", out, status=1)
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((trained[0] / name).read_bytes()[:100])
    assert "config.json is not JSON" in refused("sample", tmp_path, "--out", out, status=1)
    assert not out.exists()


def test_a_download_without_a_network_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GAN_MNIST_MIRROR", "http://127.0.0.1:9/")
    monkeypatch.setenv("NO_PROXY", "*")
    said = refused("download", "mnist", status=1)
    assert said.startswith("gan: MNIST could not be downloaded") and "digits are built in" in said


def test_a_reader_that_leaves_early_is_no_error():
    script = f"{sys.executable} -m gan recipes | head -0; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=HOUSE, capture_output=True, text=True)
    assert done.stderr == ""


# --- the Hub -----------------------------------------------------------------------------------------


@pytest.fixture
def ada(hub, monkeypatch):
    """A Hub on which ada is signed in, as HF_TOKEN."""
    monkeypatch.setenv("HF_TOKEN", "hf_adas_own_token")
    return hub


def test_a_generator_goes_to_the_hub_and_comes_back_and_draws_the_same(ada, tmp_path):
    train(tmp_path / "run")
    pushed = report("push", tmp_path / "run", "ada/digits")
    assert pushed["repo"] == "ada/digits" and pushed["private"] and ada.repos["ada/digits"].private
    assert pushed["files"]["model.safetensors"] == len(ada.repos["ada/digits"].files["model.safetensors"])
    gan("pull", "ada/digits", "--out", tmp_path / "pulled")
    for number, source in enumerate((tmp_path / "run", tmp_path / "pulled", "hf:ada/digits")):
        gan("sample", source, "--seed", 7, "--count", 3, "--out", tmp_path / f"{number}.npy")
    pictures = [np.load(tmp_path / f"{number}.npy") for number in range(3)]
    assert all(np.array_equal(pictures[0], other) for other in pictures)
    gan("sample", f"hf:ada/digits@{pushed['commit']}", "--seed", 7, "--out", tmp_path / "pinned.png")


def test_a_whole_run_goes_to_the_hub_and_resumes_from_there(ada, tmp_path):
    train(tmp_path / "run")
    gan("push", tmp_path / "run", "ada/digits", "--whole")
    gan("pull", "ada/digits", "--whole", "--out", tmp_path / "there")
    more = [*TINY, "--run", tmp_path / "there", "--steps", 20, "--resume"]
    assert report("train", *more)["resumed_from"] == 10


def test_the_list_of_files_comes_first_and_a_dry_run_stops_there(ada, tmp_path):
    train(tmp_path / "run")
    told = program("push", tmp_path / "run", "ada/digits", "--dry-run", "--json")
    assert told.returncode == 0 and "model.safetensors" in told.stderr
    assert set(json.loads(told.stdout)["files"]) >= {"README.md", "config.json", "model.safetensors"}
    assert not ada.repos and "hf_adas" not in told.stdout + told.stderr
    gan("push", tmp_path / "run", "ada/digits", "--zip", tmp_path / "out" / "offline.zip")
    assert (tmp_path / "out" / "offline.zip").read_bytes()[:2] == b"PK" and not ada.repos
    for wrong, said in (
        ("", "does not end in .zip"),
        ("x.txt", "does not end"),
        (tmp_path / "mine.zip", "exists"),
    ):
        (tmp_path / "mine.zip").write_text("mine")
        assert said in gan("push", tmp_path / "run", "ada/digits", "--zip", wrong, expect=2)
    assert (tmp_path / "mine.zip").read_text() == "mine"
    assert gan("push", tmp_path / "run", "ada/digits", "--dry-run") == ""


def test_browse_lists_and_searches(ada, tmp_path):
    train(tmp_path / "run")
    gan("push", tmp_path / "run", "ada/digits", "--public")
    gan("push", tmp_path / "run", "ada/other")
    assert [one["repo"] for one in json.loads(gan("browse", "--json"))] == ["ada/other", "ada/digits"]
    assert gan("browse", "--search", "digits").split()[0] == "ada/digits"
    assert "(private)" in gan("browse", "--search", "other")


def test_what_the_hub_refuses_is_one_sentence_and_an_exit_status(hub, tmp_path, monkeypatch):
    train(tmp_path / "run")
    assert "Nobody is signed in" in gan("push", tmp_path / "run", "ada/digits", expect=1)
    monkeypatch.setenv("HF_TOKEN", "hf_nobodys")
    assert "does not accept this token" in gan("push", tmp_path / "run", "ada/digits", expect=1)
    assert "is no repository" in gan("push", tmp_path / "run", "digits", expect=2)
    assert "leave the branch empty" in gan(
        "push", tmp_path / "run", "a/b", "--pr", "--revision", "x", expect=2
    )
    monkeypatch.delenv("HF_TOKEN")
    assert "that you may see" in gan("pull", "ada/nothing", "--out", tmp_path / "x", expect=1)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert "is not empty" in gan("pull", "ada/nothing", "--out", tmp_path / "full", expect=2)
    assert not (tmp_path / "x").exists() and (tmp_path / "full" / "mine.txt").read_text() == "mine"
    hub.stop()
    assert "can't be reached" in gan("browse", expect=1)


# --- what the explorer shows, without a browser ------------------------------------------------------


def test_a_list_of_seeds_gives_the_first_picture_of_each(trained, tmp_path):
    run, _ = trained
    gan("sample", run, "--seeds", "7,9-10", "--out", tmp_path / "list.npy")
    listed = np.load(tmp_path / "list.npy")
    for seed, picture in zip((7, 9, 10), listed, strict=True):
        gan("sample", run, "--seed", seed, "--count", 1, "--out", tmp_path / "one.npy")
        assert np.array_equal(np.load(tmp_path / "one.npy")[0], picture)


def test_more_pictures_than_a_look_holds_are_those_of_the_same_seed(trained, tmp_path):
    run, _ = trained
    for count in (1, 4, 65, 300):
        gan("sample", run, "--seed", 7, "--count", count, "--out", tmp_path / f"{count}.npy")
    most = np.load(tmp_path / "300.npy")
    assert len(most) == 300
    assert all(np.array_equal(np.load(tmp_path / f"{n}.npy"), most[:n]) for n in (1, 4, 65))


def test_a_picture_says_how_it_was_made_and_is_made_again_from_that(trained, tmp_path):
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


def test_latents_go_out_and_come_back(trained, tmp_path):
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
def test_a_walk_becomes_a_film(trained, tmp_path, kind):
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


def test_a_grid_has_the_columns_asked_for_and_a_plane_nine_by_nine_tiles(trained, tmp_path):
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


def test_the_latent_of_a_picture_is_found(trained, tmp_path):
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


def test_neighbours_are_told_and_drawn(trained, tmp_path):
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
