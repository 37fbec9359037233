"""What pages hold of a worker: a run in training, the viewer, a download. Commands go in, snapshots come
out.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic

from gan.control.process import Answers, Worker, exit_reason
from gan.errors import Problem
from gan.i18n import t
from gan.recipes.recipe import Recipe
from gan.runs.info import ALIVE
from gan.runs.run import Run


@dataclass(frozen=True)
class Snapshot:
    """How a run stands. Bulk (history, kept pictures, events) is in its folder."""

    state: str = "queued"
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    speed: float = 0.0
    rates: dict[str, float] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    saved: int = 0
    problem: str = ""
    obeyed: int = 0  # commands its process has carried out or refused
    picture: bytes = b""  # the fixed latents now, as PNG
    number: int = 0  # counts the snapshots of this handle

    @property
    def alive(self) -> bool:
        """Does somebody train the run?"""
        return self.state in ALIVE


@dataclass(frozen=True)
class Asked:
    """What a run was started with; `run.json` says the same once the worker has written it."""

    recipe: Recipe
    data: str
    seed: int
    device: str = "auto"


class RunHandle:
    """A run that was started here. Commands may be given at any time, in any state, and twice.

    It waits in the state "queued" until `launch` gives it a worker. `on_over` is called, from any thread,
    when it no longer needs one.
    """

    def __init__(self, run: Run, task: dict, asked: Asked, first: Snapshot, on_over: Callable[[], None]):
        self.run, self.task, self.asked, self.on_over = run, task, asked, on_over
        self.snapshot = first
        self.worker: Worker | None = None
        self.seen = monotonic()  # when a page looked at it last
        self._news, self._said = threading.Condition(), 0
        self._early: list[dict] = []  # commands given before there was a worker to hear them
        self.refusal = ""  # why the last command was not obeyed

    def launch(self, worker: Worker) -> None:
        """Train with that worker from now on."""
        self._answers = Answers(worker)
        worker.on_message, worker.on_end = self._hear, self._on_exit
        with self._news:
            self.worker = worker
            for message in ({"do": "train", "run": str(self.run.path)} | self.task, *self._early):
                worker.say(message)
        self._publish(state="starting")
        if not worker.alive:
            self._on_exit(exit_reason(worker.process.returncode))

    @property
    def is_queued(self) -> bool:
        """Does it wait for its turn?"""
        return self.worker is None and self.snapshot.alive

    @property
    def is_training(self) -> bool:
        """Does it hold a worker, training or paused?"""
        return self.worker is not None and self.snapshot.alive

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name

    def _hear(self, message: dict, attachment: bytes) -> None:
        kind = message.pop("kind")
        if kind == "snapshot":
            picture = attachment or self.snapshot.picture
            self._publish(**message, picture=picture)
        elif kind == "refused":
            self.refusal = message["problem"]
        else:
            self._answers.hear(message, attachment)

    def _publish(self, **changes: object) -> None:
        with self._news:
            before = self.snapshot
            self.snapshot = replace(before, **changes, number=before.number + 1)
            self._news.notify_all()
        if before.alive and not self.snapshot.alive:
            self.on_over()

    def wait_for_effect(self, seconds: float) -> None:
        """Wait until every command given so far has been carried out, but no longer than that."""
        with self._news:
            self._news.wait_for(lambda: self.snapshot.obeyed >= self._said or not self.is_training, seconds)

    def _command(self, **message: object) -> None:
        with self._news:
            self._said += 1
            if self.worker is None:
                self._early.append(message)
            else:
                self.worker.say(message)

    def _on_exit(self, why: str) -> None:
        """The process is gone: that is its end, or a failure."""
        self._answers.give_up()
        if not self.snapshot.alive:
            return
        if self.worker.process.returncode == 0:  # asked to end, and saved
            self._publish(state="interrupted")
            return
        message = "The training process is gone: {why}. Resume continues from the last save, step {saved}."
        problem = t(message, why=why, saved=f"{self.snapshot.saved:,}")
        self._note(state="failed", problem=problem, step=self.snapshot.step)
        self._publish(state="failed", problem=problem)

    def _note(self, **changes: object) -> None:
        """Into run.json, which has no other writer now, and before it is told: whoever hears of it may resume
        at once, and then run.json is another's.
        """
        try:
            self.run.write(self.run.stored_info().model_copy(update=changes))
        except (Problem, OSError):
            pass  # it died before it had written anything, or its folder is gone

    def pause(self) -> None:
        """Hold at the next step boundary."""
        self._command(do="pause")

    def unpause(self) -> None:
        """Run again after a pause."""
        self._command(do="unpause")

    def step(self, steps: int = 1) -> None:
        """Pause, and take that many steps."""
        self._command(do="step", steps=steps)

    def move(self, player: str) -> None:
        """Pause, and let D ("d") or G ("g") move alone."""
        self._command(do="move", player=player)

    def set_rate(self, key: str, value: float) -> None:
        """Change `g_rate` or `d_rate`."""
        self._command(do="set", key=key, value=value)

    def save(self) -> None:
        """Write a checkpoint and the generator now."""
        self._command(do="save")

    def stop(self, event: dict | None = None) -> None:
        """Save and end; one that waits leaves the queue. `event` tells why, where nobody asked for it."""
        if self.is_queued:
            self._note(state="stopped")
            self._publish(state="stopped")
        else:
            self._command(do="stop", event=event)

    def weights(self) -> tuple[bytes, bytes]:
        """The generator as it is now: the contents of `config.json` and `model.safetensors`. Raises
        Problem.
        """
        if self.worker is None:
            raise Problem("Run {name} waits for its turn: it has no weights yet.", name=self.name)
        answer, weights = self._answers.ask({"do": "weights"})
        return answer["config"].encode(), weights
