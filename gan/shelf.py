"""What one does with whole runs: rename, copy, fork, throw away, take out again, pack and unpack. Folders
only, no torch.

Every operation prepares its result under a name that is no run's and ends with one rename.
"""

import json
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gan.limits import check_room, check_space, check_steps
from gan.pictures import png_side
from gan.recipes import LIVE
from gan.ring import PIN, checkpoint_at, checkpoints
from gan.runs import ALIVE, FORMAT, RECORD, Run, RunInfo, find, is_name, now, runs_in, write_durably
from gan.words import Problem

TRASH = ".trash"
ROUGH = ".new"  # the stem of names under which a run is prepared
MEMBER = re.compile(  # every file a packed run may hold
    r"run\.json|history\.f32|events\.jsonl|config\.json|model\.safetensors|samples/\d{8,9}\.png"
    r"|checkpoints/\d{8,9}/(state\.json|pinned|[a-z_]{1,40}\.safetensors)"
)
MAX_MEMBERS = 60_000
MAX_UNPACKED = 4 << 30  # bytes
MOST_OF = {
    "run.json": 1 << 18,
    "config.json": 1 << 16,
    "state.json": 1 << 20,
    ".png": 4 << 20,
    "pinned": 1 << 10,
}
MAX_SIDE = 4096  # pixels of a kept picture
MAX_DIRECTORY = 16 << 20  # bytes of a ZIP's list of files, which is read whole
MAX_RATIO = 200  # of unpacked to packed bytes: what no honest run reaches, but a bomb does


def next_name(home: Path, stem: str) -> str:
    """The first of stem-2, stem-3, … that is free; a number at the stem's end counts on."""
    base, _, number = stem.rpartition("-")
    base, start = (base, int(number) + 1) if base and number.isdecimal() else (stem, 2)
    return next(name for n in range(start, start + 10**6) if not (home / (name := f"{base}-{n}")).exists())


def rename(run: Run, name: str) -> Run:
    """Call a run differently. Raises Problem where that name can't be or is taken, or while it trains."""
    name = name.strip()
    if not is_name(name):
        raise Problem(
            "'{name}' can't be a run's name: take letters, digits, spaces and . _ - (100 at most).",
            name=name[:60],
        )
    target = run.path.with_name(name)
    if name == run.name:
        return run
    _refuse_in_training(run)
    if target.exists():
        raise Problem("There is a run '{name}' already: choose another name.", name=name)
    with _told(target):
        run.path.rename(target)
    return Run(target)


def duplicate(run: Run) -> Run:
    """A copy with all checkpoints, under the next free name. Raises Problem, also while it trains."""
    _refuse_in_training(run)
    home = run.path.parent
    check_room(home)
    with _prepared(home) as rough:
        _copy_known(run.path, rough)
        return _put(rough, home, run.name)


def fork(run: Run, step: int, changes: dict[str, object], steps: int | None = None) -> Run:
    """A new run that goes on from one of the run's checkpoints with changed settings. Raises Problem.

    `changes` are settings of the recipe that leave its tensors as they are. Learning rates become edits at
    the fork's step, so the chart shows them. Edits, history and pictures beyond the checkpoint are dropped.
    """
    source, info, home = checkpoint_at(run, step), run.stored_info(), run.path.parent
    recipe = info.recipe.with_changes({key: value for key, value in changes.items() if key not in LIVE})
    rates = info.recipe.with_changes({key: value for key, value in changes.items() if key in LIVE})
    steps = steps or max(info.steps, step)
    check_steps(steps)
    check_room(home)
    with _prepared(home) as rough:
        try:
            state = json.loads((source / "state.json").read_bytes())
            events = run.events()[: int(state["notes"]["events"])]
            state["belongs"] |= recipe.model_dump(mode="json", include=set(state["belongs"]))
            target = rough / "checkpoints" / source.name
            shutil.copytree(source, target)
            (target / PIN).unlink(missing_ok=True)
        except (OSError, ValueError, KeyError, TypeError) as error:
            told = "Checkpoint {step} of run {name} can't be forked ({why}): choose another one."
            raise Problem(told, step=f"{step:,}", name=run.name, why=error) from None
        born = [{"step": step, "what": "fork", "run": run.name}]
        in_force = _rates(info, events)
        born += [
            {"step": step, "what": "set", "key": key, "old": in_force[key], "new": getattr(rates, key)}
            for key in LIVE
            if key in changes and getattr(rates, key) != in_force[key]
        ]
        write_durably(target / "state.json", json.dumps(state, indent=1).encode())
        child = Run(rough)
        child.write_events([*events, *born])
        _copy_history(run, rough, step)
        _copy_generator(target, run, rough, step, recipe)
        told = {"state": "stopped" if step < steps else "finished", "problem": "", "created": now(), "pid": 0}
        share = step / info.step if info.step else 0.0
        told |= {"step": step, "saved": step, "steps": steps, "seconds": info.seconds * min(1.0, share)}
        child.write(info.model_copy(update=told | {"recipe": recipe}))
        return _put(rough, home, run.name)


