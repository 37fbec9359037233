"""One training loop, measured alone in this process: `python -m bench.loops NAME SECONDS [THREADS]` prints
its steps a second as JSON.

The posts' loops are here as people run them: torchvision's data set behind a DataLoader, BCE on
probabilities, losses read as numbers. Where today's library refuses a post's code, the smallest repair is
made, and said.
"""

import json
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import transforms

from gan.compute.settings import prepare
from gan.data import datasets, mnist
from gan.data.images import Images, load
from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.train.autotune import tuned
from gan.train.trainer import Trainer

WARM_UP = 0.25  # of the seconds, not counted
Step = Callable[[], object]


def images() -> tuple[Images, list]:
    """The images as ours, and as the posts' data set: pairs of a picture and a label."""
    ours = load("mnist" if datasets.count("mnist") else "digits")
    to_tensor = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    if ours.name == "mnist":
        return ours, mnist.MNIST(datasets.data_root(), train=True, transform=to_tensor)
    greys = transforms.ToPILImage()
    return ours, Transformed([greys(picture) for picture in ours.pixels], to_tensor)


class Transformed(torch.utils.data.Dataset):
    """Pictures that are transformed each time they are asked for, as torchvision's data sets do."""

    def __init__(self, pictures: list, transform: Callable) -> None:
        self.pictures, self.transform = pictures, transform

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(self.pictures[index]), 0


def endless(loader: DataLoader) -> Iterator:
    """Epoch after epoch."""
    while True:
        yield from loader


# --- the posts' loops --------------------------------------------------------------------------------


def mlp_nets(activation: type[nn.Module]) -> tuple[nn.Module, nn.Module]:
    """The PyTorch post's G and D; D ends in a Sigmoid."""
    slope = (0.2,) if activation is nn.LeakyReLU else ()
    g = [nn.Linear(100, 128), activation(*slope), nn.Linear(128, 256), activation(*slope)]
    d = [nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128), nn.LeakyReLU(0.2)]
    g, d = [*g, nn.Linear(256, 784), nn.Tanh()], [*d, nn.Linear(128, 1), nn.Sigmoid()]
    return nn.Sequential(*g), nn.Sequential(*d)


def post_mlp() -> Step:
    """The PyTorch post. Repaired: G's scores are computed again after D's update, since current torch refuses
    to go back through weights that have changed.
    """
    (g, d), loss = mlp_nets(nn.LeakyReLU), nn.BCELoss()
    opt_g, opt_d = optim.Adam(g.parameters(), lr=2e-4), optim.Adam(d.parameters(), lr=2e-4)
    batches, told = endless(DataLoader(images()[1], batch_size=32, shuffle=True)), []

    def step() -> None:
        real = next(batches)[0].view(-1, 784)
        fake = g(torch.randn(len(real), 100))
        of_real, of_fake = d(real), d(fake)
        d_loss = loss(of_real, torch.ones_like(of_real)) + loss(of_fake, torch.zeros_like(of_fake))
        opt_d.zero_grad()
        (d_loss / 2).backward(retain_graph=True)
        opt_d.step()
        g_loss = loss(d(fake), torch.ones_like(of_fake))
        opt_g.zero_grad()
        g_loss.backward()
        opt_g.step()
        told.append((d_loss.item(), g_loss.item()))

    return step


def post_g_first() -> Step:
    """The course note: G moves first, then D on new fakes; sizes and batch, left open there, are ours."""
    (g, d), loss = mlp_nets(nn.ReLU), nn.BCELoss()
    opt_g, opt_d = optim.Adam(g.parameters(), lr=2e-4), optim.Adam(d.parameters(), lr=2e-4)
    batches, told = endless(DataLoader(images()[1], batch_size=32, shuffle=True, drop_last=True)), []

    def step() -> None:
        real = next(batches)[0].view(-1, 784)
        ones, zeros = torch.ones(32, 1), torch.zeros(32, 1)
        g_loss = loss(d(g(torch.randn(32, 100))), ones)
        opt_g.zero_grad()
        g_loss.backward()
        opt_g.step()
        fake = g(torch.randn(32, 100)).detach()
        d_loss = (loss(d(real), ones) + loss(d(fake), zeros)) / 2
        opt_d.zero_grad()
        d_loss.backward()
        opt_d.step()
        told.append((d_loss.item(), g_loss.item()))

    return step


