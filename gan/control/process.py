"""Worker processes as the app sees them: how they start, how messages go in and come out, how they end. No
torch in this process.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from pydantic import BaseModel

from gan.control.messages import receive, send
from gan.control.replies import Failed, Ready
from gan.errors import Problem

HOUSE = Path(__file__).resolve().parents[2]
TIME_TO_SAVE = 5.0  # seconds that a worker has to save and end before it is killed
SPARE_AFTER = 10.0  # seconds until the next spare starts: not while a new task begins


class Worker:
    """One `gan.worker` process. A thread hands what it says to `on_message`, with the number of the question
    where it is a reply to one; at its end `on_exit` is called with the reason (see `exit_reason`).
    """

    def __init__(self) -> None:
        self.is_ready = threading.Event()
        self.machine: Ready | None = None  # what it found when it had imported torch
        self.refusal: Problem | None = None  # why it could not import it
        self.on_message: Callable[[BaseModel, int | None], None] = lambda message, number: None
        self.on_exit: Callable[[Problem], None] = lambda reason: None
        self._sending = threading.Lock()
        path = os.pathsep.join(filter(None, [str(HOUSE), os.environ.get("PYTHONPATH")]))
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gan.worker"],  # -P: nothing is imported from the working folder
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C in the terminal is the app's; a worker saves when its pipe ends
        )
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def alive(self) -> bool:
        """Does the process run?"""
        return self.process.poll() is None

    def send(self, message: BaseModel, number: int | None = None) -> bool:
        """Send a message; False if the process is gone."""
        try:
            with self._sending:
                send(self.process.stdin, message, number)
            return True
        except (OSError, ValueError):
            return False

    def _listen(self) -> None:
        while (received := receive(self.process.stdout)) is not None:
            message, number = received
            if isinstance(message, Failed) and not self.machine:
                self.refusal = message.problem
            elif isinstance(message, Ready):
                self.machine = message
                self.is_ready.set()
            else:
                self.on_message(message, number)
        self.process.wait()
        self.is_ready.set()
        self.on_exit(self.exit_reason())

    def exit_reason(self) -> Problem:
        """Why the process has ended, as the end of a sentence."""
        code = self.process.returncode
        if code == -9:  # Windows knows no name for it
            return Problem("it was killed (SIGKILL), by somebody or by the system for want of memory")
        if code < 0:
            name = signal.Signals(-code).name if -code in list(signal.Signals) else f"signal {-code}"
            return Problem("it was ended by {signal}", signal=name)
        return Problem("it ended with code {code}", code=code)

    def end(self) -> None:
        """Close its pipe, so that it saves and ends; kill it if that takes longer than TIME_TO_SAVE."""
        self.close_pipe()
        try:
            self.process.wait(TIME_TO_SAVE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def close_pipe(self) -> None:
        """Let the process see that nobody wants anything more of it."""
        try:
            self.process.stdin.close()
        except OSError:
            pass


def end_all(workers: Iterable[Worker]) -> None:
    """End these workers; they save at the same time."""
    workers = list(workers)
    for worker in workers:
        worker.close_pipe()
    for worker in workers:
        worker.end()


class Spare:
    """One worker that imports torch while nobody waits for it, so that a task can begin at once."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._closed = False
        self.worker: Worker | None = None
        self._machine: Ready | None = None

    @property
    def machine(self) -> Ready | None:
        """What is known of this machine; None until a worker has told it for the first time."""
        self._machine = self.warm().machine or self._machine
        return self._machine

    def warm(self) -> Worker:
        """The spare worker, started if there is none."""
        with self._lock:
            if self.worker is None or not self.worker.alive:
                self.worker = Worker()
            return self.worker

    def take(self) -> Worker:
        """The spare, for a task; another one starts to warm up in its place."""
        with self._lock:
            worker, self.worker = self.warm(), None
            threading.Timer(SPARE_AFTER, self._warm_again).start()
            return worker

    def _warm_again(self) -> None:
        if not self._closed:
            self.warm()

    def close(self) -> list[Worker]:
        """Start no more by itself; what there is, to be ended."""
        with self._lock:
            self._closed = True
            return [self.worker] if self.worker else []
