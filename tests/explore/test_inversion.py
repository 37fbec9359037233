"""Inversion: what the generator made, it finds again."""

import pytest
import torch
from torch import nn

from gan.data.images import load, normalise
from gan.explore.inversion import CANDIDATES, SHELL, invert
from gan.latent.view import STARTS, STEPS
from gan.nets.sampling import evaluating, latents_for
from tests.generators import lively


@pytest.mark.parametrize("name", ["mlp", "mlp-g-first", "dcgan"])
def test_a_picture_the_generator_made_is_found_again(name) -> None:
    """A mean squared error under 0.01 in [-1, 1] for at least 8 of 10. With the DCGAN one start is enough for
    that, and more starts can only find a smaller error.
    """
    net = lively(name)
    with evaluating(net):
        targets = net(latents_for(99, range(10), 100))
    assert targets.var(0).mean() > 0.05  # ten different pictures, or the question would be empty
    errors: list[float] = []
    for target in targets:
        if sum(error < 0.01 for error in errors) == 8:
            break  # whatever the last ones give
        *_, last = invert(net, target, 100, 1 if name == "dcgan" else STARTS.default, STEPS.default)
        with evaluating(net):
            drawn = net(last.latents[last.best][None])[0]
        errors.append((drawn - target).square().mean().item())
        assert errors[-1] == pytest.approx(min(last.errors), abs=1e-5)
    assert sum(error < 0.01 for error in errors) >= 8, errors


def test_a_search_tells_each_step_and_the_error_falls() -> None:
    net, target = lively("dcgan"), normalise(load("digits").pixels[3])
    found = list(invert(net, target, 100, starts=3, steps=50))
    assert [one.step for one in found] == list(range(51)) and found[0].steps == 50
    assert all(len(one.errors) == 3 and one.latents.shape == (3, 100) for one in found)
    assert min(found[-1].errors) < 0.8 * min(found[0].errors)


class Brightness(nn.Module):
    """One pixel, the brighter the further a latent goes one way, and never white."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(100, 1)
        nn.init.constant_(self.layer.weight, 0.01), nn.init.zeros_(self.layer.bias)

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return self.layer(latents).tanh().view(-1, 1, 1, 1)


def test_a_search_that_would_go_on_for_ever_ends_where_latents_are() -> None:
    lengths = [
        search.latents.norm(dim=1) for search in invert(Brightness(), torch.ones(1, 1, 1), 100, 3, 200)
    ]
    furthest = 10 + SHELL
    assert ((lengths[0] > 7) & (lengths[0] < furthest)).all()  # where latents are, and left there
    assert (lengths[1] - lengths[0]).abs().max() < 1.01  # a step, and nothing but a step
    assert max(one.max() for one in lengths) < furthest + 1e-3
    assert lengths[-1].tolist() == pytest.approx([furthest] * 3, abs=1e-3)


def test_a_search_begins_at_the_nearest_of_its_random_latents() -> None:
    net, target = lively("mlp"), torch.zeros(1, 28, 28)
    candidates = latents_for(0, range(CANDIDATES), 100)
    with evaluating(net):
        errors = (net(candidates) - target).square().mean((1, 2, 3))
    begin = next(invert(net, target, 100, starts=3, steps=5))
    nearest = errors.argsort()[:3]
    assert begin.errors == pytest.approx(errors[nearest].tolist(), rel=1e-4)
    assert torch.equal(begin.latents, candidates[nearest])


def test_a_search_that_is_given_up_leaves_the_generator_as_it_was() -> None:
    net = lively("mlp")
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    search = invert(net, torch.zeros(1, 28, 28), 100, starts=2, steps=100)
    next(search), next(search)
    search.close()
    assert all(parameter.requires_grad and parameter.grad is None for parameter in net.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


def test_the_same_search_finds_the_same_latent() -> None:
    net, target = lively("mlp"), torch.zeros(1, 28, 28)
    (*_, one), (*_, other) = (invert(net, target, 100, starts=2, steps=20) for _ in range(2))
    assert torch.equal(one.latents, other.latents)
