"""Generators from the Hub, kept beside the runs of whoever pulled them: a folder each, the newest few.

They lie in `.pulled` of a runs folder, so one visitor's private generators are out of another's reach. No
cache is shared: a pull downloads into a folder of its own, which is gone when it ends.
"""

import errno
import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gan.errors import Problem
from gan.generator.kept import DIRECTIONS, drop_older
from gan.hub.client import check_repo_id

SHELF = ".pulled"
KEPT = 12  # older ones leave, unless somebody has saved directions with them (gan.latent.saved_directions)
FILES = (
    "config.json",
    "model.safetensors",
    "README.md",
    "samples.png",
    "curves.png",
)  # all that is taken of a repository


@dataclass(frozen=True)
class DownloadedGenerator:
    """A generator that was pulled: where it lies, and which commit of which repository it is."""

    folder: Path
    repo_id: str
    sha: str
    private: bool
    when: str

    @property
    def title(self) -> str:
        """How lists call it."""
        return f"{self.repo_id} @ {self.sha[:7]}"

    @property
    def source(self) -> str:
        """How addresses call it."""
        return f"hf:{self.repo_id}@{self.sha}"


def downloads_in(home: Path) -> list[DownloadedGenerator]:
    """What was pulled for a runs folder, the latest first."""
    found = [one for folder in (home / SHELF).glob("[!.]*") if (one := _read(folder))]
    return sorted(found, key=lambda one: one.when, reverse=True)


def _read(folder: Path) -> DownloadedGenerator | None:
    try:
        told = json.loads((folder / "origin.json").read_bytes())
        facts = (check_repo_id(told["repo_id"]), str(told["sha"]), bool(told["private"]), str(told["when"]))
        return DownloadedGenerator(folder, *facts)
    except (OSError, ValueError, KeyError, TypeError, Problem):
        return None


def keep(home: Path, repo_id: str, sha: str, private: bool, files: dict[str, bytes]) -> DownloadedGenerator:
    """Put a generator on the shelf, whole or not at all; the oldest leave. Raises Problem."""
    shelf = home / SHELF
    rough = shelf / f".{os.urandom(8).hex()}"
    try:
        write_files(rough, files)
        when = datetime.now(UTC).isoformat(timespec="microseconds")
        origin = {"repo_id": repo_id, "sha": sha, "private": private, "when": when}
        (rough / "origin.json").write_text(json.dumps(origin))
        folder = shelf / f"{repo_id.replace('/', '--')}@{sha[:12]}"
        if (folder / DIRECTIONS).exists():  # what somebody has found in it stays
            shutil.copy(folder / DIRECTIONS, rough)
        _replace(rough, folder)
    except OSError as error:
        message = "The generator can't be kept in {folder} ({why}): free some space, then pull again."
        raise Problem(message, folder=shelf, why=error.strerror or error) from None
    finally:
        shutil.rmtree(rough, ignore_errors=True)
    drop_older((one.folder for one in downloads_in(home)), KEPT)
    return DownloadedGenerator(folder, **origin)


def _replace(rough: Path, folder: Path) -> None:
    """Put a folder in another's place; somebody may be doing the same with the same commit."""
    for attempt in range(20):
        try:
            if folder.exists():
                folder.rename(rough.with_name(f"{rough.name}.{attempt}.gone"))
            rough.rename(folder)
            break
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT) or attempt == 19:
                raise
    for gone in rough.parent.glob(f"{rough.name}.*.gone"):
        shutil.rmtree(gone, ignore_errors=True)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write a generator's files into a new folder that nobody else may read."""
    folder.mkdir(parents=True, mode=0o700)
    for name in FILES:
        if name in files:
            (folder / name).write_bytes(files[name])


def forget(home: Path, one: DownloadedGenerator) -> None:
    """Take a generator off the shelf."""
    if one.folder.parent == home / SHELF:
        shutil.rmtree(one.folder, ignore_errors=True)
