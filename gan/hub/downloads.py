"""Generators pulled from the Hub, beside the runs of whoever pulled them: the newest few.

They lie in `.pulled` of a runs folder, so one visitor's private generators are out of another's reach. No
cache is shared: a pull downloads into a folder of its own, which is gone when it ends.
"""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from gan.errors import Problem, os_errors_as
from gan.generator.store import KeptGenerator, Store
from gan.hub.client import check_repo_id

PULLED = ".pulled"  # of a runs folder
# all that is taken of a repository
FILES = ("config.json", "model.safetensors", "README.md", "samples.png", "curves.png")


def _repo_id(text: str) -> str:
    try:
        return check_repo_id(text)
    except Problem as problem:
        raise ValueError(str(problem)) from None


class DownloadedGenerator(KeptGenerator):
    """A generator that was pulled, and which commit of which repository it is."""

    repo_id: Annotated[str, AfterValidator(_repo_id)]
    sha: str
    private: bool

    @property
    def title(self) -> str:
        """How lists call it."""
        return f"{self.repo_id} @ {self.sha[:7]}"

    @property
    def source(self) -> str:
        """How addresses call it."""
        return f"hf:{self.repo_id}@{self.sha}"


_store = Store(PULLED, DownloadedGenerator, r"[\w.-]+@[0-9a-f]{1,12}")
downloads_in, forget = _store.entries, _store.remove


def keep_download(
    home: Path, repo_id: str, sha: str, private: bool, files: dict[str, bytes]
) -> DownloadedGenerator:
    """Keep a pulled generator, whole or not at all; the oldest leave. Raises Problem."""
    name, wanted = f"{repo_id.replace('/', '--')}@{sha[:12]}", only_ours(files)
    message = "The generator can't be kept in {folder} ({why}): free some space, then pull again."
    with os_errors_as(message, folder=home / PULLED):
        return _store.keep(home, name, wanted, repo_id=repo_id, sha=sha, private=private)


def only_ours(files: dict[str, bytes]) -> dict[str, bytes]:
    """Those files of a repository that a generator consists of."""
    return {name: files[name] for name in FILES if name in files}
