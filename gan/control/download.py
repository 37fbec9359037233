"""A data set on its way into the data folder."""

from gan.control.process import Worker
from gan.data import datasets
from gan.i18n import t


class Download:
    """MNIST on its way into the data folder."""

    def __init__(self, worker: Worker):
        self.state, self.problem = "running", ""
        self.worker = worker
        worker.on_message, worker.on_end = self._hear, self._on_exit
        worker.say({"do": "download"})

    def _hear(self, message: dict, _: bytes) -> None:
        self.state, self.problem = message["kind"], message.get("problem", "")

    def _on_exit(self, why: str) -> None:
        if self.state == "running":
            self.state = "failed"
            self.problem = t("The download stopped: {why}. Try again.", why=why)

    @property
    def share(self) -> float:
        """How much of it is here, 0 to 1."""
        return min(1.0, datasets.bytes_here() / datasets.MNIST_BYTES)
