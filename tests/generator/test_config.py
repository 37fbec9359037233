"""What config.json says of a generator."""

import json

import pytest

from gan.errors import Problem
from gan.generator.config import (
    MAX_PARAMETERS,
    MAX_VALUES,
    GeneratorConfig,
    check_parameters,
    max_weights,
    read_config,
)
from gan.recipes.architectures import ARCHITECTURES
from gan.recipes.recipe import MAX_SEED
from gan.recipes.table import RECIPES
from tests.generators import config_for


def test_a_config_survives_its_file(files) -> None:
    config = read_config(files[0])
    assert config.shape == (1, 28, 28) and config.recipe == RECIPES["dcgan"] and config.seed == MAX_SEED
    assert config.model_dump_json().encode() == files[0]


def test_a_config_that_contradicts_its_recipe_is_refused(files) -> None:
    config = json.loads(files[0]) | {"latent_size": 99}
    with pytest.raises(Problem, match="architecture and latent_size differ from the recipe's"):
        read_config(json.dumps(config).encode())


def test_an_average_makes_the_file_larger_and_not_the_generator() -> None:
    recipe = RECIPES["mlp"].with_changes({"hidden": "2048,4096", "ema": 10_000})
    config = config_for(recipe)
    size = 2 * 4 * (100 * 2048 + 2048 * 4096 + 4096 * 784 + 2048 + 4096 + 784)  # 11.8 million, twice
    check_parameters(config, size)
    assert size < max_weights()
    with pytest.raises(Problem, match="more than the"):
        check_parameters(config, size + 2 * 1024 * 1024)


def test_a_generator_whose_pictures_take_too_much_memory_is_refused_though_it_has_few_parameters() -> None:
    def config(side: int) -> GeneratorConfig:
        return config_for(RECIPES["dcgan"], side)

    def values(side: int) -> int:
        return ARCHITECTURES["dcgan"].values(config(side).recipe, config(side).shape)

    largest = max(side for side in range(4, 257, 4) if values(side) <= MAX_VALUES)
    check_parameters(config(largest), 1000)
    refused = config(largest + 4)
    parameters = ARCHITECTURES["dcgan"].parameters(refused.recipe, refused.shape)
    assert parameters < MAX_PARAMETERS and largest == 76
    with pytest.raises(Problem, match="pictures of 80×80 from a dcgan: that takes too much memory"):
        check_parameters(refused, 1000)


def test_without_an_average_there_is_no_room_for_one() -> None:
    config = config_for(RECIPES["mlp"].with_changes({"hidden": "2048,1024"}))
    size = 4 * (100 * 2048 + 2048 * 1024 + 1024 * 784 + 2048 + 1024 + 784)
    check_parameters(config, size)
    with pytest.raises(Problem, match="more than the"):
        check_parameters(config, 2 * size)
