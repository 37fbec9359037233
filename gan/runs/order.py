"""What to train, as one value."""

from dataclasses import dataclass

from gan.recipes.numerics import Numerics
from gan.recipes.recipe import Recipe
from gan.runs.info import RunInfo


@dataclass(frozen=True)
class Order:
    """What to train. `steps` is the run's length, or None for the recipe's own."""

    recipe: Recipe
    data: str
    seed: int = 0
    steps: int | None = None
    device: str = "auto"
    numerics: Numerics | None = None  # None: the fastest for this machine (gan.train.autotune)

    @classmethod
    def of(cls, info: RunInfo) -> "Order":
        """What a run that nobody has begun yet asks for."""
        return cls(info.recipe, info.data.name, info.seed, info.steps, info.device, info.numerics)
