"""Files that are on the disk whole or not at all, also if the machine stops in between; and what is said
where the disk refuses.
"""

import os
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from gan.errors import Problem, os_errors_as

CANNOT_WRITE = "{file} can't be written ({why}): free some space or mend its rights, and try again."


def writing_to(path: str | Path, message: str = CANNOT_WRITE) -> AbstractContextManager[None]:
    """While files are written to that path: raise what the disk refuses as a Problem of that message.

    It may name {why}, {path}, and {file}, the file that the system names, which may lie deeper.
    """
    return os_errors_as(message, path=path, file=path)


def write_whole(path: Path, content: bytes, durable: bool = True) -> None:
    """Write a file so that it is there whole or as it was before, also if the machine stops in between."""
    part = path.with_name(f".{path.name}.part")
    try:
        write_durably(part, content) if durable else part.write_bytes(content)
        os.replace(part, path)
    except FileNotFoundError:
        message = "The run's folder {folder} is gone: its files were deleted."
        raise Problem(message, folder=path.parent) from None
    except OSError:
        part.unlink(missing_ok=True)  # what it has taken of a full disk is needed elsewhere
        raise


def write_durably(path: Path, content: bytes) -> None:
    """Write a file that is on the disk when this returns."""
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def append(path: Path, content: bytes, durable: bool = False, whole_lines: bool = False) -> None:
    """Add to a file's end all or nothing: what a refused write has left is cut off again.

    With `whole_lines`, a last line that a crash has torn is closed first. Raises OSError.
    """
    with open(path, "ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if whole_lines and size:
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


def shorten(path: Path, size: int) -> None:
    """Keep a file's first `size` bytes, in a new file of that name: who has mapped the old one may go on
    reading it.
    """
    part = path.with_name(f".{path.name}.part")
    with open(path, "rb") as source, open(part, "wb") as target:
        while size and (piece := source.read(min(size, 1 << 20))):
            target.write(piece)
            size -= len(piece)
    os.replace(part, path)
