"""A real server and a real Chromium for the browser tests."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

HOUSE = Path(__file__).resolve().parent.parent
MNIST = HOUSE.parent / "shared" / "data"


class Server:
    """`streamlit run app.py` with folders of its own, started in the folder `cwd`; its log is kept."""

    def __init__(self, folder: Path, data: Path | None = None, cwd: Path = HOUSE, **environment: str) -> None:
        self.runs, self.log = folder / "runs", folder / "server.log"
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        environment = {name: value.format(address=self.address) for name, value in environment.items()}
        settings = {"GAN_RUNS": str(self.runs), "GAN_DATA": str(data or folder / "data")} | environment
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(HOUSE / "app.py")]
                + ["--server.headless", "true", "--server.port", str(self.port)],
                cwd=cwd,
                env=os.environ | settings,
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, "the server answers")

    def _answers(self) -> bool:
        try:
            return urlopen(f"{self.address}/_stcore/health", timeout=2).status == 200
        except (URLError, OSError):
            return False

    def log_text(self) -> str:
        """What the server has printed so far."""
        return self.log.read_text(errors="replace")

    def workers(self) -> list[int]:
        """Process ids of the workers this server has started and that live."""
        return worker_pids(self.process.pid)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server as Ctrl-C would."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def worker_pids(parent: int | None = None) -> list[int]:
    """Process ids of every `gan.worker` on this machine, or of those alone that this process has started."""
    lines = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout.splitlines()
    workers = [line.split(maxsplit=2) for line in lines if re.search(r"-m gan\.worker", line)]
    return [int(pid) for pid, of, _ in workers if parent in (None, int(of))]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], object], what: str, seconds: float = 120) -> object:
    """Poll until it is true and return what it gave; fail after that many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain until {what}")
