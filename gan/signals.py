"""Signals that ask a process to end."""

import signal
from collections.abc import Callable


def on_end(act: Callable[[int], object]) -> None:
    """Have `act` called with the signal's number where somebody asks this process to end: SIGTERM, or the
    SIGHUP of a terminal that closes. One that is ignored from the start, as `nohup` has it, stays so.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda number, _: act(number))
