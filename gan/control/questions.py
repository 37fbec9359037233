"""What a page asks about a generator, and what it gets for an answer: a frozen type each. No torch.

A new question is its type here, beside the type of its answer, and a function in gan.explore.answers or
gan.evaluate.answers. Between processes all of them travel as JSON and bytes: see `encode` and `decode`.
"""

from itertools import accumulate, pairwise
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, SerializationInfo, ValidationInfo

from gan.latent.bounds import Bounds
from gan.latent.points import Point
from gan.latent.view import Label, View
from gan.pictures.diagram import Structure
from gan.pictures.shape import ImageShape
from gan.recipes.recipe import Recipe

Message = TypeVar("Message", bound=BaseModel)


def encode(message: BaseModel) -> tuple[dict, bytes]:
    """The message as JSON and as bytes: its `Attached` values stand behind one another in the bytes."""
    parts: list[bytes] = []
    fields = message.model_dump(mode="json", context=parts)
    content = {"type": type(message).__name__, "fields": fields, "sizes": [len(part) for part in parts]}
    return content, b"".join(parts)


def decode(kind: type[Message], content: dict, attachment: bytes) -> Message:
    """The message that `encode` was given. Raises ValidationError where it is none of that kind."""
    ends = accumulate(content["sizes"], initial=0)
    parts = [attachment[start:end] for start, end in pairwise(ends)]
    return kind.model_validate(content["fields"], context=parts)


def _set_aside(value: bytes, info: SerializationInfo) -> int:
    """Put the bytes beside the JSON, which gets their number in the row."""
    info.context.append(value)
    return len(info.context) - 1


def _put_back(value: bytes | int, info: ValidationInfo) -> bytes:
    return info.context[value] if isinstance(value, int) else value


Attached = Annotated[bytes, PlainSerializer(_set_aside), BeforeValidator(_put_back)]
STARTS, STEPS = Bounds(1, 64, 8), Bounds(1, 10_000, 200)  # of a search
Scale = Annotated[int, Field(ge=1, le=256)]  # each pixel becomes a square of so many
DataName = Annotated[str, Field(max_length=64)]


class Answer(BaseModel, frozen=True, extra="forbid"):
    """What a question is answered with. Pictures are PNG files."""


A = TypeVar("A", bound=Answer)


class Question(BaseModel, Generic[A], frozen=True, extra="forbid"):
    """What can be asked; `Question[Picture]` is answered with a Picture.

    Of waiting questions with the same `slot` only the newest is answered: who moves a slider wants its last
    place alone.
    """

    slot: str = ""

    @classmethod
    def answer_type(cls) -> type[A]:
        """The type of the answer."""
        return cls.__base__.__pydantic_generic_metadata__["args"][0]


class Report(BaseModel, frozen=True, extra="forbid"):
    """How far long work has come; a search also says what it has found so far."""

    share: float  # of the whole work, 0 to 1
    error: float | None = None
    point: str = ""
    picture: Attached = b""


# --- pictures and their latents ----------------------------------------------------------------------


class Picture(Answer):
    """One PNG."""

    picture: Attached


class Sample(Question[Picture]):
    """Draw the view's pictures in a grid. `named` are the saved directions that the view uses, `note` is kept
    in the PNG, `columns` are as many as suit where it is None.
    """

    view: View
    named: dict[Label, Point] = {}
    columns: int | None = Field(None, ge=1, le=100)
    scale: Scale = 1
    note: str = ""


class PointList(Answer):
    """Explicit points, one for each picture."""

    points: list[str]


class Points(Question[PointList]):
    """Name the latents of the view's pictures, as they are drawn or, `unedited`, before any slider moves
    them.
    """

    view: View
    named: dict[Label, Point] = {}
    unedited: bool = False


class Shares(Answer):
    """The share of the whole that each direction explains, 0 to 1, largest first."""

    shares: list[float]


class Directions(Question[Shares]):
    """How much do the directions of a kind explain?"""

    kind: Literal["pca", "svd"]


class DirectionFound(Answer):
    """A direction of length 1 as an explicit point, and how far the sliders are along it."""

    point: str
    length: float


class DirectionPoint(Question[DirectionFound]):
    """Which way do the view's sliders point, all together?"""

    view: View
    named: dict[Label, Point] = {}


# --- walks and planes --------------------------------------------------------------------------------


class WalkPreview(Answer):
    """Some of a walk's frames in one PNG without gaps, row by row: `drawn` of `frames`."""

    frames: int
    drawn: int
    columns: int
    sizes: dict[str, int]  # bytes of its film by kind, about
    sheet: Attached


class Walk(Question[WalkPreview]):
    """Preview the view's walk, and estimate films of it whose pictures are enlarged by `scale`."""

    view: View
    scale: Scale = 1


class FilmFile(Answer):
    """A film's content."""

    frames: int
    film: Attached


class Film(Question[FilmFile]):
    """Draw the view's whole walk as a film. Takes its time."""

    view: View
    kind: Literal["gif", "mp4", "zip"]
    scale: Scale = 1


class Plane(Question[Picture]):
    """Draw the map of the view's plane, without gaps."""

    view: View
    scale: Scale = 1


class PlanePicture(Answer):
    """The picture at a place of the plane, and its latent as an explicit point."""

    point: str
    picture: Attached


class Place(Question[PlanePicture]):
    """Draw the picture at the view's place in its plane."""

    view: View
    scale: Scale = 1


# --- training pictures -------------------------------------------------------------------------------


class TrainingPicture(Answer):
    """A picture of a data set, and how many that holds."""

    images: int
    picture: Attached


class Real(Question[TrainingPicture]):
    """Show a picture of a data set, counted from 0."""

    data: DataName
    index: int = Field(ge=0)
    scale: Scale = 1


class Near(Answer):
    """The neighbours of a picture in one space, nearest first.

    Distances are root mean squares over the space's values. `rank` is the share of training pictures that
    have a nearer neighbour among the others than this picture has: near 0, it is nearer to the data than the
    data are to themselves. `usual` is the training pictures' median distance to the nearest other one.
    """

    indices: list[int]
    distances: list[float]
    usual: float
    rank: float


class NeighboursFound(Answer):
    """A generated picture, and by space its neighbours among so many training pictures, and a row of them."""

    near: dict[str, Near]
    rows: dict[str, Attached]
    images: int
    picture: Attached


class Neighbours(Question[NeighboursFound]):
    """Find the training pictures nearest to a point's picture. Takes its time."""

    point: Point
    data: DataName
    scale: Scale = 1


class LatentFound(Answer):
    """The latent whose picture comes nearest to the wanted one, and both pictures side by side.

    `error` is the mean squared error in [-1, 1]; `curves` holds each start's error over the steps, (S, ≤
    101); `notes` say what was done to an uploaded picture; `usual` is how long latents usually are.
    """

    point: str
    error: float
    curves: list[list[float]]
    notes: list[str]
    steps: int
    length: float
    usual: float
    picture: Attached


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
