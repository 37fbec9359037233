"""Directions: they are what they claim, and the same each time."""

import pytest
import torch

from gan.explore.directions import first_layer, pca, svd
from gan.nets.pair import Generator
from gan.nets.sampling import latents_for
from gan.recipes.table import RECIPES


@pytest.fixture(params=RECIPES)
def net(request) -> torch.nn.Module:
    return Generator(recipe=request.param, seed=3).model().eval()


@pytest.mark.parametrize("find", [pca, svd])
def test_directions_have_length_one_fall_in_share_and_never_change(net, find) -> None:
    found = find(net)
    assert found.vectors.shape == (20, 100) and len(found.shares) == 20
    assert torch.allclose(found.vectors.norm(dim=1), torch.ones(20), atol=1e-5)
    assert found.shares == sorted(found.shares, reverse=True) and 0 < sum(found.shares) <= 1
    assert torch.equal(found.vectors, find(net).vectors)


def test_no_other_direction_moves_the_first_layer_more_than_the_first_singular_one(net) -> None:
    found, weights = svd(net), first_layer(net).weight.detach()
    moved = (found.vectors @ weights.T).norm(dim=1)
    others = torch.nn.functional.normalize(latents_for(0, range(500), 100), dim=1)
    assert moved[0] > (others @ weights.T).norm(dim=1).max()
    assert torch.allclose(moved.square() / weights.square().sum(), torch.tensor(found.shares), atol=1e-5)
    assert torch.allclose(found.vectors @ found.vectors.T, torch.eye(20), atol=1e-4)


def test_the_components_of_features_that_are_known_are_found() -> None:
    """A first layer that listens to z 7 ten times as loud as to each other one: its first component is z 7,
    and no second comes near.
    """
    net = Generator(recipe="mlp-g-first", seed=3).model().eval()
    layer = first_layer(net)
    with torch.no_grad():
        layer.bias.zero_()
        layer.weight.normal_(generator=torch.Generator().manual_seed(1))
        layer.weight.div_(layer.weight.norm(dim=0))
        layer.weight[:, 6] *= 10
    found = pca(net)
    assert found.vectors[0].argmax() == 6 and found.vectors[0, 6] > 0.98
    assert found.shares[0] > 3 * found.shares[1]


def test_a_step_along_the_first_component_moves_the_features_most(net) -> None:
    """More than a step along any of 200 random directions."""
    layers = list(net.layers)
    features = lambda latents: layers[1](layers[0](latents))  # noqa: E731
    start = latents_for(1, range(300), 100)
    others = torch.nn.functional.normalize(latents_for(2, range(200), 100), dim=1)
    with torch.no_grad():
        moved = lambda step: (features(start + step) - features(start)).norm(dim=1).mean()  # noqa: E731
        assert moved(pca(net).vectors[0]) > max(map(moved, others))


@pytest.mark.parametrize("find", [pca, svd])
def test_a_direction_points_where_its_largest_number_is_positive(net, find) -> None:
    """The libraries leave its sign to chance: a slider in somebody's address would go the other way."""
    vectors = find(net).vectors
    largest = vectors.gather(1, vectors.abs().argmax(1, keepdim=True))
    assert (largest > 0).all()


@pytest.mark.parametrize(("name", "first"), [("mlp", 6), ("mlp-g-first", 9)])
def test_components_are_those_behind_the_activation(name, first) -> None:
    """The first half of the features hears z 7 alone, and loudly, but lies far below 0, where a ReLU lets
    nothing through and a LeakyReLU a fifth. The second half hears z 10, a little, and lies far above 0.
    """
    net = Generator(recipe=name, seed=3).model().eval()
    layer = first_layer(net)
    with torch.no_grad():
        layer.weight.mul_(0.01)
        layer.weight[:64, 6], layer.weight[64:, 9] = 10 / 8, 1.5 / 8  # of length 10, a fifth of it 2; and 1.5
        layer.bias[:64], layer.bias[64:] = -1000, 1000
    found = pca(net)
    assert found.vectors[0].argmax() == first and found.vectors[0, first] > 0.98


def test_small_latents_have_as_many_directions_as_numbers() -> None:
    net = Generator(8, 8, 1, 3, recipe=RECIPES["mlp"].with_changes({"latent_size": 3})).model().eval()
    assert pca(net).vectors.shape == svd(net).vectors.shape == (3, 3)


def test_a_generator_without_an_opinion_still_gives_unit_vectors() -> None:
    net = Generator(recipe="mlp", seed=3).model().eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
    for find in (pca, svd):
        found = find(net)
        assert torch.isfinite(found.vectors).all() and all(share == 0 for share in found.shares)
