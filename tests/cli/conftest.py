"""Signals, a finished run that tests read, and a Hub on which somebody is signed in."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import TINY, program
from tests.hub_server import HubServer

CAUGHT = {signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}  # Windows has no SIGHUP


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """A training here takes over these signals; afterwards they are the test's again."""
    before = {name: signal.getsignal(name) for name in CAUGHT}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> tuple[Path, dict[str, Any]]:
    """A finished run of 10 steps, made by the program, and its report."""
    run = tmp_path_factory.mktemp("trained") / "run"
    done = program("train", *TINY, "--run", run, "--steps", 10, "--json")
    assert done.returncode == 0 and done.stderr == "" and len(done.stdout.splitlines()) == 1, done
    return run, json.loads(done.stdout)


@pytest.fixture
def ada(hub, monkeypatch) -> HubServer:
    """A Hub on which ada is signed in, as HF_TOKEN."""
    monkeypatch.setenv("HF_TOKEN", "hf_adas_own_token")
    return hub
