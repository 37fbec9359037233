"""What the viewer's process answers: pictures, directions, walks; neighbours, films and inversions at length.

An answer is a dictionary and an attachment. Long work is a generator: it yields reports, each with a maker of
a picture or None, and returns its answer; who drives it (gan.worker.request_queue) may stop at any report.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from gan.compute.settings import plainly
from gan.data.datasets import DATASETS
from gan.data.images import Images, load, normalise
from gan.errors import Problem
from gan.evaluate.neighbours import Neighbours
from gan.explore import directions, inversion
from gan.explore.latents import latent_of, latents, latents_of, on_plane, plain, plane, shift, walk
from gan.generator.config import GeneratorConfig
from gan.latent.address import refuse_sheet
from gan.latent.points import explicit, unpack
from gan.latent.view import View
from gan.nets.pair import GAN
from gan.nets.sampling import sample
from gan.nets.weights import LoadedGenerator, load_generator
from gan.pictures import decode, video
from gan.pictures.png import grid, grid_png, png, tiles
from gan.recipes.recipe import Recipe

CACHED = 4  # generators a viewer keeps
PREPARED = 2  # data sets it keeps ready for neighbours
PREVIEW = 120  # frames of a walk's preview

Answer = tuple[dict, bytes]


class Known(OrderedDict):
    """The few things used last, by key."""

    def __init__(self, most: int):
        super().__init__()
        self.most = most

    def keep(self, key: str, value: object) -> None:
        """Add one; the one unused for longest leaves."""
        self[key] = value
        self.move_to_end(key)
        while len(self) > self.most:
            self.popitem(last=False)

    def use(self, key: str) -> object | None:
        """One that is known, which makes it the last one used; None for any other."""
        if key in self:
            self.move_to_end(key)
        return self.get(key)


class Viewer:
    """Generators by key, the last few, and what can be asked about them: each `do_` takes a request and its
    attachment.
    """

    def __init__(self):
        self.generators: Known = Known(CACHED)
        self.directions: Known = Known(2 * CACHED)
        self.neighbours: Known = Known(PREPARED)
        self.images: Known = Known(1)

    def load(self, key: str, config: bytes, weights: bytes, raw: bool) -> None:
        """Check and keep the generator that came with a request. Raises Problem."""
        self.generators.keep(key, load_generator(config, weights, raw))

    def _loaded(self, request: dict) -> LoadedGenerator:
        if (known := self.generators.use(request["key"])) is None:
            raise Unknown
        return known

    def _viewed(self, request: dict) -> tuple[nn.Module, GeneratorConfig, View]:
        return *self._loaded(request), View.model_validate(request["view"])

    def do_structure(self, request: dict, _: bytes) -> Answer:
        """The layers of a recipe's two networks."""
        summary = GAN.from_recipe(Recipe.model_validate(request["recipe"]), tuple(request["shape"])).summary()
        return {"structures": [one.model_dump(mode="json") for one in summary]}, b""

    # --- pictures ----------------------------------------------------------------------------------

    def do_sample(self, request: dict, _: bytes) -> Answer:
        """The view's pictures as one PNG, and the latents they are of as points."""
        net, config, asked = self._viewed(request)
        pictures = sample(net, latents(asked, config.latent_size, self._along(request, net, config)))
        return {}, grid_png(pictures.numpy(), request.get("columns"), request["scale"], request["note"])

    def do_points(self, request: dict, _: bytes) -> Answer:
        """Explicit points of the view's pictures: as the sliders leave them, or (`plain`) as they were
        before.
        """
        net, config, asked = self._viewed(request)
        if request.get("plain"):
            found = plain(asked, config.latent_size)
        else:
            found = latents(asked, config.latent_size, self._along(request, net, config))
        return {"points": [explicit(one.numpy()) for one in found]}, b""

    def do_directions(self, request: dict, _: bytes) -> Answer:
        """The shares that the directions of a kind explain."""
        return {"shares": self._found(request["key"], self._loaded(request).net, request["kind"]).shares}, b""

    def do_direction(self, request: dict, _: bytes) -> Answer:
        """The way the sliders point, as an explicit point of length 1, to be saved."""
        net, config, asked = self._viewed(request)
        way = shift(asked, config.latent_size, self._along(request, net, config))
        if not way.norm() > 1e-6:
            raise Problem("The sliders point nowhere: move one, and save then.")
        return {"point": explicit((way / way.norm()).numpy()), "length": way.norm().item()}, b""

    def _found(self, key: str, net: nn.Module, kind: str) -> directions.Directions:
        known = self.directions.use(f"{key} {kind}")
        if known is None:
            known = directions.KINDS[kind](net)
            self.directions.keep(f"{key} {kind}", known)
        return known

    def _along(self, request: dict, net: nn.Module, config: GeneratorConfig) -> dict[str, Tensor]:
        """What the view's sliders move along; components are found only where one of them is used."""
        along = {
            kind: self._found(request["key"], net, kind).vectors
            for kind in directions.KINDS
            if request["view"].get(kind)
        }
        for name, point in request.get("named", {}).items():
            along[f"named/{name}"] = torch.from_numpy(unpack(point, config.latent_size).copy())
        return along

    # --- walks -------------------------------------------------------------------------------------

    def do_walk(self, request: dict, _: bytes) -> Answer:
        """A walk's preview: some of its frames in one PNG without gaps, how many, and sizes of its films."""
        net, config, asked = self._viewed(request)
        path = _path(asked, config)
        shown = path[torch.linspace(0, len(path) - 1, min(len(path), PREVIEW)).long()]
        pictures = sample(net, shown).numpy()
        sheet = png(grid(pictures, 10, scale=1, gap=0))
        some = video.windows(len(path))
        few = tiles(sample(net, path[torch.tensor(some).flatten()]).numpy(), request["scale"])
        tried = [few[at : at + len(some[0])] for at in range(0, len(few), len(some[0]))]
        sizes = {kind: video.estimate(tried, len(path), kind, asked.speed) for kind in video.KINDS}
        return {"frames": len(path), "shown": len(shown), "columns": 10, "sizes": sizes}, sheet

    def do_film(self, request: dict, _: bytes) -> Iterator:
        """The whole walk as a film's bytes."""
        net, config, asked = self._viewed(request)
        path, drawn = _path(asked, config), []
        for some in path.split(32):
            drawn.append(sample(net, some))
            yield {"share": 0.9 * 32 * len(drawn) / len(path)}, None
        frames = tiles(torch.cat(drawn).numpy(), request["scale"])
        return {}, video.KINDS[request["kind"]](frames, asked.speed, hold=1)

    def do_plane(self, request: dict, _: bytes) -> Answer:
        """The plane's map as one PNG."""
        net, config, asked = self._viewed(request)
        pictures = sample(net, plane(_corners(asked, config), linear=asked.linear)).numpy()
        return {}, png(grid(pictures, scale=request["scale"], gap=0))

    def do_place(self, request: dict, _: bytes) -> Answer:
        """The picture at a place of the plane, and its point."""
        net, config, asked = self._viewed(request)
        latent = on_plane(_corners(asked, config), asked.across, asked.down, asked.linear)
        picture = grid_png(sample(net, latent[None]).numpy(), scale=request["scale"], note=request["note"])
        return {"point": explicit(latent.numpy())}, picture

    # --- what takes its time -----------------------------------------------------------------------

    def do_real(self, request: dict, _: bytes) -> Answer:
        """A training picture as a PNG, and how many there are."""
        images = self._images(request["data"], request.get("shape"))
        index = request["index"] % len(images)
        picture = images.pixels[index].permute(1, 2, 0)[None].numpy()
        return {"images": len(images), "index": index}, grid_png(picture, scale=request["scale"])

    def do_neighbours(self, request: dict, _: bytes) -> Iterator:
        """The training pictures nearest to a picture, as a PNG for each space; then the picture; how near."""
        net, config = self._loaded(request)
        latent = latent_of(request["point"], config.latent_size)
        picture = sample(net, latent[None])[0]
        images = self._images(request["data"], config.shape)
        known = self.neighbours.use(request["data"])
        if known is None:
            yield {"share": 0.0}, None  # who has cancelled it meanwhile is spared what follows
            known = Neighbours(images)
            self.neighbours.keep(request["data"], known)
        found = known.of(picture.permute(2, 0, 1))
        rows = [
            grid_png(images.pixels[near.indices].permute(0, 2, 3, 1).numpy(), 6, request["scale"])
            for near in found.values()
        ]
        told = {space: vars(near) for space, near in found.items()}
        rows.append(grid_png(picture[None].numpy(), scale=request["scale"]))
        sizes = [len(row) for row in rows]
        return {"near": told, "sizes": sizes, "images": len(images)}, b"".join(rows)

    def _images(self, name: str, shape: Sequence[int] | None) -> Images:
        if name not in DATASETS:
            message = "The data set '{name}' is not known here: its pictures can't be looked at."
            raise Problem(message, name=name[:60])
        known = self.neighbours.get(name)
        images = known.images if known else self.images.use(name)
        if images is None:
            images = load(name)
            self.images.keep(name, images)
        if shape is not None and list(images.shape) != list(shape):
            raise Problem(
                "{data} holds pictures of {real}, and this generator draws {drawn}: they can't be compared.",
                data=name,
                real="×".join(map(str, images.shape)),
                drawn="×".join(map(str, shape)),
            )
        return images

    def do_invert(self, request: dict, content: bytes) -> Iterator:
        """The latent nearest to a picture: an upload's bytes, or a training picture's index."""
        net, config = self._loaded(request)
        notes: list[str] = []
        if content:
            refuse_sheet(content)
            fit = {"whole": request["whole"], "negative": request["negative"]}
            pixels, notes = decode.to_image(content, config.shape, **fit)
            target = torch.from_numpy(pixels)
        else:
            images = self._images(request["data"], config.shape)
            target = images.pixels[request["index"] % len(images)]
        wanted, curves, progress = normalise(target), [], None
        scale = request["scale"]
        with plainly():
            search = inversion.invert(net, wanted, config.latent_size, request["starts"], request["steps"])
            for progress in search:
                curves.append(progress.errors)
                best = progress.latents[progress.best]
                report = {"share": progress.step / progress.steps, "error": min(progress.errors)}
                report["point"] = explicit(best.numpy())
                yield report, lambda best=best: _pair(net, target, best, scale)
        best = progress.latents[progress.best]
        point = explicit(best.numpy())
        facts = {
            "point": point,
            "error": min(progress.errors),
            "curves": _thinned(curves),
            "notes": notes,
            "steps": progress.steps,
        }
        facts |= {"length": best.norm().item(), "usual": config.latent_size**0.5}
        return facts, _pair(net, target, best, scale)


