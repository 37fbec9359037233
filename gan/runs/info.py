"""`run.json`: what a run was asked for, and how far it is."""

from typing import Literal

from pydantic import BaseModel, Field, model_validator

from gan.recipes.numerics import Numerics
from gan.recipes.recipe import MAX_SEED, MAX_STEPS, WORD, Recipe

State = Literal["queued", "starting", "running", "paused", "finished", "stopped", "failed", "interrupted"]


ALIVE = ("queued", "starting", "running", "paused")  # states in which somebody trains the run, or will


FORMAT = 1


class DataInfo(BaseModel, frozen=True, extra="forbid"):
    """The images a run learns from; resuming on others is refused by their fingerprint."""

    name: str = Field(max_length=64, pattern=WORD)
    fingerprint: str = Field("", max_length=64, pattern=WORD)
    images: int = Field(0, ge=0)


class RunInfo(BaseModel, frozen=True, extra="forbid"):
    """`run.json`. `seconds` counts training alone; `steps` is the length asked for, `step` where the run
    stands. Until a trainer has begun it, `torch` and the data's fingerprint are empty.
    """

    format_version: Literal[1] = FORMAT
    recipe: Recipe
    data: DataInfo
    seed: int = Field(ge=0, le=MAX_SEED)
    steps: int = Field(ge=1, le=MAX_STEPS)
    device: str = Field("auto", max_length=16, pattern=WORD)
    numerics: Numerics | None = None  # chosen when a trainer begins it, and kept for ever
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
    def _of_before(cls, told: object) -> object:
        """Runs made before numerics were chosen say how many threads they use, and compute plainly."""
        if isinstance(told, dict) and "threads" in told:
            told = told | {"numerics": {"threads": told["threads"]}}
            del told["threads"]
        return told

    @property
    def begun(self) -> bool:
        """Has a trainer made its first weights?"""
        return bool(self.torch)
