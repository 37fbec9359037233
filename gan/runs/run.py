"""A run is a folder: what it is, what happened, what it looked like. No torch: the app lists and reads runs
itself.

run.json            what to train, and how far it is (`RunInfo`)
history.f32         four float32 a step, in the order of gan.runs.history.COLUMNS; step n is row n - 1
events.jsonl        a line for each edit and manual move, written before it takes effect
samples/            the 25 fixed latents' pictures as PNG, by step
model.safetensors, config.json     the generator as it was saved last
checkpoints/        everything a resume needs (gan.runs.checkpoints, gan.runner.checkpoint)
lock                held by the one process that trains the run
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from gan.durable import append, shorten, write_whole, writing_to
from gan.errors import Problem, os_errors_as
from gan.recipes.recipe import LIVE, Recipe
from gan.runs.events import Event, SetRate, parse
from gan.runs.history import COLUMNS
from gan.runs.info import ALIVE, RunInfo, read_info

ROW_BYTES = 4 * len(COLUMNS)  # of one step's history
CANNOT_MAKE = (
    "Runs can't be written to {path} ({why}): choose a folder you may write to, with GAN_RUNS or --run."
)


def runs_root() -> Path:
    """The runs folder: GAN_RUNS, or `runs` where the program was started."""
    return Path(os.environ.get("GAN_RUNS") or "runs").expanduser()


class Run:
    """One run's folder. Only the process that holds `lock` writes to it."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def name(self) -> str:
        """The folder's name: how the run is called in pages and addresses."""
        return self.path.name

    # --- the folder -------------------------------------------------------------------------------------

    @classmethod
    def make(cls, path: str | Path) -> "Run":
        """A new, empty folder of that path. Raises Problem."""
        with writing_to(path, CANNOT_MAKE):
            Path(path).mkdir(parents=True, exist_ok=True)
            run = cls(Path(path).resolve())
            (run.path / "samples").mkdir(exist_ok=True)
            return run

    @classmethod
    def make_next(cls, root: Path, stem: str) -> "Run":
        """A new, empty folder under `root`: the next free one of stem-1, stem-2, … Raises Problem."""
        with writing_to(root, CANNOT_MAKE):
            run = cls(_next_free(root, stem))
            (run.path / "samples").mkdir()
            return run

    def exists(self) -> bool:
        """Is there a run in this folder?"""
        return (self.path / "run.json").is_file()

    def info(self) -> RunInfo:
        """What `run.json` says, but "interrupted" where it says that somebody trains the run and nobody
        does. Raises Problem.
        """
        info = self.stored_info()
        if info.state in ALIVE and not self.is_locked():
            return info.model_copy(update={"state": "interrupted"})
        return info

    def stored_info(self) -> RunInfo:
        """What `run.json` says. Raises Problem where it is missing, damaged or of another version."""
        return read_info(self.path / "run.json")

    def write(self, info: RunInfo) -> None:
        """Replace `run.json` in one go."""
        write_whole(self.path / "run.json", info.model_dump_json(indent=1).encode())

    # --- who trains it ----------------------------------------------------------------------------------

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Hold the run: one trainer at a time, across processes. Raises Problem naming the process that
        holds it already.
        """
        lock = FileLock(self.path / "lock")
        with os_errors_as(
            "Run {name} can't be trained: its folder can't be written ({why}).", name=self.name
        ):
            try:
                lock.acquire(timeout=1)  # seconds; `is_locked` may hold it for an instant
            except Timeout:
                message = "Run {name} is being trained by process {pid}: stop it there, or start another run."
                pid = self.stored_info().pid if self.exists() else "?"
                raise Problem(message, name=self.name, pid=pid, misuse=True) from None
        try:
            yield
        finally:
            lock.release()

    def is_locked(self) -> bool:
        """Does some process train this run right now?"""
        if not (self.path / "lock").exists():
            return False
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        except OSError:  # a folder one may only read: nobody here trains in it
            return False
        lock.release()
        return False

    # --- what happened ----------------------------------------------------------------------------------

    def append_history(self, numbers: np.ndarray, durable: bool = False) -> None:
        """Add steps: float32 (n, 4), columns as in COLUMNS. Where the disk refuses, none of them is added."""
        append(self.path / "history.f32", np.ascontiguousarray(numbers, "<f4").tobytes(), durable)

    def history(self) -> np.ndarray:
        """All steps so far, float32 (n, 4), mapped from the file and not read until used."""
        file = self.path / "history.f32"
        count = file.stat().st_size // ROW_BYTES if file.exists() else 0
        if not count:
            return np.zeros((0, len(COLUMNS)), np.float32)
        return np.memmap(file, "<f4", "r", shape=(count, len(COLUMNS)))

    def append_event(self, event: Event) -> None:
        """Add a line, on disk before this returns; where the disk refuses, it is not added."""
        append(self.path / "events.jsonl", event.line(), durable=True, whole_lines=True)

    def write_events(self, events: list[Event]) -> None:
        """Replace all lines in one go."""
        write_whole(self.path / "events.jsonl", b"".join(event.line() for event in events))

    def events(self) -> list[Event]:
        """What happened beside the steps (gan.runs.events), in the order in which it is done again."""
        file = self.path / "events.jsonl"
        lines = file.read_text("utf-8", errors="replace").splitlines() if file.exists() else []
        return [event for line in lines if (event := parse(line))]

    def write_sample(self, step: int, picture: bytes) -> None:
        """Store the fixed latents' picture of a step."""
        write_whole(self.path / "samples" / f"{step:08d}.png", picture, durable=False)

    def sample(self, step: int) -> bytes | None:
        """The fixed latents' picture of that step, if there is one."""
        file = self.path / "samples" / f"{step:08d}.png"
        return file.read_bytes() if file.exists() else None

    def sample_steps(self) -> list[int]:
        """Steps of which there is a picture, in order."""
        return sorted(int(file.stem) for file in (self.path / "samples").glob("[0-9]*.png"))

    def cut_after(self, step: int) -> None:
        """Forget history and pictures beyond a step: a resume from there makes them again."""
        file = self.path / "history.f32"
        if file.exists() and file.stat().st_size > step * ROW_BYTES:
            shorten(file, step * ROW_BYTES)
        for later in self.sample_steps():
            if later > step:
                (self.path / "samples" / f"{later:08d}.png").unlink()


