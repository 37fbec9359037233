"""One step of an optimiser, and Adam's moments to and from plain tensors."""

from torch import Tensor
from torch.optim import Optimizer


def optimize(optimizer: Optimizer, loss: Tensor) -> Tensor:
    """Move one player downhill: the only place where gradients change weights, and only those of this
    optimiser are computed.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward(inputs=optimizer.param_groups[0]["params"])
    optimizer.step()
    return loss.detach()


def _optimizer_tensors(optimizer: Optimizer) -> dict[str, Tensor]:
    """Adam's moments and step counts as flat names: "3.exp_avg" belongs to the fourth parameter."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": value for index, entry in state.items() for name, value in entry.items()}


def _load_optimizer(optimizer: Optimizer, tensors: dict[str, Tensor]) -> None:
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
