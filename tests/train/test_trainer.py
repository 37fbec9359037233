"""The trainer against loops written as the posts write them, and against itself."""

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn, optim

from gan.compute.devices import devices, pick_device
from gan.compute.random_streams import random_stream
from gan.data.batches import Batches
from gan.errors import Problem
from gan.nets.pair import GAN
from gan.recipes.table import RECIPES
from gan.train.guard import NotFinite
from gan.train.trainer import GRID, Trainer

SEED = 5


@pytest.fixture(params=RECIPES)
def recipe(request):
    """Each recipe in turn, with a batch that 20 images fill two and a half times."""
    return RECIPES[request.param].with_changes({"batch_size": 8})


@pytest.fixture
def trainer(recipe, small_images):
    return Trainer(recipe, small_images(), SEED)


def weights(trainer):
    """Copies of every tensor the next round depends on, by group and name."""
    return {
        f"{group}.{name}": tensor.clone()
        for group, tensors in trainer.state_dict().items()
        for name, tensor in tensors.items()
    }


def same(ours, theirs):
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


# --- the posts' loops -------------------------------------------------------------------------------


class Streams:
    """The batches and latents that a trainer of that seed draws."""

    def __init__(self, recipe, images):
        seed = random_stream(SEED, "batches").initial_seed()
        self.batches = Batches(images.pixels, recipe.batch_size, recipe.drawing, seed)
        self.latents = random_stream(SEED, "latents")

    def real(self):
        return next(self.batches).double()

    def z(self, count):
        return torch.randn(count, 100, generator=self.latents).double()


class PlainDropout(nn.Module):
    def __init__(self, rng):
        super().__init__()
        self.rng = rng

    def forward(self, x):
        if not self.training:
            return x
        n, c, h, w = x.shape  # a byte a value, pixel by pixel; a quarter of all bytes lie below 64
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None, generator=self.rng)
        drawn = words.view(torch.uint8)[: x.numel()].view(n, h, w, c).permute(0, 3, 1, 2)
        return torch.where(drawn < 64, 0.0, x / 0.75)


