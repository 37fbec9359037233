"""Data: what is in the images, in which order they come, and what is said when they can't be had."""

import gzip
import hashlib
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch

from gan.data import datasets, mnist
from gan.data.batches import Batches
from gan.data.images import load, normalise, to_pixels
from gan.errors import Problem
from tests.conftest import SHARED


def idx_images(count: int) -> bytes:
    """The file format of MNIST's images: a magic number, three sizes, the pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)
    return struct.pack(">4i", 2051, count, 28, 28) + pixels.tobytes()


def idx_labels(count: int) -> bytes:
    return struct.pack(">2i", 2049, count) + bytes(index % 10 for index in range(count))


FILES = {
    "train-images-idx3-ubyte": idx_images(50),
    "train-labels-idx1-ubyte": idx_labels(50),
    "t10k-images-idx3-ubyte": idx_images(10),
    "t10k-labels-idx1-ubyte": idx_labels(10),
}


@pytest.fixture
def raw(tmp_path, monkeypatch):
    """An empty folder where MNIST's files belong."""
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "data"))
    folder = tmp_path / "data" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    return folder


def test_digits_are_framed_like_mnist():
    images = load("digits")
    assert images.pixels.shape == (1797, 1, 28, 28) and images.pixels.dtype == torch.uint8
    frame = images.pixels.clone()
    frame[:, :, 4:24, 4:24] = 0
    assert not frame.any()
    assert images.pixels.max() == 255


def test_the_same_images_have_the_same_fingerprint_and_others_another(raw):
    write(raw, FILES)
    first = load("mnist").fingerprint
    assert load("mnist").fingerprint == first
    changed = bytearray(FILES["train-images-idx3-ubyte"])
    changed[-1] ^= 1
    write(raw, {"train-images-idx3-ubyte": bytes(changed)})
    assert load("mnist").fingerprint != first


def write(folder, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def test_normalised_pixels_are_the_posts_and_come_back_unchanged():
    pixels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    images = normalise(pixels)
    assert torch.equal(images, (pixels.float() - 127.5) / 127.5)
    assert torch.equal(to_pixels(images).flatten(), pixels.flatten())


@pytest.mark.skipif(not SHARED.is_dir(), reason="no real MNIST beside this checkout")
def test_real_mnist_is_read():
    images = load("mnist")
    assert images.shape == (1, 28, 28) and len(images) == datasets.count("mnist")
    assert 20 < images.pixels.float().mean() < 50  # MNIST's mean grey is 33.3


# --- batches -----------------------------------------------------------------------------------------


def numbered(count: int) -> torch.Tensor:
    """Images that can be told apart by their grey."""
    return torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1)


def names(batch: torch.Tensor) -> list[int]:
    return to_pixels(batch).flatten().tolist()


def test_an_epoch_shows_each_image_once_and_keeps_its_short_last_batch():
    batches = Batches(numbered(10), 4, "epochs", seed=0)
    first, second = ([names(next(batches)) for _ in range(3)] for _ in range(2))
    for epoch in (first, second):
        assert [len(batch) for batch in epoch] == [4, 4, 2]
        assert sorted(sum(epoch, [])) == list(range(10))
    assert first != second


def test_full_batches_drop_the_short_last_one():
    batches = Batches(numbered(10), 4, "full-batches", seed=0)
    for _ in range(3):
        epoch = sum((names(next(batches)) for _ in range(2)), [])
        assert len(set(epoch)) == 8


def test_drawing_with_replacement_repeats_images():
    batches = Batches(numbered(10), 10, "replacement", seed=0)
    assert any(len(set(names(next(batches)))) < 10 for _ in range(3))


@pytest.mark.parametrize("drawing", ["epochs", "full-batches", "replacement"])
@pytest.mark.parametrize("before", [0, 1, 2, 3, 7])
def test_a_drawing_goes_on_where_it_stood(drawing, before):
    batches = Batches(numbered(10), 4, drawing, seed=3)
    for _ in range(before):
        next(batches)
    state = {key: value.clone() for key, value in batches.state_dict().items()}
    expected = [names(next(batches)) for _ in range(8)]
    other = Batches(numbered(10), 4, drawing, seed=99)
    other.load_state_dict(state)
    assert [names(next(other)) for _ in range(8)] == expected


