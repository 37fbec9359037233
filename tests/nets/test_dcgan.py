"""The DCGAN: layers, padding and arithmetic as Keras has them."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan.nets.dcgan import HalfConv, Maps, UpConv
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


def plainly(net: nn.Module, values: torch.Tensor) -> torch.Tensor:
    """What the layers make of the values, one usual operation after the other, in the usual layout."""
    for layer in net.layers:
        match layer:
            case HalfConv():
                each = [conv_same_stride_2(image, layer.weight, layer.bias) for image in values]
                values = torch.stack(each)
            case UpConv():
                larger = values.repeat_interleave(2, 2).repeat_interleave(2, 3)
                values = F.conv2d(larger, layer.weight, layer.bias, padding=1)
            case Maps():
                values = values.reshape(len(values), *layer.unflattened_size)
            case nn.Flatten():
                values = values.reshape(len(values), -1)
            case _:
                values = layer(values)
    return values


@pytest.mark.parametrize("shape", [(1, 8, 12), (3, 12, 8), (3, 4, 20)])
def test_images_that_are_not_square_come_out_and_are_judged_as_plain_layers_would(shape) -> None:
    rng = torch.Generator().manual_seed(0)
    gan = GAN.from_recipe(RECIPES["dcgan"], shape)
    for net in (gan.generator, gan.discriminator):
        for name, tensor in net.state_dict().items():
            if "running_var" in name or ("weight" in name and tensor.ndim == 1):
                nn.init.uniform_(tensor, 0.5, 2, generator=rng)
        net.eval()
    with torch.no_grad():
        latents = torch.randn(3, 100, generator=rng)
        images = gan.generator(latents)
        assert torch.allclose(images, plainly(gan.generator, latents), atol=1e-4)
        real = torch.rand(3, *shape, generator=rng) * 2 - 1
        logits = gan.discriminator(real)
        assert torch.allclose(logits, plainly(gan.discriminator, real), atol=1e-4)
    assert images.std() > 0.01 and logits.std() > 0.001  # else anything would be close
