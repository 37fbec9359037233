"""What to train, as one value on its way from the form or the command line to the trainer."""

from dataclasses import dataclass
from typing import Self

from gan.data import datasets
from gan.errors import Problem
from gan.limits import check_steps
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import Recipe
from gan.runs.info import DataInfo, RunInfo
from gan.runs.run import now


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
    def of(cls, info: RunInfo) -> Self:
        """What a run was ordered as."""
        return cls(info.recipe, info.data.name, info.seed, info.steps, info.device, info.numerics)

    def info(self, images: int | None = None) -> RunInfo:
        """`run.json` of such a run before a trainer has begun it. `images` is the size of the data set,
        counted if not given.
        """
        return RunInfo(
            recipe=self.recipe,
            data=DataInfo(name=self.data),
            seed=self.seed,
            steps=self.steps or self.recipe.length(images or datasets.count(self.data)),
            device=self.device,
            numerics=self.numerics,
            created=now(),
        )

    def check(self) -> None:
        """Refuse what can be seen to fail before any process begins it. Raises Problem."""
        datasets.check(self.data)
        count = datasets.count(self.data)
        if count is None:
            raise Problem(
                "{data} in {folder} is damaged: delete its files and download it again.",
                data=datasets.DATASETS[self.data].title,
                folder=datasets.data_root(),
            )
        check_steps(self.steps or self.recipe.length(count))
        datasets.check_batch(self.recipe.batch_size, self.data, count)
