"""Handles for what pages hold: runs in training, and the viewer that makes pictures. No torch in this
process.

There is one `studio` in a process. It keeps a spare worker warm, so that Start need not wait for torch's
import, and knows every run that was started here. Pages call it from many threads; what they read are
immutable snapshots.
"""

import atexit
import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from gan import sources
from gan.messages import receive, send
from gan.recipes import Recipe
from gan.runs import ALIVE, Run, find
from gan.structure import Structure
from gan.words import Problem, t

PATIENCE = 30.0  # seconds a page waits for an answer; then the viewer is taken for stuck and replaced
HOUSE = Path(__file__).resolve().parent.parent


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
        self.on_end(_cause_of_death(self.process.returncode))

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


def _cause_of_death(code: int) -> str:
    if code == -9:
        return t("it was killed (SIGKILL), by somebody or by the system for want of memory")
    if code < 0:
        name = signal.Signals(-code).name if -code in list(signal.Signals) else f"signal {-code}"
        return t("it was ended by {signal}", signal=name)
    return t("it ended with code {code}", code=code)


@dataclass(frozen=True)
class Snapshot:
    """How a run stands. Bulk (history, kept pictures, events) is in its folder."""

    state: str = "starting"
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    speed: float = 0.0
    rates: dict[str, float] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    saved: int = 0
    problem: str = ""
    obeyed: int = 0  # commands its process has carried out or refused
    picture: bytes = b""  # the fixed latents now, as PNG
    number: int = 0  # counts the snapshots of this handle

    @property
    def alive(self) -> bool:
        """Does somebody train the run?"""
        return self.state in ALIVE


@dataclass(frozen=True)
class Asked:
    """What a run was started with; `run.json` says the same once the worker has written it."""

    recipe: Recipe
    data: str
    seed: int


class RunHandle:
    """A run that was started here. Commands may be given at any time, in any state, and twice."""

    def __init__(self, run: Run, worker: Worker, task: dict, asked: Asked, first: Snapshot):
        self.run, self.worker, self.asked = run, worker, asked
        self.snapshot = first
        self._news, self._said = threading.Condition(), 0
        self.refusal = ""  # why the last command was not obeyed
        self._answers = _Answers(worker)
        worker.on_message, worker.on_end = self._hear, self._mourn
        worker.say({"do": "train", "run": str(run.path)} | task)
        if not worker.alive:
            self._mourn(_cause_of_death(worker.process.returncode))

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name

    def _hear(self, message: dict, attachment: bytes) -> None:
        kind = message.pop("kind")
        if kind == "snapshot":
            picture = attachment or self.snapshot.picture
            self._publish(**message, picture=picture)
        elif kind == "refused":
            self.refusal = message["problem"]
        else:
            self._answers.hear(message, attachment)

    def _publish(self, **changes: object) -> None:
        with self._news:
            self.snapshot = replace(self.snapshot, **changes, number=self.snapshot.number + 1)
            self._news.notify_all()

    def wait_for_effect(self, seconds: float) -> None:
        """Wait until every command given so far has been carried out, but no longer than that."""
        with self._news:
            self._news.wait_for(
                lambda: self.snapshot.obeyed >= self._said or not self.snapshot.alive, seconds
            )

    def _command(self, **message: object) -> None:
        with self._news:
            self._said += 1
            self.worker.say(message)

    def _mourn(self, why: str) -> None:
        """The process is gone: that is its end, or a failure."""
        self._answers.give_up()
        if not self.snapshot.alive:
            return
        if self.worker.process.returncode == 0:  # asked to end, and saved
            self._publish(state="interrupted")
            return
        problem = t("The training process is gone: {why}. Resume continues from the last save.", why=why)
        self._publish(state="failed", problem=problem)
        try:
            info = self.run.stored_info()
            self.run.write(info.model_copy(update={"state": "failed", "problem": problem}))
        except (Problem, OSError):
            pass  # it died before it had written anything, or its folder is gone

    def pause(self) -> None:
        """Hold at the next step boundary."""
        self._command(do="pause")

    def resume(self) -> None:
        """Run again after a pause."""
        self._command(do="resume")

    def step(self, steps: int = 1) -> None:
        """Pause, and take that many steps."""
        self._command(do="step", steps=steps)

    def move(self, player: str) -> None:
        """Pause, and let D ("d") or G ("g") move alone."""
        self._command(do="move", player=player)

    def set_rate(self, key: str, value: float) -> None:
        """Change `g_rate` or `d_rate`."""
        self._command(do="set", key=key, value=value)

    def save(self) -> None:
        """Write a checkpoint and the generator now."""
        self._command(do="save")

    def stop(self) -> None:
        """Save and end."""
        self._command(do="stop")

    def weights(self) -> tuple[bytes, bytes]:
        """The generator as it is now: the contents of `config.json` and `model.safetensors`. Raises
        Problem.
        """
        answer, weights = self._answers.ask({"do": "weights"})
        return answer["config"].encode(), weights