def test_the_same_seed_draws_the_same_and_another_does_not():
    drawn = [names(next(Batches(numbered(100), 50, "epochs", seed))) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


# --- damaged, missing, downloaded ---------------------------------------------------------------------


def test_an_unknown_name_lists_the_known():
    with pytest.raises(Problem, match="no data set 'celeba'.*digits, mnist"):
        load("celeba")


def test_missing_mnist_says_where_it_was_looked_for_and_what_to_do(raw):
    with pytest.raises(Problem, match="download mnist") as told:
        load("mnist")
    assert str(raw.parent.parent) in str(told.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0", FILES["train-images-idx3-ubyte"][:5000], b"<html>not found</html>" * 99, idx_labels(50)],
    ids=["empty", "two bytes", "truncated", "a web page", "labels in its place"],
)
def test_damaged_mnist_names_its_folder_and_the_cure(raw, content):
    write(raw, FILES | {"train-images-idx3-ubyte": content})
    with pytest.raises(Problem, match="damaged.*download it again") as told:
        load("mnist")
    assert str(raw) in str(told.value)


def test_an_old_cache_which_is_a_pickle_is_never_read(raw):
    write(raw, FILES)
    processed = raw.parent / "processed"
    processed.mkdir()
    for name in ("training.pt", "test.pt"):
        (processed / name).write_bytes(b"\x80\x04cos\nsystem\n(S'exit'\ntR.")
    assert len(load("mnist")) == 50


class Mirror(BaseHTTPRequestHandler):
    """A mirror of MNIST that behaves as `server.mood` says."""

    def do_GET(self) -> None:
        content = gzip.compress(FILES[self.path.split("/")[-1].removesuffix(".gz")], mtime=0)
        if self.server.mood == "missing":
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if self.server.mood == "broken off" else content)

    do_HEAD = do_GET

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def mirror(monkeypatch, tmp_path):
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


def test_mnist_is_downloaded_by_torchvision_and_then_there(mirror):
    mnist.download_mnist()
    assert len(load("mnist")) == datasets.count("mnist") == 50


@pytest.mark.parametrize("mood", ["missing", "broken off"])
def test_a_download_that_fails_is_one_sentence_and_can_be_repeated(mirror, mood):
    mirror.mood = mood
    with pytest.raises(Problem, match="could not be downloaded") as told:
        mnist.download_mnist()
    assert "\n" not in str(told.value)
    assert datasets.count("mnist") is None
    mirror.mood = "well"
    mnist.download_mnist()
    assert len(load("mnist")) == 50


def test_no_network_is_one_sentence(monkeypatch, raw):
    monkeypatch.setenv("GAN_MNIST_MIRROR", "http://127.0.0.1:9/")
    with pytest.raises(Problem, match="check the network"):
        mnist.download_mnist()


@pytest.mark.parametrize("place", ["nonsense", "ftp//half", "http://127.0.0.1:99999/", "http://[::1"])
def test_a_mirror_that_is_no_address_is_one_sentence(monkeypatch, raw, place):
    monkeypatch.setenv("GAN_MNIST_MIRROR", place)
    with pytest.raises(Problem, match="could not be downloaded"):
        mnist.download_mnist()


def test_a_server_that_speaks_no_http_is_one_sentence(monkeypatch, raw):
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("GAN_MNIST_MIRROR", f"http://127.0.0.1:{server.getsockname()[1]}/")

        def answer():
            connection, _ = server.accept()
            connection.recv(1000)
            connection.sendall(b"220 mail.example.org ESMTP\r\n\r\n")
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(Problem, match="could not be downloaded") as told:
            mnist.download_mnist()
    assert "\n" not in str(told.value)
