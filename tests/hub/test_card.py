"""The card of a pushed generator: what it promises holds."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from gan.hub.bundle import make_bundle
from gan.hub.card import write_card
from gan.nets.sampling import sample
from gan.nets.weights import load_generator
from gan.recipes.architectures import ARCHITECTURES
from gan.recipes.table import RECIPES
from tests.hub.pushing import PNG


@pytest.mark.parametrize("name, ema", [*((name, 0) for name in RECIPES), ("dcgan", 1000)])
def test_the_card_s_own_snippet_draws_the_same_pictures(hub, tmp_path, name, ema) -> None:
    from gan.nets.pair import Generator
    from gan.nets.weights import generator_files, with_prefix
    from tests.generators import config_for

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


def test_a_net_that_nobody_drew_in_numpy_has_a_card_without_a_script(monkeypatch) -> None:
    from tests.generators import config_for

    monkeypatch.setitem(ARCHITECTURES, "mlp", dataclasses.replace(ARCHITECTURES["mlp"], numpy=None))
    card = write_card(config_for(RECIPES["mlp"], 28), "ada/art")
    assert "python -m gan pull ada/art" in card and "```python" not in card
