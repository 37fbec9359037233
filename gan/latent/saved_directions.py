"""Directions that somebody has found and named: kept in `directions.json` beside a generator, and as files of
their own. No torch.
"""

import threading
from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from gan.durable import write_whole
from gan.errors import CANNOT_READ, Problem, first_fault, os_errors_as
from gan.generator.store import DIRECTIONS
from gan.latent.points import NUMBER, POINT, unpack
from gan.latent.view import MOST_DIRECTIONS, REACH, Label

MAX_BYTES = 2 << 20  # of a file with directions: twice what as many as can be saved, of the longest, take
VECTOR = POINT.replace(rf"(({NUMBER})(/({NUMBER}))?|", "(")  # an explicit point, and no seed's
_lock = threading.Lock()


class Direction(BaseModel, frozen=True, extra="forbid"):
    """A unit vector in latent space, as an explicit point, and its name."""

    name: Label
    latent_size: int = Field(ge=1, le=1024)
    point: str = Field(pattern=VECTOR)
    step: int = Field(0, ge=0)  # of the weights it was found with

    def check(self, latent_size: int) -> None:
        """Raise Problem unless it is a direction for latents of that size."""
        vector = unpack(self.point, latent_size)
        if not 0 < float((vector**2).sum()) <= (2 * REACH) ** 2:
            raise Problem("Direction '{name}' holds no vector that can be used.", name=self.name)


_all = TypeAdapter(list[Direction])


def directions_in(folder: Path) -> dict[str, Direction]:
    """The directions saved in a generator's folder, by name. Raises Problem where the file can't be used."""
    with os_errors_as(CANNOT_READ):
        try:
            content = (folder / DIRECTIONS).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return {}
    return {direction.name: direction for direction in parse(content, DIRECTIONS)}


def parse(content: bytes, name: str) -> list[Direction]:
    """What a file of directions holds. Raises Problem."""
    if len(content) > MAX_BYTES:
        raise Problem("{name} is too large to hold directions: it is another file.", name=name)
    try:
        return _all.validate_json(content)[:MOST_DIRECTIONS]
    except ValidationError as error:
        place, _ = first_fault(error)
        message = (
            "{name} holds no directions that can be read (at {place}): take a file that was exported here."
        )
        raise Problem(message, name=name, place=place) from None


def to_file(directions: list[Direction]) -> bytes:
    """The content of a file that `parse` reads."""
    return _all.dump_json(directions, indent=1)


def save(folder: Path, directions: list[Direction]) -> None:
    """Keep directions with a generator, all or none. Raises Problem where a name is taken by another one."""
    with _lock:
        saved = directions_in(folder)
        for new in directions:
            if saved.get(new.name, new).point != new.point:
                message = (
                    "There is a direction '{name}' already: take another name, or forget that one first."
                )
                raise Problem(message, name=new.name)
            saved[new.name] = new
        if len(saved) > MOST_DIRECTIONS:
            raise Problem("At most {most} directions can be saved: forget some first.", most=MOST_DIRECTIONS)
        _write(folder, list(saved.values()))


def forget(folder: Path, name: str) -> None:
    """Keep it no longer. Raises Problem."""
    with _lock:
        _write(folder, [other for other in directions_in(folder).values() if other.name != name])


def _write(folder: Path, directions: list[Direction]) -> None:
    with os_errors_as("The direction can't be saved in {folder} ({why}): export it instead.", folder=folder):
        write_whole(folder / DIRECTIONS, to_file(directions))
