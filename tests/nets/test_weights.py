"""Generators as files: what is saved comes back, and nothing hostile does."""

import json
import pickle
import struct
import zipfile
from collections.abc import Callable

import pytest
import torch
from safetensors.torch import load, save

from gan.errors import Problem
from gan.generator.config import ImageInfo
from gan.generator.folder import read_source
from gan.nets import weights
from gan.nets.pair import Generator
from gan.nets.sampling import latents_for, sample
from gan.nets.weights import generator_files, load_generator
from gan.recipes.architectures import ARCHITECTURES
from gan.recipes.table import RECIPES
from tests.generators import config_for
from tests.memory import at_most

RECIPE = RECIPES["mlp"].with_changes({"hidden": (3, 4), "latent_size": 5})


@pytest.fixture
def files() -> tuple[bytes, bytes]:
    """A whole and tiny generator: the contents of config.json and of model.safetensors."""
    net = Generator(4, 4, 1, 5, recipe=RECIPE).model()
    return generator_files(net.state_dict(), config_for(RECIPE, 4))


# --- there and back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("recipe", [RECIPE, RECIPES["dcgan"]], ids=["mlp", "dcgan"])
def test_a_saved_generator_comes_back_bit_for_bit(tmp_path, recipe) -> None:
    net = Generator(8, 8, 1, recipe.latent_size, recipe=recipe, seed=3).model()
    net(torch.randn(16, recipe.latent_size, generator=torch.Generator().manual_seed(0)))  # moves batch norm
    config = config_for(recipe, 8)
    weights.save_generator(tmp_path / "new" / "folder", net.state_dict(), config)
    loaded = load_generator(*read_source(tmp_path / "new" / "folder"))
    assert loaded.config == config
    for name, tensor in net.state_dict().items():
        assert torch.equal(tensor, loaded.net.state_dict()[name])
    latents = latents_for(0, range(3), recipe.latent_size)
    assert torch.equal(sample(net, latents), sample(loaded.net, latents))
    assert not loaded.net.training


def test_the_config_says_what_the_format_asks(files) -> None:
    config = json.loads(files[0])
    assert config["format_version"] == 1 and config["architecture"] == "mlp" and config["latent_size"] == 5
    assert config["image"] == {"channels": 1, "height": 4, "width": 4, "range": [-1, 1]}
    assert config["data"] == {"name": "digits", "licence": "CC BY 4.0"} and config["step"] == 12
    assert config["recipe"]["name"] == "mlp" and config["made_by"].startswith("gan-workbench ")


def test_weights_are_contiguous_float32_and_no_pickle(files) -> None:
    tensors = load(files[1])
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
    assert b"\x80\x04" not in files[1][:8] and not files[1].startswith(b"PK")


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 12, 8)])
def test_parameters_are_counted_from_the_sizes_alone(name, shape) -> None:
    channels, height, width = shape
    image = ImageInfo(channels=channels, height=height, width=width)
    config = config_for(RECIPES[name], 28).model_copy(update={"image": image})
    built = Generator(width, height, channels, config.latent_size, recipe=config.recipe).model()
    counted = ARCHITECTURES[config.architecture].parameters(config.recipe, config.shape)
    assert counted == sum(tensor.numel() for tensor in built.parameters())


# --- hostile weights --------------------------------------------------------------------------------


def changed(content, **changes) -> bytes:
    """The same tensors, some replaced or (None) left out."""
    tensors = load(content) | {name.replace("_", "."): tensor for name, tensor in changes.items()}
    return save({name: tensor for name, tensor in tensors.items() if tensor is not None})


