"""All workers of this process: runs in training, viewers, a download, a spare. No torch here.

There is one `supervisor` in a process. Pages call it from many threads; what they read are immutable
snapshots.
"""

import atexit
import os
import shutil
import threading
from pathlib import Path
from time import monotonic, sleep

from gan.control.commands import Stop, Unpause
from gan.control.download import Download
from gan.control.process import Spare, Worker, end_all
from gan.control.replies import Snapshot
from gan.control.run_handle import RunHandle
from gan.control.run_queue import RunQueue
from gan.control.tasks import Train
from gan.control.viewer import ViewerPool
from gan.errors import Problem, os_errors_as
from gan.limits import check_room, check_steps, limits
from gan.runs.events import Idle
from gan.runs.info import ALIVE, RunInfo
from gan.runs.order import Order
from gan.runs.run import Run, rates_in_force

WATCH_EVERY = 5.0  # seconds between two looks at what nobody needs any more


class Supervisor:
    """Starts runs and resumes them, and ends what nobody needs any more. `runs` knows every run that was
    started here, `viewers` answer questions about generators.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._spare = Spare()
        self.runs = RunQueue(self._spare.take, lambda: (self.devices() or ["cpu"])[0])
        self.viewers = ViewerPool(self._spare.take)
        self._intents: dict[str, Path] = {}  # what each Start that was clicked has started
        self._closed = False
        self.download: Download | None = None
        atexit.register(self.close)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._closed:
            sleep(WATCH_EVERY)
            self.viewers.end_idle()
            try:
                self.stop_unwatched()
            except Problem:  # a limit that is no number: pages say so
                pass

    def warm(self) -> None:
        """See to it that a spare worker is importing torch, or has."""
        self._spare.warm()

    def devices(self) -> list[str]:
        """What this machine can compute on, the fastest first; empty until a worker has told it."""
        machine = self._spare.machine
        return list(machine.devices) if machine else []

    def start(self, order: Order, intent: str, home: Path, paused: bool = False) -> RunHandle:
        """Train a new run under the runs folder `home`, now or when it is its turn. The same intent again
        gives the same run, so a double click starts one. Raises Problem.
        """
        with self._lock:
            if intent in self._intents:
                return self.runs.handle(self._intents[intent])
            order.check()
            check_room(home)
            run = Run.make_next(home, f"{order.recipe.name}-{order.data}")
            try:
                handle = self._enqueue(run, order.info(), Train(run=str(run.path), paused=paused))
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
            handle = self.runs.handle(run.path)
            if handle and handle.snapshot.alive:
                handle.send(Unpause())
                return handle
            info = run.info()
            if info.state in ALIVE:
                raise run.lock.held_by()
            if run.lock.state() == "unknown":
                raise run.lock.unknown()
            check_steps(steps or info.steps)
            return self._enqueue(run, info, Train(run=str(run.path), steps=steps))

    def _enqueue(self, run: Run, info: RunInfo, task: Train) -> RunHandle:
        """Into the queue, and out of it at once where a device is free."""
        refusal = "Runs can't be written to {folder} ({why}): choose another folder with GAN_RUNS."
        with os_errors_as(refusal, folder=run.path.parent):
            run.write(info.model_copy(update={"state": "queued", "pid": os.getpid(), "problem": ""}))
        first = Snapshot(
            step=info.saved,
            steps=task.steps or info.steps,
            seconds=info.seconds,
            saved=info.saved,
            rates=rates_in_force(info.recipe, run.events()),
        )
        handle = RunHandle(run, Order.of(info), task, first, on_over=self.runs.next_turn)
        self.runs.add(handle)
        return handle

    def let_go(self, run: Run) -> None:
        """End the run's process, if there is one here, saved; its folder can be moved then."""
        with self._lock:
            handle = self.runs.remove(run.path)
            self._intents = {intent: path for intent, path in self._intents.items() if path != run.path}
        if handle and handle.is_queued:
            handle.send(Stop())
        if handle and handle.worker:
            handle.worker.end()

    def stop_unwatched(self) -> None:
        """Stop trainings that no page has looked at for as long as the limits say."""
        minutes = limits().idle
        for handle in self.runs.handles() if minutes else []:
            if handle.is_training and monotonic() - handle.seen > 60 * minutes:
                handle.send(Stop(event=Idle(minutes=minutes)))

    def fetch_mnist(self) -> Download:
        """Download MNIST, or watch the download that is under way."""
        with self._lock:
            if self.download is None or self.download.state != "running":
                self.download = Download(self._spare.take())
            return self.download

    def close(self) -> None:
        """End every worker; runs in training are saved first."""
        self._closed = True
        downloading: list[Worker] = [self.download.worker] if self.download else []
        end_all(self.runs.close() + self.viewers.close() + self._spare.close() + downloading)


supervisor = Supervisor()
