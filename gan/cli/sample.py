"""`python -m gan sample`: what the explorer shows, without a browser."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan.cli.output import write
from gan.cli.sample_options import FILM_SIDE, MOST_LATENTS, content_of, kind_of, view_of
from gan.control.questions import Film, Invert, Near
from gan.errors import Problem
from gan.evaluate.answers import near, pictures_of
from gan.evaluate.neighbours import SPACES
from gan.explore.answers import film, finish, invert, path, plane_pictures, points_of, side_by_side, target_of
from gan.explore.explorer import Explorer
from gan.generator.folder import GeneratorFiles, read_source
from gan.generator.recent import SHORT_KEY
from gan.i18n import t
from gan.latent import latent_file
from gan.latent.address import to_query
from gan.latent.points import MOST_PICTURES, parse_seeds
from gan.latent.saved_directions import directions_in
from gan.latent.view import CORNERS, KEYFRAMES, PLANE, STARTS, STEPS, View
from gan.nets.weights import load_generator
from gan.pictures.png import columns_for, grid_png

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


class Subject(Explorer):
    """The generator that is drawn from, by the name that the command gave it."""

    def __init__(self, source: str, raw: bool) -> None:
        self.source, self.raw = source, raw
        config, tensors = read(source)
        super().__init__(load_generator(config, tensors, raw))
        self.key = GeneratorFiles.of(config, tensors).key

    def note(self, view: View) -> str:
        """What a PNG says of how it was made, for the page to bring back."""
        named = self.source if self.source.startswith("hf:") else Path(self.source).resolve().name
        use = "raw" if self.raw and self.config.recipe.ema else ""
        return to_query(view, source=named, step=self.config.step, weights=self.key[:SHORT_KEY], use=use)

    def latents_in(self, view: View) -> Tensor:
        """The view's latents (N, L), its saved directions read from beside the generator."""
        return self.latents(view, self._named(view))

    def _named(self, view: View) -> dict[str, str]:
        if not view.named or self.source.startswith("hf:"):
            return {}
        file = Path(self.source)
        saved = directions_in(file.parent if file.suffix == ".safetensors" else file)
        return {name: saved[name].point for name in view.named if name in saved}


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
        content = content_of(options.latents)
        size = subject.config.latent_size
        points = latent_file.points_in(options.latents.name, content, size, most=MOST_LATENTS)
        pieces = [points[at : at + MOST_PICTURES] for at in range(0, len(points), MOST_PICTURES)]
        views = [view.changed(points=piece, base=None) for piece in pieces]
        view, latents = views[0], torch.cat([subject.latents_in(one) for one in views])
    else:
        latents = _latents(subject, view, options.count or 0)
    # a view holds no more pictures than that
    note = subject.note(view) if len(latents) <= MOST_PICTURES else ""
    if options.out.suffix in latent_file.WRITERS:
        _write_latents(subject, latents, note, options.out)
    else:
        _write_pictures(subject.draw(latents), options.out, options.grid, note)
    if options.json:
        _report(options, pictures=len(latents), made_with=note)


def _latents(subject: Subject, view: View, count: int) -> Tensor:
    """Latents (N, L) of the view, and of more pictures of its one seed where more were asked for."""
    latents = [subject.latents_in(view)]
    if view.points or view.base is not None or len(parse_seeds(view.seeds)) > 1:
        return latents[0]
    for start in range(
        MOST_PICTURES, count, MOST_PICTURES
    ):  # a view holds no more: the rest by their own names
        names = tuple(f"{view.seeds}/{index}" for index in range(start, min(start + MOST_PICTURES, count)))
        latents.append(subject.latents_in(view.changed(points=names)))
    return torch.cat(latents)


def _walk(subject: Subject, view: View, options: argparse.Namespace) -> None:
    """A film through the pictures, its frames in a ZIP, or all of them in one picture."""
    keys = view.keys or _points(subject, view)
    if not 2 <= len(keys) <= KEYFRAMES:
        message = "A walk has 2 to {most} keyframes, not {count}: set --count, or name --seeds."
        raise Problem(message, most=KEYFRAMES, count=len(keys), misuse=True)
    view = view.changed(keys=tuple(keys))
    kind = options.out.suffix[1:]
    if kind in ("npy", "png"):
        pictures = subject.draw(path(view, subject))
        frames = len(pictures)
        _write_pictures(pictures, options.out, options.grid or view.frames, subject.note(view), scale=2)
    else:
        scale = subject.config.shape.scale_to(options.size or FILM_SIDE.default)
        answer = finish(film(Film(view=view, kind=kind, scale=scale), subject))
        frames = answer.frames
        write(options.out, answer.film)
    timed = {"seconds": round(frames / view.speed, 3)} if kind in ("gif", "mp4") else {}
    _report(options, frames=frames, **timed)


