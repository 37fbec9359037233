"""Work that takes its time, on a thread of its own: what it does now, how far it is, how it ended."""

import threading
from collections.abc import Callable
from typing import Protocol

from gan import i18n
from gan.errors import explain

MEMORY_FULL = "The memory is full: ask for less, or close other programs, and try again."


class Report(Protocol):
    """What work in another process says on its way: how far it is, 0 to 1, and a PNG of how it looks."""

    share: float
    picture: bytes


class Job:
    """Work in the background that a page watches. `state` is running, done, failed or cancelled.

    The work is a function of the job: it calls `tell` at each stage and `advance` now and then, where it ends
    if the job is cancelled. From `settle` on it can't be cancelled: what follows is done whole. What it
    returns becomes `result`; what it raises becomes `problem`, a sentence.
    """

    def __init__(self, work: Callable[["Job"], object], stage: str = "") -> None:
        self.state, self.stage, self.problem = "running", stage, ""
        self.done = self.total = 0  # bytes
        self.report: Report | None = None  # the last one, of work that another process does
        self.picture = b""  # a PNG of what there is so far
        self.result: object = None
        self.settled = False
        self._cancelled, self._lock = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, args=(work, i18n.language()), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[["Job"], object], language: str) -> None:
        i18n.speak(language)  # of the visitor who started it
        try:
            self.result, state = work(self), "done"
        except Cancelled:
            state = "cancelled"
        except Exception as error:
            self.problem, state = str(explain(error, MEMORY_FULL)), "failed"
        if self.state == "running":
            self.state = state

    def tell(self, stage: str, total: int = 0) -> None:
        """Begin a stage of that many bytes."""
        self.stage, self.done, self.total = stage, 0, total

    def advance(self, size: int) -> None:
        """Count that many bytes more. Raises Cancelled where nobody wants the rest."""
        if self._cancelled.is_set():
            raise Cancelled
        self.done += size

    def hear(self, report: Report) -> None:
        """Take a report of work that another process does; pages read it as `report`."""
        self.report, self.picture = report, report.picture or self.picture
        self.done, self.total = report.share, 1

    def settle(self) -> None:
        """Let nobody cancel from here on. Raises Cancelled where somebody has done so before."""
        with self._lock:
            self.advance(0)
            self.settled = True

    @property
    def share(self) -> float:
        """How much of the stage is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def cancel(self) -> None:
        """End the job: for the page at once, for the work at its next `advance`. No effect after `settle`."""
        with self._lock:
            if self.state == "running" and not self.settled:
                self._cancelled.set()
                self.state = "cancelled"

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the work has ended, but no longer than that."""
        self._thread.join(seconds)


class Cancelled(Exception):
    """The visitor has cancelled the job."""
