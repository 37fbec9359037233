"""The command that the Settings tab shows trains the same run again, to the bit."""

import shlex
from pathlib import Path

import pytest
from safetensors.torch import load_file

from gan.__main__ import main
from gan.recipes.fields import allowed
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import SETTINGS, Recipe
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs.checkpoints import checkpoints
from gan.runs.command_line import command_line
from gan.runs.order import Order
from gan.runs.run import Run

STEPS = 6
PLAIN = RECIPES["mlp"]
PAIRS = {"hidden": (8, 12), "betas": (0.5, 0.9)}
FIELDS = [name for name, setting in SETTINGS.items() if not setting.of_length]


def another_value(name: str) -> object:
    """A value that the setting does not have in the post's recipe."""
    setting, value = SETTINGS[name], getattr(PLAIN, name)
    if setting.pair:
        return PAIRS[name]
    if listed := allowed(Recipe, name):
        return listed[-1] if value == listed[0] else listed[0]
    if setting.on:
        return setting.on
    return next((choice for choice in setting.choices if choice != value), value / 2 if value < 1 else 7)


def trained(path: Path, recipe: Recipe, numerics: Numerics) -> Run:
    """A run of some steps on the digits."""
    run = Run.make(path)
    with run.owned():
        training = start.begin(run, Order(recipe, "digits", 5, STEPS, "cpu", numerics))
        while training.state == "running":
            training.tick()
    return run


def again(run: Run, path: Path) -> Run:
    """The run that the shown command trains."""
    words = shlex.split(command_line(run.stored_info()))
    assert words[:3] == ["python", "-m", "gan"]
    assert main([*words[3:], "--run", str(path)]) == 0
    return Run(path)


def bits(run: Run) -> dict[str, bytes]:
    """Every tensor of its last checkpoint, and its history, as bytes."""
    files = sorted(checkpoints(run)[-1].glob("*.safetensors"))
    tensors = {f"{file.stem}.{name}": x for file in files for name, x in load_file(file).items()}
    return {name: x.numpy().tobytes() for name, x in tensors.items()} | {"history": run.history().tobytes()}


@pytest.mark.parametrize("name", FIELDS)
def test_the_command_trains_the_same_run_whatever_was_changed(name: str, tmp_path: Path) -> None:
    recipe = PLAIN.model_copy(update={name: another_value(name)}) if name != "loss" else PLAIN
    run = trained(tmp_path / "shown", recipe, Numerics())
    assert name == "loss" or f"--set {name}=" in command_line(run.stored_info())
    second = again(run, tmp_path / "again")
    assert second.stored_info().recipe == run.stored_info().recipe and bits(second) == bits(run)


@pytest.mark.parametrize(
    "numerics",
    [Numerics(threads=2), Numerics(mode="by hand"), Numerics(products="onednn", threads=2)],
    ids=Numerics.as_option,
)
def test_the_command_computes_as_the_run_did(numerics: Numerics, tmp_path: Path) -> None:
    run = trained(tmp_path / "shown", PLAIN, numerics)
    second = again(run, tmp_path / "again")
    assert second.stored_info().numerics == numerics and bits(second) == bits(run)


def test_a_run_in_the_queue_has_its_command_too(tmp_path: Path) -> None:
    run = trained(tmp_path / "shown", PLAIN.with_changes({"ema": 500}), Numerics())
    info = run.stored_info().model_copy(update={"torch": "", "numerics": None, "device": "auto"})
    expected = "python -m gan train --recipe mlp --data digits --seed 5 --steps 6 --set ema=500.0"
    assert command_line(info) == expected


@pytest.mark.parametrize("text", ["threads=0", "threads", "speed=3", "precision=float8", "threads=1,mode"])
def test_numerics_that_cannot_be_are_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--recipe", "mlp", "--data", "digits", "--numerics", text]) == 2
    assert "--numerics" in capsys.readouterr().err
