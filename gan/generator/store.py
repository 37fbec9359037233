"""Generators kept in a runs folder, each in a folder of its own with a note of where it came from: the newest
few.
"""

import errno
import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from gan.errors import Problem
from gan.folders import is_folder, named

DIRECTIONS = "directions.json"  # named directions beside a generator's files (gan.latent.saved_directions)
ORIGIN = "origin.json"  # the note
LIMIT = 12  # generators that a store keeps, beside those in which somebody has saved directions
ATTEMPTS = 20  # to put a folder in another's place while somebody else does the same


class KeptGenerator(BaseModel, frozen=True):
    """A generator in a store. What is not its folder is its note."""

    folder: Path
    when: str  # it was kept, or used last: ISO 8601


Kept = TypeVar("Kept", bound=KeptGenerator)


@dataclass(frozen=True)
class Store(Generic[Kept]):
    """The generators of one kind, in the folder `name` of each runs folder (`home`), each in a folder whose
    name is as `pattern` says.
    """

    name: str
    kind: type[Kept]
    pattern: str

    def entries(self, home: Path) -> list[Kept]:
        """What is kept, the latest first. What can't be read is left out."""
        found: list[Kept] = []
        with suppress(Problem):  # it is a convenience: nothing depends on it
            folders = named(home / self.name, self.pattern, is_folder)
            found = [entry for folder in folders if (entry := self._read(folder))]
        return sorted(found, key=lambda entry: entry.when, reverse=True)

    def _read(self, folder: Path) -> Kept | None:
        try:
            note = json.loads((folder / ORIGIN).read_bytes())
            return self.kind.model_validate(note | {"folder": folder})
        except (OSError, ValueError, TypeError, ValidationError):
            return None

    def keep(self, home: Path, name: str, files: dict[str, bytes], **origin: object) -> Kept:
        """Keep files under a name, whole or not at all, in a folder that nobody else may read. They replace
        what has that name; directions saved with it stay. The oldest generators leave. Raises OSError.
        """
        folder = home / self.name / name
        rough = folder.with_name(f".{os.urandom(8).hex()}")
        try:
            write_files(rough, files)
            if (folder / DIRECTIONS).exists():
                shutil.copy(folder / DIRECTIONS, rough)
            note = self.note(rough, **origin)
            _replace(rough, folder)
        finally:
            shutil.rmtree(rough, ignore_errors=True)
        self._drop_older(home)
        return self.kind(folder=folder, **note)

    def remove(self, home: Path, entry: Kept) -> None:
        """Keep a generator no longer."""
        if entry.folder.parent == home / self.name:
            shutil.rmtree(entry.folder, ignore_errors=True)

    def note(self, folder: Path, **origin: object) -> dict[str, object]:
        """Write where a generator came from, and that it was kept or used now. Raises OSError."""
        note = origin | {"when": datetime.now(UTC).isoformat(timespec="microseconds")}
        part = folder / f".{os.urandom(4).hex()}.part"
        part.write_text(json.dumps(note))
        part.replace(folder / ORIGIN)
        return note

    def _drop_older(self, home: Path) -> None:
        """Remove all behind the first LIMIT. Those with saved directions stay, and are not counted."""
        alone = [one.folder for one in self.entries(home) if not (one.folder / DIRECTIONS).exists()]
        for folder in alone[LIMIT:]:
            shutil.rmtree(folder, ignore_errors=True)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a new folder that nobody else may read. Raises OSError."""
    folder.mkdir(parents=True, mode=0o700)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _replace(rough: Path, folder: Path) -> None:
    """Put a folder in another's place; somebody may be doing the same with the same generator."""
    for attempt in range(ATTEMPTS):
        try:
            if folder.exists():
                folder.rename(rough.with_name(f"{rough.name}.{attempt}.gone"))
            rough.rename(folder)
            break
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT) or attempt == ATTEMPTS - 1:
                raise
    for gone in rough.parent.glob(f"{rough.name}.*.gone"):
        shutil.rmtree(gone, ignore_errors=True)
