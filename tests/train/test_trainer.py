"""The trainer: rounds, randomness, state and edits."""

import random

import numpy as np
import pytest
import torch
from torch.nn.functional import softplus

from gan.errors import Problem
from gan.nets.sampling import evaluating
from gan.recipes.table import RECIPES
from gan.train.trainer import GRID, Trainer
from tests.train.states import SEED, same, weights, weights_by_group


def test_a_step_returns_what_advance_returns(trainer, recipe, small_images) -> None:
    one_by_one = torch.stack([trainer.step() for _ in range(3)])
    assert torch.equal(one_by_one, Trainer(recipe, small_images(), SEED).advance(3))


def test_losses_start_near_a_coin_flip(trainer) -> None:
    d_loss, g_loss, d_real, d_fake = trainer.step().tolist()
    assert 0.2 < d_loss < 2 and 0.2 < g_loss < 2
    assert 0 <= d_real <= 1 and 0 <= d_fake <= 1


def test_global_random_generators_are_left_alone(recipe, small_images) -> None:
    torch.manual_seed(3), np.random.seed(3), random.seed(3)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
    trainer = Trainer(recipe, small_images(), SEED)
    trainer.advance(2), trainer.grid(), trainer.move("d"), trainer.move("g")
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1] and random.getstate() == before[2]


def test_global_random_generators_decide_nothing(trainer, recipe, small_images) -> None:
    trainer.advance(2)
    torch.manual_seed(99)
    other = Trainer(recipe, small_images(), SEED)
    torch.manual_seed(98)
    other.advance(2)
    assert same(weights(trainer), weights(other))


def test_another_seed_gives_other_weights_latents_and_batches(trainer, recipe, small_images) -> None:
    other = Trainer(recipe, small_images(), SEED + 1)
    mine, yours = weights(trainer), weights(other)
    for name in ("generator.layers.0.weight", "discriminator.layers.0.weight", "random.latents"):
        assert not torch.equal(mine[name], yours[name])
    assert not torch.equal(next(trainer.batches), next(other.batches))


def test_slices_of_any_size_give_the_same_weights(trainer, recipe, small_images) -> None:
    trainer.advance(7)
    other = Trainer(recipe, small_images(), SEED)
    for steps in (1, 4, 2):
        other.advance(steps)
    assert same(weights(trainer), weights(other))


def test_a_slice_without_time_is_one_step(trainer) -> None:
    assert len(trainer.advance(1000, seconds=0)) == 1
    assert trainer.steps == 1


@pytest.mark.parametrize("pause", [3, 10])  # 3: right after an epoch's short last batch
def test_a_loaded_state_continues_bit_for_bit(recipe, small_images, pause) -> None:
    images = small_images()
    whole = Trainer(recipe, images, SEED)
    expected = whole.advance(20)[pause:]
    first = Trainer(recipe, images, SEED)
    first.advance(pause)
    state = weights_by_group(first)
    second = Trainer(recipe, images, SEED + 7)  # nothing of its own may remain
    second.load_state_dict(state)
    assert second.steps == pause
    assert torch.equal(second.advance(20 - pause), expected)
    assert same(weights(whole), weights(second))


def test_changed_rates_are_part_of_the_state(trainer, recipe, small_images) -> None:
    trainer.advance(2)
    trainer.set_rates(g_rate=1e-4, d_rate=3e-4)
    other = Trainer(recipe, small_images(), SEED)
    other.load_state_dict(weights_by_group(trainer))
    assert other.rates() == {"g_rate": 1e-4, "d_rate": 3e-4}
    trainer.advance(2), other.advance(2)
    assert same(weights(trainer), weights(other))


