"""A run in training: slices of the trainer, with what is due between them. Pages and command line share this
one loop.

Whoever drives it holds the run's lock and calls `tick` until the state is no longer "running". Everything a
page shows later is written into the run's folder as it happens; a snapshot tells the rest.
"""

import os
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from gan.compute.devices import pick_device
from gan.compute.settings import prepare
from gan.data.datasets import DATASETS
from gan.data.images import Images, load
from gan.errors import Problem
from gan.generator.config import DataOrigin, GeneratorConfig, ImageInfo, read_config
from gan.nets.weights import generator_files, save_generator, with_prefix
from gan.pictures.png import grid_png
from gan.recipes.numbers import NUMBERS
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import LIVE
from gan.runner.checkpoint import belongings, load_checkpoint, save_checkpoint
from gan.runs.info import DataInfo, RunInfo
from gan.runs.order import Order
from gan.runs.run import Run, now
from gan.train.autotune import tuned
from gan.train.guard import NotFinite
from gan.train.trainer import State, Trainer

SLICE = 0.1  # seconds of training between two looks at the commands
SAVE_EVERY = 10.0  # seconds of training between two checkpoints, unless told otherwise
RECENT = 2.0  # seconds over which the speed shown is averaged
MOVES = {"d": "D", "g": "G"}