def made_by_hand(header, body=b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def zipped(folder) -> bytes:
    torch.save({"layers.0.weight": torch.zeros(2)}, folder / "torch.pt")
    return (folder / "torch.pt").read_bytes()


def declared(shape, end=16, kind="F32", name="layers.0.weight") -> bytes:
    return made_by_hand({name: {"dtype": kind, "shape": shape, "data_offsets": [0, end]}}, bytes(16))


def many(count, kind="F32") -> bytes:
    return made_by_hand(
        {f"t{n}": {"dtype": kind, "shape": [0], "data_offsets": [0, 0]} for n in range(count)}
    )


HOSTILE_WEIGHTS = {
    "empty": lambda w, _: b"",
    "seven bytes": lambda w, _: w[:7],
    "cut in its header": lambda w, _: w[:40],
    "cut by one byte": lambda w, _: w[:-1],
    "one byte too many": lambda w, _: w + b"\0",
    "a text renamed": lambda w, _: b"These are the weights, honestly.\n" * 20,
    "a picture renamed": lambda w, _: b"\x89PNG\r\n\x1a\n" + bytes(200),
    "a pickle": lambda w, _: pickle.dumps({"layers.0.weight": [1.0] * 50}),
    "torch.save's zip": lambda w, folder: zipped(folder),
    "a header of 2^63 bytes": lambda w, _: struct.pack("<Q", 1 << 63) + w[8:],
    "a header of 4 GiB": lambda w, _: struct.pack("<Q", 1 << 32) + w[8:],
    "a header longer than the file": lambda w, _: struct.pack("<Q", len(w)) + w[8:],
    "a header that is no JSON": lambda w, _: made_by_hand(b"{" * 500),
    "a header nested deep": lambda w, _: made_by_hand(b'{"a":' * 50_000),
    "a header that is a list": lambda w, _: made_by_hand([1, 2, 3]),
    "a shape of 2^60 values": lambda w, _: declared([1 << 30, 1 << 30]),
    "a shape that overflows": lambda w, _: declared([1 << 62, 1 << 62]),
    "a negative shape": lambda w, _: declared([-4]),
    "offsets beyond the file": lambda w, _: declared([4], end=1 << 40),
    "an unknown type": lambda w, _: declared([4], kind="F33"),
    "metadata that are numbers": lambda w, _: made_by_hand({"__metadata__": {"a": 1}}),
    "100,000 tensors": lambda w, _: many(100_000),
    "5,000 tensors": lambda w, _: many(5_000),
    "a wrong shape": lambda w, _: changed(w, layers_0_weight=torch.zeros(5, 3)),
    "a scalar": lambda w, _: changed(w, layers_0_bias=torch.tensor(1.0)),
    "a missing tensor": lambda w, _: changed(w, layers_4_bias=None),
    "no tensors": lambda w, _: save({}),
    "an extra tensor": lambda w, _: changed(w, evil=torch.zeros(1)),
    "a name of terminal codes": lambda w, _: changed(w, **{"\x1b[2J\n" * 50: torch.zeros(1)}),
    "not a number": lambda w, _: changed(w, layers_0_weight=torch.full((3, 5), float("nan"))),
    "infinity": lambda w, _: changed(w, layers_2_bias=torch.tensor([0, 0, 0, float("-inf")])),
    "float64": lambda w, _: changed(w, layers_0_weight=torch.zeros(3, 5, dtype=torch.float64)),
    "float16": lambda w, _: changed(w, layers_0_weight=torch.zeros(3, 5, dtype=torch.float16)),
    "whole numbers": lambda w, _: changed(w, layers_0_bias=torch.zeros(3, dtype=torch.int64)),
}


def refusal(config, tensors) -> str:
    """The sentence with which these files are refused; anything else that is raised fails the test."""
    with at_most(200 << 20), pytest.raises(Problem) as caught:
        load_generator(config, tensors)
    sentence = str(caught.value)
    assert sentence.isprintable() and 30 < len(sentence) < 500 and sentence.endswith(".")
    return sentence


@pytest.mark.parametrize("kind", HOSTILE_WEIGHTS)
def test_hostile_weights_are_refused_in_a_sentence(files, tmp_path, kind) -> None:
    config, content = files
    sentence = refusal(config, HOSTILE_WEIGHTS[kind](content, tmp_path))
    assert "model.safetensors" in sentence or "layers." in sentence


@pytest.mark.parametrize(
    "kind, said",
    [
        ("empty", "damaged or no safetensors file"),
        ("cut by one byte", "damaged or no safetensors file"),
        ("a wrong shape", r"layers.0.weight has the shape \(5, 3\) .* needs \(3, 5\)"),
        ("a missing tensor", "lacks layers.4.bias"),
        ("an extra tensor", "holds evil, unknown to this network"),
        ("not a number", "not finite, in layers.0.weight"),
        ("float64", "layers.0.weight is stored as F64; it must be F32"),
        ("5,000 tensors", "lacks layers.0.bias, layers.0.weight, layers.2.bias and 3 more"),
        ("100,000 tensors", "bytes, more than the .* it can need"),
    ],
)
def test_the_sentence_says_what_is_wrong(files, tmp_path, kind, said) -> None:
    with pytest.raises(Problem, match=said):
        load_generator(files[0], HOSTILE_WEIGHTS[kind](files[1], tmp_path))


# --- hostile configs --------------------------------------------------------------------------------


def with_values(**changes) -> Callable[[bytes], bytes]:
    """The config with values replaced; a path's steps are joined by two underscores."""

    def change(content) -> bytes:
        config = json.loads(content)
        for path, value in changes.items():
            *above, key = path.split("__")
            place = config
            for step in above:
                place = place[step]
            place[key] = value
        return json.dumps(config).encode()

    return change


HOSTILE_CONFIGS = {
    "empty": lambda c: b"",
    "no JSON": lambda c: b"architecture: mlp",
    "cut": lambda c: c[:-20],
    "a list": lambda c: b"[1, 2]",
    "null": lambda c: b"null",
    "not UTF-8": lambda c: b'{"a": "\xff\xfe"}',
    "a pickle": lambda c: pickle.dumps(json.loads(c)),
    "nested deep": lambda c: b"[" * 60_000,
    "nested deep inside": lambda c: c.replace(b"{", b'{"x":' + b"[" * 20_000 + b"]" * 20_000 + b",", 1),
    "more than 64 KiB": lambda c: c + b" " * (64 << 10),
    "a number of 4,000 digits": with_values(step=10**4000),
    "an unknown architecture": with_values(architecture="os.system"),
    "another architecture": with_values(architecture="dcgan"),
    "an unknown key": with_values(trust_remote_code=True),
    "an unknown key in the recipe": with_values(recipe__code="import os"),
    "another version": with_values(format_version=2),
    "a latent of 10^9": with_values(latent_size=10**9, recipe__latent_size=10**9),
    "a latent of 0": with_values(latent_size=0, recipe__latent_size=0),
    "a latent unlike the recipe's": with_values(latent_size=7),
    "a latent as text": with_values(latent_size="5"),
    "a picture of 10^6 pixels a side": with_values(image__height=10**6),
    "a picture of -4": with_values(image__width=-4),
    "a picture of half pixels": with_values(image__width=4.5),
    "sizes that multiply": with_values(
        image={"channels": 3, "height": 256, "width": 256}, recipe__hidden=[4096, 4096]
    ),
    "hidden widths of 10^9": with_values(recipe__hidden=[10**9, 10**9]),
    "a missing key": lambda c: json.dumps({k: v for k, v in json.loads(c).items() if k != "image"}).encode(),
    "a step of NaN": lambda c: c.replace(b'"step": 12', b'"step": NaN'),
    "a name of 10,000 letters": with_values(data__name="x" * 10_000),
    "a dcgan of 256 pixels": lambda c: (
        config_for(RECIPES["dcgan"], 28).model_dump_json().replace("28", "256").encode()
    ),
    "markup for a data set": with_values(data__name="![](http://evil/p.png)"),
    "a dcgan of 30 pixels": lambda c: (
        config_for(RECIPES["dcgan"], 28).model_dump_json().replace("28", "30").encode()
    ),
}


@pytest.mark.parametrize("kind", HOSTILE_CONFIGS)
def test_hostile_configs_are_refused_in_a_sentence(files, kind) -> None:
    content = HOSTILE_CONFIGS[kind](files[0])
    assert content != files[0]
    refusal(content, files[1])


@pytest.mark.parametrize(
    "kind, said",
    [
        ("no JSON", "config.json is not JSON"),
        ("an unknown architecture", "config.json can't be used: architecture"),
        ("an unknown key in the recipe", "recipe.code"),
        ("a missing key", "image: Field required"),
        ("sizes that multiply", "generator of .* parameters; .* up to 16,000,000"),
        ("more than 64 KiB", "config.json has .* bytes, more than the 65,536"),
        ("a picture of 10^6 pixels a side", "image.height"),
    ],
)
def test_the_sentence_says_what_is_wrong_with_a_config(files, kind, said) -> None:
    with pytest.raises(Problem, match=said):
        load_generator(HOSTILE_CONFIGS[kind](files[0]), files[1])


def test_terminal_codes_in_a_name_are_shown_harmless(files, tmp_path) -> None:
    sentence = refusal(files[0], HOSTILE_WEIGHTS["a name of terminal codes"](files[1], tmp_path))
    assert "\x1b" not in sentence and "\n" not in sentence


def test_zip_bytes_are_really_torchs(tmp_path) -> None:
    zipped(tmp_path)
    assert zipfile.is_zipfile(tmp_path / "torch.pt")


def test_moving_statistics_that_draw_nothing_are_refused() -> None:
    net = Generator(8, 8, 1, 100, recipe=RECIPES["dcgan"]).model()
    config, tensors = generator_files(net.state_dict(), config_for(RECIPES["dcgan"], 8))
    evil = load(tensors) | {"layers.4.running_var": torch.full((128,), -1.0)}
    with pytest.raises(Problem, match="draws no picture, but values that are not finite"):
        load_generator(config, save(evil))
