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
from time import monotonic

from gan.control.messages import receive, send
from gan.errors import Problem
from gan.i18n import t

PATIENCE = 30.0  # seconds of silence after which a worker that was asked is taken for stuck and replaced
STILL_WANTED = 0.1  # seconds between two looks at whether long work is still wanted
News = Callable[[dict, bytes], None]  # gets a report of long work, and its picture where there is one
HOUSE = Path(__file__).resolve().parents[2]


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
        self.on_end(exit_reason(self.process.returncode))

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


def exit_reason(code: int) -> str:
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
        self._waiting: dict[int, Waiting] = {}
        self._heard = 0.0  # when the worker said something last

    def ask(self, question: dict, attachment: bytes = b"") -> tuple[dict, bytes]:
        """Ask and wait. Raises Problem if the answer is one, or if the worker falls silent: as long as it
        answers others, it is at work, and one waits.
        """
        number, waiting = self._sent(question, attachment)
        asked = monotonic()
        while not waiting.arrived.wait(STILL_WANTED) and monotonic() - max(asked, self._heard) < PATIENCE:
            pass
        return self._outcome(number, waiting)

    def follow(
        self, question: dict, attachment: bytes, on_news: News, still_wanted: Callable[[], None]
    ) -> tuple[dict, bytes]:
        """Ask for long work and hear of its progress. `still_wanted` is called now and then: where it raises,
        the work is cancelled. Raises Problem as `ask` does.
        """
        number, waiting = self._sent(question, attachment, on_news)
        try:
            while not waiting.arrived.wait(STILL_WANTED):
                still_wanted()
        except BaseException:
            self.worker.say({"do": "cancel", "of": number})
            self._waiting.pop(number, None)
            raise
        return self._outcome(number, waiting)

    def _sent(self, question: dict, attachment: bytes, on_news: News | None = None) -> tuple[int, "Waiting"]:
        number = next(self._numbers)
        waiting = self._waiting[number] = Waiting(on_news)
        if not self.worker.say(question | {"id": number}, attachment):
            waiting.arrived.set()
        return number, waiting

    def _outcome(self, number: int, waiting: "Waiting") -> tuple[dict, bytes]:
        self._waiting.pop(number, None)
        if waiting.answer is None:
            raise NoAnswer("The process that was asked gives no answer. Try again.")
        answer, attached = waiting.answer
        if "problem" in answer:
            raise Problem("{problem}", problem=answer["problem"])
        return answer, attached

    def hear(self, answer: dict, attachment: bytes) -> None:
        """An answer, or news of one that is still to come."""
        self._heard = monotonic()
        waiting = self._waiting.get(answer["id"], Waiting())
        if "news" in answer:
            waiting.on_news(answer["news"], attachment)
            return
        waiting.answer = (answer, attachment)
        waiting.arrived.set()

    def give_up(self) -> None:
        """Nobody will answer any more."""
        for waiting in list(self._waiting.values()):
            waiting.arrived.set()


class Waiting:
    """Somebody who waits for an answer."""

    def __init__(self, on_news: News | None = None):
        self.on_news = on_news or (lambda report, picture: None)
        self.arrived = threading.Event()
        self.answer: tuple[dict, bytes] | None = None


class NoAnswer(Problem):
    """A worker did not answer: it is stuck or gone."""