def _pair(net: nn.Module, target: Tensor, latent: Tensor, scale: int) -> bytes:
    """Before and after, side by side."""
    drawn = sample(net, latent[None])[0]
    return grid_png(np.stack([target.permute(1, 2, 0).numpy(), drawn.numpy()]), 2, scale)


def _thinned(curves: list[list[float]]) -> list[list[float]]:
    """Each start's error over the steps, (S, ≤ 101): enough for a chart."""
    keep = np.unique(np.linspace(0, len(curves) - 1, min(len(curves), 101)).astype(int))
    return np.array(curves)[keep].T.round(6).tolist()


def _path(asked: View, config: GeneratorConfig) -> Tensor:
    """All latents of the view's walk. Raises Problem where it has no two keyframes."""
    if len(asked.keys) < 2:
        raise Problem("A walk leads from one picture to another: add keyframes, two at least.")
    keys = latents_of(asked.keys, config.latent_size)
    return walk(keys, asked.frames, asked.linear, asked.loop)


def _corners(asked: View, config: GeneratorConfig) -> Tensor:
    """The corners (3 or 4, L) of the view's plane. Raises Problem where it has fewer."""
    if len(asked.corners) < 3:
        raise Problem("A plane has three or four corners: add pictures.")
    return latents_of(asked.corners, config.latent_size)


class Unknown(Exception):
    """The viewer was not given this generator, or has forgotten it."""
