"""`run.json`: what a run trains, and how far it is."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from gan.errors import CANNOT_READ, Problem, first_fault, os_errors_as
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import MAX_SEED, MAX_STEPS, WORD, Recipe

State = Literal["queued", "starting", "running", "paused", "finished", "stopped", "failed", "interrupted"]
ALIVE = ("queued", "starting", "running", "paused")  # states in which somebody trains the run, or will
UNKNOWN = "unknown"  # the state of a run of which nobody can tell whether it is trained; in no file
FORMAT = 1


class DataInfo(BaseModel, frozen=True, extra="forbid"):
    """The images a run learns from; resuming on others is refused by their fingerprint. Where they are not
    `known`, they have the names of that data set's files, and are others.
    """

    name: str = Field(max_length=64, pattern=WORD)
    fingerprint: str = Field("", max_length=64, pattern=WORD)
    images: int = Field(0, ge=0)
    known: bool = True


class RunInfo(BaseModel, frozen=True, extra="forbid"):
    """`run.json`. `seconds` counts training alone; `steps` is the run's full length, `step` how far it is.
    Until a trainer has begun it, `torch` and the data's fingerprint are empty.
    """

    format_version: Literal[1] = FORMAT
    recipe: Recipe
    data: DataInfo
    seed: int = Field(ge=0, le=MAX_SEED)
    steps: int = Field(ge=1, le=MAX_STEPS)
    device: str = Field("auto", max_length=16, pattern=WORD)
    numerics: Numerics | None = None  # set when a trainer begins the run, and never changed
    torch: str = Field("", max_length=64, pattern=WORD)
    created: str = Field(max_length=64)
    state: State = "starting"
    step: int = Field(0, ge=0)
    seconds: float = Field(0.0, ge=0, allow_inf_nan=False)
    saved: int = Field(0, ge=0)  # step of the last checkpoint
    pid: int = Field(0, ge=0)
    problem: str = ""  # why it failed or had to pause, as a sentence

    @model_validator(mode="before")
    @classmethod
    def _from_threads(cls, content: object) -> object:
        """Runs made before there were numerics say how many threads they use, and compute plainly."""
        if isinstance(content, dict) and "threads" in content:
            content = content | {"numerics": {"threads": content["threads"]}}
            del content["threads"]
        return content

    @property
    def begun(self) -> bool:
        """Has a trainer made its first weights?"""
        return bool(self.torch)


def read_info(file: Path) -> RunInfo:
    """A `run.json`, believed. Raises Problem where it is missing, damaged or of another version."""
    with os_errors_as(CANNOT_READ):
        try:
            return RunInfo.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            raise Problem("There is no run in {folder}.", folder=file.parent, misuse=True) from None
        except ValidationError as error:
            raise _unusable(file, error) from None


def _unusable(file: Path, error: ValidationError) -> Problem:
    place, what = first_fault(error)
    if place != "format_version":
        return Problem("{file} can't be used: {place}: {what}.", file=file, place=place, what=what)
    message = (
        "{file} has the format version {found}, and this program reads {reads}: use the program that wrote "
        "it."
    )
    return Problem(message, file=file, found=str(error.errors()[0]["input"])[:20], reads=FORMAT)
