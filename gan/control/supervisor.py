"""Every worker of this process: runs in training, the viewer that makes pictures, a warm spare. No torch
here.

There is one `supervisor` in a process. It keeps a spare worker warm, so that Start need not wait for torch's
import, and knows every run that was started here. Pages call it from many threads; what they read are
immutable snapshots.
"""

import atexit
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

from gan.control.download import Download
from gan.control.process import NoAnswer, Worker
from gan.control.questions import A, Question, Report, Structures, decode, encode
from gan.control.run_handle import Asked, RunHandle, Snapshot
from gan.control.viewer import Viewer
from gan.data import datasets
from gan.errors import Problem
from gan.generator.folder import GeneratorFiles
from gan.i18n import t
from gan.jobs import Job
from gan.limits import check_room, check_steps, is_public, limits
from gan.pictures.diagram import Structure
from gan.recipes.recipe import Recipe
from gan.runs.info import ALIVE, DataInfo, RunInfo
from gan.runs.run import Run, now, rates_in_force

MOST_WORK = 8  # pieces of long work that wait or go on where many share a machine
IDLE = 120.0  # seconds after which the process for long work ends
WATCH_EVERY = 5.0  # seconds between two looks at who is still watched
Asking = Callable[[Viewer, dict, bytes], tuple[dict, bytes]]  # a question with its attachment, answered


