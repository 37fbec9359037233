"""The loops of the posts, written as the posts write them."""

import torch
import torch.nn.functional as F
from torch import nn, optim

from gan.compute.random_streams import random_stream
from gan.data.batches import Batches
from gan.nets.pair import GAN
from tests.train.states import SEED

Played = tuple[nn.Module, nn.Module, list]  # the generator, the discriminator, what each step said


class Streams:
    """The batches and latents that a trainer of that seed draws."""

    def __init__(self, recipe, images) -> None:
        seed = random_stream(SEED, "batches").initial_seed()
        self.batches = Batches(images.pixels, recipe.batch_size, recipe.drawing, seed)
        self.latents = random_stream(SEED, "latents")

    def real(self) -> torch.Tensor:
        return next(self.batches).double()

    def z(self, count) -> torch.Tensor:
        return torch.randn(count, 100, generator=self.latents).double()


class PlainDropout(nn.Module):
    def __init__(self, rng) -> None:
        super().__init__()
        self.rng = rng

    def forward(self, x) -> torch.Tensor:
        if not self.training:
            return x
        n, c, h, w = x.shape  # a byte a value, pixel by pixel; a quarter of all bytes lie below 64
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None, generator=self.rng)
        drawn = words.view(torch.uint8)[: x.numel()].view(n, h, w, c).permute(0, 3, 1, 2)
        return torch.where(drawn < 64, 0.0, x / 0.75)


class SamePadding(nn.Module):
    """TensorFlow's 'same' for a 3×3 kernel and stride 2."""

    def forward(self, x) -> torch.Tensor:
        pads = []
        for size in (x.shape[3], x.shape[2]):
            total = max((-(-size // 2) - 1) * 2 + 3 - size, 0)
            pads += [total // 2, total - total // 2]
        return F.pad(x, pads)


def mlp_pair(activation) -> tuple[nn.Module, nn.Module]:
    g = [nn.Linear(100, 128), activation(), nn.Linear(128, 256), activation(), nn.Linear(256, 784), nn.Tanh()]
    d = [nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)]
    return nn.Sequential(*g, nn.Unflatten(1, (1, 28, 28))), nn.Sequential(nn.Flatten(), *d, nn.Sigmoid())


def dcgan_pair(rng) -> tuple[nn.Module, nn.Module]:
    def norm(channels) -> nn.Module:
        return nn.BatchNorm2d(channels, momentum=0.01, eps=1e-3)

    def block(i, o, normed=True) -> list[nn.Module]:
        last = [norm(o)] if normed else []
        return [SamePadding(), nn.Conv2d(i, o, 3, 2), *last, nn.LeakyReLU(0.2), PlainDropout(rng)]

    up = [nn.Upsample(scale_factor=2), nn.Conv2d(128, 128, 3, padding=1), norm(128), nn.ReLU()]
    up += [nn.Upsample(scale_factor=2), nn.Conv2d(128, 64, 3, padding=1), norm(64), nn.ReLU()]
    start = [nn.Linear(100, 6272), nn.ReLU(), nn.Unflatten(1, (128, 7, 7))]
    g = nn.Sequential(*start, *up, nn.Conv2d(64, 1, 3, padding=1), nn.Tanh())
    d = [*block(1, 32, False), *block(32, 64), *block(64, 128), *block(128, 256)]
    return g, nn.Sequential(*d, nn.Flatten(), nn.Linear(1024, 1), nn.Sigmoid())


def start_like(recipe, images, g, d) -> None:
    """Give both the weights a trainer starts with."""
    gan = GAN.from_recipe(recipe, images.shape, SEED)
    for ours, theirs in ((gan.generator, g), (gan.discriminator, d)):
        values = ours.state_dict().values()
        theirs.double().load_state_dict(dict(zip(theirs.state_dict(), values, strict=True)))


def accuracy(hits) -> float:
    return hits.float().mean().item()


def play_mlp(recipe, images, rounds) -> Played:
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


def play_g_first(recipe, images, rounds) -> Played:
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


def play_dcgan(recipe, images, rounds) -> Played:
    """The Keras chapter: train_on_batch(real), predict and train_on_batch(fake), then the joined model."""
    g, d = dcgan_pair(random_stream(SEED, "dropout"))
    start_like(recipe, images, g, d)
    crit, streams, seen = nn.BCELoss(), Streams(recipe, images), []
    opt_g = optim.Adam(g.parameters(), lr=1e-3, eps=1e-7)
    opt_d = optim.Adam(d.parameters(), lr=1e-3, eps=1e-7)
    ones, zeros = torch.ones(32, 1).double(), torch.zeros(32, 1).double()

    def train_d_on_batch(batch, labels) -> tuple[float, float]:
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
