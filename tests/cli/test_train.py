"""`python -m gan train`: what it prints, what it leaves, how it resumes."""

import io
import itertools
import json
import os
import pickle
import shutil
import signal
import subprocess
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from gan.runs.archive import unpack
from gan.runs.run import Run
from gan.train import autotune
from tests.cli.command_line import HOUSE, TINY, TRAIN, command, files, gan, outcome, refused, report, train


def test_training_reports_what_the_contract_names(trained) -> None:
    run, told = trained
    assert told["run"] == str(run.resolve()) and told["step"] == 10 and told["resumed_from"] == 0
    keys = {"seconds", "steps_per_second", "d_loss", "g_loss", "d_real", "d_fake"}
    assert keys <= told.keys() and all(np.isfinite(told[key]) for key in keys)
    assert told["steps_per_second"] > 0 and 0 <= told["d_real"] <= 1
    last = Run(run).history()[-1]
    assert [told[key] for key in ("d_loss", "g_loss", "d_real", "d_fake")] == pytest.approx(last, abs=1e-5)


def test_tune_measures_anew_and_tells_what_was_chosen(
    torch_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GAN_TUNING")
    monkeypatch.setattr(autotune, "SECONDS", 0.05)
    options = ["train", "--recipe", "mlp", "--data", "digits", "--steps", "5"]
    told = report(*options, "--run", tmp_path / "a")["numerics"]
    assert told["why"].startswith("measured: ") and told["threads"] >= 1
    assert Run(tmp_path / "a").stored_info().numerics.model_dump() == told
    kept = (tmp_path / "cache" / "gan-workbench" / "tuning.json").read_text()
    assert told in json.loads(kept).values()
    status, _, said = outcome(*options, "--tune", "--run", tmp_path / "b")
    assert status == 0 and "Computing with " in said and "measured: " in said


def test_the_same_command_twice_gives_identical_files(trained, tmp_path) -> None:
    run, told = trained
    again = train(tmp_path / "again")
    assert files(run) == files(tmp_path / "again")
    assert {"model.safetensors", "config.json", "history.f32"} <= files(run)[0].keys()
    assert again["d_loss"] == told["d_loss"]


def test_another_seed_gives_other_weights(trained, tmp_path) -> None:
    train(tmp_path / "other", "--seed", 1)
    name = "model.safetensors"
    assert (trained[0] / name).read_bytes() != (tmp_path / "other" / name).read_bytes()


def test_without_a_folder_a_new_one_is_made_under_gan_runs(tmp_path) -> None:
    told = report("train", *TINY, "--steps", 1)
    assert Path(told["run"]) == (tmp_path / "runs" / "mlp-digits-1").resolve()


def test_seconds_end_a_long_run_which_resumes(tmp_path) -> None:
    told = train(tmp_path / "r", "--seconds", 0.2, steps=10**7)
    assert told["state"] == "stopped" and 0 < told["step"] < 10**7 and told["seconds"] < 20
    longer = train(tmp_path / "r", "--resume", steps=told["step"] + 5)
    assert (longer["state"], longer["resumed_from"]) == ("finished", told["step"])
    assert longer["step"] == told["step"] + 5 and len(Run(tmp_path / "r").history()) == longer["step"]


def test_a_finished_run_resumed_does_nothing(trained) -> None:
    run, told = trained
    before = files(run)
    again = train(run, "--resume")
    assert (
        again["step"] == 10
        and again["resumed_from"] == 10
        and again["g_loss"] == pytest.approx(told["g_loss"])
    )
    assert files(run) == before


def test_numbers_that_the_history_lacks_are_not_reported(trained, tmp_path) -> None:
    run = Run(shutil.copytree(trained[0], tmp_path / "copy"))
    os.truncate(run.path / "history.f32", 5 * 16 + 3)
    told = train(run.path, "--resume")
    assert told["step"] == 10 and "d_loss" not in told and np.isnan(run.history()[5:]).all()
    assert run.events()[-1].describe().startswith("the history lacked the 5 steps")


def test_resume_where_nothing_is_yet_starts_at_0(tmp_path) -> None:
    assert train(tmp_path / "new", "--resume", steps=2)["resumed_from"] == 0


def test_five_and_five_steps_are_ten(trained, tmp_path) -> None:
    train(tmp_path / "halves", steps=5)
    told = train(tmp_path / "halves", "--resume", steps=10)
    assert told["resumed_from"] == 5
    for name in ("model.safetensors", "history.f32", "checkpoints/00000010/optimizer_d.safetensors"):
        assert (trained[0] / name).read_bytes() == (tmp_path / "halves" / name).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_an_interrupted_training_is_saved_and_resumes_while_its_lock_keeps_others_out(tmp_path) -> None:
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


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_terminal_that_closes_ends_a_training_saved(tmp_path: Path) -> None:
    """As the SSH session in which it runs does; SIGTERM would end it where SIGHUP does not."""
    over = threading.Event()
    for name in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(name, lambda *_: None)  # until the training listens
    run = Run(tmp_path / "run")

    def close_the_terminal() -> None:
        signals = itertools.chain(itertools.repeat(signal.SIGHUP, 200), itertools.repeat(signal.SIGTERM))
        while not over.wait(0.05):
            if run.exists():
                os.kill(os.getpid(), next(signals))

    closing = threading.Thread(target=close_the_terminal, daemon=True)
    closing.start()
    try:
        status, _, err = outcome("train", *TINY, "--run", run.path, "--steps", 10**7)
    finally:
        over.set()
        closing.join()
    info = run.info()
    assert status == 128 + signal.SIGHUP and "saved in" in err
    assert info.state == "stopped" and info.saved == info.step == len(run.history())


@pytest.mark.parametrize(
    "changes, said",
    [
        (["--seed", "5"], "seed is 0 there and 5 here"),
        (["--set", "g_rate=0.5"], "g_rate is 0.0002 there and 0.5 here"),
        (["--recipe", "dcgan", "--set", "hidden=8,16"], "hidden belongs to an mlp"),
        (["--data", "mnist"], "data is digits there and mnist here"),
    ],
)
def test_a_resume_with_a_difference_is_refused_by_its_name(trained, changes, said) -> None:
    before = files(trained[0])
    assert said in refused(*TRAIN, "--run", trained[0], "--resume", *changes)
    assert files(trained[0]) == before


def test_a_resume_with_another_recipe_names_the_recipe_alone(trained) -> None:
    said = refused("train", "--recipe", "dcgan", "--data", "digits", "--run", trained[0], "--resume")
    assert said.endswith("can't be resumed like that: recipe is mlp there and dcgan here.")


def test_an_existing_run_is_not_overwritten(trained) -> None:
    before = files(trained[0])
    assert "holds a run already: add --resume" in refused(*TRAIN, "--run", trained[0])
    assert files(trained[0]) == before


def test_a_folder_that_can_not_be_written_is_named(tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("in the way")
    said = refused(*TRAIN, "--run", tmp_path / "file" / "run", status=1)
    assert "can't be written" in said and "file" in said
    monkeypatch.setenv("GAN_RUNS", str(tmp_path / "file"))
    assert "GAN_RUNS" in refused(*TRAIN, status=1)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_missing_mnist_is_named_with_its_cure(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "none"))
    said = refused("train", "--recipe", "mlp", "--data", "mnist", status=1)
    assert str(tmp_path / "none") in said and "download mnist" in said
    assert not list(tmp_path.iterdir())


def test_a_damaged_run_is_named(tmp_path) -> None:
    (tmp_path / "run.json").write_text('{"format_version": 1, "recipe"')
    assert "run.json can't be used" in refused(*TRAIN, "--run", tmp_path, "--resume", status=1)


def test_nothing_is_pickled_from_the_first_step_to_the_zip(tmp_path, monkeypatch) -> None:
    """Neither by us nor by a library for us: NumPy and torch would, for what is no plain array."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a pickle")

    for name in ("load", "loads", "dump", "dumps"):
        monkeypatch.setattr(pickle, name, refuse)
    for kind in (pickle.Pickler, pickle.Unpickler):  # libraries make kinds of their own of them
        monkeypatch.setattr(pickle, kind.__name__, type(kind.__name__, (kind,), {"__init__": refuse}))
    run, home = tmp_path / "run", tmp_path / "home"
    train(run, steps=3)
    assert train(run, "--resume", steps=6)["resumed_from"] == 3
    for suffix in ("npy", "png", "json", "safetensors"):
        gan("sample", run, "--out", tmp_path / f"drawn.{suffix}")
    gan("push", run, "ada/digits", "--whole", "--zip", tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        packed = io.BytesIO(bundle.read("run.zip"))
    again = unpack(home, packed, "run.zip")
    assert train(again.path, "--resume", steps=9)["resumed_from"] == 6
