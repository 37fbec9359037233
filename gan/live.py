"""Every worker of this process: runs in training, the viewer that makes pictures, a warm spare. No torch
here.

There is one `studio` in a process. It keeps a spare worker warm, so that Start need not wait for torch's
import, and knows every run that was started here. Pages call it from many threads; what they read are
immutable snapshots.
"""

import atexit
import threading

from gan import sources
from gan.handles import Asked, Download, RunHandle, Snapshot, Viewer, Weights
from gan.recipes import Recipe
from gan.runs import ALIVE, Run, find
from gan.structure import Structure
from gan.words import Problem
from gan.workers import Silence, Worker


class Studio:
    """All workers of this process: the runs started here, one viewer, one warm spare, at most one
    download.
    """

    def __init__(self):
        self._lock = threading.RLock()
        self._spare: Worker | None = None
        self._viewer: Viewer | None = None
        self._handles: dict[str, RunHandle] = {}
        self._intents: dict[str, str] = {}
        self._structures: dict[str, tuple[Structure, Structure]] = {}
        self._closed = False
        self.download: Download | None = None
        atexit.register(self.close)

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
            threading.Timer(3.0, self._warm_again).start()  # seconds: not while the new task begins
            return worker

    def _warm_again(self) -> None:
        if not self._closed:
            self.warm()

    def facts(self) -> dict:
        """What a worker said of this machine: "devices", "torch"; empty until the first one is ready."""
        return self.warm().facts

    # --- runs --------------------------------------------------------------------------------------

    def start(self, order: dict, intent: str, paused: bool = False) -> RunHandle:
        """Train a new run. The same intent again gives the same run, so a double click starts one.

        `order` holds recipe, data, seed, steps, device and threads as gan.training.Order has them. Raises
        Problem.
        """
        with self._lock:
            if intent in self._intents:
                return self._handles[self._intents[intent]]
            self._refuse_second()
            check_order(order)
            run = Run.make(None, order["recipe"].name, order["data"])
            task = {
                "resume": False,
                "paused": paused,
                "order": order | {"recipe": order["recipe"].model_dump()},
            }
            steps = order["steps"] or order["recipe"].length(sources.count(order["data"]))
            asked = Asked(order["recipe"], order["data"], order["seed"])
            handle = self._handles[run.name] = RunHandle(
                run, self._take(), task, asked, Snapshot(steps=steps)
            )
            self._intents[intent] = run.name
            return handle

    def resume(self, name: str) -> RunHandle:
        """Go on with a run that was stopped, failed or was interrupted. Raises Problem."""
        with self._lock:
            handle = self._handles.get(name)
            if handle and handle.snapshot.alive:
                handle.resume()
                return handle
            self._refuse_second()
            run = find(name)
            info = run.info()
            if info.state in ALIVE:
                raise Problem("Run {name} is being trained by process {pid}.", name=name, pid=info.pid)
            first = Snapshot(step=info.saved, steps=info.steps, seconds=info.seconds)
            asked = Asked(info.recipe, info.data.name, info.seed)
            handle = self._handles[name] = RunHandle(run, self._take(), {"resume": True}, asked, first)
            return handle

    def _refuse_second(self) -> None:
        if busy := self.active():
            raise Problem("Run {name} is in training. Stop it before another one starts.", name=busy.name)

    def handle(self, name: str) -> RunHandle | None:
        """The run of that name, if it was started here."""
        return self._handles.get(name)

    def active(self) -> RunHandle | None:
        """The run in training here, if there is one."""
        return next((one for one in self._handles.values() if one.snapshot.alive), None)

    def delete(self, name: str) -> None:
        """End the run's process and remove its folder. Raises Problem while another process trains it."""
        with self._lock:
            handle = self._handles.pop(name, None)
            self._intents = {intent: run for intent, run in self._intents.items() if run != name}
            if handle:
                handle.worker.end()
            find(name).delete()

    # --- pictures ----------------------------------------------------------------------------------

    def ask(self, question: dict, weights: Weights | None = None) -> tuple[dict, bytes]:
        """Ask the viewer, giving it the generator first if it does not know it. Raises Problem."""
        for attempt in (1, 2):
            viewer = self._ready_viewer()
            try:
                if weights and weights.key not in viewer.keys:
                    self._give(viewer, weights)
                answer, picture = viewer.ask(question | ({"key": weights.key} if weights else {}))
                if not answer.get("unknown"):
                    return answer, picture
                viewer.keys.discard(weights.key)  # it has forgotten it: others came after
            except Silence:
                self._drop(viewer)
                if attempt == 2:
                    raise
        raise Silence("The viewer forgets this generator at once. Try again.")

    def _give(self, viewer: Viewer, weights: Weights) -> None:
        viewer.ask(
            {"do": "load", "key": weights.key, "config": weights.config.decode("utf-8", "replace")},
            weights.tensors,
        )
        viewer.keys.add(weights.key)

    def _ready_viewer(self) -> Viewer:
        with self._lock:
            if self._viewer is None or not self._viewer.worker.alive:
                self._viewer = Viewer(self._take())
            return self._viewer

    def _drop(self, viewer: Viewer) -> None:
        with self._lock:
            if self._viewer is viewer:
                self._viewer = None
        viewer.worker.process.kill()

    def structures(self, recipe: Recipe, shape: tuple[int, int, int]) -> tuple[Structure, Structure]:
        """The layers of G and of D, measured once a recipe. Raises Problem."""
        key = f"{recipe.model_dump_json()}{shape}"
        if key not in self._structures:
            answer, _ = self.ask(
                {"do": "structure", "recipe": recipe.model_dump(mode="json"), "shape": list(shape)}
            )
            self._structures[key] = tuple(Structure.model_validate(one) for one in answer["structures"])
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
            workers = [handle.worker for handle in self._handles.values()]
            workers += [self._viewer.worker] if self._viewer else []
            workers += [self._spare] if self._spare else []
            workers += [self.download.worker] if self.download else []
        for worker in workers:
            try:
                worker.process.stdin.close()
            except OSError:
                pass
        for worker in workers:
            worker.end()


def check_order(order: dict) -> None:
    """Refuse what can be seen to fail before any process is asked. Raises Problem."""
    sources.check(order["data"])
    count, batch = sources.count(order["data"]), order["recipe"].batch_size
    if count is None:
        raise Problem(
            "{data} in {folder} is damaged: delete its files and download it again.",
            data=sources.SOURCES[order["data"]].title,
            folder=sources.data_root(),
        )
    if batch > count:
        raise Problem(
            "A batch of {batch} is larger than {data}, which holds {count} images: "
            "choose a batch of {count} at most.",
            batch=batch,
            data=order["data"],
            count=count,
        )


studio = Studio()
