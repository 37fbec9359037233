"""Answers about a generator, for pages and for the command line: pictures, directions, walks, a search.

Each answer function takes its question and the generator. What takes its time is a generator function: it
yields makers of reports, since few of them are ever read, and returns its answer.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gan.compute.settings import plainly
from gan.control import questions
from gan.control.questions import Report
from gan.data.images import normalise
from gan.errors import Problem
from gan.explore import inversion
from gan.explore.explorer import Explorer
from gan.explore.latents import on_plane, plain, plane, walk
from gan.latent.address import refuse_sheet
from gan.latent.points import explicit
from gan.latent.view import View
from gan.nets.pair import GAN
from gan.pictures import decode, video
from gan.pictures.png import grid, grid_png, png, tiles

PREVIEW, PREVIEW_COLUMNS = 120, 10  # frames of a walk's preview, at most, and how they lie
AT_ONCE = 32  # frames of a film between two reports
DRAWING = 0.9  # of a film's time; the rest is its encoding
CURVE = 101  # places of a search's curves

Reports = Iterator[Callable[[], Report]]


def finish(work: Reports) -> questions.Answer:
    """The answer of work that takes its time, none of its reports."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


# --- pictures ----------------------------------------------------------------------------------------


def sample(question: questions.Sample, explorer: Explorer) -> questions.Picture:
    """The view's pictures."""
    pictures = explorer.draw(explorer.latents(question.view, question.named))
    return questions.Picture(picture=grid_png(pictures, question.columns, question.scale, question.note))


def points(question: questions.Points, explorer: Explorer) -> questions.PointList:
    """The latents of the view's pictures."""
    if question.unedited:
        latents = plain(question.view, explorer.config.latent_size)
    else:
        latents = explorer.latents(question.view, question.named)
    return questions.PointList(points=points_of(latents))


def points_of(latents: Tensor) -> list[str]:
    """Latents (N, L) as explicit points."""
    return [explicit(latent.numpy()) for latent in latents]


def shares(question: questions.Directions, explorer: Explorer) -> questions.Shares:
    """How much the directions of a kind explain."""
    return questions.Shares(shares=explorer.directions(question.kind).shares)


def direction_point(question: questions.DirectionPoint, explorer: Explorer) -> questions.DirectionFound:
    """The way the sliders point. Raises Problem where all of them are at 0."""
    shift = explorer.shift(question.view, question.named)
    length = shift.norm()
    if not length > 1e-6:
        raise Problem("The sliders point nowhere: move one, and save then.")
    return questions.DirectionFound(point=explicit((shift / length).numpy()), length=length.item())


# --- walks and planes --------------------------------------------------------------------------------


def path(view: View, explorer: Explorer) -> Tensor:
    """All latents (N, L) of the view's walk. Raises Problem where it has no two keyframes."""
    if len(view.keys) < 2:
        raise Problem("A walk leads from one picture to another: add keyframes, two at least.")
    return walk(explorer.latents_of(view.keys), view.frames, view.linear, view.loop)


def preview(question: questions.Walk, explorer: Explorer) -> questions.WalkPreview:
    """Some of the walk's frames, and estimates of its films from some others."""
    latents = path(question.view, explorer)
    count = len(latents)
    places = torch.linspace(0, count - 1, min(count, PREVIEW)).long()
    windows = video.sample_frames(count)
    frames = tiles(explorer.draw(latents[torch.tensor(windows).flatten()]), question.scale)
    width = len(windows[0])
    encoded = [frames[at : at + width] for at in range(0, len(frames), width)]
    estimates = {kind: video.estimate(encoded, count, kind, question.view.speed) for kind in video.KINDS}
    sheet = png(grid(explorer.draw(latents[places]), PREVIEW_COLUMNS, scale=1, gap=0))
    return questions.WalkPreview(
        frames=count, drawn=len(places), columns=PREVIEW_COLUMNS, sizes=estimates, picture=sheet
    )


def film(question: questions.Film, explorer: Explorer) -> Reports:
    """The whole walk as a film."""
    latents, pictures = path(question.view, explorer), []
    for piece in latents.split(AT_ONCE):
        pictures.append(explorer.draw(piece))
        yield partial(Report, share=DRAWING * AT_ONCE * len(pictures) / len(latents))
    frames = tiles(np.concatenate(pictures), question.scale)
    content = video.KINDS[question.kind](frames, question.view.speed, hold=1)
    return questions.FilmFile(frames=len(frames), film=content)


