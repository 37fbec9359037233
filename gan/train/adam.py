"""Adam: made for one player, moved one step, its moments to and from plain tensors."""

from inspect import unwrap

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gan.recipes.recipe import Recipe


class Adam(torch.optim.Adam):
    """torch's Adam, but it does not load torch's compiler, which nothing here uses.

    torch wraps these methods so that its compiler leaves them out, and the wrappers import it at their first
    call: a second of work and 150 MB for every process that trains. What they wrap is called instead.
    """

    add_param_group = unwrap(torch.optim.Adam.add_param_group)
    load_state_dict = unwrap(torch.optim.Adam.load_state_dict)
    state_dict = unwrap(torch.optim.Adam.state_dict)
    step = torch.no_grad()(unwrap(torch.optim.Adam.step))
    zero_grad = unwrap(torch.optim.Adam.zero_grad)


def make_adam(net: nn.Module, rate: float, recipe: Recipe, recorded: bool) -> Adam:
    """A net's Adam with the recipe's numbers. A `recorded` step (gan.train.cuda_graph) finds its rate and its
    moments on the device, in place from the start.
    """
    settings = {"betas": recipe.betas, "eps": recipe.eps, "fused": True}
    if not recorded:
        return Adam(net.parameters(), lr=rate, **settings)
    device = next(net.parameters()).device
    optimizer = Adam(net.parameters(), lr=torch.tensor(rate, device=device), capturable=True, **settings)
    for weights in net.parameters():
        moments = {name: torch.zeros_like(weights) for name in ("exp_avg", "exp_avg_sq")}
        optimizer.state[weights] = {"step": torch.zeros((), device=device)} | moments
    return optimizer


def set_rate(optimizer: Optimizer, rate: float) -> None:
    """Change a learning rate in place: the moments stay."""
    group = optimizer.param_groups[0]
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(rate)
    else:
        group["lr"] = rate


def optimize(optimizer: Optimizer, loss: Tensor) -> Tensor:
    """Move one player downhill: the only place where gradients change weights, and only those of this
    optimiser are computed.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward(inputs=optimizer.param_groups[0]["params"])
    optimizer.step()
    return loss.detach()


def optimizer_tensors(optimizer: Optimizer) -> dict[str, Tensor]:
    """Adam's moments and step counts as flat names: "3.exp_avg" belongs to the fourth parameter."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": value for index, entry in state.items() for name, value in entry.items()}


def load_optimizer(optimizer: Optimizer, tensors: dict[str, Tensor]) -> None:
    """In place where it has moments: a recorded step knows where they lie. A run saved before its first step
    has kept none.
    """
    for index, weights in enumerate(optimizer.param_groups[0]["params"]):
        state = optimizer.state[weights]
        if not tensors:
            for value in state.values():
                value.zero_()
            continue
        for name in ("step", "exp_avg", "exp_avg_sq"):
            kept = tensors[f"{index}.{name}"]
            if kept.shape != (() if name == "step" else weights.shape):
                raise ValueError(f"{index}.{name} has the shape {tuple(kept.shape)}")
            if name in state:
                state[name].copy_(kept)
            else:
                state[name] = kept.to(weights.device, copy=True)
