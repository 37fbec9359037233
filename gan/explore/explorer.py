"""A generator that somebody looks into, with what has been found in it."""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import torch
from torch import Tensor

from gan.data.images import Images, load
from gan.errors import Problem
from gan.explore import latents
from gan.explore.directions import KINDS
from gan.latent.points import unpack
from gan.latent.view import View
from gan.nets.sampling import sample
from gan.nets.weights import LoadedGenerator


class Explorer:
    """A generator, its latents and pictures, and its directions, each kind found once.

    `load_images` reads a data set by its name.
    """

    def __init__(self, generator: LoadedGenerator, load_images: Callable[[str], Images] = load) -> None:
        net, self.config = self.net, _ = generator
        self.directions = cache(lambda kind: KINDS[kind](net))
        self._load_images = load_images

    def latents_of(self, points: list[str] | tuple[str, ...]) -> Tensor:
        """The latents (N, L) of points. Raises Problem where one is another generator's."""
        return latents.latents_of(points, self.config.latent_size)

    def latents(self, view: View, named: Mapping[str, str]) -> Tensor:
        """The view's latents (N, L), as its sliders leave them. `named` are saved directions as points."""
        return latents.latents(view, self.config.latent_size, self._directions_of(view, named))

    def shift(self, view: View, named: Mapping[str, str]) -> Tensor:
        """What the view's sliders add to each latent, (L,)."""
        return latents.shift(view, self.config.latent_size, self._directions_of(view, named))

    def _directions_of(self, view: View, named: Mapping[str, str]) -> dict[str, Tensor]:
        """What the sliders move along; a kind is looked for only where a slider uses it."""
        directions = {kind: self.directions(kind).vectors for kind in KINDS if getattr(view, kind)}
        for name, point in named.items():
            directions[f"named/{name}"] = torch.from_numpy(unpack(point, self.config.latent_size).copy())
        return directions

    def draw(self, latents: Tensor) -> np.ndarray:
        """Pictures of latents (N, L): uint8 (N, H, W, C)."""
        return sample(self.net, latents).numpy()

    def images(self, name: str) -> Images:
        """A data set of pictures like the generator's. Raises Problem where they have another shape."""
        images = self._load_images(name)
        if images.shape != self.config.shape:
            raise Problem(
                "{data} holds pictures of {real}, and this generator draws {drawn}: they can't be compared.",
                data=name,
                real=images.shape,
                drawn=self.config.shape,
            )
        return images
