"""Files like MNIST's, small, and a server for them."""

import gzip
import struct
from http.server import BaseHTTPRequestHandler

import numpy as np


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


def write(folder, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


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
