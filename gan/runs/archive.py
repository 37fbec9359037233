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

from gan.errors import Problem
from gan.limits import check_room, check_space, check_steps
from gan.pictures.png import MAX_PICTURE, is_png
from gan.runs.checkpoints import checkpoints
from gan.runs.info import ALIVE, FORMAT
from gan.runs.library import MEMBER, known_files, prepared, put
from gan.runs.run import ROW_BYTES, Run, is_name

T = TypeVar("T")
MAX_MEMBERS = 60_000
MAX_UNPACKED = 4 << 30  # bytes
MOST_OF = {
    "run.json": 1 << 18,
    "config.json": 1 << 16,
    "state.json": 1 << 20,
    ".png": MAX_PICTURE,
    "pinned": 1 << 10,
}
MAX_DIRECTORY = 16 << 20  # bytes of a ZIP's list of files, which is read whole
MAX_RATIO = 200  # of unpacked to packed bytes: what no honest run reaches, but a bomb does


def pack(run: Run, file: BinaryIO, newest: bool = False) -> None:
    """Write a run as a ZIP: everything a resume and the pages need, under the run's name.

    Of a run in training it is what was saved last, with the history as far as it is written. Of the
    checkpoints it takes all, or the `newest` alone. Raises Problem where the run changes all the time.
    """

    def write() -> None:
        file.seek(0)
        file.truncate()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # PNG and floats hardly shrink
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
    """The files to pack, and what they are called in the ZIP.

    `run.json` comes first, the history after the checkpoints: so neither says less than it belongs to,
    also if a save comes in between.
    """
    kept = {folder.name for folder in checkpoints(run)[-1 if newest else 0 :]}
    for path in sorted(known_files(run.path), key=lambda path: _turn(path.relative_to(run.path).parts[0])):
        inside = path.relative_to(run.path)
        if inside.parts[0] != "checkpoints" or inside.parts[1] in kept:
            yield path, f"{run.name}/{inside.as_posix()}"


def _turn(top: str) -> int:
    return {"run.json": 0, "checkpoints": 1}.get(top, 2)


def _while_it_changes(run: Run, act: Callable[[], T]) -> T:
    """Do it; again, where a checkpoint has just left the ring or was replaced."""
    for _ in range(5):
        try:
            return act()
        except FileNotFoundError:
            continue
    raise Problem("Run {name} changes faster than it can be packed: pause it, then try again.", name=run.name)


def unpack(home: Path, file: BinaryIO, name: str) -> Run:
    """A packed run as a new one. Raises Problem naming what is wrong; nothing is left then.

    Only the files a run consists of are taken, and each is counted while it is read: paths that lead
    elsewhere, links, bombs, other versions and damaged files are refused.
    """
    check_room(home)
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive, prepared(home) as rough:
            members = _members(archive)
            check_space(home, sum(entry.file_size for entry in members.values()))
            left = MAX_UNPACKED
            for inside, entry in members.items():
                left -= _extract(archive, entry, rough / inside, left)
            _check_unpacked(rough)
            stem = Path(name).stem
            wanted = next((entry.split("/")[0] for entry in archive.namelist() if "/" in entry), stem)
            return put(rough, home, wanted if is_name(wanted) else "imported")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
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
    if size % ROW_BYTES or size // ROW_BYTES < (info.saved if checkpoints(run) else 0):
        raise Problem("history.f32 in the ZIP is cut off: nothing was imported.")
    for sample in (rough / "samples").glob("*.png"):
        with open(sample, "rb") as picture:
            if not is_png(picture.read(24)):
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
        message = (
            "Checkpoint {name} in the ZIP has the format version {found}, and this program reads {reads}."
        )
        raise Problem(message, name=folder.name, found=str(version)[:20], reads=FORMAT)
