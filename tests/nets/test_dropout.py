"""Dropout with a random generator of its own."""

import pytest
import torch

from gan.nets.dropout import Dropout


def test_dropout_draws_from_its_own_generator_alone() -> None:
    layer = Dropout(0.25)
    layer.rng = torch.Generator().manual_seed(0)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = layer(torch.ones(1000))
    assert torch.equal(torch.get_rng_state(), before)
    second = layer(torch.ones(1000))
    layer.rng.manual_seed(0)
    assert torch.equal(first, layer(torch.ones(1000)))
    assert not torch.equal(first, second)


def test_dropout_keeps_three_quarters_and_the_mean() -> None:
    layer = Dropout(0.25)
    layer.rng = torch.Generator().manual_seed(0)
    output = layer(torch.ones(100_000))
    assert output.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert abs(output.mean() - 1) < 0.01


def test_dropout_lets_everything_through_in_inference() -> None:
    values = torch.randn(100, generator=torch.Generator().manual_seed(0))
    assert torch.equal(Dropout(0.25).eval()(values), values)
