"""A browser for all tests here, and servers of their own; every page is closed with its test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from bench.app_page import PAGE_ERRORS
from bench.browser import MNIST, Server, wait_until, worker_pids
from bench.chromium import chromium

expect.set_options(timeout=20_000)
DATA = MNIST if (MNIST / "MNIST").exists() else None


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def serve(tmp_path):
    """A maker of servers; whatever the test does, they are ended, and nothing of them is left."""
    servers = []
    PAGE_ERRORS.clear()

    def make(data=DATA, **environment) -> Server:
        servers.append(Server(tmp_path, data, **environment))
        return servers[-1]

    yield make
    for server in servers:
        mine = server.workers()
        server.stop()
        wait_until(lambda mine=mine: not set(mine) & set(worker_pids()), 30, "no worker is left")
        assert "Traceback" not in server.log_text()
    assert not PAGE_ERRORS


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture(autouse=True)
def no_page_outlives_its_test(browser: Browser) -> Iterator[None]:
    """A page that is left open goes on asking its server, and takes time from every later test."""
    yield
    for context in browser.contexts:
        context.close()
