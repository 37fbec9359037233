"""A generator as two files, `model.safetensors` and `config.json`: written, and read with mistrust.

Reading goes from cheap to dear: the config's bounds, the size its network must have, the file's header, the
tensors, their finiteness. Nothing is built before the config is believed, and a file that fails leaves
nothing half-loaded.
"""

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, deserialize
from safetensors.torch import load, save
from torch import Tensor, nn

from gan.durable import write_whole
from gan.errors import Problem
from gan.generator.config import METADATA, PREFIX, GeneratorConfig, check_parameters, read_config, written
from gan.nets.pair import Generator
from gan.nets.sampling import evaluating, latents_for


class LoadedGenerator(NamedTuple):
    """A generator ready to sample from, on the CPU, in inference mode, and what its config says."""

    net: nn.Module
    config: GeneratorConfig


def generator_files(state: dict[str, Tensor], config: GeneratorConfig) -> tuple[bytes, bytes]:
    """The contents of `config.json` and `model.safetensors` for a generator's `state_dict`."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
    return written(config), save(tensors, METADATA)


def save_generator(folder: Path, state: dict[str, Tensor], config: GeneratorConfig) -> None:
    """Write both files, each whole or not at all."""
    text, tensors = generator_files(state, config)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "model.safetensors", tensors)
    write_whole(folder / "config.json", text)


def load_generator(config: bytes, weights: bytes, raw: bool = False) -> LoadedGenerator:
    """Build the generator those two files describe: with its averaged weights where it has some, unless the
    `raw` ones are asked for. Raises Problem; nothing is loaded then.
    """
    parsed = read_config(config)
    check_parameters(parsed, len(weights))
    channels, height, width = parsed.shape
    net = Generator(width, height, channels, parsed.latent_size, recipe=parsed.recipe).model()
    averaged = parsed.recipe.ema > 0
    expected = net.state_dict()
    _check_header(weights, expected | with_prefix(expected) if averaged else expected)
    tensors = load(weights)
    broken = [name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()]
    if broken:
        raise Problem(
            "model.safetensors holds values that are not finite, in {names}: it comes from a run that broke.",
            names=_some(broken),
        )
    prefix = PREFIX if averaged and not raw else ""
    net.load_state_dict({name: tensors[prefix + name] for name in expected}, strict=True)
    with evaluating(net):
        drawn = net(latents_for(0, [0], parsed.latent_size))
    if not torch.isfinite(drawn).all():
        raise Problem("model.safetensors draws no picture, but values that are not finite: it is broken.")
    return LoadedGenerator(net.eval(), parsed)


def with_prefix(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Averaged tensors as they are called beside the net's own."""
    return {PREFIX + name: tensor for name, tensor in tensors.items()}


def _check_header(weights: bytes, expected: dict[str, Tensor]) -> None:
    """Are the file's tensors exactly these: names, shapes and types?"""
    try:
        found = {name: entry for name, entry in deserialize(weights)}
    except SafetensorError as error:
        raise Problem(
            "model.safetensors is damaged or no safetensors file ({what}).", what=str(error)
        ) from None
    if missing := sorted(expected.keys() - found.keys()):
        raise Problem(
            "model.safetensors lacks {names}: it belongs to another config.json.", names=_some(missing)
        )
    if extra := sorted(found.keys() - expected.keys()):
        raise Problem(
            "model.safetensors holds {names}, unknown to this network: it belongs to another config.json.",
            names=_some(extra),
        )
    for name, tensor in expected.items():
        shape, kind = tuple(found[name]["shape"]), found[name]["dtype"]
        if shape != tuple(tensor.shape):
            raise Problem(
                "{name} has the shape {found} in model.safetensors; config.json needs {expected}.",
                name=name,
                found=shape,
                expected=tuple(tensor.shape),
            )
        if kind != (wanted := "F32" if tensor.is_floating_point() else "I64"):
            raise Problem(
                "{name} is stored as {found}; it must be {wanted}.", name=name, found=kind, wanted=wanted
            )


def _some(names: list[str]) -> str:
    """The first names, made harmless and short."""
    shown = [ascii(name)[1:-1][:60] for name in names[:3]]
    return ", ".join(shown) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
