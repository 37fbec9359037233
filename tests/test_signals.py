"""Signals that ask a process to end."""

import os
import signal
from collections.abc import Iterator

import pytest

from gan import signals

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """They are the test's again afterwards, and no signal ends it."""
    before = {name: signal.signal(name, lambda *_: None) for name in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


def test_a_terminal_that_closes_and_who_asks_to_end_are_heard() -> None:
    heard: list[int] = []
    signals.on_end(heard.append)
    os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGTERM)
    assert heard == [signal.SIGHUP, signal.SIGTERM]


def test_what_nohup_has_set_to_be_ignored_stays_ignored() -> None:
    heard: list[int] = []
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals.on_end(heard.append)
    os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGTERM)
    assert heard == [signal.SIGTERM]
