"""How much more memory something takes, if only for a moment."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEASURED = sys.platform == "linux"  # elsewhere a process can't forget its peak, and nothing could fail


def forget_peak() -> int:
    """Have `peak` count from now on. Bytes in memory at this moment, 0 where nothing is measured."""
    if MEASURED:
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def peak() -> int:
    """The most bytes that were in memory since `forget_peak`, 0 where nothing is measured."""
    return _status("VmHWM")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines() if MEASURED else []
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:")), 0)


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Fail where what is done in here takes more bytes than that beside what there was."""
    before = forget_peak()
    yield
    if (grown := peak() - before) > size:
        pytest.fail(f"{grown:,} bytes more were in memory, and {size:,} at most should have been")


def allow(size: int) -> None:
    """Refuse this process, for good, more bytes of data than that beside what it has."""
    most = _status("VmData") + size
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
