"""A run in training: slices of the trainer, with what is due between them. Pages and command line share this
one loop.

Whoever drives it holds the run's lock and calls `tick` until the state is no longer "running". Everything a
page shows later is written into the run's folder as it happens; a snapshot tells the rest.
"""

import os
import traceback
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch

from gan import data
from gan.checkpoints import load_checkpoint, save_checkpoint
from gan.formats import DataSource, GeneratorConfig, ImageInfo
from gan.model import sample
from gan.pictures import grid_png
from gan.recipes import LIVE, Recipe
from gan.runs import DataInfo, Run, RunInfo, now
from gan.sources import SOURCES
from gan.trainer import NUMBERS, NotFinite, Trainer, pick_device
from gan.weights import generator_files, save_generator
from gan.words import Problem

SLICE = 0.1  # seconds of training between two looks at the commands
SAVE_EVERY = 10.0  # seconds of training between two checkpoints
RECENT = 2.0  # seconds over which the speed shown is averaged
MOVES = {"d": "D", "g": "G"}


@dataclass(frozen=True)
class Order:
    """What to train. `steps` is the run's length, or None for the recipe's own."""

    recipe: Recipe
    data: str
    seed: int = 0
    steps: int | None = None
    device: str = "auto"
    threads: int = 1


class Training:
    """One run and its trainer. The caller holds `run.owned()` for as long as it uses this."""

    def __init__(self, run: Run, info: RunInfo, trainer: Trainer):
        self.run, self.info, self.trainer = run, info, trainer
        self.state = info.state
        self.resumed_from = trainer.steps
        self.rates = trainer.rates()  # as the last edit left them
        self.seconds, self.seconds_before = info.seconds, info.seconds
        self.replay = run.events()  # those the checkpoint knows are dropped by `resume`
        self.events_known = 0
        self._unwritten: list[np.ndarray] = []
        self._recent: list[tuple[int, float]] = []
        self._last_save = self.seconds
        self._saved: tuple[int, int, str] | None = None
        self.last_numbers: dict[str, float] = {}

    # --- beginning --------------------------------------------------------------------------------------

    @classmethod
    def begin(cls, run: Run, order: Order, images: data.Images | None = None) -> "Training":
        """Start a new run in an empty folder: first weights, first picture, `run.json`. Raises Problem."""
        device = pick_device(order.device)
        images = images or data.load(order.data)
        prepare(order.threads)
        trainer = Trainer(order.recipe, images, order.seed, device)
        info = RunInfo(
            recipe=order.recipe,
            data=DataInfo(name=images.name, fingerprint=images.fingerprint, images=len(images)),
            seed=order.seed,
            steps=order.steps or order.recipe.length(len(images)),
            device=device.type,
            threads=order.threads,
            torch=torch.__version__,
            created=now(),
            state="running",
        )
        training = cls(run, info, trainer)
        training._note()
        training._keep_sample()
        return training

    @classmethod
    def resume(cls, run: Run, steps: int | None = None) -> "Training":
        """Go on from the newest checkpoint, or from step 0 where there is none. Raises Problem.

        What lies beyond the checkpoint is cut from history and samples; later edits are made again at their
        steps.
        """
        info = run.stored_info()
        images = data.load(info.data.name)
        if images.fingerprint != info.data.fingerprint:
            raise Problem(
                "Run {name} learned from other images: {data} has changed since ({old}, now {new}). "
                "Put the old files back, or start a new run.",
                name=run.name,
                data=info.data.name,
                old=info.data.fingerprint,
                new=images.fingerprint,
            )
        device = pick_device(info.device)
        prepare(info.threads)
        trainer = Trainer(info.recipe, images, info.seed, device)
        notes = load_checkpoint(run, trainer)
        run.cut_after(trainer.steps)
        steps = steps or info.steps
        state = "running" if trainer.steps < steps else "finished"
        seconds = info.seconds if notes else 0.0
        changes = {"state": state, "steps": steps, "problem": "", "step": trainer.steps, "seconds": seconds}
        training = cls(run, info.model_copy(update=changes), trainer)
        training.events_known = notes["events"] if notes else 0
        training.replay = training.replay[training.events_known :]
        training._note()
        if not trainer.steps:
            training._keep_sample()
        return training

    # --- going on ---------------------------------------------------------------------------------------

    def tick(self, steps: int | None = None, seconds: float = SLICE) -> int:
        """One bounded slice and whatever is due after it: a picture, a save, the end. Returns the steps it
        took.

        A failure of any kind ends in the state "failed" with its sentence in `info.problem`.
        """
        before = self.trainer.steps
        try:
            self._replay_due()
            limit = min(self._steps_to_next_stop(), steps or self.info.steps)
            if limit > 0:
                self._advance(limit, seconds)
            if self.trainer.steps >= self.info.steps:
                self._end("finished")
            elif self.seconds - self._last_save >= SAVE_EVERY:
                self.save()
        except Exception as error:  # whatever it is, the run ends with a sentence and its process lives on
            self.fail(error)
        return self.trainer.steps - before

    def _advance(self, limit: int, seconds: float) -> None:
        start = perf_counter()
        numbers = self.trainer.advance(limit, seconds)
        took = perf_counter() - start
        self.seconds += took
        self._recent = [*self._recent, (len(numbers), took)]
        while len(self._recent) > 1 and sum(t for _, t in self._recent[1:]) > RECENT:
            self._recent.pop(0)
        self._unwritten.append(numbers.numpy())
        self.last_numbers = dict(zip(NUMBERS, numbers[-1].tolist(), strict=True))
        if self.trainer.steps % self.info.recipe.sample_every == 0 or self.trainer.steps == self.info.steps:
            self._keep_sample()

    def _steps_to_next_stop(self) -> int:
        every, step = self.info.recipe.sample_every, self.trainer.steps
        stops = [every - step % every, self.info.steps - step]
        if self.replay:
            stops.append(self.replay[0]["step"] - step)
        return min(stops)

    def _replay_due(self) -> None:
        while self.replay and self.replay[0]["step"] <= self.trainer.steps:
            self._apply(self.replay.pop(0))

    # --- commands ---------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Hold at this step. The caller saves, when it has told whoever waits."""
        if self.state == "running":
            self.state = "paused"

    def go_on(self) -> None:
        """Run again after a pause."""
        if self.state == "paused":
            self.state = "running"
            self._note()

    def stop(self) -> None:
        """End here, saved; the run can be resumed."""
        if self.state in ("running", "paused"):
            self._end("stopped")

    def set_rate(self, key: str, value: float) -> None:
        """Change a learning rate from the next step on. Raises Problem for a rate that can't be."""
        if key not in LIVE:
            raise Problem("{key} can't be changed during a run.", key=key)
        value = getattr(self.info.recipe.with_changes({key: value}), key)
        old = self.trainer.rates()[key]
        if value != old:
            self._do({"step": self.trainer.steps, "what": "set", "key": key, "old": old, "new": value})

    def move(self, player: str) -> None:
        """Let D ("d") or G ("g") move once, alone; the step count stays."""
        if player not in MOVES:
            raise Problem("There is no player '{player}': it is d or g.", player=player)
        self._do({"step": self.trainer.steps, "what": "move", "player": player})

    def _do(self, event: dict) -> None:
        """On disk first, then in effect: a run killed in between makes the edit again when it is resumed."""
        try:
            self.run.append_event(event)
            self._apply(event)
        except Exception as error:
            self.fail(error)

    def _apply(self, event: dict) -> None:
        self.events_known += 1
        if event["what"] == "set":
            self.trainer.set_rates(**{event["key"]: event["new"]})
            self.rates[event["key"]] = event["new"]
        else:
            self.last_numbers |= self.trainer.move(event["player"])

    # --- what stays -------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Append the history of the slices since the last flush to its file."""
        if self._unwritten:
            numbers, self._unwritten = np.concatenate(self._unwritten), []
            self.run.append_history(numbers)

    @property
    def is_unsaved(self) -> bool:
        """Has anything happened since the last save?"""
        return self._saved != (self.trainer.steps, self.events_known, self.state)

    def save(self) -> None:
        """Checkpoint and generator into the run's folder."""
        self.flush()
        save_checkpoint(self.run, self.trainer, {"events": self.events_known})
        save_generator(self.run.path, self.trainer.generator, self.config())
        self._last_save = self.seconds
        self._saved = (self.trainer.steps, self.events_known, self.state)
        self.info = self.info.model_copy(update={"saved": self.trainer.steps})
        self._note()

    def picture(self) -> bytes:
        """The 25 fixed latents as they are drawn now, as PNG."""
        return grid_png(sample(self.trainer.generator, self.trainer.grid_latents).numpy(), columns=5)

    def weights(self) -> tuple[bytes, bytes]:
        """The generator as it is now: the contents of `config.json` and `model.safetensors`."""
        return generator_files(self.trainer.generator, self.config())

    def config(self) -> GeneratorConfig:
        """What the generator's `config.json` says."""
        info, shape = self.info, self.trainer.gan.parts[1].input
        return GeneratorConfig(
            architecture=info.recipe.nets,
            latent_size=info.recipe.latent_size,
            image=ImageInfo(channels=shape[0], height=shape[1], width=shape[2]),
            recipe=info.recipe,
            data=DataSource(name=info.data.name, licence=SOURCES[info.data.name].licence),
            seed=info.seed,
            step=self.trainer.steps,
        )

    def speed(self) -> float:
        """Steps a second over the last seconds of training."""
        took = sum(t for _, t in self._recent)
        return sum(n for n, _ in self._recent) / took if took else 0.0

    def overall_speed(self) -> float:
        """Steps a second since this process began, without imports, pictures and saving."""
        took = self.seconds - self.seconds_before
        return (self.trainer.steps - self.resumed_from) / took if took else 0.0

    def snapshot(self) -> dict:
        """What a page shows beside the files: small, and JSON."""
        return {
            "state": self.state,
            "step": self.trainer.steps,
            "steps": self.info.steps,
            "seconds": self.seconds,
            "speed": self.speed(),
            "rates": self.trainer.rates(),
            "numbers": self.last_numbers,
            "saved": self.info.saved,
            "problem": self.info.problem,
        }

    def fail(self, error: Exception) -> None:
        """End in the state "failed", at the last finite weights, with a sentence that says why."""
        self.state = "failed"
        self.info = self.info.model_copy(update={"problem": explain(error, self.run)})
        try:
            if isinstance(error, NotFinite):
                self._note_rates_that_went_back()
                self.flush()
                self.run.cut_after(self.trainer.steps)
                self.save()
            else:
                self._note()
        except OSError:
            pass  # the disk refuses even the reason; the snapshot still tells it
        except Problem:
            pass

    def _note_rates_that_went_back(self) -> None:
        """An edit that broke the run was undone with the weights: that is an event too."""
        for key, rate in self.trainer.rates().items():
            if rate != self.rates[key]:
                event = {
                    "step": self.trainer.steps,
                    "what": "set",
                    "key": key,
                    "old": self.rates[key],
                    "new": rate,
                }
                self.run.append_event(event)
                self.events_known += 1
                self.rates[key] = rate

    def _end(self, state: str) -> None:
        self.state = state
        self.save()

    def _keep_sample(self) -> None:
        self.run.write_sample(self.trainer.steps, self.picture())

    def _note(self) -> None:
        self.info = self.info.model_copy(
            update={
                "state": self.state,
                "step": self.trainer.steps,
                "seconds": self.seconds,
                "pid": os.getpid(),
            }
        )
        self.run.write(self.info)


def prepare(threads: int) -> None:
    """Set up torch for training: threads, denormals as zero, and nothing that makes two equal runs differ."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def explain(error: Exception, run: Run | None = None) -> str:
    """An error as a sentence. What nobody foresaw goes to the run's error.log in full."""
    if isinstance(error, Problem):
        return str(error)
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error):
        return str(
            Problem("The memory is full: choose a smaller batch, or close other programs, and resume.")
        )
    if isinstance(error, FileNotFoundError) and run and not run.path.exists():
        return str(Problem("The run's folder {folder} is gone: its files were deleted.", folder=run.path))
    if isinstance(error, OSError):
        return str(
            Problem(
                "{file} can't be written ({why}): free some space or mend its rights, and resume.",
                file=error.filename or "The run",
                why=error.strerror or error,
            )
        )
    if run and run.path.exists():
        (run.path / "error.log").write_text("".join(traceback.format_exception(error)))
    what = f"{type(error).__name__}: {error}".split("\n")[0]
    return str(
        Problem(
            "Something went wrong that nobody foresaw ({what}); error.log in the run has it all.", what=what
        )
    )
