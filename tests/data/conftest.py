"""MNIST's folder, and a server that has its files."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from gan.data import mnist
from tests.data.mnist_files import FILES, Mirror


@pytest.fixture
def raw(tmp_path, monkeypatch) -> Path:
    """An empty folder where MNIST's files belong."""
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "data"))
    folder = tmp_path / "data" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def mirror(monkeypatch, tmp_path) -> Iterator[Mirror]:
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "data"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.mood = "well"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GAN_MNIST_MIRROR", f"http://127.0.0.1:{server.server_port}/mnist")
    sums = [(f"{n}.gz", hashlib.md5(gzip.compress(c, mtime=0)).hexdigest()) for n, c in FILES.items()]
    monkeypatch.setattr(mnist.MNIST, "resources", sums)
    yield server
    server.shutdown()
    server.server_close()
