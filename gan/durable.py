"""Files that are on the disk whole or not at all, also if the machine stops in between; folders that a group
shares; and what is said where the disk refuses.
"""

import errno
import os
import stat
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from gan.errors import Problem, os_errors_as

CANNOT_WRITE = "{file} can't be written ({why}): free some space or mend its rights, and try again."
GONE = "The run's folder {folder} is gone: it was moved or deleted."
# Said by file systems that can't flush a folder (CIFS, drives in WSL, some of FUSE): no disk has failed then.
NO_FLUSH = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOTTY, errno.EBADF)
NO_FLUSH += (errno.EACCES, errno.EPERM, errno.EISDIR)


def writing_to(path: str | Path, message: str = CANNOT_WRITE) -> AbstractContextManager[None]:
    """While files are written to that path: raise what the disk refuses as a Problem of that message.

    It may name {why}, {path}, and {file}, the file that the system names, which may lie deeper.
    """
    return os_errors_as(message, path=path, file=path)


def write_whole(path: Path, content: bytes, durable: bool = True) -> None:
    """Write a file so that it is there whole or as it was before, also if the machine stops in between."""
    part = _part_of(path)
    try:
        write_durably(part, content) if durable else part.write_bytes(content)
        os.replace(part, path)
    except FileNotFoundError:
        raise Problem(GONE, folder=path.parent) from None
    except OSError:
        with suppress(OSError):  # there may be none
            part.unlink()  # what it has taken of a full disk is needed elsewhere
        raise


def _part_of(path: Path) -> Path:
    """Where a file is written before it gets its name, which may be as long as a name can be."""
    return path.with_name(f".{path.name[-50:]}.part")


def write_durably(path: Path, content: bytes) -> None:
    """Write a file that is on the disk when this returns."""
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Make a folder's list of names durable, where the system can: Windows can't, nor can some file systems.
    Raises OSError where the disk itself fails.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in NO_FLUSH:
            raise


def append(path: Path, content: bytes, durable: bool = False, whole_lines: bool = False) -> None:
    """Add to a file's end all or nothing: what a refused write has left is cut off again.

    With `whole_lines`, a last line that a crash has torn is closed first. A link to a file, or to none,
    becomes a file of its own: what it leads to is somebody else's. Raises OSError.
    """
    if path.is_symlink() and path.is_file():
        shorten(path, path.stat().st_size)
    elif path.is_symlink() and not path.exists():
        path.unlink()
    with open(path, "ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            share(path)
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
    part = _part_of(path)
    with open(path, "rb") as source, open(part, "wb") as target:
        while size and (piece := source.read(min(size, 1 << 20))):
            target.write(piece)
            size -= len(piece)
    share(part)
    os.replace(part, path)


# --- folders that a group shares ---------------------------------------------------------------------


def make_folder(path: Path) -> None:
    """Make a folder, and those around it that are missing. What is there stays as it is. Raises OSError."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        share(path)


def share(path: Path) -> None:
    """Give a new file or folder to the group that may write to the folder it lies in, as far as the system
    lets us: whatever its maker's umask is, the others of the group work with it too.
    """
    with suppress(OSError):
        around, own = path.parent.stat(), path.lstat()
        is_ours = stat.S_ISDIR(own.st_mode) or stat.S_ISREG(own.st_mode)
        if not is_ours or not around.st_mode & stat.S_IWGRP or not hasattr(os, "chown"):
            return
        if own.st_gid != around.st_gid:
            os.chown(path, -1, around.st_gid)
        of_folder = stat.S_IXGRP | stat.S_ISGID if stat.S_ISDIR(own.st_mode) else 0
        rights = around.st_mode & (stat.S_IRGRP | stat.S_IWGRP | of_folder)
        path.chmod(stat.S_IMODE(own.st_mode) | rights)