class _Answers:
    """Questions to a worker and the answers that come back for them."""

    def __init__(self, worker: Worker):
        self.worker = worker
        self._numbers = itertools.count()
        self._waiting: dict[int, tuple[threading.Event, list]] = {}

    def ask(self, question: dict, attachment: bytes = b"") -> tuple[dict, bytes]:
        """Ask and wait. Raises Problem if the answer is one, or if none comes."""
        number, arrived, box = next(self._numbers), threading.Event(), []
        self._waiting[number] = (arrived, box)
        sent = self.worker.say(question | {"id": number}, attachment)
        came = sent and arrived.wait(PATIENCE)
        self._waiting.pop(number, None)
        if not came or not box:
            raise Silence("The process that was asked gives no answer. Try again.")
        answer, attached = box
        if "problem" in answer:
            raise Problem("{problem}", problem=answer["problem"])
        return answer, attached

    def hear(self, answer: dict, attachment: bytes) -> None:
        arrived, box = self._waiting.get(answer["id"], (threading.Event(), []))
        box.extend((answer, attachment))
        arrived.set()

    def give_up(self) -> None:
        for arrived, _ in list(self._waiting.values()):
            arrived.set()


class Silence(Problem):
    """A worker did not answer: it is stuck or gone."""


class Viewer:
    """The worker that checks generators and draws from them. A new one replaces it when it dies or hangs."""

    def __init__(self, worker: Worker):
        self.worker = worker
        self.keys: set[str] = set()  # generators it was given
        self._answers = _Answers(worker)
        worker.on_message = lambda message, attachment: self._answers.hear(message, attachment)
        worker.on_end = lambda why: self._answers.give_up()
        worker.say({"do": "look"})

    def ask(self, question: dict, attachment: bytes = b"") -> tuple[dict, bytes]:
        """One question, one answer. Raises Problem."""
        return self._answers.ask(question, attachment)


@dataclass(frozen=True)
class Weights:
    """A generator as its two files' contents; `key` is what a viewer knows it by."""

    key: str
    config: bytes
    tensors: bytes


class Download:
    """MNIST on its way into the data folder."""

    def __init__(self, worker: Worker):
        self.state, self.problem = "running", ""
        self.worker = worker
        worker.on_message, worker.on_end = self._hear, self._mourn
        worker.say({"do": "download"})

    def _hear(self, message: dict, _: bytes) -> None:
        self.state, self.problem = message["kind"], message.get("problem", "")

    def _mourn(self, why: str) -> None:
        if self.state == "running":
            self.state = "failed"
            self.problem = t("The download stopped: {why}. Try again.", why=why)

    @property
    def share(self) -> float:
        """How much of it is here, 0 to 1."""
        return min(1.0, sources.bytes_here() / sources.MNIST_BYTES)


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