def _rates(info: RunInfo, events: list[dict]) -> dict[str, float]:
    """The learning rates after those events."""
    first = {key: getattr(info.recipe, key) for key in LIVE}
    return first | {event["key"]: event["new"] for event in events if event["what"] == "set"}


def _copy_history(run: Run, target: Path, step: int) -> None:
    with open(target / "history.f32", "wb") as file:
        history = run.history()[:step]
        for start in range(0, len(history), 1 << 16):
            file.write(history[start : start + (1 << 16)].tobytes())
    (target / "samples").mkdir()
    for kept in run.sample_steps():
        if kept <= step:
            shutil.copy(run.path / "samples" / f"{kept:08d}.png", target / "samples")


def _copy_generator(checkpoint: Path, run: Run, target: Path, step: int, recipe) -> None:
    """So that a run is a generator folder too: the checkpoint's generator, with the config it had."""
    config = json.loads((run.path / "config.json").read_bytes())
    config |= {"step": step, "recipe": recipe.model_dump(mode="json")}
    (target / "config.json").write_text(json.dumps(config, indent=1))
    shutil.copy(checkpoint / "generator.safetensors", target / "model.safetensors")


# --- the trash ---------------------------------------------------------------------------------------


def throw_away(run: Run) -> None:
    """Into the trash, from where `take_out` brings it back. Raises Problem while somebody trains it."""
    _refuse_in_training(run)
    trash = run.path.parent / TRASH
    with _told(trash):
        trash.mkdir(exist_ok=True)
        name = run.name if not (trash / run.name).exists() else next_name(trash, run.name)
        os.utime(run.path)
        run.path.rename(trash / name)


def thrown_away(home: Path) -> list[Run]:
    """The runs in the trash, the last one first."""
    return runs_in(home / TRASH)


def take_out(home: Path, name: str) -> Run:
    """Bring a run back from the trash, under another name if its own is taken. Raises Problem."""
    run = find(name, home / TRASH)
    with _told(home):
        target = home / (name if not (home / name).exists() else next_name(home, name))
        run.path.rename(target)
        return Run(target)


def empty_trash(home: Path) -> None:
    """Remove what is in the trash, for good."""
    shutil.rmtree(home / TRASH, ignore_errors=True)


# --- ZIP ---------------------------------------------------------------------------------------------


def pack(run: Run, file: BinaryIO, newest: bool = False) -> None:
    """Write a run as a ZIP: everything a resume and the pages need, under the run's name.

    Of a run in training it is what was saved last, with the history as far as it is written. Of the
    checkpoints it takes all, or the `newest` alone.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # PNG and floats hardly shrink
        for path, name in _packed(run, newest):
            try:
                archive.write(path, name)
            except FileNotFoundError:  # a checkpoint that has just left the ring
                continue


def packed_size(run: Run, newest: bool = False) -> int:
    """Bytes that `pack` writes: each file with two headers (30 and 46 bytes and its name), and 22 at last."""
    entries = [(len(name.encode()), path.stat().st_size) for path, name in _packed(run, newest)]
    return sum(30 + 46 + 2 * name + size for name, size in entries) + 22


def _packed(run: Run, newest: bool) -> Iterator[tuple[Path, str]]:
    """The files to pack, and what they are called in the ZIP."""
    kept = {folder.name for folder in checkpoints(run)[-1 if newest else 0 :]}
    for path in _known(run.path):
        inside = path.relative_to(run.path)
        if inside.parts[0] != "checkpoints" or inside.parts[1] in kept:
            yield path, f"{run.name}/{inside.as_posix()}"


def unpack(home: Path, file: BinaryIO, name: str) -> Run:
    """A packed run as a new one. Raises Problem naming what is wrong; nothing is left then.

    Only the files a run consists of are taken, and each is counted while it is read: paths that lead
    elsewhere, links, bombs, other versions and damaged files are refused.
    """
    check_room(home)
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive, _prepared(home) as rough:
            members = _members(archive)
            check_space(home, sum(entry.file_size for entry in members.values()))
            left = MAX_UNPACKED
            for inside, entry in members.items():
                left -= _extract(archive, entry, rough / inside, left)
            _check_unpacked(rough)
            stem = Path(name).stem
            wanted = next((entry.split("/")[0] for entry in archive.namelist() if "/" in entry), stem)
            return _put(rough, home, wanted if is_name(wanted) else "imported")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise Problem("The run can't be written here: {why}.", why=error.strerror) from None
        told = "{name} is no ZIP of a run that can be read ({why}): take one that Download made."
        raise Problem(told, name=name, why=str(error)[:100]) from None


def _check_directory(file: BinaryIO) -> None:
    """Refuse a ZIP whose list of files is larger than any run's, before it is read. Raises Problem."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 42))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    large = at >= 20 and tail[at - 20 : at - 16] == b"PK\6\7"  # ZIP64, for what no run is
    if large or (at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > MAX_DIRECTORY):
        raise Problem("The ZIP lists more files, or larger ones, than a run has: nothing was imported.")
    file.seek(0)


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files to take by their path in the run. Raises Problem for anything that is no run's."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_MEMBERS:
        raise Problem("The ZIP holds {count} files: no run does.", count=f"{len(entries):,}")
    heads = [entry.filename for entry in entries if re.fullmatch(r"([^/]+/)?run\.json", entry.filename)]
    top = heads[0].removesuffix("run.json") if heads else None
    if top is None:
        raise Problem("The ZIP holds no run.json: it is no run that Download made.")
    members: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        inside = entry.filename.removeprefix(top) if entry.filename.startswith(top) else ""
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if not MEMBER.fullmatch(inside) or kind not in (0, stat.S_IFREG) or inside in members:
            shown = ascii(entry.filename)[1:-1][:80]
            raise Problem("The ZIP holds {file}, which no run has: nothing was imported.", file=shown)
        if entry.flag_bits & 1:
            raise Problem("The ZIP is encrypted: unpack it, and pack it again without a password.")
        most = next((most for end, most in MOST_OF.items() if inside.endswith(end)), MAX_UNPACKED)
        if entry.file_size > most:
            sizes = {"size": f"{entry.file_size:,}", "most": f"{most:,}"}
            raise Problem("{file} in the ZIP has {size} bytes, more than {most}.", file=inside, **sizes)
        members[inside] = entry
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if unpacked > min(MAX_UNPACKED, MAX_RATIO * max(packed, 1 << 16)):
        raise Problem("The ZIP would unpack to {size} bytes: no run is like that.", size=f"{unpacked:,}")
    return members


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, most: int) -> int:
    """One file, read in pieces and counted: what an entry says of its size is not believed."""
    most = min(most, entry.file_size)
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with archive.open(entry) as source, open(target, "xb") as out:
        while piece := source.read(1 << 20):
            size += len(piece)
            if size > most:
                raise Problem("The ZIP holds more than it says: nothing was imported.")
            out.write(piece)
    return size


