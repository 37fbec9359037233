"""A generator's two files, found and measured before anybody opens them."""

import json

import pytest

from gan.errors import Problem
from gan.generator.config import check_parameters, max_weights, read_config
from gan.generator.folder import read_source
from gan.recipes.recipe import MAX_SEED
from gan.recipes.table import RECIPES
from gan.runs.run import Run
from tests.generators import config_for


@pytest.fixture
def files():
    """A config, and bytes in the place of weights: nobody looks at them here."""
    config = config_for(RECIPES["dcgan"], data="mnist", seed=MAX_SEED, step=4001)
    return config.model_dump_json().encode(), b"weights"


def test_a_config_survives_its_file(files):
    config = read_config(files[0])
    assert config.shape == (1, 28, 28) and config.recipe == RECIPES["dcgan"] and config.seed == MAX_SEED
    assert config.model_dump_json().encode() == files[0]


def test_a_config_that_contradicts_its_recipe_is_refused(files):
    config = json.loads(files[0]) | {"latent_size": 99}
    with pytest.raises(Problem, match="architecture and latent_size differ from the recipe's"):
        read_config(json.dumps(config).encode())


def test_an_average_makes_the_file_larger_and_not_the_generator():
    recipe = RECIPES["mlp"].with_changes({"hidden": "2048,4096", "ema": 10_000})
    config = config_for(recipe)
    size = 2 * 4 * (100 * 2048 + 2048 * 4096 + 4096 * 784 + 2048 + 4096 + 784)  # 11.8 million, twice
    check_parameters(config, size)
    assert size < max_weights()
    with pytest.raises(Problem, match="more than the"):
        check_parameters(config, size + 2 * 1024 * 1024)


def test_a_source_is_a_folder_or_a_safetensors_file(tmp_path, files):
    (tmp_path / "config.json").write_bytes(files[0])
    (tmp_path / "model.safetensors").write_bytes(files[1])
    (tmp_path / "other.safetensors").write_bytes(files[1])
    assert read_source(tmp_path) == read_source(str(tmp_path / "other.safetensors")) == files


def test_a_missing_source_is_named_with_what_would_do(tmp_path):
    with pytest.raises(Problem, match="no .*nowhere.*name a run folder"):
        read_source(tmp_path / "nowhere")


def test_weights_without_their_config_are_refused(tmp_path, files):
    (tmp_path / "model.safetensors").write_bytes(files[1])
    with pytest.raises(Problem, match="There is no .*config.json"):
        read_source(tmp_path / "model.safetensors")


def test_a_file_too_large_is_not_even_read(tmp_path, files):
    (tmp_path / "config.json").write_bytes(files[0])
    with open(tmp_path / "model.safetensors", "wb") as file:
        file.truncate(300 << 30)  # sparse: 300 GiB that are not there
    with pytest.raises(Problem, match="model.safetensors has 322,122,547,200 bytes"):
        read_source(tmp_path)


def test_a_folder_where_a_file_should_be_is_refused(tmp_path, files):
    (tmp_path / "model.safetensors").write_bytes(files[1])
    (tmp_path / "config.json").mkdir()
    with pytest.raises(Problem, match="config.json"):
        read_source(tmp_path)


def test_a_run_without_a_save_is_said_to_need_more_training(tmp_path):
    run = Run.make(tmp_path / "young")
    (run.path / "run.json").write_text("{}")
    with pytest.raises(Problem, match="has not been saved yet"):
        read_source(run.path)
