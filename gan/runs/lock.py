"""The lock in a run's folder: who trains the run, on which machine, and whether anybody can tell.

Whoever trains a run holds the file `lock`, and writes into it the number of its process and the name of its
machine, a line each, as filelock does itself where a file system knows no locks. The file is empty otherwise,
or its writer was killed.
"""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from gan.durable import share
from gan.errors import Problem, reason
from gan.places import is_gone
from gan.runs.info import read_info

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

LockState = Literal["free", "held", "unknown"]
PATIENCE = 1.0  # seconds: who only looks at a lock may hold it for an instant
HELD = "Run {name} is being trained by process {pid}: stop it there, or start another run."
IN_TRAINING = "Run {name} is in training: stop it first."  # said to who wants to rename, copy or delete it
HELD_ELSEWHERE = (
    "Run {name} is being trained by process {pid} on the machine {host}: stop it there. If that process is "
    "gone, delete {file} and try again."
)
CANNOT_TELL = (
    "Nobody can tell from here whether run {name} is in training, as {file} can't be opened: ask its "
    "owner for the right to read it, then try again."
)
REFUSED = (
    "Run {name} can't be trained from here, as {file} can't be locked ({why}): mend the rights of "
    "its folder, or train a copy of it elsewhere."
)


class RunLock:
    """The lock in that folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "lock"

    def state(self) -> LockState:
        """Does some process train the run right now? "unknown" where the system doesn't let us see that."""
        if is_gone(self.file):
            return "free"
        lock = FileLock(self.file)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return "held"
        except OSError:
            return self._seen_by_a_reader()
        lock.release()
        return "free"

    def _seen_by_a_reader(self) -> LockState:
        """The same for somebody who may read the file and not write to it."""
        try:
            with open(self.file, "rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except OSError as error:
                    return "held" if error.errno in (errno.EAGAIN, errno.EACCES) else "unknown"
        except (OSError, AttributeError):
            return "unknown"
        return "free"

    def check_free(self) -> None:
        """Raise Problem while somebody trains the run, and where nobody can tell."""
        state = self.state()
        if state == "held":
            raise self.held_by(IN_TRAINING)
        if state == "unknown":
            raise self.unknown()

    def unknown(self) -> Problem:
        """What to do where nobody can tell."""
        return Problem(CANNOT_TELL, name=self.folder.name, file=self.file)

    def held_by(self, here: str = HELD) -> Problem:
        """Who trains the run, and what to do: `here` where that is a process of this machine."""
        pid, host = self._holder()
        is_here = host in ("", socket.gethostname())
        values = {"name": self.folder.name, "pid": pid, "host": host, "file": self.file}
        return Problem(here if is_here else HELD_ELSEWHERE, misuse=True, **values)

    def _holder(self) -> tuple[str, str]:
        """The holder's process and machine; the machine is empty where it is not known."""
        with suppress(OSError), open(self.file, "rb") as file:
            pid, _, rest = file.read(400).decode(errors="replace").partition("\n")
            if pid.isdecimal():
                return pid, rest.partition("\n")[0]
        with suppress(Problem):  # held by an older version of this program
            return str(read_info(self.folder / "run.json").pid), ""
        return "?", ""

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold it. Raises Problem where another process does, and where the system refuses it."""
        lock = FileLock(self.file)
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            raise self.held_by() from None
        except OSError as error:
            if self._seen_by_a_reader() == "held":
                raise self.held_by() from None
            raise Problem(REFUSED, name=self.folder.name, file=self.file, why=reason(error)) from None
        is_soft = hasattr(lock, "pid")  # no lock of the system: what is in the file is the lock
        share(self.file)
        if not is_soft:
            self._write(f"{os.getpid()}\n{socket.gethostname()}\n")
        try:
            yield
        finally:
            if not is_soft:
                self._write("")
            lock.release()

    def _write(self, text: str) -> None:
        with suppress(OSError):  # others will know less of who trains it
            self.file.write_text(text)
