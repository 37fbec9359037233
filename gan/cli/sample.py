"""`python -m gan sample`: what the explorer shows, without a browser."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan.cli.output import write
from gan.cli.sample_options import content_of, kind_of, view_of
from gan.compute.settings import plainly
from gan.data.images import load, normalise
from gan.errors import Problem
from gan.evaluate.neighbours import SPACES, Neighbours
from gan.explore import directions, inversion
from gan.explore.latents import latents, latents_of, plane, walk
from gan.generator.folder import GeneratorFiles, read_source
from gan.generator.recent import SHORT
from gan.i18n import t
from gan.latent import latent_file
from gan.latent.address import refuse_sheet, to_query
from gan.latent.points import MOST, explicit, parse_seeds
from gan.latent.saved_directions import directions_in
from gan.latent.view import CORNERS, KEYFRAMES, PLANE, View
from gan.nets.sampling import sample
from gan.nets.weights import load_generator
from gan.pictures import decode, video
from gan.pictures.png import columns_for, grid_png, tiles

SIDE = 256  # pixels of a film's picture, about
STILL = (".png", ".npy", ".json", ".safetensors")
MOVING = (".gif", ".mp4", ".zip", ".png", ".npy")


def run(options: argparse.Namespace) -> None:
    """Draw what the options ask for into --out. Raises Problem."""
    kind = kind_of(options)
    make, suffixes = MAKERS[kind]
    if options.out.suffix not in suffixes:
        message = "--out {file} ends in none of {suffixes}."
        raise Problem(message, file=options.out, suffixes=", ".join(suffixes), misuse=True)
    view, use = view_of(options, kind)
    make(Subject(options.source, options.raw or use == "raw"), view, options)


class Subject:
    """The generator that is drawn from."""

    def __init__(self, source: str, raw: bool):
        self.source, self.raw = source, raw
        config, tensors = read(source)
        self.net, self.config = load_generator(config, tensors, raw)
        self.key = GeneratorFiles.of(config, tensors).key

    def note(self, view: View) -> str:
        """What a PNG says of how it was made, for the page to bring back."""
        named = self.source if self.source.startswith("hf:") else Path(self.source).resolve().name
        use = "raw" if self.raw and self.config.recipe.ema else ""
        return to_query(view, source=named, step=self.config.step, weights=self.key[:SHORT], use=use)

    def along(self, view: View) -> dict[str, Tensor]:
        """What the view's shifts go along."""
        kinds = [kind for kind in directions.KINDS if getattr(view, kind)]
        found = {kind: directions.KINDS[kind](self.net).vectors for kind in kinds}
        if view.named and not self.source.startswith("hf:"):
            path = Path(self.source)
            saved = directions_in(path.parent if path.suffix == ".safetensors" else path)
            points = {name: saved[name].point for name in view.named if name in saved}
            found |= {f"named/{name}": self.latents([point])[0] for name, point in points.items()}
        return found

    def latents(self, points: list[str] | tuple[str, ...]) -> Tensor:
        return latents_of(points, self.config.latent_size)

    def shown(self, view: View) -> Tensor:
        """The view's latents (N, L)."""
        return latents(view, self.config.latent_size, self.along(view))


def read(source: str) -> tuple[bytes, bytes]:
    """A generator's two files, from here or from the Hub. Raises Problem."""
    if not source.startswith("hf:"):
        return read_source(source)
    from gan.cli.hub import fetch  # imports the Hub's client, which the rest can do without

    files = fetch(source.removeprefix("hf:"))
    return files["config.json"], files["model.safetensors"]


# --- pictures ----------------------------------------------------------------------------------------


def _still(subject: Subject, view: View, options: argparse.Namespace) -> None:
    """A grid, the pictures as an array, or the latents themselves."""
    if options.latents:
        points = _points(options.latents, subject.config.latent_size)
        pieces = [points[at : at + MOST] for at in range(0, len(points), MOST)]
        views = [view.changed(points=piece, base=None) for piece in pieces]
        view, drawn = views[0], torch.cat([subject.shown(one) for one in views])
    else:
        drawn = _many(subject, view, options.count or 0)
    note = subject.note(view) if len(drawn) <= MOST else ""  # a view holds no more pictures than that
    if options.out.suffix in (".json", ".safetensors"):
        points = [explicit(one.numpy()) for one in drawn]
        _write_latents(options.out, points, subject.config.latent_size, note)
    else:
        _write_pictures(options.out, sample(subject.net, drawn).numpy(), options.grid, note)
    if options.json:
        _tell(options, {"pictures": len(drawn), "made_with": note})


def _many(subject: Subject, view: View, count: int) -> Tensor:
    """Latents (N, L) of the view, and of more pictures of its one seed where more were asked for."""
    drawn = [subject.shown(view)]
    if view.points or view.base is not None or len(parse_seeds(view.seeds)) > 1:
        return drawn[0]
    for start in range(MOST, count, MOST):  # a view holds no more: the rest by their own names
        names = tuple(f"{view.seeds}/{index}" for index in range(start, min(start + MOST, count)))
        drawn.append(subject.shown(view.changed(points=names)))
    return torch.cat(drawn)


def _points(file: Path, latent_size: int) -> tuple[str, ...]:
    return latent_file.points_in(file.name, content_of(file), latent_size, most=10_000)


def _write_latents(path: Path, points: list[str], latent_size: int, note: str) -> None:
    to_file = latent_file.to_json if path.suffix == ".json" else latent_file.to_safetensors
    write(path, to_file(points, latent_size, note))


