"""A generator as two files, `model.safetensors` and `config.json`: written, and read with mistrust.

Reading goes from cheap to dear: the config's bounds, the size its network must have, the file's header, the
tensors, their finiteness. Nothing is built before the config is believed, and a file that fails leaves
nothing half-loaded.
"""

import json
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from pydantic import BaseModel, Field, ValidationError, model_validator
from safetensors import SafetensorError, deserialize
from safetensors.torch import load, save
from torch import nn

from gan import __version__
from gan.model import Generator, parameter_count
from gan.recipes import Recipe
from gan.runs import MAX_SEED, Run, write_whole
from gan.words import Problem

MAX_PARAMETERS = 50_000_000
MAX_CONFIG = 64 * 1024  # bytes
MAX_HEADER = 1024 * 1024  # bytes beside the tensors' own


class ImageInfo(BaseModel, frozen=True, extra="forbid"):
    """What the generator draws."""

    channels: int = Field(ge=1, le=3, strict=True)
    height: int = Field(ge=4, le=256, strict=True)
    width: int = Field(ge=4, le=256, strict=True)
    range: tuple[Literal[-1], Literal[1]] = (-1, 1)


class DataSource(BaseModel, frozen=True, extra="forbid"):
    """What it learned from, and whose that is."""

    name: str = Field(max_length=64)
    licence: str = Field(max_length=64)


class GeneratorConfig(BaseModel, frozen=True, extra="forbid"):
    """`config.json`. `recipe` holds everything the network's layers depend on, `architecture` names them."""

    format_version: Literal[1] = 1
    architecture: Literal["mlp", "dcgan"]
    latent_size: int = Field(ge=1, le=1024, strict=True)
    image: ImageInfo
    classes: Literal[0] = 0  # no recipe here is conditional
    recipe: Recipe
    data: DataSource
    seed: int = Field(0, ge=0, le=MAX_SEED)  # the run's: its 25 fixed latents are this seed's first
    step: int = Field(ge=0, strict=True)
    made_by: str = Field(f"gan-workbench {__version__}", max_length=64)

    @model_validator(mode="after")
    def _agrees(self) -> "GeneratorConfig":
        if (self.architecture, self.latent_size) != (self.recipe.nets, self.recipe.latent_size):
            raise ValueError("architecture and latent_size differ from the recipe's")
        return self

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of a picture."""
        return self.image.channels, self.image.height, self.image.width


class LoadedGenerator(NamedTuple):
    """A generator ready to sample from, on the CPU, in inference mode, and what its config says."""

    net: nn.Module
    config: GeneratorConfig


def generator_files(net: nn.Module, config: GeneratorConfig) -> tuple[bytes, bytes]:
    """The contents of `config.json` and `model.safetensors`."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()}
    return config.model_dump_json(indent=1).encode(), save(tensors, {"format": "pt"})


def save_generator(folder: Path, net: nn.Module, config: GeneratorConfig) -> None:
    """Write both files, each whole or not at all."""
    text, tensors = generator_files(net, config)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "model.safetensors", tensors)
    write_whole(folder / "config.json", text)


def read_source(source: str | Path) -> tuple[bytes, bytes]:
    """The two files' contents from a run folder, a generator folder or a `.safetensors` beside its
    `config.json`.

    Raises Problem where one is missing or larger than any generator's can be.
    """
    path = Path(source)
    weights = path if path.suffix == ".safetensors" else path / "model.safetensors"
    config = weights.with_name("config.json")
    for file, limit in ((config, MAX_CONFIG), (weights, 4 * MAX_PARAMETERS + MAX_HEADER)):
        if not file.is_file():
            cure = _cure_for_missing(path)
            raise Problem("There is no {file}: {cure}", file=file, cure=cure)
        _check_size(file.name, file.stat().st_size, limit)
    try:
        return config.read_bytes(), weights.read_bytes()
    except OSError as error:
        raise Problem("{file} can't be read: {why}.", file=error.filename, why=error.strerror) from None


def _cure_for_missing(path: Path) -> str:
    if Run(path).exists():
        return "the run has not been saved yet, train it a little longer."
    return "name a run folder, a generator folder, or a .safetensors file beside its config.json."


def load_generator(config: bytes, weights: bytes) -> LoadedGenerator:
    """Build the generator those two files describe. Raises Problem; nothing is loaded then."""
    parsed = read_config(config)
    count = parameter_count(parsed.recipe, parsed.shape)
    if count > MAX_PARAMETERS:
        raise Problem(
            "config.json asks for a generator of {count} parameters; this program loads up to {most}.",
            count=f"{count:,}",
            most=f"{MAX_PARAMETERS:,}",
        )
    _check_size("model.safetensors", len(weights), 8 * count + MAX_HEADER)
    channels, height, width = parsed.shape
    net = Generator(width, height, channels, parsed.latent_size, recipe=parsed.recipe).model()
    _check_header(weights, net)
    tensors = load(weights)
    broken = [name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()]
    if broken:
        raise Problem(
            "model.safetensors holds values that are not finite, in {names}: it comes from a run that broke.",
            names=_some(broken),
        )
    net.load_state_dict(tensors, strict=True)
    return LoadedGenerator(net.eval(), parsed)


def read_config(content: bytes) -> GeneratorConfig:
    """A `config.json`, believed. Raises Problem naming the first thing that is wrong."""
    _check_size("config.json", len(content), MAX_CONFIG)
    try:
        json.loads(content)
        return GeneratorConfig.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise Problem(
            "config.json can't be used: {place}: {what}.",
            place=".".join(map(str, first["loc"])) or "it",
            what=first["msg"].removeprefix("Value error, "),
        ) from None
    except (ValueError, RecursionError):
        raise Problem("config.json is not JSON: take the one that was saved with the weights.") from None


def _check_size(name: str, size: int, limit: int) -> None:
    if size > limit:
        raise Problem(
            "{name} has {size} bytes, more than the {limit} it can need: it is another file.",
            name=name,
            size=f"{size:,}",
            limit=f"{limit:,}",
        )


def _check_header(weights: bytes, net: nn.Module) -> None:
    """Are the file's tensors exactly the network's: names, shapes and types?"""
    try:
        found = {name: entry for name, entry in deserialize(weights)}
    except SafetensorError as error:
        raise Problem(
            "model.safetensors is damaged or no safetensors file ({what}).", what=str(error)
        ) from None
    expected = net.state_dict()
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
