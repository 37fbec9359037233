"""What pages hold of a run that was started here: commands go in, snapshots come out."""

import threading
from collections.abc import Callable
from time import monotonic

from gan.control.commands import Command, SendWeights, Stop
from gan.control.conversation import Conversation
from gan.control.messages import Message
from gan.control.process import TIME_TO_SAVE, Worker
from gan.control.replies import Failed, Refused, Snapshot
from gan.control.tasks import Train
from gan.errors import Problem
from gan.runs.events import Edit
from gan.runs.order import Order
from gan.runs.run import Run

PROCESS_GONE = "The training process is gone: {why}. Resume continues from the last save, step {saved}."


class RunHandle:
    """A run that was started here. It waits in the state "queued" until `launch` gives it a worker. `on_over`
    is called, from any thread, when it no longer needs one.
    """

    def __init__(
        self, run: Run, order: Order, task: Train, first: Snapshot, on_over: Callable[[], None]
    ) -> None:
        self.run, self.order, self.task, self.on_over = run, order, task, on_over
        self.snapshot = first
        self.worker: Worker | None = None
        self.refusal: Problem | None = None  # why the last command that was refused was not carried out
        self.seen = monotonic()  # when a page looked at it last
        self._changed = threading.Condition()
        self._commands_sent = 0
        self._commands_kept: list[Command | Edit] = []  # until there is a worker to carry them out

    def launch(self, worker: Worker) -> None:
        """Train with that worker from now on."""
        self._conversation = Conversation(worker)
        worker.on_message, worker.on_exit = self._on_message, self._on_exit
        with self._changed:
            self.worker = worker
            for message in (self.task, *self._commands_kept):
                worker.send(message)
        self._publish(state="starting")
        if not worker.alive and worker.is_ready.wait(TIME_TO_SAVE):  # all that it said has been heard
            self._on_exit(worker.exit_reason())

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

    def send(self, command: Command | Edit) -> None:
        """Have the run's process carry out a command, in any state of the run. One that waits for its turn
        leaves the queue on Stop, and gets every other command when it begins.
        """
        if isinstance(command, Stop) and self.is_queued:
            self._end_unbegun("stopped")
            return
        with self._changed:
            self._commands_sent += 1
            if self.worker is None:
                self._commands_kept.append(command)
            else:
                self.worker.send(command)

    def wait_for_effect(self, seconds: float) -> None:
        """Wait until every command sent so far has been carried out, but no longer than that."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.snapshot.commands_done >= self._commands_sent or not self.is_training, seconds
            )

    def weights(self) -> tuple[bytes, bytes]:
        """The generator as it is now: the contents of `config.json` and `model.safetensors`. Raises
        Problem.
        """
        if self.worker is None:
            raise Problem("Run {name} waits for its turn: it has no weights yet.", name=self.name)
        weights = self._conversation.ask(SendWeights())
        return weights.config, weights.tensors

    def _on_message(self, message: Message, number: int | None) -> None:
        if isinstance(message, Snapshot):
            picture = message.picture or self.snapshot.picture
            self._publish(**dict(message) | {"picture": picture})
        elif isinstance(message, Refused):
            self.refusal = message.problem
        elif isinstance(message, Failed) and number is None:
            self._publish(state="failed", problem=message.problem)
        else:
            self._conversation.receive(message, number)

    def _publish(self, **changes: object) -> None:
        with self._changed:
            before = self.snapshot
            self.snapshot = before.model_copy(update=changes | {"number": before.number + 1})
            self._changed.notify_all()
        if before.alive and not self.snapshot.alive:
            self.on_over()

    def _on_exit(self, reason: Problem) -> None:
        """The process is gone: it ended as it was told, or the run has failed."""
        self._conversation.give_up()
        if not self.snapshot.alive:
            return
        if self.worker.process.returncode == 0:  # it was told to end, and has saved
            self._publish(state="interrupted")
            return
        gone = Problem(PROCESS_GONE, why=reason, saved=f"{self.snapshot.saved:,}")
        problem = self.worker.refusal or gone
        self._write_info(state="failed", problem=str(problem), step=self.snapshot.step)
        self._publish(state="failed", problem=problem)

    def _end_unbegun(self, state: str) -> None:
        self._write_info(state=state)
        self._publish(state=state)

    def _write_info(self, **changes: object) -> None:
        """Change run.json, which has no other writer now. This comes before the snapshot: whoever sees that
        may resume at once, and then run.json belongs to another process.
        """
        try:
            self.run.write(self.run.stored_info().model_copy(update=changes))
        except (Problem, OSError):
            pass  # the process died before it had written anything, or the folder is gone