def _points(subject: Subject, view: View) -> list[str]:
    """The view's pictures as points, by their short names where they have one."""
    points = [view.point(index) for index in range(view.pictures())]
    return points_of(subject.latents_in(view)) if None in points else points


def _plane(subject: Subject, view: View, options: argparse.Namespace) -> None:
    """The map of the plane through three or four pictures."""
    corners = view.corners or _points(subject, view)
    if not 3 <= len(corners) <= CORNERS:
        message = "A plane has 3 or 4 corners, not {count}: set --count, or name --seeds."
        raise Problem(message, count=len(corners), misuse=True)
    view = view.changed(corners=tuple(corners))
    pictures, note = plane_pictures(view, subject), subject.note(view)
    _write_pictures(pictures, options.out, PLANE, note)
    if options.json:
        _report(options, pictures=len(pictures), made_with=note)


# --- questions ---------------------------------------------------------------------------------------


def _invert(subject: Subject, view: View, options: argparse.Namespace) -> None:
    """The latent whose picture is nearest to a file's."""
    question = Invert(
        content=content_of(options.invert),
        whole=options.whole,
        negative=options.negative,
        starts=options.starts or STARTS.default,
        steps=options.search_steps or STEPS.default,
    )
    answer = finish(invert(question, subject))
    latents = subject.latents_of([answer.point])
    if options.out.suffix in latent_file.WRITERS:
        _write_latents(subject, latents, subject.note(View(points=(answer.point,))), options.out)
    else:
        target, _ = target_of(question, subject)
        _write_pictures(side_by_side(target, latents[0], subject), options.out, options.grid)
    error, notes = round(answer.error, 6), ", ".join(answer.notes)
    _report(options, mean_squared_error=error, notes=notes, point=answer.point)


def _neighbours(subject: Subject, view: View, options: argparse.Namespace) -> None:
    """Each picture beside the nearest training pictures: a row with those in pixels, then those in shape."""
    name = options.data or subject.config.data.name
    images = subject.images(name)
    pictures = subject.draw(_latents(subject, view, options.count or 0))
    found = [near(picture, images) for picture in pictures]
    report = [{space: one.model_dump() for space, one in each.items()} for each in found]
    if options.out.suffix == ".json":
        write(options.out, json.dumps(report, indent=1).encode())
    else:
        real = [[pictures_of(images, each[space].indices) for space in SPACES] for each in found]
        rows = [np.concatenate([one[None], *each]) for one, each in zip(pictures, real, strict=True)]
        _write_pictures(np.concatenate(rows), options.out, len(rows[0]))
    if options.json:
        print(json.dumps({"data": name, "images": len(images), "pictures": report}))
        return
    for number, each in enumerate(found, 1):
        distances = ", ".join(_distance(space, each[space]) for space in SPACES)
        print(t("picture {number}: {distances}", number=number, distances=distances))


def _distance(space: str, found: Near) -> str:
    values = {"distance": found.distances[0], "usual": found.usual}
    return t("{space} {distance:.3f} (training pictures: {usual:.3f})", space=space, **values)


# --- files -------------------------------------------------------------------------------------------


def _write_latents(subject: Subject, latents: Tensor, note: str, file: Path) -> None:
    writer = latent_file.WRITERS[file.suffix]
    write(file, writer(points_of(latents), subject.config.latent_size, note))


def _write_pictures(
    pictures: np.ndarray, file: Path, columns: int | None, note: str = "", scale: int = 4
) -> None:
    """Pictures uint8 (N, H, W, C) as an array or a grid; None or 0 for as many columns as suit them."""
    if file.suffix == ".npy":
        write(file, lambda to: np.save(to, pictures))
        return
    columns = min(columns or columns_for(len(pictures)), len(pictures))
    write(file, grid_png(pictures, columns, scale, note))


def _report(options: argparse.Namespace, **facts: object) -> None:
    """What came of it, as JSON or as a line."""
    if options.json:
        print(json.dumps({"out": str(options.out)} | facts))
        return
    shown = {name.replace("_", " "): value for name, value in facts.items() if value and name != "point"}
    print(", ".join(f"{name}: {value}" for name, value in shown.items()))


MAKERS = {
    "still": (_still, STILL),
    "walk": (_walk, MOVING),
    "plane": (_plane, (".png", ".npy")),
    "invert": (_invert, STILL),
    "neighbours": (_neighbours, (".png", ".npy", ".json")),
}
