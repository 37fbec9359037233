"""A run as one ZIP file, and back: packed whole, unpacked with mistrust. No torch.

What is unpacked may come from anybody: names, kinds, counts and sizes are looked at before anything is
written.
"""

import json
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

from gan.durable import make_folder
from gan.errors import Problem
from gan.limits import check_room, check_space, check_steps
from gan.pictures.png import MAX_PICTURE, is_png
from gan.runs.checkpoints import checkpoints, newest_whole, step_of
from gan.runs.info import ALIVE, FORMAT
from gan.runs.library import MEMBER, known_files, preparing, put
from gan.runs.run import Run, is_name
from gan.zips import UNREADABLE

T = TypeVar("T")
MAX_MEMBERS = 60_000
MAX_UNPACKED = 4 << 30  # bytes
MAX_OF = {  # bytes of a file, by the end of its name; others have no limit of their own
    "run.json": 1 << 18,
    "config.json": 1 << 16,
    "state.json": 1 << 20,
    ".png": MAX_PICTURE,
    "pinned": 1 << 10,
    "events.jsonl": 16 << 20,
}
MAX_DIRECTORY = 16 << 20  # bytes of a ZIP's list of files, which is read whole
MAX_RATIO = 200  # of unpacked to packed bytes: what no honest run reaches, but a bomb does


def pack(run: Run, file: BinaryIO, newest: bool = False) -> None:
    """Write a run as a ZIP: everything that a resume and the pages need, under the run's name.

    A run in training is packed as it was saved last, with the history as far as it is written. With `newest`,
    the other checkpoints stay out. Raises Problem where the run changes all the time.
    """

    def write() -> None:
        file.seek(0)
        file.truncate()
        # PNG and floats hardly shrink; a file of 1970 has the date 1980, the first that a ZIP knows
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
            for path, name in _packed(run, newest):
                archive.write(path, name)

    _while_it_changes(run, write)


def packed_size(run: Run, newest: bool = False) -> int:
    """Bytes that `pack` writes: each file with two headers (30 and 46 bytes and its name), and 22 at last."""

    def count() -> int:
        entries = [(len(name.encode()), path.stat().st_size) for path, name in _packed(run, newest)]
        return sum(30 + 46 + 2 * name + size for name, size in entries) + 22

    return _while_it_changes(run, count)


def _packed(run: Run, newest: bool) -> Iterator[tuple[Path, str]]:
    """The files to pack, and their names in the ZIP.

    `run.json` comes first, and the history after the checkpoints: so `run.json` never promises a step, nor a
    checkpoint a piece of history, that is not there, also if the run is saved in between.
    """
    packed = {folder.name for folder in (newest_whole(run) if newest else checkpoints(run))}
    order = {"run.json": 0, "checkpoints": 1}
    for path in sorted(known_files(run.path), key=lambda path: order.get(_parts(path, run)[0], 2)):
        parts = _parts(path, run)
        if parts[0] != "checkpoints" or parts[1] in packed:
            yield path, "/".join([run.name, *parts])


def _parts(path: Path, run: Run) -> tuple[str, ...]:
    """A file's place in its run: its folders and its name."""
    return path.relative_to(run.path).parts


def _while_it_changes(run: Run, act: Callable[[], T]) -> T:
    """Do it; again, where a checkpoint has just left or was replaced."""
    for _ in range(5):
        try:
            return act()
        except FileNotFoundError:
            continue
    raise Problem("Run {name} changes faster than it can be packed: pause it, then try again.", name=run.name)


def unpack(home: Path, file: BinaryIO, name: str) -> Run:
    """A packed run as a new one. Raises Problem naming what is wrong; nothing is left then.

    Only the files a run consists of are taken, and each is counted while it is read. What else lies in a run
    that was packed by hand is left out: its lock and log, what the system adds. Paths that lead elsewhere,
    links, bombs, other versions and damaged files are refused.
    """
    check_room(home)
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive, preparing(home) as folder:
            top, members = _members(archive)
            check_space(home, sum(entry.file_size for entry in members.values()))
            left = MAX_UNPACKED
            for inside, entry in members.items():
                left -= _extract(archive, entry, folder / inside, left)
            _check_unpacked(folder)
            wish = Path(top).name or Path(name).stem
            return put(folder, home, wish if is_name(wish) else "imported")
    except UNREADABLE as error:
        message = "{name} is no ZIP of a run that can be read ({why}): take one that Download made."
        raise Problem(message, name=name, why=str(error)[:100]) from None


