"""The card of a pushed generator: what it promises holds."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from gan.data import datasets
from gan.data.images import Images
from gan.generator.config import read_config
from gan.generator.folder import read_source
from gan.hub.bundle import make_bundle
from gan.hub.card import write_card
from gan.nets.sampling import sample
from gan.nets.weights import load_generator
from gan.recipes.architectures import ARCHITECTURES
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs.events import SetRate
from gan.runs.history import COLUMNS, HistorySummary
from gan.runs.order import Order
from gan.runs.run import Run
from tests.data.mnist_files import FILES, write
from tests.generators import config_for
from tests.hub.pushing import PNG, RECIPE, parcel_for


@pytest.mark.parametrize("name, ema", [*((name, 0) for name in RECIPES), ("dcgan", 1000)])
def test_the_card_s_own_snippet_draws_the_same_pictures(hub, tmp_path, name, ema) -> None:
    from gan.nets.pair import Generator
    from gan.nets.weights import generator_files, with_prefix

    recipe = RECIPES[name].with_changes({"ema": ema})
    net = Generator(28, 28, 1, 100, recipe=recipe, seed=5).model()
    net(torch.randn(64, 100, generator=torch.Generator().manual_seed(0)))  # moves batch norm's statistics
    tensors = net.state_dict()
    if ema:  # the average draws; beside it, weights that draw nothing
        tensors = {key: torch.zeros_like(one) for key, one in tensors.items()} | with_prefix(tensors)
    files = generator_files(tensors, config_for(recipe, 28))
    parcel = make_bundle(*files, PNG, "ada/art")
    hub.repo("ada/art", parcel.files)
    script = parcel.card.split("```python\n")[1].split("```")[0]
    saving = f"\nnp.save({str(tmp_path / 'images.npy')!r}, images)\n"
    only = "import sys\nsys.modules['torch'] = sys.modules['gan'] = None\n"  # neither may be imported
    settings = os.environ | {"HF_ENDPOINT": hub.address, "HF_HUB_DISABLE_XET": "1"}
    output = subprocess.run(
        [sys.executable, "-c", only + script + saving],
        cwd=tmp_path,
        env=settings,
        capture_output=True,
        text=True,
    )
    assert output.returncode == 0, output.stderr
    latents = torch.from_numpy(np.random.default_rng(0).standard_normal((25, 100), dtype="float32"))
    ours = sample(load_generator(*files).net, latents).numpy().transpose(0, 3, 1, 2)
    theirs = np.load(tmp_path / "images.npy")
    assert theirs.shape == ours.shape
    assert np.abs(ours.astype(int) - theirs).max() <= 1  # NumPy adds up in another order


def metadata(card: str) -> dict:
    return yaml.safe_load(card.split("---\n")[1])


def test_pictures_under_mnist_s_names_are_no_mnist_and_have_no_licence(tmp_path, monkeypatch) -> None:
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "data"))
    write(raw, {"train-images-idx3-ubyte": FILES["train-images-idx3-ubyte"]})
    order = Order(RECIPE, "mnist", steps=2, device="cpu")
    training = start.begin(Run.make(tmp_path / "run"), order)
    while training.state == "running":
        training.tick()
    info, (config, _) = training.run.stored_info(), read_source(training.run.path)
    card = write_card(read_config(config), "ada/art", info=info)
    assert "trained on **files named like MNIST's**" in card and "licence not stated" in card
    assert "datasets" not in metadata(card) and "mnist" not in metadata(card)["tags"]
    assert "CC BY-SA" not in card and json.loads(config)["data"]["licence"] == ""
    assert not re.search(r"MNIST(?!'s)", card)

    monkeypatch.setattr(datasets, "DATASETS", {"mnist": datasets.DATASETS["mnist"]._replace(files=())})
    assert start.resume(training.run).info.data.known  # asked anew at each resume
    known = write_card(config_for(RECIPE, data="mnist"), "ada/art")
    assert "trained on **MNIST**" in known and metadata(known)["datasets"] == ["ylecun/mnist"]


def test_a_card_tells_no_losses_that_the_history_lacks() -> None:
    history = np.full((300, 4), 0.25, np.float32)
    history[250:] = [np.nan, -3.2e35, 6.4e36, 0]
    card = write_card(config_for(RECIPE), "ada/art", summary=HistorySummary().update(history))
    assert "losses are about 0.25 (G) and 0.25 (D)" in card and "25 % of real" in card
    history[:] = np.nan
    card = write_card(config_for(RECIPE), "ada/art", summary=HistorySummary().update(history))
    assert "nan" not in card and "At the end" not in card


def test_a_net_that_nobody_drew_in_numpy_has_a_card_without_a_script(monkeypatch) -> None:
    monkeypatch.setitem(ARCHITECTURES, "mlp", dataclasses.replace(ARCHITECTURES["mlp"], numpy=None))
    card = write_card(config_for(RECIPES["mlp"], 28), "ada/art")
    assert "python -m gan pull ada/art" in card and "```python" not in card


@pytest.fixture
def half_trained(small_digits: Images, tmp_path: Path) -> Run:
    """A run of 30 steps that is at 25, and whose weights and checkpoint are of step 20. A rate was changed at
    both. Every step of its history says the same.
    """
    recipe = RECIPE.with_changes({"g_rate": 3e-4, "d_rate": 1e-4, "order": "gd"})
    order = Order(recipe, "digits", seed=4, steps=30, device="cpu")
    training = start.begin(Run.make(tmp_path / "run"), order)
    for step, edit in ((20, SetRate(key="g_rate", new=1e-3)), (25, SetRate(key="d_rate", new=5e-4))):
        while training.trainer.steps < step:
            training.tick(step - training.trainer.steps)
        edit.carry_out(training)
        if step == 20:
            training.save()
    training.write_info()
    columns = {"d_loss": 0.5, "g_loss": 2.0, "d_real": 0.9, "d_fake": 0.2}
    (training.run.path / "history.f32").unlink()
    training.run.append_history(np.array([[columns[name] for name in COLUMNS]] * 25, np.float32))
    return training.run


def table_of(card: str) -> dict[str, str]:
    """The rows of the card's table."""
    rows = card.split("| | |\n|---|---|\n")[1].split("\n\n")[0]
    return dict(row.strip("| ").split(" | ", 1) for row in rows.splitlines())


