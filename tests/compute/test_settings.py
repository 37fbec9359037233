"""What torch computes with."""

import pytest
import torch

from gan.compute.settings import plainly, prepare
from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.train import autotune
from gan.train.trainer import Trainer

pytestmark = pytest.mark.usefixtures("torch_settings")


def test_onednn_is_offered_only_where_its_float32_is_float32() -> None:
    a = torch.randn(64, 256, generator=torch.Generator().manual_seed(1))
    right = a.double() @ a.double().T
    before = torch.backends.mkldnn.matmul.fp32_precision
    if autotune.onednn_is_exact():
        prepare(Numerics(products="onednn"))
        assert float((a @ a.T - right).abs().max() / right.abs().max()) < 1e-5
        with plainly():
            assert torch.backends.mkldnn.matmul.fp32_precision == "ieee"
    assert before == "ieee" or before == "none"


@pytest.mark.parametrize("name", RECIPES)
def test_bfloat16_takes_the_plain_step_within_its_rounding(name, small_images) -> None:
    """Eight bits of mantissa round by 1/256 at the most; losses of the first steps differ by little more."""
    recipe = RECIPES[name].with_changes({"batch_size": 8})
    rounds = {}
    for precision in ("float32", "bfloat16"):
        trainer = Trainer(recipe, small_images(20, 28), 5, numerics=Numerics(precision=precision))
        rounds[precision] = trainer.advance(3)
        assert all(p.dtype == torch.float32 for p in trainer.generator.parameters())
    first = {key: value[0, :2] for key, value in rounds.items()}
    assert torch.allclose(first["float32"], first["bfloat16"], atol=0.02)
    assert not torch.equal(rounds["float32"], rounds["bfloat16"])


def test_a_picture_drawn_meanwhile_leaves_what_a_training_computes_with() -> None:
    prepare(Numerics(threads=2, products="onednn"))
    chosen = torch.backends.mkldnn.matmul.fp32_precision
    with plainly():
        assert torch.get_num_threads() == 1 and torch.backends.mkldnn.matmul.fp32_precision == "ieee"
    assert torch.get_num_threads() == 2 and torch.backends.mkldnn.matmul.fp32_precision == chosen == "bf16"
