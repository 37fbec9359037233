"""G and D as a pair: the classes of the post, and pictures that depend on weights, seed and index alone."""

import pytest
import torch
from PIL import Image

from gan.compute.random_streams import random_stream
from gan.errors import Problem
from gan.nets.pair import GAN, Discriminator, Generator
from gan.nets.sampling import evaluating, latents_for, sample
from gan.recipes.table import RECIPES


@pytest.fixture(scope="module", params=["mlp", "dcgan"])
def generator(request):
    """A generator whose batch norm has seen something."""
    net = Generator(recipe=request.param, seed=2).model()
    net(latents_for(5, range(8), 100))
    return net


# --- the classes post -------------------------------------------------------------------------------


def test_the_classes_post_can_be_followed_word_for_word(tmp_path):
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


def test_summaries_are_tables_that_print():
    text = str(Generator(recipe="dcgan").summary())
    assert text.startswith("Generator") and "128×14×14" in text and "855,809 trainable of 856,193" in text
    assert "389,761 trainable of 390,657" in str(Discriminator(recipe="dcgan").summary())
    assert [one.title for one in GAN.from_recipe(RECIPES["mlp"], (1, 28, 28)).summary()] == [
        "Generator",
        "Discriminator",
    ]


def test_the_joined_pair_shares_the_modules_it_was_given():
    generator, discriminator = Generator(recipe="mlp"), Discriminator(recipe="mlp")
    gan = GAN(discriminator, generator)
    assert gan.model()[0] is generator.model() and gan.model()[1] is discriminator.model()


def test_sizes_that_the_dcgan_can_not_make_are_refused():
    with pytest.raises(Problem, match="multiples of 4, not 30×28"):
        Generator(width=30, height=28, recipe="dcgan")


def test_a_summary_leaves_mode_weights_and_moving_statistics_alone(generator):
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    pair = Generator(recipe="dcgan")
    moving = {name: tensor.clone() for name, tensor in pair.model().state_dict().items()}
    pair.summary()
    assert pair.model().training
    assert all(torch.equal(tensor, pair.model().state_dict()[name]) for name, tensor in moving.items())
    assert all(torch.equal(tensor, generator.state_dict()[name]) for name, tensor in before.items())


# --- pictures ---------------------------------------------------------------------------------------


class LastBits(torch.nn.Module):
    """A generator's images with their last bits enlarged, so that a difference no eye sees is seen."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, latents):
        return (self.net(latents) * 1e6).frac()


def test_a_picture_does_not_depend_on_how_many_are_drawn_with_it(generator):
    generator = LastBits(generator)
    pictures = sample(generator, latents_for(7, range(300), 100))
    assert pictures.shape == (300, 28, 28, 1) and pictures.dtype == torch.uint8
    for count in (1, 4, 31, 32, 33, 65):
        assert torch.equal(sample(generator, latents_for(7, range(count), 100)), pictures[:count])
    assert torch.equal(sample(generator, latents_for(7, [250], 100)), pictures[250:251])


def test_a_picture_does_not_depend_on_mode_or_threads_and_changes_neither(generator):
    latents = latents_for(7, range(40), 100)
    expected = sample(generator, latents)
    threads = torch.get_num_threads()
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            generator.train(count == 1)
            assert torch.equal(sample(generator, latents), expected)
            assert torch.get_num_threads() == count and generator.training == (count == 1)
    finally:
        torch.set_num_threads(threads)


def test_pixels_span_what_tanh_gives():
    class Ramp(torch.nn.Linear):
        def forward(self, latents):
            return torch.linspace(-1, 1, 256).expand(len(latents), 1, 1, 256)

    assert sample(Ramp(1, 1), torch.zeros(1, 1)).flatten().tolist() == list(range(256))


def test_latents_are_normal_and_depend_on_seed_and_index_alone():
    torch.manual_seed(0)
    latents = latents_for(3, range(200), 100)
    torch.manual_seed(1)
    assert torch.equal(latents_for(3, [150, 2], 100), latents[[150, 2]])
    assert not torch.equal(latents_for(4, range(200), 100), latents)
    assert abs(latents.mean()) < 0.02 and abs(latents.std() - 1) < 0.02


def test_streams_of_different_purposes_and_seeds_share_no_draw():
    draws = [
        torch.randn(4, generator=random_stream(seed, purpose)).tolist()
        for seed in (0, 1, 2**53 - 1)
        for purpose in ("generator", "latents", "batches")
    ]
    assert len({tuple(draw) for draw in draws}) == 9
    again = torch.randn(4, generator=random_stream(1, "latents")).tolist()
    assert again in draws


def test_evaluating_gives_the_mode_back_also_after_an_error(generator):
    generator.train()
    with pytest.raises(ZeroDivisionError), evaluating(generator):
        assert not generator.training and not torch.is_grad_enabled()
        1 // 0  # noqa: B018
    assert generator.training and torch.is_grad_enabled()