class SamePadding(nn.Module):
    """TensorFlow's 'same' for a 3×3 kernel and stride 2."""

    def forward(self, x):
        pads = []
        for size in (x.shape[3], x.shape[2]):
            total = max((-(-size // 2) - 1) * 2 + 3 - size, 0)
            pads += [total // 2, total - total // 2]
        return F.pad(x, pads)


def mlp_pair(activation):
    g = [nn.Linear(100, 128), activation(), nn.Linear(128, 256), activation(), nn.Linear(256, 784), nn.Tanh()]
    d = [nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)]
    return nn.Sequential(*g, nn.Unflatten(1, (1, 28, 28))), nn.Sequential(nn.Flatten(), *d, nn.Sigmoid())


def dcgan_pair(rng):
    def norm(channels):
        return nn.BatchNorm2d(channels, momentum=0.01, eps=1e-3)

    def block(i, o, normed=True):
        last = [norm(o)] if normed else []
        return [SamePadding(), nn.Conv2d(i, o, 3, 2), *last, nn.LeakyReLU(0.2), PlainDropout(rng)]

    up = [nn.Upsample(scale_factor=2), nn.Conv2d(128, 128, 3, padding=1), norm(128), nn.ReLU()]
    up += [nn.Upsample(scale_factor=2), nn.Conv2d(128, 64, 3, padding=1), norm(64), nn.ReLU()]
    start = [nn.Linear(100, 6272), nn.ReLU(), nn.Unflatten(1, (128, 7, 7))]
    g = nn.Sequential(*start, *up, nn.Conv2d(64, 1, 3, padding=1), nn.Tanh())
    d = [*block(1, 32, False), *block(32, 64), *block(64, 128), *block(128, 256)]
    return g, nn.Sequential(*d, nn.Flatten(), nn.Linear(1024, 1), nn.Sigmoid())


def start_like(recipe, images, g, d):
    """Give both the weights a trainer starts with."""
    gan = GAN.from_recipe(recipe, images.shape, SEED)
    for ours, theirs in ((gan.generator, g), (gan.discriminator, d)):
        values = ours.state_dict().values()
        theirs.double().load_state_dict(dict(zip(theirs.state_dict(), values, strict=True)))


def accuracy(hits):
    return hits.float().mean().item()


def play_mlp(recipe, images, rounds):
    """The PyTorch post, with the repair that everybody uses."""
    g, d = mlp_pair(lambda: nn.LeakyReLU(0.2))
    start_like(recipe, images, g, d)
    crit, streams, seen = nn.BCELoss(), Streams(recipe, images), []
    opt_g, opt_d = optim.Adam(g.parameters(), lr=2e-4), optim.Adam(d.parameters(), lr=2e-4)
    for _ in range(rounds):
        real = streams.real()
        fake = g(streams.z(len(real)))
        p_real, p_fake = d(real), d(fake)
        d_loss = (crit(p_real, torch.ones_like(p_real)) + crit(p_fake, torch.zeros_like(p_fake))) / 2
        opt_d.zero_grad()
        d_loss.backward(retain_graph=True)
        opt_d.step()
        g_loss = crit(d(fake), torch.ones_like(p_fake))
        opt_g.zero_grad()
        g_loss.backward()
        opt_g.step()
        seen.append([d_loss.item(), g_loss.item(), accuracy(p_real > 0.5), accuracy(p_fake < 0.5)])
    return g, d, seen


def play_g_first(recipe, images, rounds):
    """The course note."""
    g, d = mlp_pair(nn.ReLU)
    start_like(recipe, images, g, d)
    crit, streams, seen = nn.BCELoss(), Streams(recipe, images), []
    opt_g, opt_d = optim.Adam(g.parameters(), lr=2e-4), optim.Adam(d.parameters(), lr=2e-4)
    ones, zeros = torch.ones(32, 1).double(), torch.zeros(32, 1).double()
    for _ in range(rounds):
        real = streams.real()
        g_loss = crit(d(g(streams.z(32))), ones)
        opt_g.zero_grad()
        g_loss.backward()
        opt_g.step()
        p_real, p_fake = d(real), d(g(streams.z(32)).detach())
        d_loss = (crit(p_real, ones) + crit(p_fake, zeros)) / 2
        opt_d.zero_grad()
        d_loss.backward()
        opt_d.step()
        seen.append([d_loss.item(), g_loss.item(), accuracy(p_real > 0.5), accuracy(p_fake < 0.5)])
    return g, d, seen


def play_dcgan(recipe, images, rounds):
    """The Keras chapter: train_on_batch(real), predict and train_on_batch(fake), then the joined model."""
    g, d = dcgan_pair(random_stream(SEED, "dropout"))
    start_like(recipe, images, g, d)
    crit, streams, seen = nn.BCELoss(), Streams(recipe, images), []
    opt_g = optim.Adam(g.parameters(), lr=1e-3, eps=1e-7)
    opt_d = optim.Adam(d.parameters(), lr=1e-3, eps=1e-7)
    ones, zeros = torch.ones(32, 1).double(), torch.zeros(32, 1).double()

    def train_d_on_batch(batch, labels):
        p = d(batch)
        loss = crit(p, labels)
        opt_d.zero_grad()
        loss.backward()
        opt_d.step()
        return loss.item(), accuracy((p > 0.5) == (labels > 0))

    for _ in range(rounds):
        real_loss, d_real = train_d_on_batch(streams.real(), ones)
        z = streams.z(32)
        g.eval()
        with torch.no_grad():
            fake = g(z)
        g.train()
        fake_loss, d_fake = train_d_on_batch(fake, zeros)
        g_loss = crit(d(g(z)), ones)
        opt_g.zero_grad()
        g_loss.backward()
        opt_g.step()
        seen.append([0.5 * (real_loss + fake_loss), g_loss.item(), d_real, d_fake])
    return g, d, seen


LOOPS = {"mlp": play_mlp, "mlp-g-first": play_g_first, "dcgan": play_dcgan}


def doubled(trainer):
    """The trainer in float64, so that rounding can't grow where Adam divides by a gradient close to 0."""
    for net in (trainer.generator, trainer.discriminator):
        net.double().register_forward_pre_hook(lambda _, inputs: (inputs[0].double(),))
    return trainer


@pytest.mark.parametrize("name, rounds", [("mlp", 5), ("mlp-g-first", 5), ("dcgan", 2)])
def test_a_few_rounds_are_those_of_the_posts_loop(name, rounds, small_images):
    images, recipe = small_images(70, 28), RECIPES[name]  # 70: the third batch of an epoch is short
    trainer = doubled(Trainer(recipe, images, SEED))
    numbers = trainer.advance(rounds)
    g, d, expected = LOOPS[name](recipe, images, rounds)
    assert torch.allclose(numbers, torch.tensor(expected, dtype=torch.float64), atol=1e-9)
    for ours, theirs in ((trainer.generator, g), (trainer.discriminator, d)):
        for mine, yours in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
            assert torch.allclose(mine, yours, rtol=0, atol=1e-8)


def test_a_step_returns_what_advance_returns(trainer, recipe, small_images):
    one_by_one = torch.stack([trainer.step() for _ in range(3)])
    assert torch.equal(one_by_one, Trainer(recipe, small_images(), SEED).advance(3))


def test_losses_start_near_a_coin_flip(trainer):
    d_loss, g_loss, d_real, d_fake = trainer.step().tolist()
    assert 0.2 < d_loss < 2 and 0.2 < g_loss < 2
    assert 0 <= d_real <= 1 and 0 <= d_fake <= 1


# --- randomness -------------------------------------------------------------------------------------


def test_global_random_generators_are_left_alone(recipe, small_images):
    torch.manual_seed(3), np.random.seed(3), random.seed(3)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
    trainer = Trainer(recipe, small_images(), SEED)
    trainer.advance(2), trainer.grid(), trainer.move("d"), trainer.move("g")
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1] and random.getstate() == before[2]


def test_global_random_generators_decide_nothing(trainer, recipe, small_images):
    trainer.advance(2)
    torch.manual_seed(99)
    other = Trainer(recipe, small_images(), SEED)
    torch.manual_seed(98)
    other.advance(2)
    assert same(weights(trainer), weights(other))


def test_another_seed_gives_other_weights_latents_and_batches(trainer, recipe, small_images):
    other = Trainer(recipe, small_images(), SEED + 1)
    mine, yours = weights(trainer), weights(other)
    for name in ("generator.layers.0.weight", "discriminator.layers.0.weight", "random.latents"):
        assert not torch.equal(mine[name], yours[name])
    assert not torch.equal(next(trainer.batches), next(other.batches))


def test_slices_of_any_size_give_the_same_weights(trainer, recipe, small_images):
    trainer.advance(7)
    other = Trainer(recipe, small_images(), SEED)
    for steps in (1, 4, 2):
        other.advance(steps)
    assert same(weights(trainer), weights(other))


def test_a_slice_without_time_is_one_step(trainer):
    assert len(trainer.advance(1000, seconds=0)) == 1
    assert trainer.steps == 1


# --- a state is all there is ------------------------------------------------------------------------


@pytest.mark.parametrize("pause", [3, 10])  # 3: right after an epoch's short last batch
def test_a_loaded_state_continues_bit_for_bit(recipe, small_images, pause):
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


def weights_by_group(trainer):
    return {group: {k: v.clone() for k, v in ts.items()} for group, ts in trainer.state_dict().items()}


def test_changed_rates_are_part_of_the_state(trainer, recipe, small_images):
    trainer.advance(2)
    trainer.set_rates(g_rate=1e-4, d_rate=3e-4)
    other = Trainer(recipe, small_images(), SEED)
    other.load_state_dict(weights_by_group(trainer))
    assert other.rates() == {"g_rate": 1e-4, "d_rate": 3e-4}
    trainer.advance(2), other.advance(2)
    assert same(weights(trainer), weights(other))


# --- edits ------------------------------------------------------------------------------------------


def test_new_rates_keep_the_moments_and_count_from_the_next_step(trainer, recipe, small_images):
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
def test_a_move_changes_one_player_alone(trainer, player, other):
    trainer.advance(2)
    nets = {"d": trainer.discriminator, "g": trainer.generator}
    before = {name: [p.detach().clone() for p in net.parameters()] for name, net in nets.items()}
    numbers = trainer.move(player)
    assert not any(map(torch.equal, before[player], nets[player].parameters()))
    assert all(map(torch.equal, before[other], nets[other].parameters()))
    assert trainer.steps == 2
    assert set(numbers) == ({"g_loss"} if player == "g" else {"d_loss", "d_real", "d_fake"})


# --- last finite weights ----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("net", ["generator", "discriminator"])
def test_a_broken_weight_brings_back_the_last_finite_state(trainer, recipe, small_images, net, value):
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


def test_a_rate_that_explodes_is_noticed(small_images):
    recipe = RECIPES["mlp"].with_changes({"batch_size": 8})
    trainer = Trainer(recipe, small_images(), SEED)
    trainer.advance(2)
    trainer.set_rates(g_rate=1e38, d_rate=1e38)
    with pytest.raises(NotFinite):
        trainer.advance(50)
    assert all(
        p.isfinite().all() for net in (trainer.generator, trainer.discriminator) for p in net.parameters()
    )


def test_a_broken_move_brings_back_the_last_finite_state(trainer):
    trainer.advance(1)
    before = weights(trainer)
    with torch.no_grad():
        trainer.discriminator.layers[0].weight.fill_(float("nan"))
    with pytest.raises(NotFinite):
        trainer.move("d")
    assert same(weights(trainer), before)


# --- pictures, batches, devices ---------------------------------------------------------------------


def test_the_grid_shows_25_fixed_latents_and_moves_nothing(trainer):
    trainer.advance(1)
    before = weights(trainer)
    first, second = trainer.grid(), trainer.grid()
    assert first.shape == (GRID, 8, 8, 1) and first.dtype == torch.uint8
    assert torch.equal(first, second) and same(before, weights(trainer))
    assert trainer.generator.training
    trainer.advance(2)
    assert not torch.equal(first, trainer.grid())


def test_a_batch_larger_than_the_data_is_refused(recipe, small_images):
    with pytest.raises(Problem, match="batch of 8 .*holds 7 images.*7 at most"):
        Trainer(recipe, small_images(7), SEED)


def test_the_cpu_is_always_there_and_a_wrong_device_is_named():
    assert devices()[-1] == "cpu" and pick_device("cpu").type == "cpu"
    assert pick_device("auto").type == devices()[0]
    with pytest.raises(Problem, match="no device 'tpu'.*cpu"):
        pick_device("tpu")


def test_between_two_copies_a_break_leads_back_to_the_last_or_to_the_last_change_of_a_rate(
    small_images, monkeypatch
):
    monkeypatch.setattr("gan.train.guard.COPY_EVERY", 1e9)
    trainer = Trainer(RECIPES["mlp"].with_changes({"batch_size": 8}), small_images(20, 28), SEED)

    def break_it():
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
