"""What one looks at: seeds, sliders, keyframes, as one value that an address or a PNG can carry. No torch.

Together with a generator's weights a `Look` gives the same pictures always. A *point* names one latent: a
seed with an index ("7/3", or "7" for its first), or the latent itself ("z" and base64 of its little-endian
float32).
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from typing import Annotated
from urllib.parse import parse_qs, urlencode

import numpy as np
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from gan.pictures import note_in
from gan.runs import MAX_SEED
from gan.words import Problem

MOST = 64  # pictures at once
KEYFRAMES = 8  # of a walk, at most
CORNERS = 4  # of a plane, at most
PLANE = 9  # tiles along each side of a plane's map
COMPONENTS = 20  # directions found of each kind
REACH = 3.0  # a slider's ends, in standard deviations of the latent along its direction
LONGEST = 6000  # characters of an address that every server on the way lets through
NUMBER = r"0|[1-9]\d{0,15}"
POINT = rf"^(({NUMBER})(/({NUMBER}))?|z[A-Za-z0-9_-]{{4,22000}})$"
LABEL = r"^\w[\w -]{0,39}$"  # what a saved direction can be called

AT_REST = {"truncation": 1.0, "pca": (), "svd": (), "named": {}, "raw": {}}  # every slider's default
Point = Annotated[str, Field(pattern=POINT)]
Shift = Annotated[float, Field(ge=-REACH, le=REACH, allow_inf_nan=False)]
Label = Annotated[str, Field(pattern=LABEL)]


def parse_seeds(text: str) -> list[int]:
    """The seeds that "7" or "1,5,9-12" names, in that order. Raises Problem."""
    found: list[int] = []
    for part in text.split(","):
        ends = re.fullmatch(rf"\s*({NUMBER})\s*(?:-\s*({NUMBER})\s*)?", part)
        first, last = (int(ends[1]), int(ends[2] or ends[1])) if ends else (1, 0)
        if re.fullmatch(r"\s*\d{16,}\s*", part) and int(part[:99]) > MAX_SEED:
            raise Problem("Seeds go up to {most}.", most=f"{MAX_SEED:,}", misuse=True)
        if not first <= last <= MAX_SEED:
            told = "'{text}' names no seeds: write a whole number like 7, or a list such as 1,5,9-12."
            raise Problem(told, text=text[:60], misuse=True)
        if len(found) + last - first >= MOST:
            told = "'{text}' names more than {most} seeds: shorten the list."
            raise Problem(told, text=text[:60], most=MOST, misuse=True)
        found += range(first, last + 1)
    return found


def moved(seeds: str, by: int) -> str:
    """Every seed of the text that many further, none below 0."""
    by = max(by, -min(parse_seeds(seeds)))
    return re.sub(r"\d+", lambda number: str(min(int(number[0]) + by, MAX_SEED)), seeds)


def _seeds(text: object) -> str:
    try:
        parse_seeds(str(text))
    except Problem as problem:
        raise ValueError(str(problem)) from None
    return str(text).replace(" ", "")


class Look(BaseModel, frozen=True, extra="forbid"):
    """Everything beside the weights that the explorer's pictures depend on.

    Pictures are those of `points` where there are any, of `seeds` otherwise: `count` pictures of one seed,
    or the first of each in a list. With a `base` they are that point and variations of it. Then sliders
    shift each latent (`pca` and `svd` along the found directions, `named` along saved ones, `raw` single
    components, numbered from 1), and `truncation` scales it.
    """

    seeds: Annotated[str, BeforeValidator(_seeds)] = "0"
    count: int = Field(16, ge=1, le=MOST)
    points: tuple[Point, ...] = Field((), max_length=MOST)
    base: Point | None = None
    strength: float = Field(0.1, ge=0, le=1)  # of the variations: 0 none, 1 nothing left of the base
    truncation: float = Field(1.0, ge=0, le=2)
    pca: tuple[Shift, ...] = Field((), max_length=COMPONENTS)
    svd: tuple[Shift, ...] = Field((), max_length=COMPONENTS)
    named: dict[Label, Shift] = Field({}, max_length=50)
    raw: dict[Annotated[int, Field(ge=1, le=1024)], Shift] = Field({}, max_length=64)

    keys: tuple[Point, ...] = Field((), max_length=KEYFRAMES)  # of the walk
    frames: int = Field(30, ge=2, le=120)  # of each leg
    linear: bool = False  # along the straight line, and not along the sphere
    loop: bool = True  # back to the first keyframe at the end
    speed: int = Field(24, ge=1, le=50)  # frames a second

    corners: tuple[Point, ...] = Field((), max_length=CORNERS)  # of the plane
    across: float = Field(0.0, ge=0, le=1)
    down: float = Field(0.0, ge=0, le=1)

    @property
    def is_edited(self) -> bool:
        """Is any slider away from its default?"""
        shifts = (*self.pca, *self.svd, *self.named.values(), *self.raw.values())
        return self.truncation != 1.0 or any(shifts)

    def unedited(self) -> "Look":
        """The same with every slider at its default."""
        return self.model_copy(update=AT_REST)

    def pictures(self) -> int:
        """How many pictures it shows."""
        if self.points and self.base is None:
            return len(self.points)
        return len(listed) if len(listed := parse_seeds(self.seeds)) > 1 else self.count

    def point(self, index: int) -> str | None:
        """The point of picture `index` where that has a short name: no base, no slider."""
        if self.base is not None or self.is_edited:
            return self.base if index == 0 and not self.is_edited else None
        if self.points:
            return self.points[index]
        seeds = parse_seeds(self.seeds)
        return f"{seeds[0]}/{index}" if len(seeds) == 1 and index else str(seeds[min(index, len(seeds) - 1)])

    def changed(self, **changes: object) -> "Look":
        """A copy with other values, checked. Raises Problem naming the first that can't be."""
        try:
            return Look.model_validate(self.model_dump() | changes)
        except ValidationError as error:
            raise Problem("{what}", what=_said(error), misuse=True) from None


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


