"""Places on the disk that somebody has named: in the environment, as an option, in an address.

"It is not there" and "nobody can tell" are two answers: where the system refuses to say, a Problem is raised.
"""

import errno
import os
import stat
from pathlib import Path

from gan.errors import CANNOT_READ, CANNOT_USE, Problem, os_errors_as

NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)  # nothing can be of that name


def named_folder(variable: str, usual: str) -> Path:
    """The folder that a variable of the environment names, or the usual one where the program was started.
    Raises Problem for the ~ of somebody who has no home.
    """
    name = os.environ.get(variable) or usual
    try:
        return Path(name).expanduser()
    except RuntimeError:
        message = "{variable} is '{name}', and there is no such home: write the folder's whole path."
        raise Problem(message, variable=variable, name=name) from None


def real(path: Path) -> Path:
    """The whole path, without links. Raises Problem, as for links that lead in a circle."""
    with os_errors_as(CANNOT_USE, file=path):
        try:
            return path.resolve()
        except RuntimeError:  # what Python before 3.13 makes of a circle
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None


def is_file(path: Path, message: str = CANNOT_READ) -> bool:
    """Is there a file of that path? Raises Problem of that message where nobody can tell: in a folder of
    another user.
    """
    with os_errors_as(message, file=path):
        try:
            return stat.S_ISREG(os.stat(path).st_mode)
        except ValueError:  # no path holds a NUL
            return False
        except OSError as error:
            if error.errno in NOWHERE:
                return False
            raise


def is_gone(path: Path) -> bool:
    """Is there nothing of that path, for certain?"""
    try:
        os.lstat(path)
    except OSError as error:
        return error.errno in NOWHERE
    return False
