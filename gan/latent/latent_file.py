"""Latents as files: exported for a script, imported from one, as safetensors or JSON. No torch."""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from gan.errors import Problem
from gan.latent.points import MOST_PICTURES, explicit, unpack

KIND = "gan-workbench latents"
MAX_BYTES = 16 << 20


def to_json(points: list[str], latent_size: int, query: str = "") -> bytes:
    """Explicit points as rows of numbers; read again, they are the same float32 bit by bit."""
    rows = [[float(value) for value in unpack(point, latent_size)] for point in points]
    facts = {"kind": KIND, "latent_size": latent_size, "made_with": query, "latents": rows}
    return json.dumps(facts).encode()


def to_safetensors(points: list[str], latent_size: int, query: str = "") -> bytes:
    """Explicit points as one tensor "latents", float32 (N, L)."""
    rows = np.stack([unpack(point, latent_size) for point in points]).astype(np.float32)
    return save({"latents": rows}, {"kind": KIND, "made_with": query})


WRITERS = {".safetensors": to_safetensors, ".json": to_json}


def points_in(name: str, content: bytes, latent_size: int, most: int = MOST_PICTURES) -> tuple[str, ...]:
    """The explicit points of a file, `most` of them, for a generator of that latent size. Raises Problem."""
    if len(content) > MAX_BYTES:
        raise Problem("{name} is too large to hold latents: it is another file.", name=name)
    rows = _from_safetensors if Path(name).suffix == ".safetensors" else _from_json
    try:
        values = np.asarray(rows(content))
        if values.dtype.kind not in "fiu":
            raise ValueError(f"its values are {values.dtype}, and not numbers")
        with np.errstate(over="ignore"):
            latents = values.astype(np.float32)
        if latents.ndim == 1:
            latents = latents[None]
        if latents.ndim != 2 or not len(latents):
            raise ValueError(f"latents of the shape {latents.shape}, where (N, {latent_size}) was expected")
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        what = "it is no JSON" if isinstance(error, json.JSONDecodeError) else str(error).split("\n")[0][:100]
        raise Problem("{name} holds no latents that can be read ({what}).", name=name, what=what) from None
    if len(latents) > most:
        message = "{name} holds {count} latents; at most {most} can be shown."
        raise Problem(message, name=name, count=f"{len(latents):,}", most=most)
    points = tuple(explicit(row) for row in latents)
    for point in points:  # is each this generator's?
        unpack(point, latent_size)
    return points


def _from_json(content: bytes) -> object:
    value = json.loads(content)
    if not isinstance(value, dict):
        return value
    if "latents" not in value:
        raise ValueError("it lacks 'latents'")
    return value["latents"]


def _from_safetensors(content: bytes) -> object:
    try:
        tensors = load(content)
    except KeyError as error:
        raise ValueError(f"its type {error} can't be read: save it as float32") from None
    if "latents" not in tensors:
        raise ValueError(f"it lacks a tensor 'latents', and has {', '.join(sorted(tensors))[:60] or 'none'}")
    return tensors["latents"]
