"""The viewer's process: questions as they come, one at a time, from what waits to what is answered.

Of questions with the same `slot` only the newest is answered with a picture: who moves a slider wants its
last place, not every place it passed. Long work reports how far it is, can be cancelled, and has a deadline.
"""

import signal
import sys
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from gan.control.messages import send
from gan.control.questions import Answer, Report, encode
from gan.errors import UNFORESEEN, Problem, explain
from gan.explore.answers import Reports
from gan.worker.viewer import UnknownGenerator, Viewer, read_question

MEMORY = 4 << 30  # bytes of data this process may hold: a file that wants more is refused by the system
STEP = 60  # seconds that one piece of long work may take between two looks at what else is wanted
REPORT_EVERY = 0.2  # seconds between two reports of long work
TOO_LARGE = "This takes more memory than there is for looking: ask for less at once."


def view(task: dict, inbox, answers) -> None:
    """Answer questions, each with its answer or its problem, until asked to end."""
    limit_memory(MEMORY)
    RequestQueue(inbox, answers).serve()


class RequestQueue:
    """The questions that wait, and the one at work."""

    def __init__(self, inbox, answers):
        self.inbox, self.answers = inbox, answers
        self.waiting: deque[tuple[dict, bytes]] = deque()
        self.cancelled: set[int] = set()
        self.at_work = -1  # the request that is being answered
        self.ended = False
        self.viewer = Viewer()

    def serve(self) -> None:
        """Until the app wants no more."""
        while not self.ended:
            self.collect(wait=not self.waiting)
            if self.waiting and not self.ended:
                self.answer(*self.waiting.popleft())

    def collect(self, wait: bool) -> None:
        """Take in what has come; the newest of a slot takes the place of those before it."""
        while (message := self.inbox.get(wait=wait)) is not None:
            wait = False
            request, attachment = message
            if request["do"] == "end":
                self.ended = True
            elif request["do"] == "cancel":
                at_work = {one["id"] for one, _ in self.waiting} | {self.at_work}
                self.cancelled |= {request["of"]} & at_work  # and none that was answered meanwhile
            else:
                if slot := request["slot"]:
                    self.drop([one for one in self.waiting if one[0]["slot"] == slot])
                self.waiting.append((request, attachment))

    def drop(self, old: list[tuple[dict, bytes]]) -> None:
        for one in old:
            self.waiting.remove(one)
            self.reply(one[0], {"dropped": True})

    def answer(self, request: dict, attachment: bytes) -> None:
        """Do what is asked, whole or until it is cancelled."""
        self.at_work = request["id"]
        try:
            content, attached = encode(self.answer_to(request, attachment))
            self.reply(request, {"answer": content}, attached)
        except Cancelled:
            self.reply(request, {"cancelled": True})
        except UnknownGenerator:
            self.reply(request, {"unknown": True})
        except Exception as error:
            problem = explain(error, TOO_LARGE)
            if problem.template == UNFORESEEN:
                traceback.print_exc()
            self.reply(request, {"problem": str(problem)})
        self.cancelled.discard(request["id"])

    def answer_to(self, request: dict, attachment: bytes) -> Answer:
        """The answer. Raises Problem, Cancelled, UnknownGenerator."""
        if request["id"] in self.cancelled:
            raise Cancelled
        if size := request.get("weights", 0):
            weights, attachment = attachment[:size], attachment[size:]
            self.viewer.load(request["key"], request["config"].encode(), weights, request["raw"])
        answer = self.viewer.answer(read_question(request["question"], attachment), request.get("key"))
        return self.follow(request, answer) if isinstance(answer, Iterator) else answer

    def follow(self, request: dict, work: Reports) -> Answer:
        """The answer of long work; its reports are sent now and then. Raises Cancelled."""
        reported = 0.0
        self.report(request, Report(share=0.0))  # it has begun
        while True:
            try:
                with deadline(STEP):
                    make_report = next(work)
            except StopIteration as end:
                return end.value
            self.collect(wait=False)
            if self.ended or request["id"] in self.cancelled:
                raise Cancelled
            if monotonic() - reported >= REPORT_EVERY:
                reported = monotonic()
                self.report(request, make_report())

    def report(self, request: dict, report: Report) -> None:
        news, attachment = encode(report)
        self.reply(request, {"news": news}, attachment)

    def reply(self, request: dict, answer: dict, attachment: bytes = b"") -> None:
        send(self.answers, {"kind": "answer", "id": request["id"]} | answer, attachment)


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
