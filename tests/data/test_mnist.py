"""MNIST: damaged, old, downloaded, and what is said where it can't be had."""

import socket
import threading

import pytest

from gan.data import datasets, mnist
from gan.data.images import load
from gan.errors import Problem
from tests.data.mnist_files import FILES, idx_labels, write


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0", FILES["train-images-idx3-ubyte"][:5000], b"<html>not found</html>" * 99, idx_labels(50)],
    ids=["empty", "two bytes", "truncated", "a web page", "labels in its place"],
)
def test_damaged_mnist_names_its_folder_and_the_cure(raw, content) -> None:
    write(raw, FILES | {"train-images-idx3-ubyte": content})
    with pytest.raises(Problem, match="damaged.*download it again") as told:
        load("mnist")
    assert str(raw) in str(told.value)


def test_labels_and_test_images_are_not_needed(raw) -> None:
    expected = FILES | {"train-labels-idx1-ubyte": b"damaged"}
    for files in ({"train-images-idx3-ubyte": FILES["train-images-idx3-ubyte"]}, expected):
        write(raw, files)
        assert len(load("mnist")) == datasets.count("mnist") == 50


def test_labels_in_the_images_place_are_not_counted_as_images(raw) -> None:
    write(raw, FILES)
    assert datasets.count("mnist") == 50
    write(raw, {"train-images-idx3-ubyte": idx_labels(50)})
    assert datasets.count("mnist") is None


def test_an_old_cache_which_is_a_pickle_is_never_read(raw) -> None:
    write(raw, FILES)
    processed = raw.parent / "processed"
    processed.mkdir()
    for name in ("training.pt", "test.pt"):
        (processed / name).write_bytes(b"\x80\x04cos\nsystem\n(S'exit'\ntR.")
    assert len(load("mnist")) == 50


def test_mnist_is_downloaded_by_torchvision_and_then_there(mirror) -> None:
    mnist.download_mnist()
    assert len(load("mnist")) == datasets.count("mnist") == 50


@pytest.mark.parametrize("mood", ["missing", "broken off"])
def test_a_download_that_fails_is_one_sentence_and_can_be_repeated(mirror, mood) -> None:
    mirror.mood = mood
    with pytest.raises(Problem, match="could not be downloaded") as told:
        mnist.download_mnist()
    assert "\n" not in str(told.value)
    assert datasets.count("mnist") is None
    mirror.mood = "well"
    mnist.download_mnist()
    assert len(load("mnist")) == 50


def test_no_network_is_one_sentence(monkeypatch, raw) -> None:
    monkeypatch.setenv("GAN_MNIST_MIRROR", "http://127.0.0.1:9/")
    with pytest.raises(Problem, match="check the network"):
        mnist.download_mnist()


@pytest.mark.parametrize(
    "place", ["nonsense", "ftp//half", "http://127.0.0.1:99999/", "http://[::1", "file:///x"]
)
def test_a_mirror_that_is_no_address_is_one_sentence(monkeypatch, raw, place) -> None:
    monkeypatch.setenv("GAN_MNIST_MIRROR", place)
    with pytest.raises(Problem, match="^GAN_MNIST_MIRROR is '.*': write it as https://host"):
        mnist.download_mnist()


@pytest.mark.parametrize(
    "name, value", [("http_proxy", "http://proxy:port"), ("SSL_CERT_FILE", "/dev/null/ca.pem")]
)
def test_a_slip_in_the_environment_is_named_before_anything_is_fetched(
    mirror, monkeypatch, name, value
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Problem, match=f"^{name} is '{value}'"):
        mnist.download_mnist()


def test_a_server_that_speaks_no_http_is_one_sentence(monkeypatch, raw) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("GAN_MNIST_MIRROR", f"http://127.0.0.1:{server.getsockname()[1]}/")

        def answer() -> None:
            connection, _ = server.accept()
            connection.recv(1000)
            connection.sendall(b"220 mail.example.org ESMTP\r\n\r\n")
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(Problem, match="could not be downloaded") as told:
            mnist.download_mnist()
    assert "\n" not in str(told.value)
