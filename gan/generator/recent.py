"""Generators somebody has looked at, kept under their own digest beside the runs: the newest few.

A run trains on and its weights of a moment ago are gone; a file that was uploaded is gone with the tab. What
was looked at stays here, so that an address that was shared goes on meaning the same pictures.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from pydantic import Field

from gan.errors import Problem
from gan.generator.folder import GeneratorFiles, read_source
from gan.generator.store import KeptGenerator, Store
from gan.limits import RECENT, check_space, size_of

SHORT_KEY = 16  # hexadecimal digits of a digest that an address carries


class RecentGenerator(KeptGenerator):
    """A generator that was looked at. `source` says where it came from: a run's name, "hf:USER/REPO@COMMIT"
    or "file:NAME".
    """

    source: str = Field(max_length=400)
    step: int

    @property
    def key(self) -> str:
        """The beginning of its digest."""
        return self.folder.name

    def files(self) -> GeneratorFiles:
        """Its two files. Raises Problem where somebody has removed or changed them."""
        files = GeneratorFiles.of(*read_source(self.folder))
        if not files.key.startswith(self.key):
            shutil.rmtree(self.folder, ignore_errors=True)
            raise Problem("A kept generator has been changed on the disk: choose it anew where it came from.")
        return files


_store = Store(RECENT, RecentGenerator, f"[0-9a-f]{{{SHORT_KEY}}}")
recent_in = _store.entries


def folder_of(home: Path, key: str) -> Path:
    """Where the generator of that key is kept, if it is."""
    return home / RECENT / key[:SHORT_KEY]


def keep_recent(home: Path, files: GeneratorFiles, source: str, step: int) -> Path:
    """Keep a generator, or note that it was looked at again; the folder it lies in. Where the disk or a limit
    refuses, nothing is kept: the generator can be looked at all the same.
    """
    folder = folder_of(home, files.key)
    with suppress(OSError, Problem):
        if folder.exists():
            _store.note(folder, source=source, step=step)
        else:
            check_space(home, len(files.tensors) + size_of(home / RECENT))
            contents = {"config.json": files.config, "model.safetensors": files.tensors}
            _store.keep(home, folder.name, contents, source=source, step=step)
    return folder
