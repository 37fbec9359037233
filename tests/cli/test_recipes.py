"""`python -m gan recipes` and `summary`."""

import json

from PIL import Image

from tests.cli.command_line import gan, report


def test_recipes_are_listed() -> None:
    text = gan("recipes")
    assert all(name in text for name in ("mlp ", "mlp-g-first", "dcgan", "Keras chapter"))
    names = [recipe["name"] for recipe in json.loads(gan("recipes", "--json").splitlines()[-1])]
    assert names == ["mlp", "mlp-g-first", "dcgan"]


def test_a_summary_counts_parameters_and_draws(tmp_path) -> None:
    picture = tmp_path / "made" / "dcgan.png"
    told = report("summary", "dcgan", "--picture", picture)
    assert [told[key]["trainable"] for key in ("generator", "discriminator")] == [855_809, 389_761]
    assert [told[key]["total"] for key in ("generator", "discriminator")] == [856_193, 390_657]
    assert Image.open(picture).format == "PNG"
    assert "247,440" in gan("summary", "mlp")
