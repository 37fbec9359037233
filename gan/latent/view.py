"""What the explorer shows: seeds, sliders, keyframes, as one value that fits an address or a PNG. No torch.

Together with a generator's weights a `View` gives the same pictures always. A *point* names one latent: a
seed with an index ("7/3", or "7" for its first), or the latent itself ("z" and base64 of its little-endian
float32).
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from gan.errors import Problem, first_fault
from gan.latent.bounds import Bounds
from gan.latent.points import MOST_PICTURES, Point, parse_seeds

KEYFRAMES = 8  # of a walk, at most
CORNERS = 4  # of a plane, at most
PLANE = 9  # tiles along each side of a plane's map
COMPONENTS = 20  # directions found of each kind
MOST_DIRECTIONS = 50  # saved with a generator
REACH = 3.0  # a slider's ends, in standard deviations of the latent along its direction
COUNT = Bounds(1, MOST_PICTURES, 16)  # pictures of one seed
STRENGTH = Bounds(0.0, 1.0, 0.1)  # of variations: at 0 none, at 1 nothing is left of the base
TRUNCATION = Bounds(0.0, 2.0, 1.0)
FRAMES = Bounds(2, 120, 30)  # of a leg of a walk
SPEED = Bounds(1, 50, 24)  # frames a second
STARTS, STEPS = Bounds(1, 64, 8), Bounds(1, 10_000, 200)  # of a search for the latent of a picture
LABEL = r"^\w[\w -]{0,39}$"  # what a saved direction can be called

# every slider's default
AT_REST = {"truncation": TRUNCATION.default, "pca": (), "svd": (), "named": {}, "raw": {}}
Shift = Annotated[float, Field(ge=-REACH, le=REACH, allow_inf_nan=False)]
Label = Annotated[str, Field(pattern=LABEL)]


def _seeds(text: object) -> str:
    try:
        parse_seeds(str(text))
    except Problem as problem:
        raise ValueError(str(problem)) from None
    return str(text).replace(" ", "")


class View(BaseModel, frozen=True, extra="forbid"):
    """Everything beside the weights that the explorer's pictures depend on.

    Pictures are those of `points` where there are any, of `seeds` otherwise: `count` pictures of one seed,
    or the first of each in a list. With a `base` they are that point and variations of it. Then sliders
    shift each latent (`pca` and `svd` along the found directions, `named` along saved ones, `raw` single
    components, numbered from 1), and `truncation` scales it.
    """

    seeds: Annotated[str, BeforeValidator(_seeds)] = "0"
    count: int = COUNT.field()
    points: tuple[Point, ...] = Field((), max_length=MOST_PICTURES)
    base: Point | None = None
    strength: float = STRENGTH.field()  # of the variations: 0 none, 1 nothing left of the base
    truncation: float = TRUNCATION.field()
    pca: tuple[Shift, ...] = Field((), max_length=COMPONENTS)
    svd: tuple[Shift, ...] = Field((), max_length=COMPONENTS)
    named: dict[Label, Shift] = Field({}, max_length=MOST_DIRECTIONS)
    raw: dict[Annotated[int, Field(ge=1, le=1024)], Shift] = Field({}, max_length=64)

    keys: tuple[Point, ...] = Field((), max_length=KEYFRAMES)  # of the walk
    frames: int = FRAMES.field()  # of each leg
    linear: bool = False  # along the straight line, and not along the sphere
    loop: bool = True  # back to the first keyframe at the end
    speed: int = SPEED.field()  # frames a second

    corners: tuple[Point, ...] = Field((), max_length=CORNERS)  # of the plane
    across: float = Field(0.0, ge=0, le=1)
    down: float = Field(0.0, ge=0, le=1)

    @property
    def is_edited(self) -> bool:
        """Is any slider away from its default?"""
        shifts = (*self.pca, *self.svd, *self.named.values(), *self.raw.values())
        return self.truncation != TRUNCATION.default or any(shifts)

    def unedited(self) -> "View":
        """The same with every slider at its default."""
        return self.model_copy(update=AT_REST)

    def only(self, *names: str) -> "View":
        """A view with these fields alone, every other one at its default."""
        return View.model_validate(self.model_dump(include=set(names)))

    def pictures(self) -> int:
        """How many pictures it shows."""
        if self.points and self.base is None:
            return len(self.points)
        seeds = parse_seeds(self.seeds)
        return len(seeds) if len(seeds) > 1 else self.count

    def point(self, index: int) -> str | None:
        """The point of picture `index` where that has a short name: no base, no slider."""
        if self.base is not None or self.is_edited:
            return self.base if index == 0 and not self.is_edited else None
        if self.points:
            return self.points[index]
        seeds = parse_seeds(self.seeds)
        return f"{seeds[0]}/{index}" if len(seeds) == 1 and index else str(seeds[min(index, len(seeds) - 1)])

    def changed(self, **changes: object) -> "View":
        """A copy with other values, checked. Raises Problem naming the first that can't be."""
        try:
            return View.model_validate(self.model_dump() | changes)
        except ValidationError as error:
            raise Problem("{what}", what=_fault(error), misuse=True) from None


def with_value(values: Sequence[float], index: int, value: float) -> list[float]:
    """Sliders with another value at that place, however many there were before."""
    longer = [*values, *[0.0] * (index + 1 - len(values))]
    longer[index] = value
    return longer


def trimmed(values: Sequence[float]) -> tuple[float, ...]:
    """Without the zeros at the end."""
    last = max((index for index, value in enumerate(values) if value), default=-1)
    return tuple(values[: last + 1])


def shifts(values: Iterable[float]) -> tuple[float, ...]:
    """Sliders as the page keeps them: rounded as they are shown, without the zeros at the end."""
    return trimmed([round(value, 2) for value in values])


def _fault(error: ValidationError) -> str:
    """What can't be; a sentence of ours names the value itself."""
    place, what = first_fault(error)
    return what if error.errors()[0]["type"] == "value_error" else f"{place}: {what}"