def port_dcgan() -> Step:
    """The Keras chapter's algorithm, as one writes it in torch."""

    def block(i: int, o: int, normed: bool = True) -> list[nn.Module]:
        norm = [nn.BatchNorm2d(o, momentum=0.01, eps=1e-3)] if normed else []
        return [nn.Conv2d(i, o, 3, 2, 1), *norm, nn.LeakyReLU(0.2), nn.Dropout(0.25)]

    def up(i: int, o: int) -> list[nn.Module]:
        norm = nn.BatchNorm2d(o, momentum=0.01, eps=1e-3)
        return [nn.Upsample(scale_factor=2), nn.Conv2d(i, o, 3, padding=1), norm, nn.ReLU()]

    g = [nn.Linear(100, 6272), nn.ReLU(), nn.Unflatten(1, (128, 7, 7)), *up(128, 128), *up(128, 64)]
    g = nn.Sequential(*g, nn.Conv2d(64, 1, 3, padding=1), nn.Tanh())
    d = [*block(1, 32, False), *block(32, 64), *block(64, 128), *block(128, 256)]
    d = nn.Sequential(*d, nn.Flatten(), nn.Linear(1024, 1), nn.Sigmoid())
    opt_g, opt_d = optim.Adam(g.parameters(), 1e-3, eps=1e-7), optim.Adam(d.parameters(), 1e-3, eps=1e-7)
    pixels, loss, told = images()[0].pixels, nn.BCELoss(), []
    ones, zeros = torch.ones(32, 1), torch.zeros(32, 1)

    def update_d(pictures: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        d_loss = loss(d(pictures), labels)
        opt_d.zero_grad()
        d_loss.backward()
        opt_d.step()
        return d_loss

    def step() -> None:
        real = (pixels[torch.randint(len(pixels), (32,))].float() - 127.5) / 127.5
        of_real = update_d(real, ones)
        z = torch.randn(32, 100)
        g.eval()
        with torch.no_grad():
            fake = g(z)
        g.train()
        of_fake = update_d(fake, zeros)
        g_loss = loss(d(g(z)), ones)
        opt_g.zero_grad()
        g_loss.backward()
        opt_g.step()
        told.append(((of_real.item() + of_fake.item()) / 2, g_loss.item()))

    return step


def keras_dcgan(repaired: bool) -> Step:
    """The Keras chapter. As posted, `trainable = False` in Keras 3 freezes D for good; repaired, D is made
    trainable around its own updates. Keras is no requirement: `pip install -r requirements-bench.txt`.
    """
    import os

    os.environ.setdefault("KERAS_BACKEND", "torch")
    import numpy as np
    from keras import layers as k
    from keras.models import Model, Sequential

    def up(channels: int) -> list:
        conv = k.Conv2D(channels, 3, padding="same")
        return [k.UpSampling2D(), conv, k.BatchNormalization(), k.Activation("relu")]

    def down(channels: int) -> list:
        conv = k.Conv2D(channels, 3, strides=2, padding="same")
        return [conv, k.BatchNormalization(), k.LeakyReLU(0.2), k.Dropout(0.25)]

    start = [k.Input((100,)), k.Dense(128 * 7 * 7, activation="relu"), k.Reshape((7, 7, 128))]
    last = k.Conv2D(1, 3, padding="same", activation="tanh")
    g = Sequential([*start, *up(128), *up(64), last])
    first = [k.Conv2D(32, 3, strides=2, padding="same"), k.LeakyReLU(0.2), k.Dropout(0.25)]
    end = [k.Flatten(), k.Dense(1, activation="sigmoid")]
    d = Sequential([k.Input((28, 28, 1)), *first, *down(64), *down(128), *down(256), *end])
    d.compile(loss="binary_crossentropy", optimizer="adam")
    if repaired:
        d.optimizer.build(d.trainable_variables)
    d.trainable = False
    z = k.Input((100,))
    gan = Model(z, d(g(z)))
    gan.compile(loss="binary_crossentropy", optimizer="adam")
    pixels = images()[0].pixels.permute(0, 2, 3, 1).numpy().astype("float32")
    pixels, ones, zeros = (pixels - 127.5) / 127.5, np.ones((32, 1)), np.zeros((32, 1))

    def step() -> None:
        d.trainable = repaired
        d.train_on_batch(pixels[np.random.randint(0, len(pixels), 32)], ones)
        latents = np.random.normal(0, 1, (32, 100))
        d.train_on_batch(g.predict(latents, verbose=0), zeros)
        d.trainable = False
        gan.train_on_batch(latents, ones)

    return step


# --- ours, and what no loop can beat -----------------------------------------------------------------


def ours(recipe: str, numerics: Numerics | None = None) -> Step:
    """A recipe of ours with the numerics this machine was measured for, or with given ones."""
    pixels = images()[0]
    chosen = numerics or tuned(RECIPES[recipe], pixels, torch.device("cpu"), beside_browser=False)
    prepare(chosen)
    return Trainer(RECIPES[recipe], pixels, 0, "cpu", chosen).step


def products_of_mlp() -> Step:
    """The matrix products of an MLP step alone, by torch's own choice of library: nothing is learnt."""
    g = [_factors(*sizes) for sizes in ((100, 128), (128, 256), (256, 784))]
    d = [_factors(*sizes) for sizes in ((784, 256), (256, 128), (128, 1))]

    def forward(layers: list) -> None:
        for inputs, weights, _ in layers:
            torch.mm(inputs, weights.t())

    def back(layers: list, weights_too: bool, inputs_from: int) -> None:
        for number, (inputs, weights, outputs) in enumerate(layers):
            if weights_too:
                torch.mm(outputs.t(), inputs)
            if number >= inputs_from:
                torch.mm(outputs, weights)

    def step() -> None:
        forward(g), forward(d), forward(d)  # fakes; D on real and on fake
        back(d, True, 1), back(d, True, 1)
        forward(d), back(d, False, 0), back(g, True, 1)  # G's turn, through D

    torch.set_flush_denormal(True)
    return step


def _factors(into: int, out: int) -> tuple[torch.Tensor, ...]:
    return torch.randn(32, into), torch.randn(out, into), torch.randn(32, out)


def convolutions_of_dcgan() -> Step:
    """The convolutions of a DCGAN step alone, forward and backward, as fast as this machine does them."""
    from gan.nets.dcgan import channels_last

    numerics = tuned(RECIPES["dcgan"], images()[0], torch.device("cpu"), beside_browser=False)
    prepare(numerics)
    kind = getattr(torch, numerics.precision)

    def layer(i: int, o: int, size: int, up: bool = False, stride: int = 1) -> tuple:
        x = channels_last(torch.randn(32, i, size, size).to(kind)).requires_grad_()
        w = torch.randn((i, o, 4, 4) if up else (o, i, 3, 3)).to(kind).requires_grad_()
        run = (lambda: F.conv_transpose2d(x, w, stride=2, padding=1)) if up else None
        run = run or (lambda: F.conv2d(x, w, stride=stride, padding=int(stride == 1)))
        return run, x, w, torch.randn_like(run())

    g = [layer(128, 128, 7, True), layer(128, 64, 14, True), layer(64, 1, 28)]
    d = [layer(1, 32, 29, stride=2), layer(32, 64, 15, stride=2), layer(64, 128, 9, stride=2)]
    d += [layer(128, 256, 5, stride=2)]

    def step() -> None:
        with torch.no_grad():
            for run, *_ in g:  # fakes for D
                run()
        for _ in range(2):  # D on real, D on fake
            for run, x, w, out in d:
                torch.autograd.grad(run(), (x, w), out)
        for run, x, w, out in g:  # G's turn
            torch.autograd.grad(run(), (x, w), out)
        for run, x, _, out in d:
            torch.autograd.grad(run(), (x,), out)

    return step


LOOPS: dict[str, Callable[[], Step]] = {
    "mlp, the post": post_mlp,
    "mlp": lambda: ours("mlp"),
    "mlp, plain numerics": lambda: ours("mlp", Numerics(threads=torch.get_num_threads())),
    "mlp, products alone": products_of_mlp,
    "mlp-g-first, the note": post_g_first,
    "mlp-g-first": lambda: ours("mlp-g-first"),
    "dcgan, plain torch": port_dcgan,
    "dcgan": lambda: ours("dcgan"),
    "dcgan, plain numerics": lambda: ours("dcgan", Numerics(threads=torch.get_num_threads())),
    "dcgan, convolutions alone": convolutions_of_dcgan,
    "dcgan, Keras chapter as posted": lambda: keras_dcgan(False),
    "dcgan, Keras chapter repaired": lambda: keras_dcgan(True),
}


def rate(step: Step, seconds: float) -> float:
    """Steps a second on the clock, after a warm-up."""
    for limit in (WARM_UP * seconds, seconds):
        steps, start = 0, perf_counter()
        while steps < 2 or perf_counter() - start < limit:
            step()
            steps += 1
        found = steps / (perf_counter() - start)
    return found


def main() -> None:
    """Measure the loop that the command line names."""
    torch.manual_seed(0)
    print(json.dumps(rate(LOOPS[sys.argv[1]](), float(sys.argv[2]))))


if __name__ == "__main__":
    main()
