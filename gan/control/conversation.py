"""Questions to a worker, and the answers that come back for them."""

import itertools
import threading
from collections.abc import Callable
from time import monotonic

from pydantic import BaseModel

from gan.control.messages import Message
from gan.control.process import Worker
from gan.control.questions import Report
from gan.control.replies import Failed
from gan.control.requests import Cancel
from gan.errors import Problem

LONGEST_SILENCE = 30.0  # seconds without a word after which a worker that owes an answer counts as stuck
LOOK_EVERY = 0.1  # seconds between two looks at whether an answer may still come, and is still wanted
OnReport = Callable[[Report], None]


class Conversation:
    """Asks one worker, from any number of threads."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._numbers = itertools.count()
        self._pending: dict[int, PendingAnswer] = {}
        self._last_heard = 0.0

    def ask(self, question: BaseModel) -> Message:
        """The answer. Raises Problem if it is one, NoAnswer if the worker dies or falls silent: while it
        answers others it is at work, and this waits.
        """
        number, pending = self._send(question)
        asked_at = monotonic()
        while not pending.arrived.wait(LOOK_EVERY):
            if monotonic() - max(asked_at, self._last_heard) >= LONGEST_SILENCE:
                break
        return self._outcome(number, pending)

    def follow(self, question: BaseModel, on_report: OnReport, still_wanted: Callable[[], None]) -> Message:
        """The answer to what takes its time, with reports on the way. `still_wanted` is called now and
        then: where it raises, the work is cancelled. Raises Problem as `ask` does.
        """
        number, pending = self._send(question, on_report)
        try:
            while not pending.arrived.wait(LOOK_EVERY):
                still_wanted()
        except BaseException:
            self.worker.send(Cancel(question=number))
            self._pending.pop(number, None)
            raise
        return self._outcome(number, pending)

    def _send(self, question: BaseModel, on_report: OnReport | None = None) -> tuple[int, "PendingAnswer"]:
        number = next(self._numbers)
        pending = self._pending[number] = PendingAnswer(on_report)
        if not self.worker.send(question, number):
            pending.arrived.set()
        return number, pending

    def _outcome(self, number: int, pending: "PendingAnswer") -> Message:
        self._pending.pop(number, None)
        if pending.answer is None:
            raise self.worker.refusal or NoAnswer("The process that was asked gives no answer. Try again.")
        if isinstance(pending.answer, Failed):
            raise pending.answer.problem
        return pending.answer

    def receive(self, message: Message, number: int) -> None:
        """Take in an answer, or a report of one that is still to come."""
        self._last_heard = monotonic()
        pending = self._pending.get(number, PendingAnswer())
        if isinstance(message, Report):
            pending.on_report(message)
        else:
            pending.answer = message
            pending.arrived.set()

    def give_up(self) -> None:
        """Nobody will answer any more."""
        for pending in list(self._pending.values()):
            pending.arrived.set()


class PendingAnswer:
    """An answer that somebody waits for."""

    def __init__(self, on_report: OnReport | None = None) -> None:
        self.on_report: OnReport = on_report or (lambda report: None)
        self.arrived = threading.Event()
        self.answer: Message | None = None


class NoAnswer(Problem):
    """A worker did not answer: it is stuck or gone."""
