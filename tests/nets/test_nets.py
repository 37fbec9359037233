"""The networks: layers and sizes as the posts give them, Keras' padding, first weights, dropout."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan.compute.random_streams import random_stream
from gan.nets import nets_of
from gan.nets.dcgan import HalfConv, UpConv
from gan.nets.dropout import Dropout
from gan.nets.pair import GAN
from gan.recipes.table import RECIPES

MNIST = (1, 28, 28)
COUNTS = {  # trainable and total, of G and of D
    "mlp": ((247_440, 247_440), (233_985, 233_985)),
    "mlp-g-first": ((247_440, 247_440), (233_985, 233_985)),
    "dcgan": ((855_809, 856_193), (389_761, 390_657)),
}


def leaves(net):
    return [layer for layer in net.modules() if not list(layer.children())]


def kinds(net):
    return [type(layer).__name__ for layer in leaves(net)]


@pytest.mark.parametrize("name", COUNTS)
def test_parameters_are_as_many_as_the_post_has(name):
    structures = GAN.from_recipe(RECIPES[name], MNIST).summary()
    assert tuple((one.trainable, one.total) for one in structures) == COUNTS[name]


@pytest.mark.parametrize("name, activation", [("mlp", "LeakyReLU"), ("mlp-g-first", "ReLU")])
def test_an_mlp_has_its_posts_layers(name, activation):
    gan = GAN.from_recipe(RECIPES[name], MNIST)
    assert kinds(gan.generator) == ["Linear", activation, "Linear", activation, "Linear", "Tanh"]
    assert kinds(gan.discriminator) == ["Linear", "LeakyReLU", "Linear", "LeakyReLU", "Linear"]
    sizes = [
        [layer.out_features for layer in leaves(net) if isinstance(layer, nn.Linear)]
        for net in (gan.generator, gan.discriminator)
    ]
    assert sizes == [[128, 256, 784], [256, 128, 1]]


def test_the_dcgan_has_its_posts_layers():
    gan = GAN.from_recipe(RECIPES["dcgan"], MNIST)
    up = ["UpConv", "BatchNorm2d", "ReLU"]
    assert kinds(gan.generator) == ["Linear", "ReLU", "Maps", *up, *up, "Conv2d", "Tanh"]
    block = ["HalfConv", "BatchNorm2d", "LeakyReLU", "Dropout"]
    first = ["HalfConv", "LeakyReLU", "Dropout"]
    assert kinds(gan.discriminator) == [*first, *block, *block, *block, "Flatten", "Linear"]
    outputs = [layer.output for layer in gan.summary()[1].layers if layer.name.startswith("Conv")]
    assert outputs == [(32, 14, 14), (64, 7, 7), (128, 4, 4), (256, 2, 2)]
    outputs = [layer.output for layer in gan.summary()[0].layers if layer.name == "Batch norm"]
    assert outputs == [(128, 14, 14), (64, 28, 28)]


@pytest.mark.parametrize("name", COUNTS)
def test_slopes_rates_and_moments_are_the_posts(name):
    gan = GAN.from_recipe(RECIPES[name], MNIST)
    for layer in [*leaves(gan.generator), *leaves(gan.discriminator)]:
        if isinstance(layer, nn.LeakyReLU):
            assert layer.negative_slope == 0.2
        if isinstance(layer, nn.BatchNorm2d):
            assert (layer.momentum, layer.eps) == (0.01, 1e-3)
        if isinstance(layer, Dropout):
            assert layer.p == 0.25


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("shape", [MNIST, (3, 8, 12)])
def test_images_lie_in_bounds_and_logits_are_one_each(name, shape):
    gan = GAN.from_recipe(RECIPES[name], shape)
    images = gan.generator(torch.randn(5, 100, generator=torch.Generator().manual_seed(0)) * 50)
    assert images.shape == (5, *shape) and images.abs().max() <= 1
    assert gan.discriminator(images).shape == (5, 1)


def test_discriminators_return_logits_not_probabilities():
    for name in COUNTS:
        gan = GAN.from_recipe(RECIPES[name], MNIST)
        gan.discriminator.eval()
        logits = gan.discriminator(torch.full((1, *MNIST), 100.0))
        assert not 0 <= logits.item() <= 1 or not 0 <= -logits.item() <= 1


def test_the_joined_model_is_d_after_g():
    gan = GAN.from_recipe(RECIPES["mlp"], MNIST)
    z = torch.ones(3, 100)
    assert torch.equal(gan.model()(z), gan.discriminator(gan.generator(z)))


# --- Keras' arithmetic ------------------------------------------------------------------------------


def conv_same_stride_2(image, weight, bias):
    """TensorFlow's rule, output by output: ceil(n/2) of them, the padding's odd half at the end."""
    height, width = image.shape[1:]
    rows, columns = math.ceil(height / 2), math.ceil(width / 2)
    top, left = (max((n - 1) * 2 + 3 - s, 0) // 2 for n, s in ((rows, height), (columns, width)))
    output = bias[:, None, None].repeat(1, rows, columns)
    for row in range(rows):
        for column in range(columns):
            for i in range(3):
                for j in range(3):
                    y, x = 2 * row - top + i, 2 * column - left + j
                    if 0 <= y < height and 0 <= x < width:
                        output[:, row, column] += weight[:, :, i, j] @ image[:, y, x]
    return output


@pytest.mark.parametrize("height, width", [(8, 8), (7, 7), (8, 7), (1, 1), (2, 5)])
def test_half_conv_pads_as_keras_same_does(height, width):
    layer, rng = HalfConv(2, 3), torch.Generator().manual_seed(0)
    for p in layer.parameters():
        nn.init.normal_(p, generator=rng)
    image = torch.randn(2, height, width, generator=rng)
    expected = conv_same_stride_2(image, layer.weight.detach(), layer.bias.detach())
    assert torch.allclose(layer(image[None])[0], expected, atol=1e-5)


@pytest.mark.parametrize("height, width", [(7, 7), (1, 4)])
def test_up_conv_is_upsampling_and_a_convolution(height, width):
    rng = torch.Generator().manual_seed(0)
    layer = UpConv(6, 5)
    for p in layer.parameters():
        nn.init.normal_(p, std=0.2, generator=rng)
    images = torch.randn(4, 6, height, width, generator=rng, requires_grad=True)
    target = torch.randn(4, 5, 2 * height, 2 * width, generator=rng)

    def gradients(output):
        return torch.autograd.grad((output * target).mean(), [images, layer.weight, layer.bias])

    ours = layer(images)
    plain = F.conv2d(nn.Upsample(scale_factor=2)(images), layer.weight, layer.bias, padding=1)
    assert torch.allclose(ours, plain, atol=1e-5)
    for mine, theirs in zip(gradients(ours), gradients(plain), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)


# --- first weights ----------------------------------------------------------------------------------


def started(name, seed=0):
    gan = GAN.from_recipe(RECIPES[name], MNIST, seed)
    return [layer for net in (gan.generator, gan.discriminator) for layer in leaves(net)]


def weighted(layers):
    return [layer for layer in layers if isinstance(layer, nn.Linear | nn.Conv2d)]


@pytest.mark.parametrize("name", ["mlp", "mlp-g-first"])
def test_mlps_start_as_pytorch_draws(name):
    for layer in weighted(started(name)):
        bound = 1 / math.sqrt(layer.in_features)
        for values in (layer.weight, layer.bias):
            assert values.abs().max() <= bound
        assert layer.weight.abs().max() > 0.97 * bound
        assert abs(layer.weight.std() * math.sqrt(3) / bound - 1) < 0.1  # uniform: std is bound/√3


def test_the_dcgan_starts_as_keras_draws():
    for layer in weighted(started("dcgan")):
        taps = layer.weight[0, 0].numel()
        fan_in, fan_out = layer.weight.shape[1] * taps, layer.weight.shape[0] * taps
        bound = math.sqrt(6 / (fan_in + fan_out))
        assert 0.97 * bound < layer.weight.abs().max() <= bound
        assert not layer.bias.any()


def test_batch_norms_start_neutral():
    norms = [layer for layer in started("dcgan") if isinstance(layer, nn.BatchNorm2d)]
    assert len(norms) == 5
    for layer in norms:
        assert (layer.weight == 1).all() and not layer.bias.any()
        assert (layer.running_var == 1).all() and not layer.running_mean.any()
        assert layer.num_batches_tracked == 0


@pytest.mark.parametrize("name", COUNTS)
def test_first_weights_come_from_the_seed_alone(name):
    torch.manual_seed(1)
    first = [layer.weight for layer in weighted(started(name))]
    torch.manual_seed(2)
    assert all(map(torch.equal, first, [layer.weight for layer in weighted(started(name))]))
    assert not any(map(torch.equal, first, [layer.weight for layer in weighted(started(name, seed=1))]))


def test_nets_start_from_the_generator_they_are_given():
    net = nets_of("mlp").generator()
    net.start(random_stream(0, "generator"))
    assert torch.equal(net.layers[0].weight, started("mlp")[0].weight)


# --- dropout ----------------------------------------------------------------------------------------


def test_dropout_draws_from_its_own_generator_alone():
    layer = Dropout(0.25)
    layer.rng = torch.Generator().manual_seed(0)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = layer(torch.ones(1000))
    assert torch.equal(torch.get_rng_state(), before)
    second = layer(torch.ones(1000))
    layer.rng.manual_seed(0)
    assert torch.equal(first, layer(torch.ones(1000)))
    assert not torch.equal(first, second)


def test_dropout_keeps_three_quarters_and_the_mean():
    layer = Dropout(0.25)
    layer.rng = torch.Generator().manual_seed(0)
    output = layer(torch.ones(100_000))
    assert output.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert abs(output.mean() - 1) < 0.01


def test_dropout_lets_everything_through_in_inference():
    values = torch.randn(100, generator=torch.Generator().manual_seed(0))
    assert torch.equal(Dropout(0.25).eval()(values), values)
