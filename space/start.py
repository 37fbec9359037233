"""Starts the app on a Space: where runs are kept, and whose token is not used.

`python start.py [VOLUME]`. VOLUME is where the Space mounts its storage, /data if it is not given.
"""

import fcntl
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

PLACES = {"GAN_RUNS": "runs", "GAN_DATA": "data", "HF_HOME": "huggingface"}
OWNERS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH")  # of whoever owns the Space


def main(volume: Path) -> None:
    """Set the environment, tell the log, and become the app."""
    trouble = why_runs_can_not_lie_in(volume)
    root = own_home() if trouble else volume
    environment = {
        name: str(root / folder) for name, folder in PLACES.items()
    } | os.environ  # what is set stays
    for name in OWNERS:  # no visitor's call may ever carry them
        environment.pop(name, None)
    environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"
    if host := environment.get("SPACE_HOST"):  # else Streamlit asks a stranger for this machine's address
        environment.setdefault("STREAMLIT_BROWSER_SERVER_ADDRESS", host)
    outlook = (
        f"a restart wipes them, push runs to keep them ({volume}: {trouble})" if trouble else "they last"
    )
    print(f"Runs are in {environment['GAN_RUNS']}; {outlook}.", flush=True)
    app = str(Path(__file__).resolve().with_name("app.py"))  # beside this file on a Space
    os.execvpe("streamlit", ["streamlit", "run", app], environment)


def own_home() -> Path:
    """The user's home, or the folder for temporary files: a number without a name has no home."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(gettempdir())


def why_runs_can_not_lie_in(volume: Path) -> str:
    """Do there what a run does to its folder: append, write through, lock, rename. Empty if all of it works.

    A storage bucket is mounted as a folder, but need not behave as one.
    """
    if not volume.is_dir():
        return "it is not there"
    try:
        with TemporaryDirectory(prefix=".try-", dir=volume) as trial:
            first, then = Path(trial, "first"), Path(trial, "then")
            first.mkdir()
            for _ in range(2):
                with open(first / "history", "ab", buffering=0) as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    file.write(b"step")
                    os.fsync(file.fileno())
            first.rename(then)
            return "" if (then / "history").read_bytes() == b"stepstep" else "it loses what is appended"
    except OSError as error:
        return error.strerror or str(error)


if __name__ == "__main__":
    main(Path(*sys.argv[1:2] or ["/data"]))
