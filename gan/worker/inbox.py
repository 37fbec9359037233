"""What the app has said to a worker and the worker has not yet heard."""

import os
import queue
import threading
import traceback
from typing import BinaryIO

from gan.control import questions  # noqa: F401  # types that a message may name: they must be there to be read
from gan.control.commands import Command, End
from gan.control.messages import receive
from gan.control.requests import Ask, Cancel
from gan.control.tasks import Task
from gan.runs.events import Edit

Heard = tuple[Task | Command | Edit | Ask | Cancel, int | None]  # with the number of a question


class Inbox:
    """Messages as they come, read by a thread so that a busy worker still sees the pipe's end."""

    def __init__(self, pipe: BinaryIO) -> None:
        self.must_save = False  # is there a run to save before the process ends?
        # A SimpleQueue, as a signal's handler may put into it.
        self._messages: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def _read(self, pipe: BinaryIO) -> None:
        try:
            while (received := receive(pipe)) is not None:
                self._messages.put(received)
        except Exception:
            traceback.print_exc()  # the app is of another version, or mad: there is nothing to wait for
        self.end()
        if not self.must_save:
            os._exit(0)  # perhaps in the middle of importing torch, or waiting for a silent server

    def end(self) -> None:
        """Say that the process shall end."""
        self._messages.put((End(), None))

    def get(self, wait: bool) -> Heard | None:
        """The next message and its number; None if there is none and one shall not wait."""
        try:
            return self._messages.get(block=wait)
        except queue.Empty:
            return None
