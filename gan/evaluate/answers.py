"""Answers that compare a generator with its training pictures, for pages and for the command line."""

from functools import lru_cache, partial

import numpy as np
import torch

from gan.control import questions
from gan.control.questions import Near, Report
from gan.data.images import Images
from gan.evaluate.neighbours import NEIGHBOURS, Neighbours
from gan.explore.answers import Reports
from gan.explore.explorer import Explorer
from gan.pictures.png import grid_png

prepared = lru_cache(maxsize=2)(Neighbours)  # of the data sets used last


def training_picture(question: questions.Real, explorer: Explorer) -> questions.TrainingPicture:
    """A picture of a data set."""
    images = explorer.images(question.data)
    picture = pictures_of(images, [question.index % len(images)])
    return questions.TrainingPicture(images=len(images), picture=grid_png(picture, scale=question.scale))


def pictures_of(images: Images, indices: list[int]) -> np.ndarray:
    """Pictures of a data set: uint8 (N, H, W, C)."""
    return images.pixels[indices].permute(0, 2, 3, 1).numpy()


def near(picture: np.ndarray, images: Images) -> dict[str, Near]:
    """The neighbours of a picture, uint8 (H, W, C), in each space."""
    return prepared(images).of(torch.from_numpy(picture).permute(2, 0, 1))


def neighbours(question: questions.Neighbours, explorer: Explorer) -> Reports:
    """The training pictures nearest to a generated one."""
    picture = explorer.draw(explorer.latents_of([question.point]))
    images = explorer.images(question.data)
    yield partial(Report, share=0.0)  # whoever has cancelled it meanwhile is spared what follows
    found = near(picture[0], images)
    rows = {
        space: grid_png(pictures_of(images, one.indices), NEIGHBOURS, question.scale)
        for space, one in found.items()
    }
    return questions.NeighboursFound(
        near=found, rows=rows, images=len(images), picture=grid_png(picture, scale=question.scale)
    )


ANSWERS = {questions.Real: training_picture, questions.Neighbours: neighbours}
