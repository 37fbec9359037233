"""Steps recorded on a GPU."""

import pytest
import torch

from gan.compute.settings import prepare
from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.train.autotune import tuned
from gan.train.trainer import Trainer
from tests.train.resumed import assert_resumes

pytestmark = pytest.mark.usefixtures("measuring")

on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU, and there is none")


@on_a_gpu
@pytest.mark.parametrize("name", RECIPES)
def test_a_recorded_step_is_the_eager_step(name, small_images) -> None:
    """20 images and batches of 8: every third batch of an epoch is short and played eagerly."""
    recipe = RECIPES[name].with_changes({"batch_size": 8})
    prepare(Numerics())
    eager = Trainer(recipe, small_images(20, 28), 5, "cuda")
    recorded = Trainer(recipe, small_images(20, 28), 5, "cuda", Numerics(mode="graph"))
    ours, theirs = recorded.advance(12), eager.advance(12)
    assert torch.allclose(ours[:3], theirs[:3], atol=1e-3)  # dropout's masks may come in another order
    assert recorded.steps == 12


@on_a_gpu
def test_a_recorded_run_resumes_with_the_same_bits_and_obeys_new_rates(small_images) -> None:
    recipe = RECIPES["dcgan"].with_changes({"batch_size": 8})
    make = lambda: Trainer(recipe, small_images(20, 28), 5, "cuda", Numerics(mode="graph"))  # noqa: E731
    whole, first, second = make(), make(), make()
    assert_resumes(whole, first, second, 5, 5)
    whole.set_rates(g_rate=1e-12)
    before = whole.copy()["generator"]
    whole.advance(1)
    weights = dict(whole.generator.named_parameters())
    assert all(torch.allclose(before[name], value, atol=1e-9) for name, value in weights.items())


@on_a_gpu
def test_a_gpu_that_cannot_record_steps_eagerly_and_says_why(small_images, monkeypatch) -> None:
    def refuse(*_) -> None:
        raise RuntimeError("capture is not supported here")

    monkeypatch.setattr("gan.train.cuda_graph.RecordedStep._record", refuse)
    found = tuned(RECIPES["mlp"], small_images(100, 28), torch.device("cuda"), beside_browser=False)
    assert found.mode == "eager" and "capture is not supported" in found.why
