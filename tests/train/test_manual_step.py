"""Gradients written out by hand, against autograd."""

import pytest
import torch

from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.train.trainer import Trainer
from tests.train.resumed import assert_resumes

pytestmark = pytest.mark.usefixtures("torch_settings")

BY_HAND = Numerics(mode="by hand")


@pytest.mark.parametrize("name", ["mlp", "mlp-g-first"])
@pytest.mark.parametrize("changes", [{}, {"d_latents": "fresh"}, {"order": "gd"}, {"d_scale": 0.7}])
def test_gradients_by_hand_are_those_of_autograd(name, changes, small_images) -> None:
    """Over two epochs, their short batches included; sums in another order differ in float32's 24th bit,
    which Adam with its usual eps would blow up where a gradient is next to nothing.
    """
    recipe = RECIPES[name].with_changes({"batch_size": 8, "g_rate": 1e-3, "eps": 1e-3} | changes)
    plain = Trainer(recipe, small_images(20, 28), 5)
    written = Trainer(recipe, small_images(20, 28), 5, numerics=BY_HAND)
    ours, theirs = written.advance(6), plain.advance(6)
    assert torch.allclose(ours, theirs, atol=1e-5)
    for net in ("generator", "discriminator"):
        weights = getattr(plain, net).state_dict()
        for key, value in getattr(written, net).state_dict().items():
            assert torch.allclose(value, weights[key], atol=1e-6), key
    assert torch.equal(written.rng["latents"].get_state(), plain.rng["latents"].get_state())


def test_gradients_by_hand_resume_with_the_same_bits(small_images) -> None:
    recipe = RECIPES["mlp"].with_changes({"batch_size": 8})
    whole, first, second = (Trainer(recipe, small_images(20, 28), 5, numerics=BY_HAND) for _ in range(3))
    assert_resumes(whole, first, second, 4, 5)


@pytest.mark.parametrize(
    ("name", "changes"),
    [("mlp", {"d_updates": "separate"}), ("dcgan", {"d_updates": "joint", "d_fakes": "training"})],
)
def test_a_recipe_that_is_not_written_out_steps_by_autograd(small_images, name, changes) -> None:
    recipe = RECIPES[name].with_changes({"batch_size": 4} | changes)
    written, plain = (
        Trainer(recipe, small_images(20, 8), 5, numerics=numerics) for numerics in (BY_HAND, None)
    )
    assert torch.equal(written.advance(5), plain.advance(5))
