"""A run in training: slices of the trainer, with what is due between them. Pages and command line share this
one loop.

Whoever drives it holds the run's lock and calls `tick` until the state is no longer "running". Everything a
page shows later is written into the run's folder as it happens; a snapshot tells the rest.
"""

import os
from contextlib import suppress
from time import perf_counter

from gan.control.replies import Snapshot
from gan.errors import Problem
from gan.generator.config import GeneratorConfig
from gan.nets.weights import generator_files
from gan.pictures.png import grid_png
from gan.places import is_gone
from gan.runner.edits import Edits
from gan.runner.failure import failure_of
from gan.runner.record import Record
from gan.runner.saver import Moment, Saver, generator_config, generator_tensors
from gan.runs.events import Event
from gan.runs.info import RunInfo
from gan.runs.run import Run
from gan.train.guard import NotFinite
from gan.train.trainer import Trainer

SLICE = 0.1  # seconds of training between two looks at the commands
SAVE_EVERY = 10.0  # seconds of training between two checkpoints, unless told otherwise


class Training:
    """One run and its trainer. The caller holds `run.owned()` for as long as it uses this."""

    def __init__(
        self, run: Run, info: RunInfo, trainer: Trainer, save_every: float = SAVE_EVERY, events: int = 0
    ) -> None:
        """`events` counts those of the run that the trainer's state contains."""
        self.run, self.info, self.trainer, self.save_every = run, info, trainer, save_every
        self.state = info.state
        self.problem: Problem | None = None  # why it failed or had to pause
        self.resumed_from = trainer.steps
        self.seconds, self.seconds_before = info.seconds, info.seconds
        self.edits, self.saver, self.record = Edits(run, trainer, events), Saver(run), Record(run)
        self.steps_by_hand = 0  # still to be taken while it pauses
        self.has_ended = False  # its process was told to end
        self._last_save = self.seconds

    # --- going on ---------------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Are there steps to take now?"""
        return self.state == "running" or self.steps_by_hand > 0

    @property
    def is_over(self) -> bool:
        """Is there nothing more to wait for?"""
        return self.has_ended or self.state not in ("running", "paused")

    def tick(self, steps: int | None = None, seconds: float = SLICE) -> int:
        """One bounded slice and whatever is due after it: a picture, a save, the end. Returns the steps it
        took, `steps` at most, or as many as are to be taken by hand.

        A disk that refuses pauses the run, any other failure ends in the state "failed"; `info.problem` has
        the sentence.
        """
        before = self.trainer.steps
        try:
            self.record.last |= self.edits.make_due()
            limit = min(*self._steps_to_next_stop(), steps or self.steps_by_hand or self.info.steps)
            if limit > 0:
                self._advance(limit, seconds)
            self._finish_save(wait=False)
            if self.trainer.steps >= self.info.steps:
                self._end("finished")
            elif self.seconds - self._last_save >= self.save_every:
                self.save(in_background=True)
        except Exception as error:  # whatever it is, the run ends with a sentence and its process lives on
            self.fail(error)
        taken = self.trainer.steps - before
        is_in_order = self.state in ("running", "paused") and not self.info.problem
        self.steps_by_hand = max(0, self.steps_by_hand - taken) if is_in_order else 0
        return taken

    def _advance(self, limit: int, seconds: float) -> None:
        start = perf_counter()
        numbers = self.trainer.advance(limit, seconds)
        took = self.record.awake(perf_counter() - start, seconds)
        self.seconds += took
        self.record.add(numbers, took)
        if self._sample_is_due():
            self.keep_sample()

    def _steps_to_next_stop(self) -> list[int]:
        """Steps to the next picture, to the run's end, and to the next edit that is to be made again."""
        every, step = self.info.recipe.sample_every, self.trainer.steps
        return [every - step % every, self.info.steps - step, *self.edits.steps_to_next()]

    # --- commands ---------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Hold at this step. The caller saves, when it has told whoever waits."""
        self.steps_by_hand = 0
        if self.state == "running":
            self.state = "paused"

    def take_steps(self, steps: int) -> None:
        """Hold, but take that many steps more."""
        wanted = self.steps_by_hand + steps
        self.pause()
        self.steps_by_hand = wanted

    def unpause(self) -> None:
        """Run again after a pause. After a disk that refused, only if it now takes what it owes."""
        if self.state != "paused":
            return
        try:
            if self.info.problem:
                self.save()
            self.state = "running"
            self.write_info()
        except Exception as error:
            self.fail(error)

    def edit(self, event: Event) -> None:
        """Note an event at this step, and make it if it is an edit."""
        try:
            self.record.last |= self.edits.make(event)
        except Exception as error:
            self.fail(error)

    def stop(self, event: Event | None = None) -> None:
        """End here, saved; the run can be resumed. A second stop ends it unsaved if the disk refused the
        first. `event` says why, where no user asked for it.
        """
        if self.state not in ("running", "paused"):
            return
        was_refused = bool(self.info.problem)
        try:
            if event:
                self.edit(event)
            self._end("stopped")
        except Exception as error:
            self.fail(error)
            if was_refused:
                self.state = "failed"

    def end(self) -> None:
        """Save if the disk takes it, and have no more slices: the process is about to end."""
        self.has_ended = True
        with suppress(OSError, Problem):
            self.save()

    # --- what stays -------------------------------------------------------------------------------------

    def _moment(self) -> Moment:
        return Moment(self.trainer.steps, self.edits.done, self.state)

    @property
    def is_unsaved(self) -> bool:
        """Has anything happened since the last save?"""
        return self.saver.last != self._moment()

    def save(self, in_background: bool = False) -> None:
        """Write checkpoint and generator into the run's folder. In the background it is skipped while the one
        before is not yet written. Raises OSError.
        """
        self._finish_save(wait=not in_background)
        if self.saver.is_busy:
            return
        if self._sample_is_due() and self.run.sample(self.trainer.steps) is None:  # the disk had refused it
            self.keep_sample()
        self.record.flush(durable=True)
        self.trainer.guard.checkpoint()  # what breaks later must not lead back behind this checkpoint
        self.saver.start(self.trainer.guard.state, self.info, self.config(), self._moment())
        self._last_save = self.seconds
        if not in_background:
            self._finish_save(wait=True)

    def _finish_save(self, wait: bool) -> None:
        """Note in `run.json` the save that has been written since, if one has. Raises OSError."""
        if moment := self.saver.finish(wait):
            if self.state == "paused":
                self._set_problem(None)
            self.info = self.info.model_copy(update={"saved": moment.step})
            self.write_info()

    def _end(self, state: str) -> None:
        self.state = state
        self.save()

    def keep_sample(self) -> None:
        self.run.write_sample(self.trainer.steps, self.picture())

    def _sample_is_due(self) -> bool:
        step = self.trainer.steps
        return step % self.info.recipe.sample_every == 0 or step == self.info.steps

    def write_info(self) -> None:
        stands = {"state": self.state, "step": self.trainer.steps, "seconds": self.seconds}
        self.info = self.info.model_copy(update=stands | {"pid": os.getpid()})
        self.run.write(self.info)

    # --- what goes wrong --------------------------------------------------------------------------------

    def fail(self, error: Exception) -> None:
        """End in the state "failed", at the last finite weights, with a sentence that says why.

        A disk that refuses only pauses: all is in memory still, and goes on when there is room again.
        """
        self.state = "paused" if isinstance(error, OSError) and not is_gone(self.run.path) else "failed"
        self._set_problem(failure_of(error, self.run))
        with suppress(OSError, Problem):  # the disk refuses even the reason: the snapshot still tells it
            if isinstance(error, NotFinite):
                self.edits.note_rates_that_went_back()
                self.record.flush()
                self.run.end_at(self.trainer.steps)
                self.save()
            else:
                self.write_info()

    def _set_problem(self, problem: Problem | None) -> None:
        self.problem = problem
        self.info = self.info.model_copy(update={"problem": str(problem or "")})

    # --- what others see --------------------------------------------------------------------------------

    def picture(self) -> bytes:
        """The 25 fixed latents as they are drawn now, as PNG."""
        return grid_png(self.trainer.grid().numpy(), columns=5)

    def weights(self) -> tuple[bytes, bytes]:
        """The generator as it is now: the contents of `config.json` and `model.safetensors`."""
        return generator_files(generator_tensors(self.trainer.state_dict()), self.config())

    def config(self) -> GeneratorConfig:
        """What the generator's `config.json` says."""
        return generator_config(self.info, self.trainer)

    def overall_speed(self) -> float:
        """Steps a second since this process began, without imports, pictures and saving."""
        took = self.seconds - self.seconds_before
        return (self.trainer.steps - self.resumed_from) / took if took else 0.0

    def snapshot(self) -> Snapshot:
        """What a page shows beside the files, but for the picture."""
        return Snapshot(
            state=self.state,
            step=self.trainer.steps,
            steps=self.info.steps,
            seconds=self.seconds,
            speed=self.record.speed(),
            rates=self.trainer.rates(),
            numbers=self.record.last,
            saved=self.info.saved,
            problem=self.problem,
        )
