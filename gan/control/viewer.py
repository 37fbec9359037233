"""The viewers: workers that check generators and draw from them, as the app sees them."""

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

from gan.control import tasks
from gan.control.conversation import Conversation, NoAnswer, OnReport
from gan.control.messages import Message
from gan.control.process import Worker
from gan.control.questions import A, Answer, Question, Report, Structures
from gan.control.replies import GeneratorUnknown, Superseded
from gan.control.requests import Ask, GeneratorContent
from gan.errors import Problem
from gan.generator.folder import GeneratorFiles
from gan.i18n import t
from gan.jobs import Job
from gan.limits import is_public
from gan.pictures.diagram import Structure
from gan.recipes.recipe import Recipe

MOST_JOBS = 8  # pieces of long work that wait or go on where many share a machine
IDLE_AFTER = 120.0  # seconds without work after which the process for long work ends
PREVIOUS_JOB_ENDS = 1.0  # seconds that a job which was just cancelled has to end before a new one is refused
How = Callable[["ViewerClient", Ask], Message]  # a way to ask a viewer and wait for the answer


class ViewerClient:
    """One viewer's process. A new one replaces it when it dies or hangs."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.generators: set[str] = set()  # keys of those it was given
        self.last_used, self.jobs = monotonic(), 0  # pieces of long work under way
        self._counting = threading.Lock()
        self._conversation = Conversation(worker)
        worker.on_message = self._conversation.receive
        worker.on_exit = lambda reason: self._conversation.give_up()
        worker.send(tasks.View())

    def ask(self, request: Ask) -> Message:
        """One question, one answer. Raises Problem."""
        self.last_used = monotonic()
        return self._conversation.ask(request)

    def follow(self, request: Ask, on_report: OnReport, still_wanted: Callable[[], None]) -> Message:
        """Long work, with reports of it. Raises Problem, and whatever `still_wanted` raises."""
        with self._counting:
            self.jobs += 1
        try:
            return self._conversation.follow(request, on_report, still_wanted)
        finally:
            with self._counting:
                self.jobs -= 1
            self.last_used = monotonic()


class ViewerPool:
    """Two viewers, each started when it is needed: "quick" for what a page waits for, "slow" for long work,
    so that neither holds the other up.
    """

    def __init__(self, take_worker: Callable[[], Worker]) -> None:
        self._take_worker = take_worker
        self._lock = threading.RLock()
        self._viewers: dict[str, ViewerClient] = {}
        self._structures: dict[str, tuple[Structure, Structure]] = {}
        self._homes_at_work: list[Path] = []  # of who has long work under way

    def ask(self, question: Question[A], weights: GeneratorFiles | None = None) -> A:
        """Ask the quick viewer, giving it the generator first if it does not know it. Raises Problem, and
        Dropped where a newer question of the same `slot` has come meanwhile.
        """
        return self._ask("quick", question, weights, ViewerClient.ask)

    def work(self, job: Job, home: Path, question: Question[A], weights: GeneratorFiles) -> A:
        """Ask the slow viewer, from the thread of a job, which gets the reports and can cancel the work.
        `home` tells who asks: where many share a machine, each has one piece of work at a time. Raises
        Problem and Cancelled.
        """
        stage, job.stage = job.stage, t("Waiting for its turn")

        def on_report(report: Report) -> None:
            job.stage = stage
            job.hear(report)

        def follow(viewer: ViewerClient, request: Ask) -> Message:
            return viewer.follow(request, on_report, lambda: job.advance(0))

        self._admit(home)
        try:
            return self._ask("slow", question, weights, follow)
        finally:
            with self._lock:
                self._homes_at_work.remove(home)

    def _admit(self, home: Path) -> None:
        """Let one more begin. Raises Problem where many share a machine and it has enough to do."""
        until = monotonic() + PREVIOUS_JOB_ENDS
        while True:
            with self._lock:
                is_full = len(self._homes_at_work) >= MOST_JOBS
                if not is_public() or not (is_full or home in self._homes_at_work):
                    self._homes_at_work.append(home)
                    return
            if monotonic() > until:
                break
            sleep(0.05)
        if is_full:
            raise Problem("Others have asked for much that is still at work: try again in a minute.")
        raise Problem("Your last search or film is still at work: wait for its end, or cancel it.")

    def _ask(self, lane: str, question: Question[A], weights: GeneratorFiles | None, how: How) -> A:
        """Ask a viewer; once more where it has died, or has forgotten the generator."""
        for is_last in (False, True):
            viewer = self._viewer(lane)
            try:
                answer = how(viewer, _request(viewer, question, weights))
            except NoAnswer:
                self._drop(viewer)
                if is_last:
                    raise
                continue
            if isinstance(answer, Superseded):
                raise Dropped("A newer picture was asked for.")
            if isinstance(answer, Answer):
                viewer.generators |= {weights.key} if weights else set()
                return answer
            if isinstance(answer, GeneratorUnknown):
                viewer.generators.discard(weights.key)  # others came after it
        raise NoAnswer("The viewer forgets this generator at once. Try again.")

    def _viewer(self, lane: str) -> ViewerClient:
        with self._lock:
            if lane not in self._viewers or not self._viewers[lane].worker.alive:
                self._viewers[lane] = ViewerClient(self._take_worker())
            return self._viewers[lane]

    def _drop(self, viewer: ViewerClient) -> None:
        with self._lock:
            self._viewers = {lane: other for lane, other in self._viewers.items() if other is not viewer}
        viewer.worker.process.kill()

    def end_idle(self) -> None:
        """End the process for long work when nobody has needed it for a while: it holds memory."""
        with self._lock:
            slow = self._viewers.get("slow")
            if slow and not slow.jobs and monotonic() - slow.last_used > IDLE_AFTER:
                self._drop(slow)

    def structures(self, recipe: Recipe, shape: tuple[int, int, int]) -> tuple[Structure, Structure]:
        """The layers of G and of D, measured once a recipe. Raises Problem."""
        key = f"{recipe.model_dump_json()}{shape}"
        if key not in self._structures:
            pair = self.ask(Structures(recipe=recipe, shape=shape))
            self._structures[key] = pair.generator, pair.discriminator
        return self._structures[key]

    def close(self) -> list[Worker]:
        """The workers there are, to be ended."""
        with self._lock:
            return [viewer.worker for viewer in self._viewers.values()]


def _request(viewer: ViewerClient, question: Question, weights: GeneratorFiles | None) -> Ask:
    """The question with what else the viewer needs. A generator that it was not given comes along: nobody
    else's question can come between.
    """
    if weights is None:
        return Ask(question=question)
    content = None
    if weights.key not in viewer.generators:
        content = GeneratorContent(config=weights.config, tensors=weights.tensors, raw=weights.raw)
    return Ask(question=question, key=weights.key, generator=content)


class Dropped(Problem):
    """Nobody waits for this picture any more: a newer question was asked."""
