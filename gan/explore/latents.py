"""From a view to latents (N, L): seeds, variations, sliders, walks and planes.

Everything here happens on the CPU in float32, latent by latent, so that a picture's latent never depends on
what is drawn beside it.
"""

from collections.abc import Mapping, Sequence
from math import cos, pi, sin

import torch
from torch import Tensor

from gan.errors import Problem
from gan.latent.points import parse_seeds, unpack
from gan.latent.view import PLANE, View
from gan.nets.sampling import latents_for


def latent_of(point: str, latent_size: int) -> Tensor:
    """The latent (L,) a point names. Raises Problem where it is another generator's."""
    latent = unpack(point, latent_size)
    if isinstance(latent, tuple):
        seed, index = latent
        return latents_for(seed, [index], latent_size)[0]
    return torch.from_numpy(latent.copy())


def latents_of(points: Sequence[str], latent_size: int) -> Tensor:
    """The latents (N, L) of points."""
    return torch.stack([latent_of(point, latent_size) for point in points])


def latents(view: View, latent_size: int, directions: Mapping[str, Tensor] | None = None) -> Tensor:
    """The view's latents (N, L), before its sliders' and after them: see `plain` and `edited`.

    `directions` holds what the view's sliders move along: "pca" and "svd" as (K, L), saved ones as
    "named/LABEL" (L,).
    """
    return edited(plain(view, latent_size), view, directions or {})


def plain(view: View, latent_size: int) -> Tensor:
    """Latents (N, L) of the view's seeds, points, or variations of its base; no slider has touched them."""
    seeds = parse_seeds(view.seeds)
    if view.base is None:
        if view.points:
            return latents_of(view.points, latent_size)
        if len(seeds) > 1:
            return torch.cat([latents_for(seed, [0], latent_size) for seed in seeds])
        return latents_for(seeds[0], range(view.count), latent_size)
    base = latent_of(view.base, latent_size)
    names = [(seeds[0], index) if len(seeds) == 1 else (seeds[index], 0) for index in range(view.pictures())]
    noise = [latents_for(seed, [index], latent_size)[0] for seed, index in names[1:]]
    return torch.stack([base, *(varied(base, latent, view.strength) for latent in noise)])


def varied(base: Tensor, noise: Tensor, strength: float) -> Tensor:
    """A mix of two latents that is as long as a latent should be: a quarter turn from one to the other.

    cos² + sin² = 1 keeps the sum of two standard normals standard normal, whatever the strength.
    """
    if strength == 0:
        return base.clone()
    return base * cos(strength * pi / 2) + noise * sin(strength * pi / 2)


def edited(latents: Tensor, view: View, directions: Mapping[str, Tensor]) -> Tensor:
    """Latents (N, L) shifted by the view's sliders, then scaled by its truncation.

    Scaling z towards 0 is plain radial truncation, not StyleGAN's in w: below 1 pictures are more typical
    and more alike, above 1 bolder; 0 is one picture.
    """
    return (latents + shift(view, latents.shape[1], directions)) * view.truncation


def shift(view: View, latent_size: int, directions: Mapping[str, Tensor]) -> Tensor:
    """The sum (L,) of what the sliders add. Raises Problem for a saved direction that is not there."""
    total = torch.zeros(latent_size)
    for kind, values in (("pca", view.pca), ("svd", view.svd)):
        for value, direction in zip(values, directions.get(kind, ()), strict=False):
            total += value * direction
    for name, value in view.named.items():
        if f"named/{name}" not in directions:
            message = "No direction '{name}' is saved with this generator: import it, or reset the sliders."
            raise Problem(message, name=name)
        total += value * directions[f"named/{name}"]
    for number, value in view.raw.items():
        if number > latent_size:
            message = "This generator's latents have {size} components, and no {number}: reset the sliders."
            raise Problem(message, number=number, size=latent_size)
        total[number - 1] += value
    return total


# --- between latents ---------------------------------------------------------------------------------


def between(a: Tensor, b: Tensor, share: float, linear: bool = False) -> Tensor:
    """The latent (L,) that far from a to b: along the great circle (slerp: Shoemake 1985; for latents: White
    2016), or along the straight line, whose middle is shorter than latents are.

    On the circle lengths change evenly from a's to b's. Opposite latents, and zero, have no circle: then it
    is the line.
    """
    if share <= 0 or share >= 1:
        return (a if share <= 0 else b).clone()
    lengths = a.norm(), b.norm()
    if linear or not min(lengths):
        return torch.lerp(a, b, share)
    cosine = (a @ b / (lengths[0] * lengths[1])).clamp(-1, 1).double()
    angle = torch.acos(cosine)
    if angle < 1e-4 or pi - angle < 1e-4:
        return torch.lerp(a, b, share)
    parts = torch.sin((1 - share) * angle), torch.sin(share * angle)
    on_sphere = (parts[0] * a / lengths[0] + parts[1] * b / lengths[1]) / torch.sin(angle)
    return (on_sphere * torch.lerp(lengths[0], lengths[1], share)).float()


def walk(keys: Tensor, frames: int, linear: bool = False, loop: bool = True) -> Tensor:
    """Latents (N, L) through the keyframes (K, L), `frames` to a leg.

    A loop has a leg back and ends just before the first keyframe, so that it goes on smoothly; any other
    walk ends at the last one.
    """
    legs = list(zip(keys, keys[1:], strict=False)) + ([(keys[-1], keys[0])] if loop else [])
    path = [between(a, b, step / frames, linear) for a, b in legs for step in range(frames)]
    return torch.stack(path if loop else [*path, keys[-1]])


def on_plane(corners: Tensor, across: float, down: float, linear: bool = False) -> Tensor:
    """The latent (L,) at a place of the plane through 3 or 4 corners (K, L): first ones at the top, from
    left to right.

    Of three corners, the fourth completes the parallelogram, as long as the two beside it on average.
    """
    if len(corners) == 3:
        fourth = corners[1] + corners[2] - corners[0]
        usual = (corners[1].norm() + corners[2].norm()) / 2
        corners = torch.cat([corners, (fourth * (usual / fourth.norm().clamp(min=1e-6)))[None]])
    top = between(corners[0], corners[1], across, linear)
    return between(top, between(corners[2], corners[3], across, linear), down, linear)


def plane(corners: Tensor, side: int = PLANE, linear: bool = False) -> Tensor:
    """A map of the plane: latents (side², L), row by row."""
    places = [index / (side - 1) for index in range(side)]
    return torch.stack([on_plane(corners, across, down, linear) for down in places for across in places])
