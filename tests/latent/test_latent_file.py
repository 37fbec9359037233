"""Latents in and out: every bit comes back, and what is no file of latents says so."""

import json

import numpy as np
import pytest
from safetensors.numpy import save

from gan.errors import Problem
from gan.latent.latent_file import points_in, to_json, to_safetensors
from gan.latent.points import MOST_PICTURES, explicit

LATENTS = np.random.default_rng(1).normal(size=(5, 7)).astype(np.float32)
POINTS = [explicit(one) for one in LATENTS]


@pytest.mark.parametrize("make, name", [(to_json, "a.json"), (to_safetensors, "a.safetensors")])
def test_latents_come_back_bit_for_bit(make, name) -> None:
    assert points_in(name, make(POINTS, 7, "seed=1"), 7) == tuple(POINTS)


def test_a_file_made_by_hand_is_read_too() -> None:
    assert points_in("a.json", json.dumps(LATENTS.tolist()).encode(), 7) == tuple(POINTS)
    assert points_in("a.json", json.dumps(LATENTS[0].tolist()).encode(), 7) == tuple(POINTS[:1])
    assert points_in("a.safetensors", save({"latents": LATENTS[:1]}), 7) == tuple(POINTS[:1])


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.json", b""),
        ("a.json", b"{}"),
        ("a.json", b"null"),
        ("a.json", b'"text"'),
        ("a.json", b"[[1, 2], [3]]"),
        ("a.json", b"[[[1]]]"),
        ("a.json", b"[]"),
        ("a.json", b"[" * 100_000),
        ("a.json", json.dumps([["x"] * 7]).encode()),
        ("a.json", json.dumps([[1e300] * 7]).encode()),
        ("a.json", b"[[NaN, 1, 1, 1, 1, 1, 1]]"),
        ("a.json", json.dumps([[0.0] * 8]).encode()),
        ("a.json", json.dumps([[0.0] * 7] * 65).encode()),
        ("a.json", b" " * (5 << 20)),
        ("a.safetensors", b"hello"),
        ("a.safetensors", save({"others": LATENTS})),
        ("a.safetensors", save({"latents": LATENTS})[:-4]),
        ("a.safetensors", (1 << 62).to_bytes(8, "little")),
    ],
)
def test_what_holds_no_latents_for_this_generator_is_refused(name, content) -> None:
    with pytest.raises(Problem, match="latent"):
        points_in(name, content, 7)


def test_a_file_of_as_many_latents_as_can_be_shown_is_read_whole() -> None:
    rows = np.random.default_rng(2).normal(size=(MOST_PICTURES, 7)).astype(np.float32)
    assert len(set(points_in("a.json", json.dumps(rows.tolist()).encode(), 7))) == MOST_PICTURES
