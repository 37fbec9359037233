"""A data set on its way into the data folder."""

from gan.control import tasks
from gan.control.messages import Message
from gan.control.process import Worker
from gan.control.replies import Failed
from gan.data import datasets
from gan.errors import Problem


class Download:
    """MNIST on its way into the data folder. `state` is running, done or failed."""

    def __init__(self, worker: Worker) -> None:
        self.state, self.problem = "running", None
        self.worker = worker
        worker.on_message, worker.on_exit = self._on_message, self._on_exit
        worker.send(tasks.Download())

    def _on_message(self, message: Message, _: int | None) -> None:
        if isinstance(message, Failed):
            self._fail(message.problem)
        else:
            self.state = "done"

    def _on_exit(self, reason: Problem) -> None:
        if self.state == "running":
            self._fail(self.worker.refusal or Problem("The download stopped: {why}. Try again.", why=reason))

    def _fail(self, problem: Problem) -> None:
        self.problem: Problem | None = problem
        self.state = "failed"

    @property
    def share(self) -> float:
        """How much of it is here, 0 to 1."""
        return min(1.0, datasets.bytes_here() / datasets.MNIST_BYTES)
