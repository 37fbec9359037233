"""Starts the app on a Space: where runs are kept, and whose token is not used."""

import fcntl
import os
import shutil
import sys
from pathlib import Path

KEPT = Path("/data")  # where a Space mounts its storage, if it has any
PLACES = {"GAN_RUNS": "runs", "GAN_DATA": "data", "HF_HOME": "huggingface"}
OWNERS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_HUB_TOKEN")  # tokens of whoever owns the Space


def can_hold_runs(folder: Path) -> bool:
    """Is there a folder, and does it do what runs need: write through, rename folders, lock files?"""
    probe = folder / f".probe-{os.getpid()}"
    try:
        probe.mkdir()
        with open(probe / "file", "wb") as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        renamed = probe.rename(probe.with_suffix(".renamed"))
        shutil.rmtree(renamed)
        return True
    except OSError:
        return False
    finally:
        shutil.rmtree(probe, ignore_errors=True)


def settings(kept: Path) -> dict[str, str]:
    """The environment to run in. What its owner has set stays."""
    root = kept if can_hold_runs(kept) else Path.home()
    chosen = {name: str(root / folder) for name, folder in PLACES.items()}
    environment = chosen | os.environ | {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}
    for name in OWNERS:  # no visitor's call may ever carry them
        environment.pop(name, None)
    return environment


def main() -> None:
    """Become the app."""
    kept = Path(sys.argv[1]) if len(sys.argv) > 1 else KEPT
    environment = settings(kept)
    lasting = Path(environment["GAN_RUNS"]).is_relative_to(kept)
    outlook = "they outlive a restart" if lasting else "a restart wipes them: push runs to keep them"
    print(f"Runs are in {environment['GAN_RUNS']}; {outlook}.", flush=True)
    os.execvpe("streamlit", ["streamlit", "run", "app.py"], environment)


if __name__ == "__main__":
    main()