# --- points ------------------------------------------------------------------------------------------


def explicit(latent: np.ndarray) -> str:
    """The point that is this latent (L,) itself, every bit of its float32."""
    return "z" + urlsafe_b64encode(np.ascontiguousarray(latent, "<f4").tobytes()).decode().rstrip("=")


def unpack(point: str, latent_size: int) -> np.ndarray | tuple[int, int]:
    """An explicit point's latent, float32 (L,), or (seed, index). Raises Problem where it is not this
    generator's.
    """
    if not point.startswith("z"):
        seed, _, index = point.partition("/")
        return int(seed), int(index or 0)
    content = point[1:]
    try:
        latent = np.frombuffer(urlsafe_b64decode(content + "=" * (-len(content) % 4)), "<f4")
    except ValueError:
        latent = np.zeros(0, np.float32)
    if len(latent) != latent_size:
        raise Problem(
            "A latent of {found} numbers was asked for, and this generator takes {needed}: it belongs to "
            "another one.",
            found=len(latent),
            needed=latent_size,
        )
    if not np.isfinite(latent).all() or np.abs(latent).max() > 1000:
        raise Problem("A latent holds values that no latent has: not finite, or above 1,000.")
    return latent


# --- as an address, and in a PNG ---------------------------------------------------------------------

SHORT = {"truncation": "t", "count": "grid", "seeds": "seed", "keys": "walk", "corners": "plane"}
ABOUT = ("source", "step", "weights", "use", "tool", "run", "embed", "embed_options")  # beside the look
FIELDS = {SHORT.get(name, name): name for name in Look.model_fields}


def to_query(look: Look, **about: str | int) -> str:
    """The look as a query string, `about` (source, step, weights) first; what is at its default is left
    out.
    """
    pairs = {name: str(value) for name, value in about.items() if value != ""}
    standard = Look()
    for short, name in FIELDS.items():
        value = getattr(look, name)
        if name == "seeds" or value != getattr(standard, name):
            pairs[short] = _text(value)
    return urlencode(pairs, safe=",:/-")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dict):
        return ",".join(f"{key}:{_text(one)}" for key, one in value.items())
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def from_query(query: str) -> tuple[Look, dict[str, str], list[str]]:
    """The look a query string holds, what else it holds (source, step, weights), and a sentence for each
    value that can't be.
    """
    pairs = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    look, about, complaints = Look(), {}, []
    for short, text in pairs.items():
        if short not in FIELDS:
            about[short] = text[:200]
            if short not in ABOUT:
                told = "{name} says nothing here: it is passed over."
                complaints.append(str(Problem(told, name=short[:40])))
            continue
        name = FIELDS[short]
        try:
            look = look.changed(**{name: _value(name, text)})
        except (Problem, ValueError):
            told = "{name}={text} can't be used: its default is shown."
            complaints.append(str(Problem(told, name=short, text=text[:40])))
    return look, about, complaints


def _value(name: str, text: str) -> object:
    if name in ("pca", "svd", "points", "keys", "corners"):
        return tuple(part for part in text.split(",") if part)
    if name in ("named", "raw"):
        return dict(part.rsplit(":", 1) for part in text.split(",") if part)
    return text


def _said(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "value_error":
        return first["msg"].removeprefix("Value error, ")
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def refuse_sheet(content: bytes) -> None:
    """Raise Problem for a picture of ours that holds many: whoever looks for a latent means one of them."""
    try:
        query = note_in(content)
    except ValueError:
        return
    if query and (count := from_query(query)[0].pictures()) > 1:
        told = "This file holds {count} pictures side by side: download a single one, or cut one out."
        raise Problem(told, count=count)


def query_in(content: bytes) -> str:
    """The query string that a PNG of ours carries. Raises Problem where it is none."""
    try:
        query = note_in(content)
    except ValueError:
        raise Problem("This is no PNG that can be read: drop a picture that was downloaded here.") from None
    if not query:
        raise Problem(
            "This PNG says nothing of how it was made: drop one that was downloaded here, unchanged (many "
            "programs and sites remove what is written in a picture)."
        )
    return query
