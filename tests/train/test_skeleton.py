"""The skeleton post's six functions."""

import torch

from gan.recipes.table import RECIPES
from gan.train import skeleton
from gan.train.trainer import Trainer


def test_gan_returns_all_four_things() -> None:
    generator, discriminator, loss, optimizers = skeleton.GAN()
    images = generator(torch.zeros(2, 100))
    assert images.shape == (2, 1, 28, 28)
    assert discriminator(images).shape == (2, 1)
    assert loss is skeleton.loss_function()
    assert [optimizer.param_groups[0]["lr"] for optimizer in optimizers] == [2e-4, 2e-4]
    held = [[id(p) for p in optimizer.param_groups[0]["params"]] for optimizer in optimizers]
    assert held == [[id(p) for p in net.parameters()] for net in (generator, discriminator)]


def test_each_function_gives_its_part() -> None:
    assert torch.equal(*(net.layers[0].weight for net in (skeleton.generator(3), skeleton.generator(3))))
    d = skeleton.discriminator(3)
    assert d(torch.zeros(4, 1, 28, 28)).shape == (4, 1)
    opt_g, opt_d = skeleton.optimize(skeleton.generator(), d)
    assert opt_d.param_groups[0]["params"][0] is d.layers[0].weight


def test_the_losses_are_those_of_a_coin_flip_at_logit_0() -> None:
    loss = skeleton.loss_function()
    undecided, coin_flip = torch.zeros(3, 1), torch.tensor(2.0).log().item()
    assert loss.d(undecided, undecided).item() == 2 * coin_flip  # once for real images, once for fakes
    assert loss.g(None, undecided).item() == coin_flip
    assert [part(undecided).item() for part in loss.d_parts] == [coin_flip, coin_flip]
    sure = torch.tensor([[9.0]])
    assert loss.d(sure, -sure) < 0.01 < loss.d(-sure, sure)


def test_train_plays_the_trainers_rounds_bit_for_bit(small_images) -> None:
    images = small_images(70, 28)  # the third batch is short
    parts = skeleton.GAN(seed=4)
    losses = skeleton.train(parts, images, steps=6, seed=4)
    trainer = Trainer(RECIPES["mlp"], images, seed=4)
    assert torch.equal(losses, trainer.advance(6)[:, :2])
    for ours, theirs in ((parts.generator, trainer.generator), (parts.discriminator, trainer.discriminator)):
        assert all(map(torch.equal, ours.state_dict().values(), theirs.state_dict().values()))
