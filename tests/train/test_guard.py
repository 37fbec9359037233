"""A training that breaks goes back to its last finite weights."""

import pytest
import torch

from gan.recipes.table import RECIPES
from gan.train.guard import NotFinite
from gan.train.trainer import Trainer
from tests.train.states import SEED, same, weights


@pytest.mark.usefixtures("a_copy_each_slice")
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("net", ["generator", "discriminator"])
def test_a_broken_weight_brings_back_the_last_finite_state(trainer, recipe, small_images, net, value) -> None:
    trainer.advance(3)
    before = weights(trainer)
    with torch.no_grad():
        getattr(trainer, net).layers[0].weight[0, 0] = value
    with pytest.raises(NotFinite) as refusal:
        trainer.advance(5)
    assert "not finite" in str(refusal.value) and "step 3" in str(refusal.value)
    assert same(weights(trainer), before)
    unbroken = Trainer(recipe, small_images(), SEED)
    trainer.advance(2), unbroken.advance(5)
    assert same(weights(trainer), weights(unbroken))


def test_a_rate_that_explodes_is_noticed(small_images) -> None:
    recipe = RECIPES["mlp"].with_changes({"batch_size": 8})
    trainer = Trainer(recipe, small_images(), SEED)
    trainer.advance(2)
    trainer.set_rates(g_rate=1e38, d_rate=1e38)
    with pytest.raises(NotFinite):
        trainer.advance(50)
    assert all(
        p.isfinite().all() for net in (trainer.generator, trainer.discriminator) for p in net.parameters()
    )


@pytest.mark.usefixtures("a_copy_each_slice")
@pytest.mark.parametrize("player", ["d", "g"])
def test_a_broken_move_brings_back_the_last_finite_state_and_says_whose_it_was(trainer, player) -> None:
    trainer.advance(1)
    before = weights(trainer)
    with torch.no_grad():
        trainer.discriminator.layers[0].weight.fill_(float("nan"))
    with pytest.raises(NotFinite, match=f"^{player.upper()}'s loss is not finite by step 1"):
        trainer.move(player)
    assert same(weights(trainer), before)


@pytest.mark.usefixtures("a_copy_each_slice")
@pytest.mark.parametrize(("name", "player"), [("mlp", "g"), ("mlp-g-first", "d")])
def test_weights_that_break_in_a_slices_last_move_are_found_at_once(small_images, name, player) -> None:
    """Whoever moves last in a step does so after its losses: they are finite still."""
    trainer = Trainer(RECIPES[name].with_changes({"batch_size": 8}), small_images(), SEED)
    trainer.advance(2)
    before = weights(trainer)
    optimizer = getattr(trainer, f"opt_{player}")
    first = optimizer.param_groups[0]["params"][0]
    optimizer.state[first]["exp_avg"][0, 0] = float("nan")
    with pytest.raises(NotFinite, match=rf"^{player.upper()}'s weights are not finite \(layers.0.weight\)"):
        trainer.advance(1)
    assert same(weights(trainer), before)


@pytest.mark.usefixtures("no_copy_in_time")
def test_between_two_copies_a_break_leads_back_to_the_last_or_to_the_last_change_of_a_rate(
    small_images,
) -> None:
    trainer = Trainer(RECIPES["mlp"].with_changes({"batch_size": 8}), small_images(20, 28), SEED)

    def break_it() -> None:
        with torch.no_grad():
            trainer.generator.layers[0].weight[0, 0] = float("nan")
        with pytest.raises(NotFinite):
            trainer.advance(1)

    trainer.advance(5)
    break_it()
    assert trainer.steps == 0
    trainer.advance(4)
    trainer.set_rates(g_rate=0.5)
    trainer.advance(3)
    break_it()
    assert trainer.steps == 4 and trainer.rates()["g_rate"] == RECIPES["mlp"].g_rate
