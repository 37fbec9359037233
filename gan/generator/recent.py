"""Generators somebody has looked at, kept under their own digest beside the runs: the newest few.

A run trains on and its weights of a moment ago are gone; a file that was uploaded is gone with the tab. What
was looked at stays here, so that an address that was shared goes on meaning the same pictures.
"""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gan.errors import Problem
from gan.generator.folder import GeneratorFiles, read_source
from gan.generator.kept import drop_older
from gan.limits import RECENT, check_space, size_of

KEPT = 12  # older ones leave, unless somebody has saved directions with them
SHORT = 16  # hexadecimal digits of a digest that an address carries


@dataclass(frozen=True)
class Recent:
    """A generator that was looked at. `source` says where it came from: a run's name, "hf:USER/REPO@COMMIT"
    or "file:NAME".
    """

    folder: Path
    source: str
    step: int
    when: str

    @property
    def key(self) -> str:
        """The beginning of its digest."""
        return self.folder.name

    def weights(self) -> GeneratorFiles:
        """Its two files. Raises Problem where somebody has removed or changed them."""
        weights = GeneratorFiles.of(*read_source(self.folder))
        if not weights.key.startswith(self.key):
            shutil.rmtree(self.folder, ignore_errors=True)
            raise Problem("A kept generator has been changed on the disk: choose it anew where it came from.")
        return weights


def recent_in(home: Path) -> list[Recent]:
    """What was looked at from a runs folder, the latest first."""
    found = [one for folder in (home / RECENT).glob("[0-9a-f]*") if (one := _read(folder))]
    return sorted(found, key=lambda one: one.when, reverse=True)


def _read(folder: Path) -> Recent | None:
    try:
        told = json.loads((folder / "origin.json").read_bytes())
        return Recent(folder, str(told["source"])[:200], int(told["step"]), str(told["when"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(home: Path, weights: GeneratorFiles, source: str, step: int) -> Path:
    """Keep a generator, or note that it was looked at again; the folder it lies in. Where the disk or a limit
    refuses, nothing is kept: the generator can be looked at all the same.
    """
    folder, rough = home / RECENT / weights.key[:SHORT], home / RECENT / f".{os.urandom(8).hex()}"
    when = datetime.now(UTC).isoformat(timespec="microseconds")
    try:
        if not folder.exists():
            check_space(home, len(weights.tensors) + size_of(home / RECENT))
            rough.mkdir(parents=True, mode=0o700)
            (rough / "config.json").write_bytes(weights.config)
            (rough / "model.safetensors").write_bytes(weights.tensors)
            _note(rough, source, step, when)
            rough.rename(folder)
        else:
            _note(folder, source, step, when)
    except (OSError, Problem):
        shutil.rmtree(rough, ignore_errors=True)
    drop_older((one.folder for one in recent_in(home)), KEPT)
    return folder


def _note(folder: Path, source: str, step: int, when: str) -> None:
    part = folder / f".{os.urandom(4).hex()}.part"
    part.write_text(json.dumps({"source": source, "step": step, "when": when}))
    part.replace(folder / "origin.json")
