"""What a program prints never costs its work: its output may lack a letter, be full, closed by its reader, a
terminal that is gone, or not there at all.
"""

import io
import os
import select
import sys


def protect() -> None:
    """Have standard output and error take all that is printed. To be called before anything is opened."""
    _occupy_the_standard_numbers()
    sys.stdout, sys.stderr = _safe(sys.stdout), _safe(sys.stderr)


def finish() -> OSError | ValueError | None:
    """Write what is left. Why standard output has lost something, unless its reader has left."""
    sys.stderr.flush()
    sys.stdout.flush()
    refusal = sys.stdout.buffer.raw.refusal
    return None if isinstance(refusal, BrokenPipeError) else refusal


class Outlet(io.RawIOBase):
    """The last part of a stream. It raises nothing: from the first refusal on, it drops all and keeps why."""

    def __init__(self, target: io.RawIOBase, owner: io.TextIOWrapper | None) -> None:
        self.target, self.owner = target, owner  # an owner that nobody holds would close its target
        self.refusal: OSError | ValueError | None = None

    def write(self, content: memoryview) -> int:
        """How much of the content is done with."""
        written = None
        while written is None and self.refusal is None:
            try:
                written = self.target.write(content)
                if written is None:  # a pipe that does not block, and a slow reader
                    select.select([], [self.target], [])
            except (OSError, ValueError) as error:
                self.refusal = error
        return len(content) if written is None else written

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.target.fileno()

    def isatty(self) -> bool:
        return self.target.isatty()


def _occupy_the_standard_numbers() -> None:
    """Where 0, 1 or 2 is closed, the next file to be opened would get that number, and with it all that a
    library in C prints.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free


def _safe(stream: io.TextIOWrapper | None) -> io.TextIOWrapper:
    """The same stream, raising nothing: a letter that its encoding lacks is written as \\uXXXX."""
    if stream is None:  # closed, or a program without a console
        target, encoding, by_line = io.FileIO(os.devnull, "w"), "utf-8", False
    else:
        stream.flush()
        target = getattr(stream.buffer, "raw", stream.buffer)  # python -u has no buffer in between
        encoding, by_line = stream.encoding, stream.line_buffering or stream.write_through
    buffer = io.BufferedWriter(Outlet(target, stream))
    return io.TextIOWrapper(buffer, encoding, errors="backslashreplace", line_buffering=by_line)
