"""Losses of logits are the cross-entropies of probabilities that the posts write."""

import pytest
import torch
from torch.nn.functional import binary_cross_entropy

from gan.errors import Problem
from gan.recipes.table import RECIPES
from gan.train.losses import LOSSES, bce_slope, loss_of

REAL = torch.linspace(-3, 3, 8, dtype=torch.float64).unsqueeze(1)
FAKE = torch.linspace(2, -4, 8, dtype=torch.float64).unsqueeze(1)


def cross_entropy(logits: torch.Tensor, label: float) -> torch.Tensor:
    return binary_cross_entropy(logits.sigmoid(), torch.full_like(logits, label))


def test_d_calls_real_images_real_and_fakes_fake_and_g_has_its_fakes_called_real() -> None:
    loss = LOSSES["bce"]
    assert torch.allclose(loss.d(REAL, FAKE), cross_entropy(REAL, 1.0) + cross_entropy(FAKE, 0.0))
    assert torch.allclose(loss.g(None, FAKE), cross_entropy(FAKE, 1.0))
    parts = loss.d_parts[0](REAL) + loss.d_parts[1](FAKE)
    assert torch.equal(parts, loss.d(REAL, FAKE))


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_the_slope_is_the_gradient(label: float) -> None:
    logits = REAL.clone().requires_grad_()
    cross_entropy(logits, label).backward()
    assert torch.allclose(bce_slope(REAL, label), logits.grad)


def test_a_logit_that_is_very_sure_costs_a_finite_loss() -> None:
    sure = torch.full((4, 1), 500.0)
    assert LOSSES["bce"].d(-sure, sure).item() == pytest.approx(1000)


def test_a_loss_without_parts_refuses_an_update_on_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LOSSES, "bce", LOSSES["bce"]._replace(d_parts=None))
    assert loss_of(RECIPES["mlp"]) == LOSSES["bce"]
    with pytest.raises(Problem, match="take d_updates = joint"):
        loss_of(RECIPES["dcgan"])
