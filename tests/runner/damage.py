"""What can happen to a run's folder while nobody looks: each damage takes the folder and a random generator,
and changes something in it.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

NAMES = (
    *("Thumbs.db", ".DS_Store", "._run.json", "desktop.ini", "notes é.txt", "한글.png", "-1", "~", "1e9"),
    *("00000005 (1).png", "00000010 (1)", "00000020 - Copy", "٠٠٠٠٠٠٢٠", "00000020.png", "²²²²²²²².png", "0"),
    *("99999999999999999999", ".00000020.old (1)", ".00000099.part copy", "run (1).json", "a\nb", "x" * 200),
)
VALUES = (None, True, -1, 0, 1e308, 10**30, "", "x" * 5000, "\u0000", "<b>", [], {}, [[]], {"a": {"b": []}})
CONTENTS = (
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"NaN",
    b"[" * 5000,
    b"\xff\xfe\x00",
    b'{"format_version": 2}',
    b"\0" * 99,
)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _folders(folder: Path) -> list[Path]:
    return [folder, *sorted(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())]


def truncate(folder: Path, rng: Random) -> None:
    """A file ends early, also in the middle of a number."""
    file = rng.choice(_files(folder))
    os.truncate(file, rng.randrange(file.stat().st_size + 1))


def flip(folder: Path, rng: Random) -> None:
    """A few bytes of a file are others."""
    file = rng.choice(_files(folder))
    content = bytearray(file.read_bytes() or b"?")
    for _ in range(rng.randint(1, 4)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    file.write_bytes(content)


def lengthen(folder: Path, rng: Random) -> None:
    """A file goes on behind its end."""
    with open(rng.choice(_files(folder)), "ab") as file:
        file.write(rng.randbytes(rng.choice((1, 15, 16, 1000))))


def replace(folder: Path, rng: Random) -> None:
    """A file holds something else."""
    rng.choice(_files(folder)).write_bytes(rng.choice((*CONTENTS, rng.randbytes(300))))


def remove(folder: Path, rng: Random) -> None:
    """A file or a folder is gone."""
    path = rng.choice([*_files(folder), *_folders(folder)[1:]])
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def swap(folder: Path, rng: Random) -> None:
    """Two files have each other's names."""
    one, other = rng.sample(_files(folder), 2)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def folder_for_file(folder: Path, rng: Random) -> None:
    """A folder lies where a file belongs, perhaps with a file in it."""
    file = rng.choice(_files(folder))
    file.unlink()
    file.mkdir()
    if rng.random() < 0.5:
        (file / "inside.txt").write_text("mine")


def file_for_folder(folder: Path, rng: Random) -> None:
    """A file lies where a folder belongs."""
    if inner := _folders(folder)[1:]:
        path = rng.choice(inner)
        shutil.rmtree(path)
        path.write_bytes(rng.choice(CONTENTS))


def link(folder: Path, rng: Random) -> None:
    """A file or a folder is a link: to somebody's files beside the runs, to itself, or to nothing."""
    path = rng.choice([*_files(folder), *_folders(folder)[1:]])
    is_folder = path.is_dir()
    shutil.rmtree(path) if is_folder else path.unlink()
    elsewhere = folder.parent.parent / "elsewhere"
    path.symlink_to(rng.choice((elsewhere if is_folder else elsewhere / "theirs.txt", path.name, "nothing")))


def add(folder: Path, rng: Random) -> None:
    """Something that no run has is there: a file or a folder of a name that looks much like a run's."""
    path = rng.choice(_folders(folder)) / rng.choice(NAMES)
    if not os.path.lexists(path):
        if rng.random() < 0.4:
            path.mkdir()
            path = path / "inside.txt"
        path.write_bytes(rng.choice((*CONTENTS, b"mine")))


def copy(folder: Path, rng: Random) -> None:
    """Something was copied beside itself, as file managers do."""
    path = rng.choice([*_files(folder), *_folders(folder)[1:]])
    target = path.with_name(path.stem + rng.choice((" (1)", " - Copy", " copy 2", "~")) + path.suffix)
    if not target.exists():
        shutil.copytree(path, target) if path.is_dir() else shutil.copy2(path, target)


def change_value(folder: Path, rng: Random) -> None:
    """One value of a JSON file is another, or missing."""
    file = rng.choice([file for file in _files(folder) if file.suffix == ".json"] or [None])
    try:
        inner = content = json.loads(file.read_bytes())
        while isinstance(inner[key := rng.choice(sorted(inner))], dict) and rng.random() < 0.7:
            inner = inner[key]
        inner[key] = rng.choice(VALUES)
    except (AttributeError, ValueError, LookupError, TypeError):  # damaged before
        return
    file.write_text(json.dumps(content))


def age(folder: Path, rng: Random) -> None:
    """A file is from 1970, or from far in the future."""
    os.utime(rng.choice(_files(folder)), (when := rng.choice((0, 2**33)), when))


DAMAGES: tuple[Callable[[Path, Random], None], ...] = (
    *(truncate, flip, lengthen, replace, remove, swap, folder_for_file, file_for_folder, link),
    *(add, add, copy, copy, change_value, change_value, age),
)


def damage(folder: Path, rng: Random) -> list[str]:
    """Do one to three of them; their names."""
    chosen = rng.choices(DAMAGES, k=rng.choice((1, 1, 2, 3)))
    for change in chosen:
        if _files(folder):
            change(folder, rng)
    return [change.__name__ for change in chosen]