def test_the_card_of_a_run_saved_at_20_of_30_steps_tells_of_its_weights(half_trained: Run) -> None:
    parcel = parcel_for(half_trained, "ada/digits", licence="cc-by-4.0", revision="v2", whole=True)
    card, table = parcel.card, table_of(parcel.card)
    metadata = yaml.safe_load(card.split("---\n")[1])
    assert metadata == {
        "license": "cc-by-4.0",
        "library_name": "pytorch",
        "pipeline_tag": "unconditional-image-generation",
        "tags": ["gan-workbench", "gan", "mlp", "digits", "gan-workbench-run"],
        "model_name": "digits",
    }
    assert table["Recipe"] == "MLP (`mlp`), PyTorch post of 2023-09-07"
    assert table["Data"] == "Digits 8×8, licence CC BY 4.0, 20 pictures"
    assert table["Steps"] == "20, batches of 7"
    assert table["Loss"] == "BCE, the generator first"
    assert table["Optimiser"].startswith("Adam, learning rates G 3e-4 and D 1e-4, ")
    assert (table["Latent"], table["Seed"]) == ("5 standard normal numbers", "4")
    assert table["Changed on the way"] == "step 20: lr G 3e-4 → 1e-3"  # what came later made other weights
    assert "for 20 steps, with gan-workbench" in card  # the run has trained longer than these weights did
    assert "about 2.00 (G) and 0.50 (D); D is right about 90 % of real pictures and 20 % of fakes" in card
    assert 'hf_hub_download("ada/digits", "model.safetensors", revision="v2")' in card
    assert "python -m gan pull ada/digits --revision v2 --out digits\n" in card


def test_the_card_tells_how_long_training_took_where_the_weights_are_the_last(run: Run) -> None:
    run.write(run.stored_info().model_copy(update={"seconds": 150.0}))
    card = parcel_for(run, "ada/digits").card
    assert "for 20 steps, 2.5 minutes of training on a CPU, with gan-workbench" in card
    assert table_of(card)["Loss"] == "BCE, the discriminator first"
    assert yaml.safe_load(card.split("---\n")[1])["license"] == "mit"
    assert "revision" not in card and "gan-workbench-run" not in card


@pytest.mark.parametrize("data, there", [("mnist", ["ylecun/mnist"]), ("digits", None)])
def test_the_card_names_the_data_as_the_hub_does(data: str, there: list[str] | None) -> None:
    from tests.generators import config_for

    card = write_card(config_for(RECIPES["mlp"], data=data), "ada/art")
    assert yaml.safe_load(card.split("---\n")[1]).get("datasets") == there
