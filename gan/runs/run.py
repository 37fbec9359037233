"""A run is a folder: what it is, what happened, what it looked like. No torch: the app lists and reads runs
itself.

run.json            what was asked for, and how far it is (`RunInfo`)
history.f32         four float32 a step, in the order of COLUMNS; step n is record n - 1
events.jsonl        a line for each edit and manual move, written before it takes effect
samples/            the 25 fixed latents' pictures as PNG, by step
model.safetensors, config.json     the generator as it was saved last
checkpoints/        everything a resume needs (gan.runs.checkpoints, gan.runner.checkpoint)
lock                held by the one process that trains the run
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from pydantic import ValidationError

from gan.durable import write_whole
from gan.errors import Problem
from gan.recipes.recipe import LIVE, Recipe
from gan.runs.events import Event, SetRate, parse
from gan.runs.info import ALIVE, FORMAT, RunInfo

COLUMNS = ("d_loss", "g_loss", "d_real", "d_fake")
RECORD = 4 * len(COLUMNS)  # bytes of one step's history


def runs_root() -> Path:
    """The runs folder: GAN_RUNS, or `runs` where the program was started."""
    return Path(os.environ.get("GAN_RUNS") or "runs").expanduser()


class Run:
    """One run's folder. Only the process that holds `lock` writes to it."""

    def __init__(self, path: str | Path):
        self.path = Path(path)

    @property
    def name(self) -> str:
        """The folder's name: how the run is called in pages and addresses."""
        return self.path.name

    # --- the folder -------------------------------------------------------------------------------------

    @classmethod
    def make(cls, path: str | Path) -> "Run":
        """A new, empty folder of that path. Raises Problem."""
        with _writing_to(path):
            Path(path).mkdir(parents=True, exist_ok=True)
            run = cls(Path(path).resolve())
            (run.path / "samples").mkdir(exist_ok=True)
            return run

    @classmethod
    def make_next(cls, root: Path, stem: str) -> "Run":
        """A new, empty folder under `root`: the next free one of stem-1, stem-2, … Raises Problem."""
        with _writing_to(root):
            run = cls(_next_free(root, stem))
            (run.path / "samples").mkdir()
            return run

    def exists(self) -> bool:
        """Is there a run in this folder?"""
        return (self.path / "run.json").is_file()

    def info(self) -> RunInfo:
        """What `run.json` says, "interrupted" where it says somebody trains it and nobody does. Raises
        Problem.
        """
        info = self.stored_info()
        if info.state in ALIVE and not self.is_locked():
            return info.model_copy(update={"state": "interrupted"})
        return info

    def stored_info(self) -> RunInfo:
        """What `run.json` says. Raises Problem where it is missing, damaged or of another version."""
        try:
            return RunInfo.model_validate_json((self.path / "run.json").read_bytes())
        except FileNotFoundError:
            raise Problem("There is no run in {folder}.", folder=self.path, misuse=True) from None
        except OSError as error:
            raise Problem(
                "{file} can't be read: {why}.", file=self.path / "run.json", why=error.strerror
            ) from None
        except ValidationError as error:
            raise _unusable(self.path / "run.json", error) from None

    def write(self, info: RunInfo) -> None:
        """Replace `run.json` in one go."""
        write_whole(self.path / "run.json", info.model_dump_json(indent=1).encode())

    # --- who trains it ----------------------------------------------------------------------------------

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Hold the run: one trainer at a time, across processes. Raises Problem naming the one who holds
        it.
        """
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=1)  # seconds; `is_locked` may hold it for an instant
        except Timeout:
            raise Problem(
                "Run {name} is being trained by process {pid}: stop it there, or start another run.",
                name=self.name,
                pid=self.stored_info().pid if self.exists() else "?",
                misuse=True,
            ) from None
        except OSError as error:
            raise Problem(
                "Run {name} can't be trained: its folder can't be written ({why}).",
                name=self.name,
                why=error.strerror,
            ) from None
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
        _append(self.path / "history.f32", np.ascontiguousarray(numbers, "<f4").tobytes(), durable)

    def history(self) -> np.ndarray:
        """All steps so far, float32 (n, 4), mapped from the file and not read until used."""
        file = self.path / "history.f32"
        count = file.stat().st_size // RECORD if file.exists() else 0
        if not count:
            return np.zeros((0, len(COLUMNS)), np.float32)
        return np.memmap(file, "<f4", "r", shape=(count, len(COLUMNS)))

    def append_event(self, event: Event) -> None:
        """Add a line, on disk before this returns; where the disk refuses, it is not added."""
        _append(self.path / "events.jsonl", event.line(), durable=True, lines=True)

    def write_events(self, events: list[Event]) -> None:
        """Replace all lines in one go."""
        write_whole(self.path / "events.jsonl", b"".join(event.line() for event in events))

    def events(self) -> list[Event]:
        """What happened beside the steps (gan.runs.events), in the order in which it is done again."""
        file = self.path / "events.jsonl"
        lines = file.read_text(errors="replace").splitlines() if file.exists() else []
        return [event for line in lines if (event := parse(line))]

    def write_sample(self, step: int, picture: bytes) -> None:
        """Keep the fixed latents' picture of a step."""
        write_whole(self.path / "samples" / f"{step:08d}.png", picture, durable=False)

    def sample(self, step: int) -> bytes | None:
        """The fixed latents' picture of that step, if it was kept."""
        file = self.path / "samples" / f"{step:08d}.png"
        return file.read_bytes() if file.exists() else None

    def sample_steps(self) -> list[int]:
        """Steps of which a picture was kept, in order."""
        return sorted(int(file.stem) for file in (self.path / "samples").glob("[0-9]*.png"))

    def cut_after(self, step: int) -> None:
        """Forget history and pictures beyond a step: a resume from there makes them again."""
        file = self.path / "history.f32"
        if file.exists() and file.stat().st_size > step * RECORD:
            _shorten(file, step * RECORD)
        for later in self.sample_steps():
            if later > step:
                (self.path / "samples" / f"{later:08d}.png").unlink()