def _next_free(root: Path, stem: str) -> Path:
    """Make the first folder of stem-1, stem-2, … that is not there; two callers never get the same one."""
    root.mkdir(parents=True, exist_ok=True)
    number = 1 + max((_number(file.name, stem) for file in root.iterdir()), default=0)
    while True:
        try:
            (root / f"{stem}-{number}").mkdir()
            return (root / f"{stem}-{number}").resolve()
        except FileExistsError:
            number += 1


def _number(name: str, stem: str) -> int:
    tail = name.removeprefix(f"{stem}-")
    return int(tail) if name.startswith(f"{stem}-") and tail.isdecimal() else 0


def find(name: str, root: Path) -> Run:
    """The run of that name under a runs folder. `name` may come from an address: it is never a path. Raises
    Problem.
    """
    if is_name(name) and (run := Run(root / name)).exists():
        return run
    raise Problem("There is no run '{name}' here.", name=name[:60], misuse=True)


def is_name(name: str) -> bool:
    """Can a run be called that? Letters, digits, spaces and . _ - alone; so it is no path."""
    return bool(re.fullmatch(r"\w[\w .-]{0,99}", name)) and name == name.strip()


def runs_in(root: Path) -> list[Run]:
    """All runs under a runs folder, the newest first."""
    folders = [file.parent for file in root.glob("[!.]*/run.json")]
    return [Run(folder) for folder in sorted(folders, key=_age, reverse=True)]


def _age(folder: Path) -> float:
    try:
        return folder.stat().st_ctime
    except OSError:  # deleted meanwhile
        return 0.0


def rates_in_force(recipe: Recipe, events: list[Event]) -> dict[str, float]:
    """The learning rates after those events, by their key."""
    first = {key: getattr(recipe, key) for key in LIVE}
    return first | {event.key: event.new for event in events if isinstance(event, SetRate)}


def now() -> str:
    """This moment, as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
