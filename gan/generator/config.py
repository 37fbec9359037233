"""A generator's two files, `model.safetensors` and `config.json`: what they say and how large they may be.
No torch.

The app reads them so, to hand them to a worker; tensors are looked at in gan.nets.weights alone.
"""

import json
from typing import Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from gan import __version__
from gan.errors import Problem, first_fault
from gan.pictures.shape import ImageShape
from gan.recipes.architectures import ARCHITECTURES
from gan.recipes.recipe import MAX_SEED, MAX_STEPS, PLAIN, WORD, Recipe

LICENCES = ("mit", "apache-2.0", "cc-by-4.0", "cc-by-sa-4.0", "cc0-1.0", "other")  # to share weights under
MAX_PARAMETERS = 16_000_000
MAX_VALUES = 2_000_000  # between the layers, of one picture: a chunk of 16 takes 128 MB
MAX_CONFIG = 64 * 1024  # bytes
METADATA = {"format": "pt"}  # of every safetensors file: what other programs look for
PREFIX = "ema."  # of the averaged tensors' names beside the net's own
MAX_HEADER = 1024 * 1024  # bytes beside the tensors' own


class ImageInfo(BaseModel, frozen=True, extra="forbid"):
    """What the generator draws."""

    channels: int = Field(ge=1, le=3, strict=True)
    height: int = Field(ge=4, le=256, strict=True)
    width: int = Field(ge=4, le=256, strict=True)
    range: tuple[Literal[-1], Literal[1]] = (-1, 1)


class DataOrigin(BaseModel, frozen=True, extra="forbid"):
    """What it learned from, and whose that is."""

    name: str = Field(max_length=64, pattern=WORD)
    licence: str = Field(max_length=64, pattern=PLAIN)


class GeneratorConfig(BaseModel, frozen=True, extra="forbid"):
    """`config.json`. `recipe` holds everything the network's layers depend on, `architecture` names them."""

    format_version: Literal[1] = 1
    architecture: Literal[*ARCHITECTURES]
    latent_size: int = Field(ge=1, le=1024, strict=True)
    image: ImageInfo
    classes: Literal[0] = 0  # no recipe here is conditional
    recipe: Recipe
    data: DataOrigin
    seed: int = Field(0, ge=0, le=MAX_SEED)  # the run's: its 25 fixed latents are this seed's first
    step: int = Field(ge=0, le=MAX_STEPS, strict=True)
    made_by: str = Field(f"gan-workbench {__version__}", max_length=64, pattern=PLAIN)

    @model_validator(mode="after")
    def _agrees(self) -> "GeneratorConfig":
        if (self.architecture, self.latent_size) != (self.recipe.nets, self.recipe.latent_size):
            raise ValueError("architecture and latent_size differ from the recipe's")
        return self

    @property
    def shape(self) -> ImageShape:
        """The shape of a picture."""
        return ImageShape(self.image.channels, self.image.height, self.image.width)


def written(config: GeneratorConfig) -> bytes:
    """The content of `config.json`. The same generator is the same bytes wherever it is written from."""
    return config.model_dump_json(indent=1).encode()


def read_config(content: bytes) -> GeneratorConfig:
    """A `config.json`, believed. Raises Problem naming the first thing that is wrong."""
    check_size("config.json", len(content), MAX_CONFIG)
    try:
        json.loads(content)
        return GeneratorConfig.model_validate_json(content)
    except ValidationError as error:
        place, what = first_fault(error)
        raise Problem("config.json can't be used: {place}: {what}.", place=place, what=what) from None
    except (ValueError, RecursionError):
        raise Problem("config.json is not JSON: take the one that was saved with the weights.") from None


def check_size(name: str, size: int, limit: int) -> None:
    if size > limit:
        raise Problem(
            "{name} has {size} bytes, more than the {limit} it can need: it is another file.",
            name=name,
            size=f"{size:,}",
            limit=f"{limit:,}",
        )


def check_parameters(config: GeneratorConfig, size: int) -> None:
    """Refuse a generator that is too large, or too dear to draw from, and a `model.safetensors` of more bytes
    than it can need. Raises Problem.
    """
    architecture = ARCHITECTURES[config.architecture]
    if architecture.values(config.recipe, config.shape) > MAX_VALUES:
        raise Problem(
            "config.json asks for pictures of {width}×{height} from a {kind}: that takes too much memory to "
            "draw here.",
            width=config.image.width,
            height=config.image.height,
            kind=config.architecture,
        )
    count = architecture.parameters(config.recipe, config.shape)
    if count > MAX_PARAMETERS:
        raise Problem(
            "config.json asks for a generator of {count} parameters; this program loads up to {most}.",
            count=f"{count:,}",
            most=f"{MAX_PARAMETERS:,}",
        )
    copies = 2 if config.recipe.ema else 1
    check_size("model.safetensors", size, 4 * copies * count + MAX_HEADER)


def max_weights() -> int:
    """Bytes the largest `model.safetensors` may have."""
    return 2 * 4 * MAX_PARAMETERS + MAX_HEADER  # float32, and their average beside them
