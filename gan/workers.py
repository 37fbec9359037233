"""Worker processes as the app sees them: started, told, listened to, and mourned. No torch in this
process.
"""

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from gan.messages import receive, send
from gan.words import Problem, t

PATIENCE = 30.0  # seconds a page waits for an answer; then the viewer is taken for stuck and replaced
HOUSE = Path(__file__).resolve().parent.parent


class Worker:
    """One `gan.worker` process: messages out, messages in (on a thread of their own), and the news of its
    end.
    """

    def __init__(self):
        self.ready = threading.Event()
        self.facts: dict = {}  # what it said when torch was there: devices, torch's version
        self.on_message: Callable[[dict, bytes], None] = lambda message, attachment: None
        self.on_end: Callable[[str], None] = lambda why: None
        self._sending = threading.Lock()
        path = os.pathsep.join(filter(None, [str(HOUSE), os.environ.get("PYTHONPATH")]))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gan.worker"],
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

    def say(self, message: dict, attachment: bytes = b"") -> bool:
        """Send a message; False if the process is gone."""
        try:
            with self._sending:
                send(self.process.stdin, message, attachment)
            return True
        except (OSError, ValueError):
            return False

    def _listen(self) -> None:
        while (received := receive(self.process.stdout)) is not None:
            message, attachment = received
            if message["kind"] == "ready":
                self.facts = message
                self.ready.set()
            else:
                self.on_message(message, attachment)
        self.process.wait()
        self.ready.set()
        self.on_end(cause_of_death(self.process.returncode))

    def end(self, patience: float = 5.0) -> None:
        """Close its pipe, so that it saves and ends; kill it if it doesn't within that many seconds."""
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def cause_of_death(code: int) -> str:
    if code == -9:
        return t("it was killed (SIGKILL), by somebody or by the system for want of memory")
    if code < 0:
        name = signal.Signals(-code).name if -code in list(signal.Signals) else f"signal {-code}"
        return t("it was ended by {signal}", signal=name)
    return t("it ended with code {code}", code=code)


class Answers:
    """Questions to a worker and the answers that come back for them."""

    def __init__(self, worker: Worker):
        self.worker = worker
        self._numbers = itertools.count()
        self._waiting: dict[int, tuple[threading.Event, list]] = {}

    def ask(self, question: dict, attachment: bytes = b"") -> tuple[dict, bytes]:
        """Ask and wait. Raises Problem if the answer is one, or if none comes."""
        number, arrived, box = next(self._numbers), threading.Event(), []
        self._waiting[number] = (arrived, box)
        sent = self.worker.say(question | {"id": number}, attachment)
        came = sent and arrived.wait(PATIENCE)
        self._waiting.pop(number, None)
        if not came or not box:
            raise Silence("The process that was asked gives no answer. Try again.")
        answer, attached = box
        if "problem" in answer:
            raise Problem("{problem}", problem=answer["problem"])
        return answer, attached

    def hear(self, answer: dict, attachment: bytes) -> None:
        arrived, box = self._waiting.get(answer["id"], (threading.Event(), []))
        box.extend((answer, attachment))
        arrived.set()

    def give_up(self) -> None:
        for arrived, _ in list(self._waiting.values()):
            arrived.set()


class Silence(Problem):
    """A worker did not answer: it is stuck or gone."""
