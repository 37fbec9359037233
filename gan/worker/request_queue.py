"""The viewer's process: requests as they come, one at a time, from what waits to what is answered.

Of requests with the same `slot` only the newest is answered with a picture: who moves a slider wants its last
place, not every place it passed. Long work tells its progress and can be cancelled, and has a deadline.
"""

import signal
import sys
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import torch

from gan.control.messages import send
from gan.errors import Problem
from gan.worker.viewer import Answer, Unknown, Viewer

MEMORY = 4 << 30  # bytes of data this process may hold: a file that wants more is refused by the system
STEP = 60  # seconds that one piece of long work may take between two looks at what else is wanted
TELL_EVERY = 0.2  # seconds between two reports of long work


def view(task: dict, inbox, answers) -> None:
    """Answer requests, each with its answer or its problem, until asked to end."""
    limit_memory(MEMORY)
    RequestQueue(inbox, answers).serve()


class RequestQueue:
    """The requests that wait, and the one at work."""

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
                if slot := request.get("slot"):
                    self.drop([one for one in self.waiting if one[0].get("slot") == slot])
                self.waiting.append((request, attachment))

    def drop(self, old: list[tuple[dict, bytes]]) -> None:
        for one in old:
            self.waiting.remove(one)
            self.reply(one[0], {"dropped": True})

    def answer(self, request: dict, attachment: bytes) -> None:
        """Do what is asked, whole or until it is cancelled."""
        self.at_work = request["id"]
        try:
            if request["id"] in self.cancelled:
                raise Cancelled
            if "weights" in request:
                self.viewer.load(request, attachment[: request["weights"]])
                attachment = attachment[request["weights"] :]
            made = getattr(self.viewer, f"do_{request['do']}")(request, attachment)
            answer, picture = self.follow(request, made) if isinstance(made, Iterator) else made
        except Cancelled:
            answer, picture = {"cancelled": True}, b""
        except Unknown:
            answer, picture = {"unknown": True}, b""
        except Exception as error:
            answer, picture = {"problem": _explained(error)}, b""
        self.cancelled.discard(request["id"])
        self.reply(request, answer, picture)

    def follow(self, request: dict, work: Iterator) -> Answer:
        """Long work: it yields reports, and at its end returns the answer. Raises Cancelled."""
        told = 0.0
        self.reply(request, {"news": {"share": 0.0}})  # it has begun
        while True:
            try:
                with deadline(STEP):
                    report, picture = next(work)
            except StopIteration as end:
                return end.value
            self.collect(wait=False)
            if self.ended or request["id"] in self.cancelled:
                raise Cancelled
            if monotonic() - told >= TELL_EVERY:
                told = monotonic()
                self.reply(request, {"news": report}, picture() if picture else b"")

    def reply(self, request: dict, answer: dict, attachment: bytes = b"") -> None:
        send(self.answers, {"kind": "answer", "id": request["id"]} | answer, attachment)


def _explained(error: Exception) -> str:
    """What went wrong, as a sentence."""
    if isinstance(error, Problem):
        return str(error)
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error):
        return str(Problem("This takes more memory than there is for looking: ask for less at once."))
    traceback.print_exc()
    what = f"{type(error).__name__}: {error}".split("\n")[0][:200]
    return str(Problem("Something went wrong that nobody foresaw ({what}). Try again.", what=what))


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
