"""A run's saves: checkpoint and generator, written on a thread of their own while the training goes on."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from torch import Tensor

from gan.data.datasets import DATASETS, origin
from gan.errors import Problem
from gan.generator.config import DataOrigin, GeneratorConfig, ImageInfo, read_config
from gan.nets.weights import save_generator, with_prefix
from gan.runner.checkpoint import belongings, save_checkpoint
from gan.runs.info import RunInfo
from gan.runs.run import Run
from gan.train.trainer import State, Trainer


class Moment(NamedTuple):
    """Where a run stands: two equal moments need but one save."""

    step: int
    events: int
    state: str


class Saver:
    """Writes one save at a time into a run's folder."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.last: Moment | None = None  # what the last save that ended holds
        self._thread = ThreadPoolExecutor(1, "save")
        self._writing: Future[Moment] | None = None

    @property
    def is_busy(self) -> bool:
        """Is a save being written, or over and not yet asked for by `finish`?"""
        return self._writing is not None

    def start(self, state: State, info: RunInfo, config: GeneratorConfig, moment: Moment) -> None:
        """Begin to write a save; `finish` tells how it went. `state` must be a copy that no step changes."""
        self._writing = self._thread.submit(self._write, state, belongings(info), config, moment)

    def _write(self, state: State, belongs: dict, config: GeneratorConfig, moment: Moment) -> Moment:
        save_checkpoint(self.run, state, belongs, {"events": moment.events})
        save_generator(self.run.path, generator_tensors(state), config)
        return moment

    def finish(self, wait: bool) -> Moment | None:
        """What the save holds that has ended since the last call, if one has. Raises OSError if it failed."""
        if self._writing is None or not (wait or self._writing.done()):
            return None
        writing, self._writing = self._writing, None
        self.last = writing.result()
        return self.last

    def renew_generator(self, state: State, config: GeneratorConfig) -> None:
        """Write the generator's files again if they are not of the checkpoint's step: a crash may have come
        between the two.
        """
        try:
            step = read_config((self.run.path / "config.json").read_bytes()).step
        except (OSError, Problem):
            step = None
        if step != config.step:
            save_generator(self.run.path, generator_tensors(state), config)


def generator_tensors(state: State) -> dict[str, Tensor]:
    """What `model.safetensors` holds: G's own tensors, and their average where there is one."""
    return state["generator"] | with_prefix(state.get("ema", {}))


def generator_config(info: RunInfo, trainer: Trainer) -> GeneratorConfig:
    """What the `config.json` of a run's generator says. It claims no licence for images that nobody knows."""
    channels, height, width = trainer.gan.parts[1].input
    data, licence = info.data, DATASETS[info.data.name].licence
    return GeneratorConfig(
        architecture=info.recipe.nets,
        latent_size=info.recipe.latent_size,
        image=ImageInfo(channels=channels, height=height, width=width),
        recipe=info.recipe,
        data=DataOrigin(name=origin(data.name, data.known), licence=licence if data.known else ""),
        seed=info.seed,
        step=trainer.steps,
    )
