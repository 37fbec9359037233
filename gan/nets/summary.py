"""A network's layers, measured."""

import torch
from torch import Tensor, nn

from gan.nets.sampling import evaluating
from gan.pictures.diagram import Layer


def measure(net: nn.Module, input_shape: tuple[int, ...]) -> tuple[Layer, ...]:
    """Every layer's output shape, seen on a batch of one, and its parameters."""
    layers: list[Layer] = []
    device = next(net.parameters()).device

    def note(layer: nn.Module, _: tuple, output: Tensor) -> None:
        trainable = sum(p.numel() for p in layer.parameters())
        moving = sum(b.numel() for b in layer.buffers() if b.is_floating_point())
        layers.append(
            Layer(
                name=describe(layer),
                output=tuple(output.shape[1:]),
                trainable=trainable,
                total=trainable + moving,
            )
        )

    hooks = [layer.register_forward_hook(note) for layer in net.modules() if not list(layer.children())]
    with evaluating(net):
        net(torch.zeros(1, *input_shape, device=device))
    for hook in hooks:
        hook.remove()
    return tuple(layers)


NAMES = {
    nn.Conv2d: lambda layer: f"Conv {layer.kernel_size[0]}×{layer.kernel_size[1]}",
    nn.BatchNorm2d: lambda layer: "Batch norm",
    nn.LeakyReLU: lambda layer: f"LeakyReLU {layer.negative_slope}",
}


def describe(layer: nn.Module) -> str:
    """A layer's name as the posts would write it: its own `title`, where it has one."""
    name = NAMES.get(type(layer), lambda layer: type(layer).__name__)
    return getattr(layer, "title", None) or name(layer)
