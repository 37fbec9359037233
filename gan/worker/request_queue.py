"""The viewer's process: questions as they come, one at a time, from what waits to what is answered.

Of questions with the same `slot` only the newest is answered with a picture: who moves a slider wants its
last place, not every place it passed. Long work reports how far it is, can be cancelled, and has a deadline.
"""

import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import BinaryIO

from gan.control import tasks
from gan.control.commands import End
from gan.control.messages import send
from gan.control.questions import Answer, Report
from gan.control.replies import Failed, GeneratorUnknown, Superseded, WorkCancelled
from gan.control.requests import Ask, Cancel
from gan.errors import UNFORESEEN, Problem, explain
from gan.explore.answers import Reports
from gan.worker.inbox import Inbox
from gan.worker.viewer import UnknownGenerator, Viewer

MEMORY = 4 << 30  # bytes of data this process may hold: a file that wants more is refused by the system
STEP = 60  # seconds that one piece of long work may take between two looks at what else is wanted
REPORT_EVERY = 0.2  # seconds between two reports of long work
TOO_LARGE = "This takes more memory than there is for looking: ask for less at once."


def view(task: tasks.View, inbox: Inbox, replies: BinaryIO) -> None:
    """Answer questions, each with its answer or its problem, until asked to end."""
    limit_memory(MEMORY)
    RequestQueue(inbox, replies).serve()


class RequestQueue:
    """The questions that wait, by their numbers, and the one at work."""

    def __init__(self, inbox: Inbox, replies: BinaryIO) -> None:
        self.inbox, self.replies = inbox, replies
        self.waiting: dict[int, Ask] = {}
        self.cancelled: set[int] = set()
        self.at_work = -1  # the question that is being answered
        self.ended = False
        self.viewer = Viewer()

    def serve(self) -> None:
        """Until the app wants no more."""
        while not self.ended:
            self.collect(wait=not self.waiting)
            if self.waiting and not self.ended:
                number = next(iter(self.waiting))
                self.answer(self.waiting.pop(number), number)

    def collect(self, wait: bool) -> None:
        """Take in what has come; the newest of a slot takes the place of those before it."""
        while (received := self.inbox.get(wait=wait)) is not None:
            wait = False
            message, number = received
            if isinstance(message, End):
                self.ended = True
            elif isinstance(message, Cancel):
                known = {*self.waiting, self.at_work}  # and none that was answered meanwhile
                self.cancelled |= {message.question} & known
            else:
                self.drop(message.question.slot)
                self.waiting[number] = message

    def drop(self, slot: str) -> None:
        """Answer no waiting question of that slot, if it is one."""
        for number, ask in list(self.waiting.items()):
            if slot and ask.question.slot == slot:
                del self.waiting[number]
                send(self.replies, Superseded(), number)

    def answer(self, ask: Ask, number: int) -> None:
        """Answer a question, whole or until it is cancelled."""
        self.at_work = number
        try:
            reply = self.answer_to(ask, number)
        except Cancelled:
            reply = WorkCancelled()
        except UnknownGenerator:
            reply = GeneratorUnknown()
        except Exception as error:
            problem = explain(error, TOO_LARGE)
            if problem.template == UNFORESEEN:
                traceback.print_exc()
            reply = Failed(problem=problem)
        self.cancelled.discard(number)
        send(self.replies, reply, number)

    def answer_to(self, ask: Ask, number: int) -> Answer:
        """The answer. Raises Problem, Cancelled, UnknownGenerator."""
        if number in self.cancelled:
            raise Cancelled
        if files := ask.generator:
            self.viewer.load(ask.key, files.config, files.tensors, files.raw)
        answer = self.viewer.answer(ask.question, ask.key)
        return self.follow(number, answer) if isinstance(answer, Iterator) else answer

    def follow(self, number: int, work: Reports) -> Answer:
        """The answer of long work; its reports are sent now and then. Raises Cancelled."""
        reported = 0.0
        send(self.replies, Report(share=0.0), number)  # it has begun
        while True:
            try:
                with deadline(STEP):
                    make_report = next(work)
            except StopIteration as end:
                return end.value
            self.collect(wait=False)
            if self.ended or number in self.cancelled:
                raise Cancelled
            if monotonic() - reported >= REPORT_EVERY:
                reported = monotonic()
                send(self.replies, make_report(), number)


@contextmanager
def deadline(seconds: int) -> Iterator[None]:
    """Raise Problem in what takes longer, where the system can (not Windows): somebody else waits."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def too_long(*_: object) -> None:
        raise Problem("This took more than {seconds} s and was given up: ask for less.", seconds=seconds)

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Cancelled(Exception):
    """Nobody wants the answer any more."""


def limit_memory(most: int) -> None:
    """Refuse this process more data than that, where the system can (Linux)."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
