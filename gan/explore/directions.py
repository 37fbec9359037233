"""Directions in latent space that a generator's own first layer gives: no labels, no training.

Both kinds come as unit vectors: a latent is standard normal, so its standard deviation along any of them is
1, and a slider in standard deviations is the shift itself.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from gan.compute.random_streams import random_stream
from gan.compute.settings import plainly
from gan.latent.view import COMPONENTS
from gan.nets.sampling import evaluating

VALUES = 1 << 24  # of the sampled features, at most: 64 MB
SAMPLES, FEWEST = 4096, 512
OVERSAMPLED, ROUNDS = 10, 4  # of the randomised decomposition


class Directions(NamedTuple):
    """Unit vectors (K, L), the most telling first, and the share of the whole that each explains."""

    vectors: Tensor
    shares: list[float]


def first_layer(net: nn.Module) -> nn.Linear:
    """The layer that meets the latent: all generators here begin with a linear one."""
    return next(layer for layer in net.modules() if isinstance(layer, nn.Linear))


def svd(net: nn.Module, count: int = COMPONENTS) -> Directions:
    """Right singular vectors of the first layer's weights, in closed form (Shen and Zhou 2021, SeFa).

    A share is the singular value's square among all of them: of how much the layer's output moves.
    """
    with torch.no_grad(), plainly():
        weight = first_layer(net).weight.double()
        squares, vectors = torch.linalg.eigh(
            weight.T @ weight
        )  # of V and squares alone: far less than an SVD
        squares, vectors = squares.flip(0).clamp(min=0), vectors.T.flip(0)
        shares = (squares / squares.sum().clamp(min=1e-30)).tolist()
        count = min(count, *weight.shape)
        return Directions(signed(vectors[:count]), shares[:count])


def pca(net: nn.Module, count: int = COMPONENTS) -> Directions:
    """Principal components of the first hidden features (after their activation), taken back to the latent
    (Härkönen et al. 2020, GANSpace).

    The components of features of some thousand latents are found by randomised subspace iteration (Halko et
    al. 2011); each direction is the gradient of the linear function of z that fits the component best. A
    share is the component's variance among the features'. The draws are fixed: the same weights give the
    same directions.
    """
    layer, activation = _first_two(net)
    wide, latent_size = layer.weight.shape
    count = min(count, latent_size, wide)
    samples = max(FEWEST, 2 * latent_size, min(SAMPLES, VALUES // wide))
    with evaluating(net), plainly():
        rng = random_stream(0, "directions")
        latents = torch.randn(samples, latent_size, generator=rng)
        latents -= latents.mean(0)
        features = activation(layer(latents))  # (S, F)
        features -= features.mean(0)
        basis = torch.randn(wide, min(wide, samples, count + OVERSAMPLED), generator=rng)
        for _ in range(ROUNDS):
            basis, _ = torch.linalg.qr(features.T @ (features @ basis))
        _, values, inside = torch.linalg.svd(features @ basis, full_matrices=False)
        coordinates = features @ (basis @ inside[:count].T)  # (S, K)
        fits = torch.linalg.lstsq(latents, coordinates).solution.T.double()
        lengths = fits.norm(dim=1, keepdim=True)
        vectors = torch.where(lengths > 0, fits / lengths.clamp(min=1e-30), torch.eye(count, latent_size))
        whole = features.square().sum().clamp(min=1e-30)
        return Directions(signed(vectors), (values[:count].square() / whole).tolist())


def _first_two(net: nn.Module) -> tuple[nn.Linear, nn.Module]:
    """The first layer and the activation behind it, not in place."""
    layers = [layer for layer in net.modules() if not list(layer.children())]
    activation = layers[1]
    slope = activation.negative_slope if isinstance(activation, nn.LeakyReLU) else 0.0
    return layers[0], nn.LeakyReLU(slope)


def signed(vectors: Tensor) -> Tensor:
    """The same lines, each pointing to where its largest component is positive; float32."""
    largest = vectors.gather(1, vectors.abs().argmax(1, keepdim=True))
    return (vectors * torch.where(largest < 0, -1.0, 1.0)).float()


KINDS = {"pca": pca, "svd": svd}