def _write_pictures(path: Path, pictures: np.ndarray, columns: int | None, note: str = "") -> None:
    """Pictures uint8 (N, H, W, C) as an array or a grid; None for as many columns as suit them."""
    if path.suffix == ".npy":
        write(path, lambda to: np.save(to, pictures))
        return
    columns = min(columns or columns_for(len(pictures)), len(pictures))
    write(path, grid_png(pictures, columns, note=note))


def _walk(subject: Subject, view: View, options: argparse.Namespace) -> None:
    """A film through the pictures, its frames in a ZIP, or all of them in one picture."""
    keys = view.keys or _keys(subject, view)
    if not 2 <= len(keys) <= KEYFRAMES:
        message = "A walk has 2 to {most} keyframes, not {count}: set --count, or name --seeds."
        raise Problem(message, most=KEYFRAMES, count=len(keys), misuse=True)
    view = view.changed(keys=tuple(keys))
    path = walk(subject.latents(view.keys), view.frames, view.linear, view.loop)
    pictures = sample(subject.net, path).numpy()
    if options.out.suffix == ".npy":
        _write_pictures(options.out, pictures, None)
    elif options.out.suffix == ".png":
        write(options.out, grid_png(pictures, options.grid or view.frames, scale=2, note=subject.note(view)))
    else:
        scale = max(1, (options.size or SIDE) // max(pictures.shape[1:3]))
        make = video.KINDS[options.out.suffix[1:]]
        write(options.out, make(tiles(pictures, scale), view.speed, hold=1))
    if options.out.suffix in (".gif", ".mp4"):
        _tell(options, {"frames": len(path), "seconds": round(len(path) / view.speed, 3)})
    else:
        _tell(options, {"frames": len(path)})


def _keys(subject: Subject, view: View) -> list[str]:
    """The view's pictures as points, by their short names where they have one."""
    points = [view.point(index) for index in range(view.pictures())]
    if None not in points:
        return points
    return [explicit(one.numpy()) for one in subject.shown(view)]


def _plane(subject: Subject, view: View, options: argparse.Namespace) -> None:
    """The map of the plane through three or four pictures."""
    corners = view.corners or _keys(subject, view)
    if not 3 <= len(corners) <= CORNERS:
        message = "A plane has 3 or 4 corners, not {count}: set --count, or name --seeds."
        raise Problem(message, count=len(corners), misuse=True)
    view = view.changed(corners=tuple(corners))
    pictures = sample(subject.net, plane(subject.latents(view.corners), linear=view.linear)).numpy()
    note = subject.note(view)
    _write_pictures(options.out, pictures, PLANE, note)
    if options.json:
        _tell(options, {"pictures": len(pictures), "made_with": note})


# --- questions ---------------------------------------------------------------------------------------


def _invert(subject: Subject, view: View, options: argparse.Namespace) -> None:
    """The latent whose picture is nearest to a file's."""
    content = content_of(options.invert)
    refuse_sheet(content)
    pixels, notes = decode.to_image(content, subject.config.shape, options.whole, options.negative)
    target, size = torch.from_numpy(pixels), subject.config.latent_size
    with plainly():  # as the page does it
        *_, last = inversion.invert(
            subject.net,
            normalise(target),
            size,
            options.starts or inversion.STARTS,
            options.search_steps or inversion.STEPS,
        )
    point = explicit(last.latents[last.best].numpy())
    found = View(points=(point,))
    if options.out.suffix in (".json", ".safetensors"):
        _write_latents(options.out, [point], size, subject.note(found))
    else:
        drawn = sample(subject.net, subject.latents([point])).numpy()
        pair = np.concatenate([target.permute(1, 2, 0)[None].numpy(), drawn])
        _write_pictures(options.out, pair, options.grid)
    facts = {"mean_squared_error": round(min(last.errors), 6), "notes": ", ".join(notes), "point": point}
    _tell(options, facts)


def _neighbours(subject: Subject, view: View, options: argparse.Namespace) -> None:
    """Each picture beside the nearest training pictures: a row with those in pixels, then those in shape."""
    name = options.data or subject.config.data.name
    images = load(name)
    if images.shape != subject.config.shape:
        raise Problem("{data} holds pictures of another size than this generator draws.", data=name)
    known = Neighbours(images)
    pictures = sample(subject.net, _many(subject, view, options.count or 0))
    told, rows = [], []
    for picture in pictures:
        near = known.of(picture.permute(2, 0, 1))
        told.append({space: vars(one) for space, one in near.items()})
        real = [images.pixels[near[space].indices].permute(0, 2, 3, 1) for space in SPACES]
        rows.append(torch.cat([picture[None], *real]))
    if options.out.suffix == ".json":
        write(options.out, json.dumps(told, indent=1).encode())
    else:
        _write_pictures(options.out, torch.cat(rows).numpy(), len(rows[0]))
    if options.json:
        print(json.dumps({"data": name, "images": len(images), "pictures": told}))
        return
    for number, near in enumerate(told, 1):
        parts = [
            t("{space} {distance:.3f} (training pictures: {usual:.3f})", space=space, **_brief(near[space]))
            for space in SPACES
        ]
        print(t("picture {number}: {distances}", number=number, distances=", ".join(parts)))


def _brief(near: dict) -> dict:
    return {"distance": near["distances"][0], "usual": near["usual"]}


def _tell(options: argparse.Namespace, report: dict) -> None:
    """What came of it, as JSON or as a line."""
    if options.json:
        print(json.dumps({"out": str(options.out)} | report))
        return
    shown = {name.replace("_", " "): value for name, value in report.items() if value and name != "point"}
    print(", ".join(f"{name}: {value}" for name, value in shown.items()))


MAKERS = {
    "still": (_still, STILL),
    "walk": (_walk, MOVING),
    "plane": (_plane, (".png", ".npy")),
    "invert": (_invert, STILL),
    "neighbours": (_neighbours, (".png", ".npy", ".json")),
}
