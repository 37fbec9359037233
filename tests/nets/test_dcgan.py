"""The DCGAN: layers, padding and arithmetic as Keras has them."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan.nets.dcgan import HalfConv, UpConv
from gan.nets.pair import GAN
from gan.recipes.table import RECIPES
from tests.nets.layers import MNIST, kinds


def test_the_dcgan_has_its_posts_layers() -> None:
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


def conv_same_stride_2(image, weight, bias) -> np.ndarray:
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
def test_half_conv_pads_as_keras_same_does(height, width) -> None:
    layer, rng = HalfConv(2, 3), torch.Generator().manual_seed(0)
    for p in layer.parameters():
        nn.init.normal_(p, generator=rng)
    image = torch.randn(2, height, width, generator=rng)
    expected = conv_same_stride_2(image, layer.weight.detach(), layer.bias.detach())
    assert torch.allclose(layer(image[None])[0], expected, atol=1e-5)


@pytest.mark.parametrize("height, width", [(7, 7), (1, 4)])
def test_up_conv_is_upsampling_and_a_convolution(height, width) -> None:
    rng = torch.Generator().manual_seed(0)
    layer = UpConv(6, 5)
    for p in layer.parameters():
        nn.init.normal_(p, std=0.2, generator=rng)
    images = torch.randn(4, 6, height, width, generator=rng, requires_grad=True)
    target = torch.randn(4, 5, 2 * height, 2 * width, generator=rng)

    def gradients(output) -> tuple[torch.Tensor, ...]:
        return torch.autograd.grad((output * target).mean(), [images, layer.weight, layer.bias])

    ours = layer(images)
    plain = F.conv2d(nn.Upsample(scale_factor=2)(images), layer.weight, layer.bias, padding=1)
    assert torch.allclose(ours, plain, atol=1e-5)
    for mine, theirs in zip(gradients(ours), gradients(plain), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)
