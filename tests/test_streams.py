"""The streams that a program prints to: whatever they are, its work is done, and no traceback is shown."""

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gan import streams

HOUSE = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def streams_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are put back afterwards."""
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)


def to(file: Path, encoding: str = "utf-8") -> io.TextIOWrapper:
    """A stream to a file, as strict as Python's own."""
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(file, "w")), encoding)


@pytest.mark.parametrize(
    "encoding, printed",
    [
        ("cp949", b"caf\\xe9 \xc7\xd1\xb1\xdb"),
        ("ascii", b"caf\\xe9 \\ud55c\\uae00"),
        ("utf-8", "café 한글".encode()),
    ],
)
def test_a_letter_that_the_encoding_lacks_is_written_by_its_number(
    tmp_path: Path, encoding: str, printed: bytes
) -> None:
    sys.stdout, sys.stderr = to(tmp_path / "out", encoding), to(tmp_path / "err", encoding)
    streams.protect()
    print("café 한글")
    print("café 한글", file=sys.stderr)
    assert streams.finish() is None
    assert (tmp_path / "out").read_bytes() == (tmp_path / "err").read_bytes() == printed + os.linesep.encode()


def test_a_name_that_is_no_text_is_printed_too(tmp_path: Path) -> None:
    sys.stdout = to(tmp_path / "out")
    streams.protect()
    print(os.fsdecode(b"caf\xe9"))
    assert streams.finish() is None
    assert (tmp_path / "out").read_bytes() == b"caf\\udce9" + os.linesep.encode()


def test_streams_that_are_not_there_take_all_and_lose_nothing(tmp_path: Path) -> None:
    sys.stdout = sys.stderr = None
    streams.protect()
    print("one"), print("two", file=sys.stderr)
    assert not sys.stderr.isatty() and streams.finish() is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' full device")
def test_a_full_device_is_told_at_the_end_alone() -> None:
    sys.stdout = to(Path("/dev/full"))
    streams.protect()
    for _ in range(10_000):
        print("more than a buffer holds")
    assert "No space left" in str(streams.finish())


def test_a_reader_that_has_left_is_no_loss() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(writing, "w")))
    streams.protect()
    print("nobody reads this", flush=True)
    print("nor this")
    assert streams.finish() is None


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe that does not block")
def test_a_slow_reader_of_a_pipe_that_does_not_block_gets_all() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    read = bytearray()

    def reads() -> None:
        with os.fdopen(reading, "rb") as pipe:
            read.extend(pipe.read())

    slow = threading.Timer(0.2, reads)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(writing, "w")))
    streams.protect()
    slow.start()
    for _ in range(20_000):
        print("0123456789")
    assert streams.finish() is None
    os.close(writing)
    slow.join()
    assert len(read) == 20_000 * 11


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes streams")
def test_what_a_library_prints_never_lands_in_a_file_of_ours(tmp_path: Path) -> None:
    """Where standard error is closed, the next file that is opened would be number 2."""
    script = (
        "import os, sys\n"
        "from gan import streams\n"
        "streams.protect()\n"
        f"with open({str(tmp_path / 'mine')!r}, 'wb', buffering=0) as file:\n"
        "    os.write(1, b'noise'), os.write(2, b'noise')\n"
    )
    shell = ["bash", "-c", 'exec "$@" 0<&- >&- 2>&-', "bash", sys.executable, "-c", script]
    done = subprocess.run(shell, cwd=HOUSE)
    assert done.returncode == 0 and (tmp_path / "mine").read_bytes() == b""
