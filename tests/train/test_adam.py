"""Adam: its moments come back, and a new rate leaves them alone."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from gan.recipes.table import RECIPES
from gan.train.adam import load_optimizer, make_adam, optimize, optimizer_tensors, set_rate

RATE = 1e-3


def moved(steps: int) -> tuple[nn.Linear, torch.optim.Adam]:
    """A layer after that many steps, and its Adam."""
    torch.manual_seed(0)
    net = nn.Linear(3, 2)
    optimizer = make_adam(net, RATE, RECIPES["mlp"], recorded=False)
    for _ in range(steps):
        optimize(optimizer, net(torch.ones(4, 3)).square().mean())
    return net, optimizer


def test_moments_come_back_and_the_next_step_is_the_same() -> None:
    net, optimizer = moved(3)
    other, fresh = moved(0)
    other.load_state_dict(net.state_dict())
    load_optimizer(fresh, {name: value.clone() for name, value in optimizer_tensors(optimizer).items()})
    for layer, adam in ((net, optimizer), (other, fresh)):
        optimize(adam, layer(torch.ones(4, 3)).square().mean())
    assert torch.equal(net.weight, other.weight) and torch.equal(net.bias, other.bias)


def test_a_new_rate_leaves_the_moments_and_counts() -> None:
    _, optimizer = moved(3)
    before = {name: value.clone() for name, value in optimizer_tensors(optimizer).items()}
    set_rate(optimizer, RATE / 10)
    assert optimizer.param_groups[0]["lr"] == RATE / 10
    assert all(torch.equal(value, before[name]) for name, value in optimizer_tensors(optimizer).items())


def test_moments_of_another_layer_are_refused() -> None:
    _, optimizer = moved(1)
    tensors = optimizer_tensors(optimizer)
    tensors["0.exp_avg"] = torch.zeros(5)
    with pytest.raises(ValueError, match=r"0\.exp_avg has the shape \(5,\)"):
        load_optimizer(moved(0)[1], tensors)


def test_a_training_its_checkpoint_and_a_search_for_a_latent_load_no_compiler() -> None:
    """torch's own Adam would: it takes every process that trains a second and 150 MB (gan.train.adam)."""
    code = """
import sys, torch
from gan.explore.inversion import invert
from gan.recipes.table import RECIPES
from gan.train.adam import load_optimizer, make_adam, optimize, optimizer_tensors
net = torch.nn.Linear(3, 12)
adam = make_adam(net, 1e-3, RECIPES["mlp"], recorded=False)
optimize(adam, net(torch.ones(4, 3)).square().mean())
load_optimizer(adam, optimizer_tensors(adam))
image = torch.nn.Sequential(net, torch.nn.Unflatten(1, (1, 3, 4)))
assert [search.step for search in invert(image, torch.zeros(1, 3, 4), 3, 2, 5)][-1] == 5
print("torch._dynamo" in sys.modules)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"
