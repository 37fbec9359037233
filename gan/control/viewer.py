"""The worker that draws pictures, as the app sees it."""

import threading
from collections.abc import Callable
from time import monotonic

from gan.control.process import Answers, News, Worker


class Viewer:
    """The worker that checks generators and draws from them. A new one replaces it when it dies or hangs."""

    def __init__(self, worker: Worker):
        self.worker = worker
        self.keys: set[str] = set()  # generators it was given
        self.used, self.at_work = monotonic(), 0  # when it was asked last, and long work not yet done
        self._counting = threading.Lock()
        self._answers = Answers(worker)
        worker.on_message = lambda message, attachment: self._answers.hear(message, attachment)
        worker.on_end = lambda why: self._answers.give_up()
        worker.say({"do": "view"})

    def ask(self, question: dict, attachment: bytes = b"") -> tuple[dict, bytes]:
        """One question, one answer. Raises Problem."""
        self.used = monotonic()
        return self._answers.ask(question, attachment)

    def follow(
        self, question: dict, attachment: bytes, on_news: News, still_wanted: Callable[[], None]
    ) -> tuple[dict, bytes]:
        """Long work, with news of it. Raises Problem, and whatever `still_wanted` raises."""
        with self._counting:
            self.at_work += 1
        try:
            return self._answers.follow(question, attachment, on_news, still_wanted)
        finally:
            with self._counting:
                self.at_work -= 1
            self.used = monotonic()