class Supervisor:
    """All workers of this process: the runs started here, those that wait for a free device, a viewer, a
    second one for long work, a warm spare, at most one download.
    """

    def __init__(self):
        self._lock = threading.RLock()
        self._spare: Worker | None = None
        self._viewers: dict[str, Viewer] = {}  # "quick" for what a page waits for, "slow" for jobs
        self._handles: dict[Path, RunHandle] = {}
        self._queue: list[RunHandle] = []
        self._intents: dict[str, Path] = {}
        self._structures: dict[str, tuple[Structure, Structure]] = {}
        self._at_work: list[Path] = []  # whose long work is under way
        self._closed = False
        self.download: Download | None = None
        atexit.register(self.close)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._closed:
            sleep(WATCH_EVERY)
            self.end_idle()
            try:
                self.stop_unwatched()
            except Problem:  # a limit that is no number: pages tell it
                pass

    def warm(self) -> Worker:
        """See to it that a spare worker is importing torch, or has."""
        with self._lock:
            if self._spare is None or not self._spare.alive:
                self._spare = Worker()
            return self._spare

    def _take(self) -> Worker:
        """The spare; another one starts to warm up in its place."""
        with self._lock:
            worker, self._spare = self.warm(), None
            threading.Timer(10.0, self._warm_again).start()  # seconds: not while the new task begins
            return worker

    def _warm_again(self) -> None:
        if not self._closed:
            self.warm()

    def facts(self) -> dict:
        """What a worker said of this machine: "devices", "torch"; empty until the first one is ready."""
        return self.warm().facts

    # --- runs --------------------------------------------------------------------------------------

    def start(self, order: dict, intent: str, home: Path, paused: bool = False) -> RunHandle:
        """Train a new run under the runs folder `home`, now or when it is its turn. The same intent again
        gives the same run, so a double click starts one.

        `order` holds recipe, data, seed, steps (None for the recipe's own) and device. Raises
        Problem.
        """
        with self._lock:
            if intent in self._intents:
                return self._handles[self._intents[intent]]
            check_order(order)
            check_room(home)
            run = Run.make_next(home, f"{order['recipe'].name}-{order['data']}")
            try:
                handle = self._enqueue(run, _first_info(order), {"steps": None, "paused": paused})
            except Problem:
                shutil.rmtree(run.path, ignore_errors=True)
                raise
            self._intents[intent] = run.path
            return handle

    def resume(self, run: Run, steps: int | None = None) -> RunHandle:
        """Go on with a run that was stopped, failed or was interrupted, or with a finished one up to `steps`.
        Raises Problem.
        """
        with self._lock:
            handle = self._handles.get(run.path)
            if handle and handle.snapshot.alive:
                handle.unpause()
                return handle
            info = run.info()
            if info.state in ALIVE:
                raise Problem("Run {name} is being trained by process {pid}.", name=run.name, pid=info.pid)
            check_steps(steps or info.steps)
            return self._enqueue(run, info, {"steps": steps})

    def _enqueue(self, run: Run, info: RunInfo, task: dict) -> RunHandle:
        """Into the queue, and out of it at once where a device is free."""
        try:
            run.write(info.model_copy(update={"state": "queued", "pid": os.getpid(), "problem": ""}))
        except OSError as error:
            told = "Runs can't be written to {folder} ({why}): choose another folder with GAN_RUNS."
            raise Problem(told, folder=run.path.parent, why=error.strerror) from None
        steps = task["steps"] or info.steps
        told = {"step": info.saved, "steps": steps, "seconds": info.seconds, "saved": info.saved}
        first = Snapshot(**told, rates=rates_in_force(info.recipe, run.events()))
        asked = Asked(info.recipe, info.data.name, info.seed, info.device)
        handle = self._handles[run.path] = RunHandle(run, task, asked, first, on_over=self._next_turn)
        self._queue.append(handle)
        self._next_turn()
        return handle

    def _next_turn(self) -> None:
        """Give workers to those at the head of the queue whose device is free."""
        with self._lock:
            self._queue = [one for one in self._queue if one.is_queued]
            for handle in [] if self._closed else list(self._queue):
                device = self._device_of(handle)
                busy = [one for one in self._handles.values() if one.is_training]
                if sum(self._device_of(one) == device for one in busy) < limits().at_once:
                    self._queue.remove(handle)
                    handle.launch(self._take())

    def _device_of(self, handle: RunHandle) -> str:
        if handle.asked.device != "auto":
            return handle.asked.device
        return self.facts().get("devices", ["cpu"])[0]

    def ahead_of(self, handle: RunHandle) -> list[RunHandle]:
        """Whom a run in the queue waits for: those in training on its device, and those queued before it."""
        with self._lock:
            device = self._device_of(handle)
            earlier = self._queue[: self._queue.index(handle)] if handle in self._queue else []
            busy = [one for one in self._handles.values() if one.is_training]
            return [one for one in [*busy, *earlier] if self._device_of(one) == device]

    def handle(self, path: Path) -> RunHandle | None:
        """The run in that folder, if it was started here."""
        return self._handles.get(path)

    def active(self, home: Path) -> RunHandle | None:
        """The run in training here under that runs folder, if there is one."""
        return next((one for one in self._alive(home) if one.is_training), None)

    def waiting(self, home: Path) -> list[RunHandle]:
        """The runs of that folder that wait for their turn, in order."""
        with self._lock:
            return [one for one in self._queue if one.is_queued and one.run.path.parent == home]

    def _alive(self, home: Path) -> list[RunHandle]:
        handles = list(self._handles.values())
        return [one for one in handles if one.snapshot.alive and one.run.path.parent == home]

    def let_go(self, run: Run) -> None:
        """End the run's process, if there is one here, saved; its folder can be moved then."""
        with self._lock:
            handle = self._handles.pop(run.path, None)
            self._intents = {intent: path for intent, path in self._intents.items() if path != run.path}
        if handle and handle.is_queued:
            handle.stop()
        if handle and handle.worker:
            handle.worker.end()

    def stop_unwatched(self) -> None:
        """Stop trainings that no page has looked at for as long as the limits say."""
        idle = limits().idle
        for handle in list(self._handles.values()) if idle else []:
            if handle.is_training and monotonic() - handle.seen > 60 * idle:
                handle.stop({"what": "idle", "minutes": idle})

    # --- pictures ----------------------------------------------------------------------------------

    def ask(self, question: Question[A], weights: GeneratorFiles | None = None) -> A:
        """Ask the viewer, giving it the generator first if it does not know it. Raises Problem, Dropped where
        a newer question of the same `slot` has come meanwhile.
        """
        return decode(question.answer_type(), *self._asked("quick", question, weights, Viewer.ask))

    def work(self, job: Job, home: Path, question: Question[A], weights: GeneratorFiles) -> A:
        """Ask for what takes its time, from the thread of a job, which hears of its progress and can cancel
        it. A process of its own does it: the viewer goes on answering. `home` is whose wish it is: where many
        share a machine, each has one at a time. Raises Problem and Cancelled.
        """
        self._admit(home)
        try:
            return decode(question.answer_type(), *self._worked(job, question, weights))
        finally:
            with self._lock:
                self._at_work.remove(home)

    def _admit(self, home: Path) -> None:
        """Let one more begin. Raises Problem where many share a machine and it has enough to do; what was
        cancelled a moment ago is given the time to end.
        """
        until = monotonic() + 1.0  # seconds
        while True:
            with self._lock:
                full = len(self._at_work) >= MOST_WORK
                if not is_public() or not (full or home in self._at_work):
                    self._at_work.append(home)
                    return
            if monotonic() > until:
                break
            sleep(0.05)
        if full:
            raise Problem("Others have asked for much that is still at work: try again in a minute.")
        raise Problem("Your last search or film is still at work: wait for its end, or cancel it.")

    def _worked(self, job: Job, question: Question, weights: GeneratorFiles) -> tuple[dict, bytes]:
        stage, job.stage = job.stage, t("Waiting for its turn")

        def hear(report: dict, picture: bytes) -> None:
            job.stage = stage
            job.hear(decode(Report, report, picture))

        def follow(viewer: Viewer, asked: dict, attached: bytes) -> tuple[dict, bytes]:
            return viewer.follow(asked, attached, hear, lambda: job.advance(0))

        return self._asked("slow", question, weights, follow)

    def _asked(
        self, lane: str, question: Question, weights: GeneratorFiles | None, how: Asking
    ) -> tuple[dict, bytes]:
        content, attachment = encode(question)
        for attempt in (1, 2):
            viewer = self._ready_viewer(lane)
            asked, attached = {"do": "ask", "question": content, "slot": question.slot}, attachment
            if weights:
                asked |= {"key": weights.key}
            if weights and weights.key not in viewer.keys:  # it comes along: nobody else's can come between
                config = weights.config.decode("utf-8", "replace")
                asked |= {"config": config, "raw": weights.raw, "weights": len(weights.tensors)}
                attached = weights.tensors + attachment
            try:
                answer, picture = how(viewer, asked, attached)
            except NoAnswer:
                self._drop(viewer)
                if attempt == 2:
                    raise
                continue
            if "dropped" in answer:
                raise Dropped("A newer picture was asked for.")
            if weights and "unknown" not in answer:
                viewer.keys.add(weights.key)
            if "unknown" not in answer:
                return answer["answer"], picture
            viewer.keys.discard(weights.key)  # it has forgotten it: others came after
        raise NoAnswer("The viewer forgets this generator at once. Try again.")

    def _ready_viewer(self, lane: str) -> Viewer:
        with self._lock:
            if lane not in self._viewers or not self._viewers[lane].worker.alive:
                self._viewers[lane] = Viewer(self._take())
            return self._viewers[lane]

    def _drop(self, viewer: Viewer) -> None:
        with self._lock:
            self._viewers = {lane: one for lane, one in self._viewers.items() if one is not viewer}
        viewer.worker.process.kill()

    def end_idle(self) -> None:
        """End the process for long work when nobody has needed it for a while: it holds memory."""
        with self._lock:
            slow = self._viewers.get("slow")
            idle = slow and not slow.at_work and monotonic() - slow.used > IDLE
            if idle:
                self._drop(slow)

    def structures(self, recipe: Recipe, shape: tuple[int, int, int]) -> tuple[Structure, Structure]:
        """The layers of G and of D, measured once a recipe. Raises Problem."""
        key = f"{recipe.model_dump_json()}{shape}"
        if key not in self._structures:
            answer = self.ask(Structures(recipe=recipe, shape=shape))
            self._structures[key] = answer.generator, answer.discriminator
        return self._structures[key]

    # --- data --------------------------------------------------------------------------------------

    def fetch_mnist(self) -> Download:
        """Download MNIST, or watch the download that is under way."""
        with self._lock:
            if self.download is None or self.download.state != "running":
                self.download = Download(self._take())
            return self.download

    def close(self) -> None:
        """End every worker; runs in training are saved first."""
        self._closed = True
        with self._lock:
            workers = [handle.worker for handle in self._handles.values() if handle.worker]
            workers += [viewer.worker for viewer in self._viewers.values()]
            workers += [self._spare] if self._spare else []
            workers += [self.download.worker] if self.download else []
        for worker in workers:
            try:
                worker.process.stdin.close()
            except OSError:
                pass
        for worker in workers:
            worker.end()


class Dropped(Problem):
    """Nobody waits for this picture any more: a newer one was asked for."""


def check_order(order: dict) -> None:
    """Refuse what can be seen to fail before any process is asked. Raises Problem."""
    datasets.check(order["data"])
    count, batch = datasets.count(order["data"]), order["recipe"].batch_size
    if count is None:
        raise Problem(
            "{data} in {folder} is damaged: delete its files and download it again.",
            data=datasets.DATASETS[order["data"]].title,
            folder=datasets.data_root(),
        )
    check_steps(order["steps"] or order["recipe"].length(count))
    if batch > count:
        raise Problem(
            "A batch of {batch} is larger than {data}, which holds {count} images: "
            "choose a batch of {count} at most.",
            batch=batch,
            data=order["data"],
            count=count,
        )


def _first_info(order: dict) -> RunInfo:
    """`run.json` of a run that nobody has begun yet."""
    asked = {key: order[key] for key in ("recipe", "seed", "device")}
    steps = order["steps"] or order["recipe"].length(datasets.count(order["data"]))
    return RunInfo(**asked, data=DataInfo(name=order["data"]), steps=steps, created=now())


supervisor = Supervisor()
