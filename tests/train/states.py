"""States of trainers, copied and compared."""

import torch

SEED = 5
State = dict[str, torch.Tensor]


def weights(trainer) -> State:
    """Copies of every tensor the next round depends on, by group and name."""
    return {
        f"{group}.{name}": tensor.clone()
        for group, tensors in trainer.state_dict().items()
        for name, tensor in tensors.items()
    }


def same(ours, theirs) -> bool:
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def weights_by_group(trainer) -> dict[str, State]:
    return {group: {k: v.clone() for k, v in ts.items()} for group, ts in trainer.state_dict().items()}
