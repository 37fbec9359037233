"""Both networks of a recipe as the classes of the post."""

import pytest
import torch
from PIL import Image

from gan.errors import Problem
from gan.nets.pair import GAN, Discriminator, Generator


def test_the_classes_post_can_be_followed_word_for_word(tmp_path) -> None:
    generator = Generator(width=28, height=28, channels=1, latent_size=100)
    discriminator = Discriminator(width=28, height=28, channels=1)
    gan = GAN(discriminator, generator)
    images = generator.model()(torch.zeros(2, 100))
    assert images.shape == (2, 1, 28, 28)
    assert gan.model()(torch.zeros(2, 100)).shape == (2, 1)
    for one in (generator, discriminator, gan):
        picture = Image.open(one.save_model(tmp_path / "deep" / f"{type(one).__name__}.png"))
        assert picture.format == "PNG" and len(picture.convert("RGB").getcolors(1 << 20)) > 10
    assert picture.width > 1.8 * Image.open(tmp_path / "deep" / "Generator.png").width


def test_the_joined_pair_shares_the_modules_it_was_given() -> None:
    generator, discriminator = Generator(recipe="mlp"), Discriminator(recipe="mlp")
    gan = GAN(discriminator, generator)
    assert gan.model()[0] is generator.model() and gan.model()[1] is discriminator.model()


def test_sizes_that_the_dcgan_can_not_make_are_refused() -> None:
    with pytest.raises(Problem, match="multiples of 4, not 30×28"):
        Generator(width=30, height=28, recipe="dcgan")