def _shorten(path: Path, size: int) -> None:
    """Put the file's beginning in its place: who has mapped the whole one may go on reading that."""
    part = path.with_name(f".{path.name}.part")
    with open(path, "rb") as source, open(part, "wb") as target:
        while size and (piece := source.read(min(size, 1 << 20))):
            target.write(piece)
            size -= len(piece)
    os.replace(part, path)


def _append(path: Path, content: bytes, durable: bool, lines: bool = False) -> None:
    """Add to a file's end all or nothing: what a refused write has left is cut off again.

    With `lines`, a last line that a crash has torn is closed first.
    """
    with open(path, "ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if lines and size:
            file.seek(size - 1)
            content = b"\n" * (file.read(1) != b"\n") + content
        try:
            while content:
                content = content[file.write(content) :]
            if durable:
                os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):  # no plain file: nothing of it stays
                file.truncate(size)
            raise


@contextmanager
def _writing_to(folder: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Problem(
            "Runs can't be written to {folder} ({why}): choose a folder you may write to, "
            "with GAN_RUNS or --run.",
            folder=folder,
            why=error.strerror or error,
        ) from None


def _unusable(file: Path, error: ValidationError) -> Problem:
    first = error.errors()[0]
    if first["loc"] == ("format_version",):
        return Problem(
            "{file} has the format version {found}, and this program reads {reads}: use the program that "
            "wrote it.",
            file=file,
            found=str(first["input"])[:20],
            reads=FORMAT,
        )
    place = ".".join(map(str, first["loc"])) or "it"
    return Problem("{file} can't be used: {place}: {what}.", file=file, place=place, what=first["msg"])


def _next_free(root: Path, stem: str) -> Path:
    """Make the first folder of stem-1, stem-2, … that is not there; two callers never get the same one."""
    root.mkdir(parents=True, exist_ok=True)
    number = 1 + max((_number(one.name, stem) for one in root.iterdir()), default=0)
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
