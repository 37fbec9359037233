"""A running average of a generator's weights: the smoothed copy that pictures are drawn with (EMA).

The averages of Yazıcı et al. 2018 and of ProGAN (Karras et al. 2017), with the half-life counted in images
and short at the start, as in StyleGAN2-ADA (Karras et al. 2020): else the first weights, which are noise,
would stay in it for long.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn

RAMP = 0.05  # the half-life is at most that share of the images seen so far


class Average:
    """The average of a net's tensors, batch norm's statistics included; whole numbers are copied. `net` is a
    copy of the net that holds them.
    """

    def __init__(self, net: nn.Module, half_life: float) -> None:
        self.half_life = half_life  # in images
        self.net = deepcopy(net).requires_grad_(False).eval()

    @torch.no_grad()
    def update(self, net: nn.Module, images: int, seen: int) -> None:
        """Move towards the net after `images` more of them, `seen` in all."""
        share = 1 - 0.5 ** (images / min(self.half_life, seen * RAMP))
        now = net.state_dict()
        for name, tensor in self.net.state_dict().items():
            if tensor.is_floating_point():
                tensor.lerp_(now[name], share)
            else:
                tensor.copy_(now[name])

    def state_dict(self) -> dict[str, Tensor]:
        """Its tensors, as the net's own are called."""
        return self.net.state_dict()
