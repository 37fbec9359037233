"""What a page asks about a generator, and what it gets for an answer: a frozen type each. No torch.

A new question is its type here, beside the type of its answer, and a function in gan.explore.answers or
gan.evaluate.answers.
"""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field

from gan.control.messages import Attached, Message
from gan.latent.points import Point
from gan.latent.view import STARTS, STEPS, Label, View
from gan.pictures.diagram import Structure
from gan.pictures.shape import ImageShape
from gan.recipes.recipe import Recipe

Scale = Annotated[int, Field(ge=1, le=256)]  # each pixel becomes a square of so many
DataName = Annotated[str, Field(max_length=64)]


class Answer(Message):
    """What a question is answered with."""


A = TypeVar("A", bound=Answer)


class Question(Message, Generic[A]):
    """What can be asked; `Question[Picture]` is answered with a Picture.

    Of waiting questions with the same `slot` only the newest is answered: who moves a slider wants its last
    place alone.
    """

    slot: str = ""


class ViewQuestion(Question[A], Generic[A]):
    """A question about what a view shows. `named` are the saved directions that it uses."""

    view: View
    named: dict[Label, Point] = {}
    scale: Scale = 1


class Report(Message):
    """How far long work has come; a search also says what it has found so far."""

    share: float  # of the whole work, 0 to 1
    error: float | None = None
    point: str = ""
    picture: Attached = b""


# --- pictures, and their latents as explicit points --------------------------------------------------


class Picture(Answer):
    """A PNG."""

    picture: Attached


class Sample(ViewQuestion[Picture]):
    """Draw the pictures in a grid, of as many columns as suit where they are None. `note` is kept in it."""

    columns: int | None = Field(None, ge=1, le=100)
    note: str = ""


class PointList(Answer):
    """A point for each picture."""

    points: list[str]


class Points(ViewQuestion[PointList]):
    """Name the pictures' latents, as they are drawn or, `unedited`, before any slider moves them."""

    unedited: bool = False


class Shares(Answer):
    """The share of the whole that each direction explains, 0 to 1, largest first."""

    shares: list[float]


class Directions(Question[Shares]):
    """How much do the directions of a kind explain?"""

    kind: Literal["pca", "svd"]


class DirectionFound(Answer):
    """A direction of length 1, and how far the sliders are along it."""

    point: str
    length: float


class DirectionPoint(ViewQuestion[DirectionFound]):
    """Which way do the sliders point, all together?"""


# --- walks and planes --------------------------------------------------------------------------------


class WalkPreview(Picture):
    """Some frames of a walk, `drawn` of `frames`, without gaps, row by row."""

    frames: int
    drawn: int
    columns: int
    sizes: dict[str, int]  # bytes of its film by kind, about


class Walk(ViewQuestion[WalkPreview]):
    """Preview the walk; `scale` is that of its films."""


class FilmFile(Answer):
    """A film's content."""

    frames: int
    film: Attached


class Film(ViewQuestion[FilmFile]):
    """Draw the whole walk. Takes its time."""

    kind: Literal["gif", "mp4", "zip"]


class Plane(ViewQuestion[Picture]):
    """Draw the map of the plane, without gaps."""


class PlanePicture(Picture):
    """The picture at a place of the plane, and its latent."""

    point: str


class Place(ViewQuestion[PlanePicture]):
    """Draw the picture at the view's place in its plane."""


# --- training pictures -------------------------------------------------------------------------------


class TrainingPicture(Picture):
    """A picture of a data set, which holds that many."""

    images: int


class Real(Question[TrainingPicture]):
    """Show a picture of a data set, counted from 0."""

    data: DataName
    index: int = Field(ge=0)
    scale: Scale = 1


class Near(Answer):
    """A picture's neighbours in one space, nearest first. Distances are root mean squares over its values.

    `rank` is the share of training pictures that have a nearer neighbour among the others than this picture
    has: near 0, it is nearer to the data than the data are to themselves.
    """

    indices: list[int]
    distances: list[float]
    usual: float  # the training pictures' median distance to the nearest other one
    rank: float


class NeighboursFound(Picture):
    """A generated picture; by space, its neighbours among that many training pictures, and a row of them."""

    near: dict[str, Near]
    rows: dict[str, Attached]
    images: int


class Neighbours(Question[NeighboursFound]):
    """Find the training pictures nearest to a point's picture. Takes its time."""

    point: Point
    data: DataName
    scale: Scale = 1


class LatentFound(Picture):
    """The latent whose picture comes nearest to the wanted one, and both pictures side by side."""

    point: str
    error: float  # mean squared, in [-1, 1]
    curves: list[list[float]]  # each start's error over the steps, (S, ≤ 101)
    notes: list[str]  # what was done to an uploaded picture
    steps: int
    length: float
    usual: float  # how long latents usually are


class Invert(Question[LatentFound]):
    """Search the latent of an uploaded picture (`content`), or else of a training picture. Takes its time."""

    content: Attached = b""
    whole: bool = False  # keep all of the upload, with a border; off: its middle
    negative: bool = False  # swap the upload's light and dark
    data: DataName = ""
    index: int = Field(0, ge=0)
    starts: int = STARTS.field()
    steps: int = STEPS.field()
    scale: Scale = 1


# --- networks ----------------------------------------------------------------------------------------


class NetworkPair(Answer):
    """The layers of a generator and of its discriminator."""

    generator: Structure
    discriminator: Structure


class Structures(Question[NetworkPair]):
    """Measure the two networks that a recipe builds for pictures of a shape. Needs no generator."""

    recipe: Recipe
    shape: ImageShape