def _check_unpacked(rough: Path) -> None:
    """Is it a run that pages and trainers can use?"""
    run = Run(rough)
    info = run.stored_info()
    check_steps(info.steps)
    history = rough / "history.f32"
    size = history.stat().st_size if history.exists() else 0
    if size % RECORD or size // RECORD < (info.saved if checkpoints(run) else 0):
        raise Problem("history.f32 in the ZIP is cut off: nothing was imported.")
    for sample in (rough / "samples").glob("*.png"):
        with open(sample, "rb") as picture:
            if not 0 < png_side(picture.read(24)) <= MAX_SIDE:
                raise Problem(
                    "{file} in the ZIP is no PNG of a kept size: nothing imported.", file=sample.name
                )
    for folder in checkpoints(run):
        _check_state(folder)
    (rough / "samples").mkdir(exist_ok=True)
    run.write(info.model_copy(update={"pid": 0} | ({"state": "stopped"} if info.state in ALIVE else {})))


def _check_state(folder: Path) -> None:
    try:
        version = json.loads((folder / "state.json").read_bytes())["format_version"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Problem("Checkpoint {name} in the ZIP is damaged.", name=folder.name) from None
    if version != FORMAT:
        told = "Checkpoint {name} in the ZIP has the format version {found}, and this program reads {reads}."
        raise Problem(told, name=folder.name, found=str(version)[:20], reads=FORMAT)


# --- between -----------------------------------------------------------------------------------------


def _refuse_in_training(run: Run) -> None:
    if run.is_locked():
        raise Problem("Run {name} is in training: stop it first.", name=run.name)


def _known(folder: Path) -> Iterator[Path]:
    """The files a run consists of, the whole ones: no lock, no log, nothing half-written."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and MEMBER.fullmatch(path.relative_to(folder).as_posix()):
            yield path


def _copy_known(source: Path, target: Path) -> None:
    for path in _known(source):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    (target / "samples").mkdir(exist_ok=True)


@contextmanager
def _prepared(home: Path) -> Iterator[Path]:
    """A folder to fill; what is left of it afterwards is removed."""
    rough = home / f"{ROUGH}-{os.urandom(8).hex()}"
    with _told(home):
        home.mkdir(parents=True, exist_ok=True)
        rough.mkdir()
        try:
            yield rough
        finally:
            shutil.rmtree(rough, ignore_errors=True)


def _put(rough: Path, home: Path, stem: str) -> Run:
    name = stem if not (home / stem).exists() else next_name(home, stem)
    rough.rename(home / name)
    return Run(home / name)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """A disk that refuses, as a sentence."""
    try:
        yield
    except OSError as error:
        raise Problem(
            "{file} can't be written ({why}): free some space or mend its rights, and try again.",
            file=error.filename or folder,
            why=error.strerror or error,
        ) from None