class Training:
    """One run and its trainer. The caller holds `run.owned()` for as long as it uses this."""

    def __init__(self, run: Run, info: RunInfo, trainer: Trainer, save_every: float = SAVE_EVERY):
        self.run, self.info, self.trainer, self.save_every = run, info, trainer, save_every
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
        self._writer = ThreadPoolExecutor(1, "save")
        self._being_written: Future | None = None  # a save in the background
        self.last_numbers: dict[str, float] = {}

    # --- beginning --------------------------------------------------------------------------------------

    @classmethod
    def begin(
        cls,
        run: Run,
        order: Order,
        images: Images | None = None,
        save_every: float = SAVE_EVERY,
        beside_browser: bool = False,
    ) -> "Training":
        """Start a new run in an empty folder: first weights, first picture, `run.json`. Raises Problem."""
        device = pick_device(order.device)
        images = images or load(order.data)
        numerics = order.numerics or tuned(order.recipe, images, device, beside_browser)
        prepare(numerics)
        trainer = Trainer(order.recipe, images, order.seed, device, numerics)
        info = RunInfo(
            recipe=order.recipe,
            data=DataInfo(name=images.name, fingerprint=images.fingerprint, images=len(images)),
            seed=order.seed,
            steps=order.steps or order.recipe.length(len(images)),
            device=device.type,
            numerics=numerics,
            torch=torch.__version__,
            created=now(),
            state="running",
        )
        training = cls(run, info, trainer, save_every)
        training._note()
        training._keep_sample()
        return training

    @classmethod
    def resume(
        cls,
        run: Run,
        steps: int | None = None,
        save_every: float = SAVE_EVERY,
        beside_browser: bool = False,
    ) -> "Training":
        """Go on from the newest checkpoint, or from step 0 where there is none. Raises Problem.

        What lies beyond the checkpoint is cut from history and samples; later edits are made again at their
        steps. A run that nobody has begun yet begins.
        """
        info = run.stored_info()
        if not info.begun:
            return cls.begin(run, Order.of(info), save_every=save_every, beside_browser=beside_browser)
        images = load(info.data.name)
        _refuse_other_images(run, info, images)
        device = pick_device(info.device)
        numerics = info.numerics or Numerics()
        prepare(numerics)
        trainer = Trainer(info.recipe, images, info.seed, device, numerics)
        notes, damaged = load_checkpoint(run, trainer, belongings(info))
        run.cut_after(trainer.steps)
        steps = steps or info.steps
        for event in _news_of_resume(trainer.steps, info, steps, damaged):
            run.append_event(event)
        state = "running" if trainer.steps < steps else "finished"
        seconds = info.seconds if notes else 0.0
        changes = {"state": state, "steps": steps, "problem": "", "step": trainer.steps, "seconds": seconds}
        changes |= {"torch": torch.__version__, "numerics": numerics}
        training = cls(run, info.model_copy(update=changes), trainer, save_every)
        training.events_known = notes["events"] if notes else 0
        training.replay = training.replay[training.events_known :]
        training._note()
        if trainer.steps:
            training._renew_generator()
        else:
            training._keep_sample()
        return training

    # --- going on ---------------------------------------------------------------------------------------

    def tick(self, steps: int | None = None, seconds: float = SLICE) -> int:
        """One bounded slice and whatever is due after it: a picture, a save, the end. Returns the steps it
        took.

        A disk that refuses pauses the run, any other failure ends in the state "failed"; `info.problem` has
        the sentence.
        """
        before = self.trainer.steps
        try:
            self._replay_due()
            limit = min(self._steps_to_next_stop(), steps or self.info.steps)
            if limit > 0:
                self._advance(limit, seconds)
            self._note_save(wait=False)
            if self.trainer.steps >= self.info.steps:
                self._end("finished")
            elif self.seconds - self._last_save >= self.save_every:
                self.save(in_background=True)
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
        if self._sample_is_due():
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

    def unpause(self) -> None:
        """Run again after a pause. After a disk that refused, only if it now takes what it owes."""
        if self.state != "paused":
            return
        try:
            if self.info.problem:
                self.save()
            self.state = "running"
            self._note()
        except Exception as error:
            self.fail(error)

    def stop(self, event: dict | None = None) -> None:
        """End here, saved; the run can be resumed. Said again to a disk that refused, it ends unsaved.

        `event` tells why, where nobody asked for it.
        """
        if self.state not in ("running", "paused"):
            return
        refused_before = bool(self.info.problem)
        try:
            if event:
                self._do(event | {"step": self.trainer.steps})
            self._end("stopped")
        except Exception as error:
            self.fail(error)
            if refused_before:
                self.state = "failed"

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
            self._replay_due()
            if self.replay:
                self._insert(event)
            else:
                self.run.append_event(event)
            self._apply(event)
        except Exception as error:
            self.fail(error)

    def _insert(self, event: dict) -> None:
        """Among edits that wait to be made again, a new one comes first, and later ones of its key lapse."""
        done, key = self.run.events()[: self.events_known], event.get("key")
        self.replay = [one for one in self.replay if key is None or one.get("key") != key]
        self.run.write_events([*done, event, *self.replay])

    def _apply(self, event: dict) -> None:
        self.events_known += 1
        if event["what"] == "set":
            self.trainer.set_rates(**{event["key"]: event["new"]})
            self.rates[event["key"]] = event["new"]
        elif event["what"] == "move":
            self.last_numbers |= self.trainer.move(event["player"])

    # --- what stays -------------------------------------------------------------------------------------

    def flush(self, durable: bool = False) -> None:
        """Append the history of the slices since the last flush to its file."""
        if self._unwritten:
            self.run.append_history(np.concatenate(self._unwritten), durable)
            self._unwritten = []

    @property
    def is_unsaved(self) -> bool:
        """Has anything happened since the last save?"""
        return self._saved != (self.trainer.steps, self.events_known, self.state)

    def save(self, in_background: bool = False) -> None:
        """Checkpoint and generator into the run's folder, beside the training if asked so. Raises OSError."""
        self._note_save(wait=not in_background)
        if self._being_written:
            return  # the disk is slower than saves are due
        self._keep_missed_sample()
        self.flush(durable=True)
        mark = (self.trainer.steps, self.events_known, self.state)
        self.trainer.guard.checkpoint()  # what breaks later must not lead back behind this checkpoint
        self._being_written = self._writer.submit(
            _write_save, self.run, self.trainer.guard.state, belongings(self.info), self.config(), mark
        )
        self._last_save = self.seconds
        if not in_background:
            self._note_save(wait=True)

    def _renew_generator(self) -> None:
        """A crash may have come after the checkpoint and before the generator's files."""
        try:
            step = read_config((self.run.path / "config.json").read_bytes()).step
        except (OSError, Problem):
            step = None
        if step != self.trainer.steps:
            save_generator(self.run.path, self._generator(), self.config())

    def _note_save(self, wait: bool) -> None:
        """Learn how the save in the background went, if it is over or one waits for it. Raises OSError."""
        if self._being_written and (wait or self._being_written.done()):
            written, self._being_written = self._being_written, None
            self._saved = written.result()
            cured = {"problem": ""} if self.state == "paused" else {}
            self.info = self.info.model_copy(update={"saved": self._saved[0]} | cured)
            self._note()

    def picture(self) -> bytes:
        """The 25 fixed latents as they are drawn now, as PNG."""
        return grid_png(self.trainer.grid().numpy(), columns=5)

    def weights(self) -> tuple[bytes, bytes]:
        """The generator as it is now: the contents of `config.json` and `model.safetensors`."""
        return generator_files(self._generator(), self.config())

    def _generator(self) -> dict[str, Tensor]:
        return generator_tensors(self.trainer.state_dict())

    def config(self) -> GeneratorConfig:
        """What the generator's `config.json` says."""
        info, shape = self.info, self.trainer.gan.parts[1].input
        return GeneratorConfig(
            architecture=info.recipe.nets,
            latent_size=info.recipe.latent_size,
            image=ImageInfo(channels=shape[0], height=shape[1], width=shape[2]),
            recipe=info.recipe,
            data=DataOrigin(name=info.data.name, licence=DATASETS[info.data.name].licence),
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
        """End in the state "failed", at the last finite weights, with a sentence that says why.

        A disk that refuses only pauses: all is in memory still, and goes on when there is room again.
        """
        self.state = "paused" if isinstance(error, OSError) and self.run.path.exists() else "failed"
        self.info = self.info.model_copy(update={"problem": explain(error, self.run)})
        try:
            if isinstance(error, NotFinite):
                self._note_rates_that_went_back()
                self.flush()
                self.run.cut_after(self.trainer.steps)
                self.save()
            else:
                self._note()
        except (OSError, Problem):
            pass  # the disk refuses even the reason; the snapshot still tells it

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

    def _sample_is_due(self) -> bool:
        step = self.trainer.steps
        return step % self.info.recipe.sample_every == 0 or step == self.info.steps

    def _keep_missed_sample(self) -> None:
        """The disk may have refused it."""
        if self._sample_is_due() and self.run.sample(self.trainer.steps) is None:
            self._keep_sample()

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


def _write_save(
    run: Run, state: State, belongs: dict, config: GeneratorConfig, mark: tuple[int, int, str]
) -> tuple[int, int, str]:
    """A save as the writer's thread does it, from copies: the training goes on meanwhile."""
    save_checkpoint(run, state, belongs, {"events": mark[1]})
    save_generator(run.path, generator_tensors(state), config)
    return mark


def generator_tensors(state: State) -> dict[str, Tensor]:
    """What `model.safetensors` holds: G's own tensors, and their average where there is one."""
    return state["generator"] | with_prefix(state.get("ema", {}))


def _refuse_other_images(run: Run, info: RunInfo, images: Images) -> None:
    if images.fingerprint != info.data.fingerprint:
        raise Problem(
            "Run {name} learned from other images: {data} has changed since ({old}, now {new}). "
            "Put the old files back, or start a new run.",
            name=run.name,
            data=info.data.name,
            old=info.data.fingerprint,
            new=images.fingerprint,
        )


def _news_of_resume(step: int, info: RunInfo, steps: int, damaged: list[str]) -> list[dict]:
    """What a resume has to tell, as events."""
    told = [{"what": "damaged", "checkpoint": name} for name in damaged]
    if info.torch != torch.__version__:
        told.append({"what": "torch", "old": info.torch, "new": torch.__version__})
    if steps != info.steps:
        told.append({"what": "length", "old": info.steps, "new": steps})
    return [{"step": step} | event for event in told]


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
