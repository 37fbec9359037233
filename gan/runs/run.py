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

import errno
import os
import re
import stat
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from gan.durable import append, make_folder, share, shorten, write_whole, writing_to
from gan.errors import CANNOT_READ, Problem, os_errors_as
from gan.folders import named
from gan.places import is_file, named_folder
from gan.recipes.recipe import LIVE, Recipe
from gan.runs.events import Event, SetRate, parse
from gan.runs.history import CHUNK_ROWS, COLUMNS
from gan.runs.info import ALIVE, UNKNOWN, RunInfo, read_info
from gan.runs.lock import RunLock

ROW_BYTES = 4 * len(COLUMNS)  # of one step's history
STEP = "(?:[0-9]{8}|[1-9][0-9]{8})"  # a step as files and folders are named after it
MOST_BYTES = 240  # of a name: file systems take 255, and what is made beside a run adds to it
CANNOT_MAKE = (
    "Runs can't be written to {path} ({why}): choose a folder you may write to, with GAN_RUNS or --run."
)


def runs_root() -> Path:
    """The runs folder: GAN_RUNS, or `runs` where the program was started."""
    return named_folder("GAN_RUNS", "runs")


def check_place(path: str | Path) -> None:
    """Raise Problem where a path can be no folder: too long, below a file, in a folder of somebody else's."""
    with writing_to(path, CANNOT_MAKE):
        try:
            if not stat.S_ISDIR(os.stat(path).st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        except FileNotFoundError:
            pass
        except ValueError as error:  # it holds a NUL
            raise OSError(errno.EINVAL, str(error), str(path)) from None


class Run:
    """One run's folder. Only the process that holds `lock` writes to it."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.lock = RunLock(self.path)

    @property
    def name(self) -> str:
        """The folder's name: how the run is called in pages and addresses."""
        return self.path.name

    # --- the folder -------------------------------------------------------------------------------------

    @classmethod
    def make(cls, path: str | Path) -> "Run":
        """A new, empty folder of that path. Raises Problem."""
        with writing_to(path, CANNOT_MAKE):
            make_folder(Path(path))
            run = cls(Path(path).resolve())
            make_folder(run.path / "samples")
            return run

    @classmethod
    def make_next(cls, root: Path, stem: str) -> "Run":
        """A new, empty folder under `root`: the next free one of stem-1, stem-2, … Raises Problem."""
        with writing_to(root, CANNOT_MAKE):
            run = cls(_next_free(root, stem))
            make_folder(run.path / "samples")
            return run

    def exists(self) -> bool:
        """Is there a run in this folder? Raises Problem where nobody can tell."""
        return is_file(self.path / "run.json")

    def info(self) -> RunInfo:
        """What `run.json` says; where it says that somebody trains the run, "interrupted" if nobody does, and
        "unknown" if nobody can tell. Raises Problem.
        """
        info = self.stored_info()
        if info.state not in ALIVE or (lock := self.lock.state()) == "held":
            return info
        return info.model_copy(update={"state": "interrupted" if lock == "free" else UNKNOWN})

    def stored_info(self) -> RunInfo:
        """What `run.json` says. Raises Problem where it is missing, damaged or of another version."""
        return read_info(self.path / "run.json")

    def write(self, info: RunInfo) -> None:
        """Replace `run.json` in one go."""
        write_whole(self.path / "run.json", info.model_dump_json(indent=1).encode())

    # --- who trains it ----------------------------------------------------------------------------------

    def owned(self) -> AbstractContextManager[None]:
        """Hold the run: one trainer at a time, across processes. Raises Problem naming the process that
        holds it already.
        """
        return self.lock.hold()

    # --- what happened ----------------------------------------------------------------------------------

    def append_history(self, numbers: np.ndarray, durable: bool = False) -> None:
        """Add steps: float32 (n, 4), columns as in COLUMNS. Where the disk refuses, none of them is added."""
        append(self.path / "history.f32", np.ascontiguousarray(numbers, "<f4").tobytes(), durable)

    @os_errors_as(CANNOT_READ)
    def history(self) -> np.ndarray:
        """All steps so far, float32 (n, 4), mapped from the file and not read until used."""
        file = self.path / "history.f32"
        count = file.stat().st_size // ROW_BYTES if file.is_file() else 0
        if not count:
            return np.zeros((0, len(COLUMNS)), np.float32)
        return np.memmap(file, "<f4", "r", shape=(count, len(COLUMNS)))

    def append_event(self, event: Event) -> None:
        """Add a line, on disk before this returns; where the disk refuses, it is not added."""
        append(self.path / "events.jsonl", event.line(), durable=True, whole_lines=True)

    def write_events(self, events: list[Event]) -> None:
        """Replace all lines in one go."""
        write_whole(self.path / "events.jsonl", b"".join(event.line() for event in events))

    @os_errors_as(CANNOT_READ)
    def events(self) -> list[Event]:
        """What happened beside the steps (gan.runs.events), in the order in which it is done again."""
        file = self.path / "events.jsonl"
        lines = file.read_text("utf-8", errors="replace").splitlines() if file.is_file() else []
        return [event for line in lines if (event := parse(line))]

    def write_sample(self, step: int, picture: bytes) -> None:
        """Store the fixed latents' picture of a step."""
        write_whole(self.path / "samples" / f"{step:08d}.png", picture, durable=False)

    @os_errors_as(CANNOT_READ)
    def sample(self, step: int) -> bytes | None:
        """The fixed latents' picture of that step, if there is one."""
        file = self.path / "samples" / f"{step:08d}.png"
        return file.read_bytes() if file.is_file() else None

    @os_errors_as(CANNOT_READ)
    def sample_steps(self) -> list[int]:
        """Steps of which there is a picture, in order."""
        return sorted(int(file.stem) for file in named(self.path / "samples", rf"{STEP}\.png"))

    def end_at(self, step: int) -> int:
        """Make history and pictures end with that step, from which a resume goes on. What lies beyond is
        forgotten; steps that the history lacks become a gap of NaN, and are counted.
        """
        file = self.path / "history.f32"
        size = file.stat().st_size if file.exists() else 0
        whole = min(size // ROW_BYTES, step)
        if size > whole * ROW_BYTES:
            shorten(file, whole * ROW_BYTES)
        for start in range(whole, step, CHUNK_ROWS):
            gap = np.full((min(CHUNK_ROWS, step - start), len(COLUMNS)), np.nan, np.float32)
            self.append_history(gap, durable=True)
        for later in self.sample_steps():
            if later > step:
                (self.path / "samples" / f"{later:08d}.png").unlink()
        return step - whole


def _next_free(root: Path, stem: str) -> Path:
    """Make the first folder of stem-1, stem-2, … that is not there; two callers never get the same one."""
    make_folder(root)
    number = 1 + max((_number(file.name, stem) for file in root.iterdir()), default=0)
    while True:
        try:
            (root / f"{stem}-{number}").mkdir()
            share(root / f"{stem}-{number}")
            return (root / f"{stem}-{number}").resolve()
        except FileExistsError:
            number += 1


def _number(name: str, stem: str) -> int:
    counted = re.fullmatch(re.escape(stem) + "-([1-9][0-9]{0,8})", name)
    return int(counted[1]) if counted else 0


def find(name: str, root: Path) -> Run:
    """The run of that name under a runs folder. `name` may come from an address: it is never a path. Raises
    Problem.
    """
    if is_no_path(name) and (run := Run(root / name)).exists():
        return run
    raise Problem("There is no run '{name}' here.", name=name[:60], misuse=True)


def is_no_path(name: str) -> bool:
    """Is it made of letters, digits, spaces and . _ - ( ) alone, and not hidden?"""
    return bool(re.fullmatch(r"\w[\w .()-]{0,99}", name)) and name == name.strip()


def is_name(name: str) -> bool:
    """Can a new run be called that? File systems count bytes, of which a letter may have several."""
    return is_no_path(name) and len(name.encode()) <= MOST_BYTES


def numbered(name: str, number: int) -> str:
    """A name with -number behind it, and as much of the name as a run may be called then."""
    end = f"-{number}"
    while name and not is_name(name + end):
        name = name[:-1]
    return name + end


def runs_in(root: Path) -> list[Run]:
    """All runs under a runs folder that `find` finds, the newest first."""
    folders = [file.parent for file in root.glob("[!.]*/run.json") if is_no_path(file.parent.name)]
    return [Run(folder) for folder in sorted(folders, key=_age, reverse=True)]


def _age(folder: Path) -> float:
    try:
        return max(folder.stat().st_ctime, folder.lstat().st_ctime)  # of a link: when it came here
    except OSError:  # deleted meanwhile
        return 0.0


def rates_in_force(recipe: Recipe, events: list[Event]) -> dict[str, float]:
    """The learning rates after those events, by their key."""
    first = {key: getattr(recipe, key) for key in LIVE}
    return first | {event.key: event.new for event in events if isinstance(event, SetRate)}


def now() -> str:
    """This moment, as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