def _check_directory(file: BinaryIO) -> None:
    """Refuse a ZIP whose list of files is larger than any run's, before it is read. Raises Problem."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 42))
    tail = file.read()
    for end in re.finditer(b"(?=PK\5\6)", tail):  # whichever of them zipfile takes for the end
        at = end.start()
        large = tail[max(0, at - 20) : at].startswith(b"PK\6\7")  # ZIP64, for what no run is
        if large or int.from_bytes(tail[at + 12 : at + 16], "little") > MAX_DIRECTORY:
            raise Problem("The ZIP lists more files, or larger ones, than a run has: nothing was imported.")
    file.seek(0)


def _members(archive: zipfile.ZipFile) -> tuple[str, dict[str, zipfile.ZipInfo]]:
    """The folder in the ZIP that is the run, and the files to take by their path in it. Raises Problem."""
    entries = archive.infolist()
    if len(entries) > MAX_MEMBERS:
        raise Problem("The ZIP holds {count} files: no run does.", count=f"{len(entries):,}")
    for entry in entries:
        _refuse_hostile(entry)
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if unpacked > min(MAX_UNPACKED, MAX_RATIO * max(packed, 1 << 16)):
        raise Problem("The ZIP would unpack to {size} bytes: no run is like that.", size=f"{unpacked:,}")
    top = _top([_path(entry) for entry in entries])
    members: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        inside = _path(entry).removeprefix(top)
        if _path(entry).startswith(top) and re.fullmatch(MEMBER, inside):
            _check_member(entry, inside, twice=inside in members)
            members[inside] = entry
    return top, members


def _path(entry: zipfile.ZipInfo) -> str:
    """An entry's path; some programs for Windows write it with backslashes."""
    return entry.filename.replace("\\", "/")


def _refuse_hostile(entry: zipfile.ZipInfo) -> None:
    """Refuse what nobody's own run holds, whatever its name: it was made to do harm. Raises Problem."""
    path, kind = _path(entry), stat.S_IFMT(entry.external_attr >> 16)
    leads_out = ".." in path.split("/") or path.startswith("/") or re.match("[A-Za-z]:", path)
    if leads_out or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        name = ascii(entry.filename)[1:-1][-80:]
        raise Problem("The ZIP holds {file}, which leads out of it: nothing was imported.", file=name)
    if entry.flag_bits & 1:
        raise Problem("The ZIP is encrypted: unpack it, and pack it again without a password.")


def _top(paths: list[str]) -> str:
    """The folder of the one run in the ZIP: the outermost that holds a run.json. Raises Problem."""
    tops = [path.removesuffix("run.json") for path in paths if path.split("/")[-1] == "run.json"]
    depth = min((top.count("/") for top in tops), default=0)
    outermost = {top for top in tops if top.count("/") == depth}
    if not outermost:
        raise Problem("The ZIP holds no run.json: it is no run that Download made.")
    if len(outermost) > 1:
        raise Problem("The ZIP holds {count} runs: pack each by itself.", count=len(outermost))
    return outermost.pop()


def _check_member(entry: zipfile.ZipInfo, inside: str, twice: bool) -> None:
    """Refuse a file of the run that is there twice, or is too large for what it is. Raises Problem."""
    if twice:
        raise Problem("The ZIP holds {file} twice: nothing was imported.", file=inside)
    most = next((most for end, most in MAX_OF.items() if inside.endswith(end)), MAX_UNPACKED)
    if entry.file_size > most:
        sizes = {"size": f"{entry.file_size:,}", "most": f"{most:,}"}
        raise Problem("{file} in the ZIP has {size} bytes, more than {most}.", file=inside, **sizes)


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Unpack one file, in pieces that are counted, since its size may be a lie. Returns its bytes."""
    most = min(most, entry.file_size)
    make_folder(target.parent)
    size = 0
    with archive.open(entry) as source, open(target, "xb") as out:
        while piece := source.read(1 << 20):
            size += len(piece)
            if size > most:
                raise Problem("The ZIP holds more than it says: nothing was imported.")
            out.write(piece)
    return size


def _check_unpacked(folder: Path) -> None:
    """Refuse what is no run that pages and trainers can use, and mark it as stopped. Raises Problem."""
    run = Run(folder)
    info = run.stored_info()
    check_steps(max([info.steps, *map(step_of, checkpoints(run))]))
    for sample in (folder / "samples").glob("*.png"):
        with open(sample, "rb") as picture:
            if not is_png(picture.read(24)):
                message = "{file} in the ZIP is no PNG of a usual size: nothing was imported."
                raise Problem(message, file=sample.name)
    for checkpoint in checkpoints(run):
        _check_state(checkpoint)
    make_folder(folder / "samples")
    run.write(info.model_copy(update={"pid": 0} | ({"state": "stopped"} if info.state in ALIVE else {})))


def _check_state(checkpoint: Path) -> None:
    try:
        version = json.loads((checkpoint / "state.json").read_bytes())["format_version"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Problem("Checkpoint {name} in the ZIP is damaged.", name=checkpoint.name) from None
    if version != FORMAT:
        message = (
            "Checkpoint {name} in the ZIP has the format version {found}, and this program reads {reads}."
        )
        raise Problem(message, name=checkpoint.name, found=str(version)[:20], reads=FORMAT)
