"""One browser for all tests here, and servers: a test's own, or one that is shared by tests which leave
nothing in training. Every page is closed with its test.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bench.app_page import PAGE_ERRORS
from bench.browser import MNIST, Server, wait_until, worker_pids
from bench.chromium import chromium
from gan.runs.info import ALIVE
from gan.runs.run import runs_in
from tests.generators import make_run

DATA = MNIST if (MNIST / "MNIST").exists() else None
Serve = Callable[..., Server]


@pytest.fixture(scope="session")
def chromium_process() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def browser(chromium_process: Browser) -> Iterator[Browser]:
    """A browser without a page. Its pages end with the test: one that is left open goes on asking its server,
    and takes time from every later test.
    """
    PAGE_ERRORS.clear()
    yield chromium_process
    for context in chromium_process.contexts:
        context.close()
    assert not PAGE_ERRORS


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """A maker of servers; whatever the test does, they are ended, and nothing of them is left."""
    servers = []

    def make(data: Path | None = DATA, **environment: str) -> Server:
        servers.append(Server(tmp_path, data, **environment))
        return servers[-1]

    yield make
    for server in servers:
        end(server)


def end(server: Server) -> None:
    workers = server.workers()
    server.stop()
    wait_until(lambda: not set(workers) & set(worker_pids()), "no worker is left")
    assert "Traceback" not in server.log_text()


class SharedServer:
    """A server for one test after another, replaced where a test has left a run in training."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self.folders = folders
        self.server: Server | None = None

    def get(self) -> Server:
        if self.server is None:
            folder = self.folders.mktemp("shared")
            self.server = Server(folder, DATA, HF_HOME=str(folder / "hf"), XDG_CACHE_HOME=str(folder))
        return self.server

    def tidy(self) -> None:
        if self.server and any(run.info().state in ALIVE for run in runs_in(self.server.runs)):
            self.close()

    def close(self) -> None:
        if self.server:
            server, self.server = self.server, None
            end(server)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServer]:
    shared = SharedServer(tmp_path_factory)
    yield shared
    shared.close()


@pytest.fixture
def explorer(server: Server) -> Server:
    """The same, with a run "mine" whose generator's pictures differ."""
    if not (server.runs / "mine").exists():
        make_run(server.runs / "mine")
    return server


@pytest.fixture
def server(shared_server: SharedServer) -> Iterator[Server]:
    """A server that trains nothing. Runs of earlier tests may lie in its folder."""
    yield shared_server.get()
    shared_server.tidy()
