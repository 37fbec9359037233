"""The seed recipes' numbers, as their posts give them, and what may be changed."""

import pytest

from gan.errors import Problem
from gan.recipes.recipe import LIVE, MAX_STEPS, SETTINGS, Recipe
from gan.recipes.table import RECIPES, find_recipe

MLP = {
    "nets": "mlp",
    "hidden": (128, 256),
    "g_activation": "leaky_relu",
    "latent_size": 100,
    "loss": "bce",
    "order": "dg",
    "d_scale": 0.5,
    "d_updates": "joint",
    "d_latents": "shared",
    "d_fakes": "training",
    "g_rate": 2e-4,
    "d_rate": 2e-4,
    "betas": (0.9, 0.999),
    "eps": 1e-8,
    "batch_size": 32,
    "drawing": "epochs",
    "epochs": 100,
    "steps": None,
}
TABLE = {
    "mlp": MLP,
    "mlp-g-first": MLP
    | {"g_activation": "relu", "order": "gd", "d_latents": "fresh", "drawing": "full-batches"},
    "dcgan": MLP
    | {"nets": "dcgan", "hidden": None, "d_updates": "separate", "d_fakes": "inference"}
    | {"g_rate": 1e-3, "d_rate": 1e-3, "eps": 1e-7, "drawing": "replacement"}
    | {"epochs": None, "steps": 4001, "sample_every": 200},
}


@pytest.mark.parametrize("name", TABLE)
def test_a_recipe_holds_its_posts_numbers(name) -> None:
    values = find_recipe(name).model_dump()
    assert {key: values[key] for key in TABLE[name]} == TABLE[name]


def test_the_table_is_all_there_is() -> None:
    assert set(RECIPES) == set(TABLE)
    assert all(recipe.title and recipe.purpose and recipe.source for recipe in RECIPES.values())


@pytest.mark.parametrize(
    "name, images, epoch, length",
    [
        ("mlp", 60_000, 1875, 187_500),
        ("mlp", 1797, 57, 5700),  # the short last batch is kept
        ("mlp-g-first", 1797, 56, 5600),  # and here dropped
        ("dcgan", 60_000, 1875, 4001),
        ("dcgan", 20, 1, 4001),
    ],
)
def test_length_follows_steps_or_epochs(name, images, epoch, length) -> None:
    recipe = find_recipe(name)
    assert recipe.steps_per_epoch(images) == epoch
    assert recipe.length(images) == length


def test_a_recipe_survives_json() -> None:
    for recipe in RECIPES.values():
        assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_text_from_a_command_line_becomes_values() -> None:
    changes = {"g_rate": "1e-3", "batch_size": "64", "hidden": "32,64", "betas": "0.5,0.9", "order": "gd"}
    recipe = find_recipe("mlp").with_changes(changes)
    assert (recipe.g_rate, recipe.d_rate, recipe.batch_size) == (1e-3, 2e-4, 64)
    assert (recipe.hidden, recipe.betas, recipe.order) == ((32, 64), (0.5, 0.9), "gd")
    assert find_recipe("mlp").g_rate == 2e-4, "the table itself stays"


def test_steps_take_the_place_of_epochs_and_the_other_way_round() -> None:
    recipe = find_recipe("mlp").with_changes({"steps": 7})
    assert (recipe.steps, recipe.epochs) == (7, None)
    recipe = find_recipe("dcgan").with_changes({"epochs": "2"})
    assert (recipe.steps, recipe.epochs, recipe.length(1000)) == (None, 2, 62)
    with pytest.raises(Problem, match="either its steps or its epochs"):
        find_recipe("mlp").with_changes({"steps": 7, "epochs": 3})


def test_no_number_of_epochs_is_longer_than_the_longest_run() -> None:
    assert find_recipe("mlp").with_changes({"epochs": MAX_STEPS}).length(60_000) == MAX_STEPS


BAD = [
    *[("g_rate", bad) for bad in (0, -1, "0", "-2e-4", "nan", "inf", "-inf", float("nan"), 2, "1e9")],
    *[("d_rate", bad) for bad in ("", "fast", None, [1], 10**400)],
    *[("batch_size", bad) for bad in (0, -5, "1.5", "many", 100_000)],
    *[("steps", bad) for bad in (0, "-1", "1e3", MAX_STEPS + 1)],
    *[("epochs", bad) for bad in (0, "99999999999999999999")],
    *[("hidden", bad) for bad in ("128", "1,2,3", "a,b", "0,5", "5000,5", "", "nan,1")],
    *[("betas", bad) for bad in ("0.9", "0.9,1", "nan,0.9", "-0.1,0.9", "1,2,3")],
    *[("latent_size", bad) for bad in (0, 100_000)],
    *[("d_scale", bad) for bad in (0, 1.5, "nan")],
    *[("eps", bad) for bad in (0, "inf")],
    ("sample_every", 0),
    ("order", "dgd"),
    ("drawing", "shuffled"),
    ("g_activation", "tanh"),
    ("d_updates", "none"),
]


@pytest.mark.parametrize("key, value", BAD)
def test_a_bad_value_is_refused_by_its_name(key, value) -> None:
    with pytest.raises(Problem) as refusal:
        find_recipe("mlp").with_changes({key: value})
    sentence = str(refusal.value)
    shown = "" if value in ("", None, [1]) else str(value)
    assert sentence.startswith(f"{key} = {shown}") and sentence.endswith(".")
    assert "\n" not in sentence and ("should be" in sentence or "breaks a rule" in sentence)
    assert refusal.value.misuse


def test_a_pair_with_the_wrong_number_of_values_is_shown_how_to_write_it() -> None:
    with pytest.raises(Problem, match="^hidden = 128 can't be used: it should be two .* like 128,256"):
        find_recipe("mlp").with_changes({"hidden": "128"})
    with pytest.raises(Problem, match="^betas = 1,2,3 can't be used: it should be two .* like 0.9,0.999"):
        find_recipe("mlp").with_changes({"betas": "1,2,3"})


def test_hidden_widths_belong_to_an_mlp_alone() -> None:
    with pytest.raises(Problem, match="hidden belongs to an mlp"):
        find_recipe("dcgan").with_changes({"hidden": "1,2"})


@pytest.mark.parametrize("key", ["lr", "name", "nets", "title", "", "model_config"])
def test_an_unknown_setting_is_refused_with_those_there_are(key) -> None:
    with pytest.raises(Problem, match=f"no setting '{key}'.*g_rate, d_rate, batch_size") as refusal:
        find_recipe("mlp").with_changes({key: "1"})
    assert refusal.value.misuse


def test_an_unknown_recipe_is_refused_with_those_there_are() -> None:
    with pytest.raises(Problem, match="no recipe 'stylegan'.*mlp, mlp-g-first, dcgan"):
        find_recipe("stylegan")


def test_every_settable_key_is_a_field() -> None:
    assert set(SETTINGS) <= set(Recipe.model_fields) and set(LIVE) <= set(SETTINGS)