def corners(view: View, explorer: Explorer) -> Tensor:
    """The corners (3 or 4, L) of the view's plane. Raises Problem where it has fewer."""
    if len(view.corners) < 3:
        raise Problem("A plane has three or four corners: add pictures.")
    return explorer.latents_of(view.corners)


def plane_pictures(view: View, explorer: Explorer) -> np.ndarray:
    """The map of the view's plane: uint8 (PLANE², H, W, C), row by row."""
    return explorer.draw(plane(corners(view, explorer), linear=view.linear))


def plane_map(question: questions.Plane, explorer: Explorer) -> questions.Picture:
    """The map as one picture."""
    pictures = plane_pictures(question.view, explorer)
    return questions.Picture(picture=png(grid(pictures, scale=question.scale, gap=0)))


def place(question: questions.Place, explorer: Explorer) -> questions.PlanePicture:
    """The picture at a place of the plane."""
    view = question.view
    latent = on_plane(corners(view, explorer), view.across, view.down, view.linear)
    picture = grid_png(explorer.draw(latent[None]), scale=question.scale)
    return questions.PlanePicture(point=explicit(latent.numpy()), picture=picture)


# --- a search ----------------------------------------------------------------------------------------


def target_of(question: questions.Invert, explorer: Explorer) -> tuple[Tensor, list[str]]:
    """The picture whose latent is wanted, uint8 (C, H, W), and what was done to it. Raises Problem."""
    if question.content:
        refuse_sheet(question.content)
        shape = explorer.config.shape
        pixels, notes = decode.to_image(question.content, shape, question.whole, question.negative)
        return torch.from_numpy(pixels), notes
    images = explorer.images(question.data)
    return images.pixels[question.index % len(images)], []


def side_by_side(target: Tensor, latent: Tensor, explorer: Explorer) -> np.ndarray:
    """The picture that is wanted, uint8 (C, H, W), and a latent's: uint8 (2, H, W, C)."""
    return np.concatenate([target.permute(1, 2, 0)[None].numpy(), explorer.draw(latent[None])])


def invert(question: questions.Invert, explorer: Explorer) -> Reports:
    """The latent whose picture comes nearest."""
    target, notes = target_of(question, explorer)
    size, curves = explorer.config.latent_size, []

    def pair(latent: Tensor) -> bytes:
        return grid_png(side_by_side(target, latent, explorer), 2, question.scale)

    def report(search: inversion.Search) -> Report:
        latent = search.best_latent
        return Report(
            share=search.step / search.steps,
            error=search.error,
            point=explicit(latent.numpy()),
            picture=pair(latent),
        )

    with plainly():
        for search in inversion.invert(
            explorer.net, normalise(target), size, question.starts, question.steps
        ):
            curves.append(search.errors)
            yield partial(report, search)
    latent = search.best_latent
    return questions.LatentFound(
        point=explicit(latent.numpy()),
        error=search.error,
        curves=_thinned(curves),
        notes=notes,
        steps=search.steps,
        length=latent.norm().item(),
        usual=size**0.5,
        picture=pair(latent),
    )


def _thinned(curves: list[list[float]]) -> list[list[float]]:
    """Each start's error over the steps, (S, ≤ CURVE): enough for a chart."""
    places = np.unique(np.linspace(0, len(curves) - 1, min(len(curves), CURVE)).astype(int))
    return np.array(curves)[places].T.round(6).tolist()


# --- networks ----------------------------------------------------------------------------------------


def structures(question: questions.Structures, _: Explorer | None) -> questions.NetworkPair:
    """The layers of both networks."""
    generator, discriminator = GAN.from_recipe(question.recipe, question.shape).summary()
    return questions.NetworkPair(generator=generator, discriminator=discriminator)


ANSWERS = {
    questions.Sample: sample,
    questions.Points: points,
    questions.Directions: shares,
    questions.DirectionPoint: direction_point,
    questions.Walk: preview,
    questions.Film: film,
    questions.Plane: plane_map,
    questions.Place: place,
    questions.Invert: invert,
    questions.Structures: structures,
}
