"""Files that are on the disk whole or not at all, also if the machine stops in between."""

import os
from contextlib import AbstractContextManager
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
        try:
            write_durably(part, content) if durable else part.write_bytes(content)
            os.replace(part, path)
        except OSError:
            part.unlink(missing_ok=True)  # what a full disk has taken of it is needed elsewhere
            raise
    except FileNotFoundError:
        raise Problem(
            "The run's folder {folder} is gone: its files were deleted.", folder=path.parent
        ) from None


def write_durably(path: Path, content: bytes) -> None:
    """Write a file that is on the disk when this returns."""
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