def test_new_rates_keep_the_moments_and_count_from_the_next_step(trainer, recipe, small_images) -> None:
    unedited = Trainer(recipe, small_images(), SEED)
    trainer.advance(3), unedited.advance(3)
    before = weights(trainer)
    trainer.set_rates(g_rate=recipe.g_rate / 10)
    after = weights(trainer)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"counters.rates"}
    trainer.advance(1), unedited.advance(1)
    name = "generator.layers.0.weight"
    slow = (trainer.generator.state_dict()["layers.0.weight"] - before[name]).abs().max()
    fast = (unedited.generator.state_dict()["layers.0.weight"] - before[name]).abs().max()
    assert slow * 5 < fast
    assert trainer.rates() == {"g_rate": recipe.g_rate / 10, "d_rate": recipe.d_rate}


@pytest.mark.parametrize("player, other", [("d", "g"), ("g", "d")])
def test_a_move_changes_one_player_alone(trainer, player, other) -> None:
    trainer.advance(2)
    nets = {"d": trainer.discriminator, "g": trainer.generator}
    before = {name: [p.detach().clone() for p in net.parameters()] for name, net in nets.items()}
    numbers = trainer.move(player)
    assert not any(map(torch.equal, before[player], nets[player].parameters()))
    assert all(map(torch.equal, before[other], nets[other].parameters()))
    assert trainer.steps == 2
    assert set(numbers) == ({"g_loss"} if player == "g" else {"d_loss", "d_real", "d_fake"})


def test_the_grid_shows_25_fixed_latents_and_moves_nothing(trainer) -> None:
    trainer.advance(1)
    before = weights(trainer)
    first, second = trainer.grid(), trainer.grid()
    assert first.shape == (GRID, 8, 8, 1) and first.dtype == torch.uint8
    assert torch.equal(first, second) and same(before, weights(trainer))
    assert trainer.generator.training
    trainer.advance(2)
    assert not torch.equal(first, trainer.grid())


def test_a_joint_update_shows_batch_norm_real_images_and_fakes_apart(small_images) -> None:
    """As the posts' loop would: D of the one batch, then of the other, and one step on both losses."""
    recipe = RECIPES["dcgan"].with_changes({"batch_size": 8, "d_updates": "joint"})
    trainer, plain = (Trainer(recipe, small_images(20, 8), SEED) for _ in range(2))
    real = next(plain.batches)
    with evaluating(plain.generator):
        fake = plain.generator(plain.draw_latents(8))
    real_logits, fake_logits = plain.discriminator(real), plain.discriminator(fake)
    played = trainer.play("d", trainer.batches.next_indices())
    loss = softplus(-real_logits).mean() + softplus(fake_logits).mean()
    assert torch.allclose(played["d_loss"], recipe.d_scale * loss)
    assert played["d_real"] == (real_logits > 0).float().mean()
    assert played["d_fake"] == (fake_logits < 0).float().mean()
    for name, statistics in plain.discriminator.named_buffers():
        assert torch.equal(trainer.discriminator.get_buffer(name), statistics), name


@pytest.mark.parametrize(("still", "moving"), [("g", "d"), ("d", "g")])
def test_each_player_learns_at_its_own_rate(small_images, still, moving) -> None:
    recipe = RECIPES["mlp"].with_changes({"batch_size": 8, f"{still}_rate": 1e-12})
    trainer = Trainer(recipe, small_images(), SEED)
    nets = {"g": trainer.generator, "d": trainer.discriminator}
    before = {name: net.layers[0].weight.detach().clone() for name, net in nets.items()}
    trainer.advance(2)
    change = {name: (net.layers[0].weight - before[name]).abs().max() for name, net in nets.items()}
    assert change[still] < 1e-8 < 1e-5 < change[moving]


def test_a_batch_of_all_images_is_taken(recipe, small_images) -> None:
    assert Trainer(recipe, small_images(8), SEED).advance(2).isfinite().all()


def test_a_batch_larger_than_the_data_is_refused(recipe, small_images) -> None:
    with pytest.raises(Problem, match="batch of 8 .*holds 7 images.*7 at most"):
        Trainer(recipe, small_images(7), SEED)
