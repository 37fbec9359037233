"""What is kept beside a generator's files, and which of the kept generators leave first."""

import shutil
from collections.abc import Iterable
from pathlib import Path

DIRECTIONS = "directions.json"  # named directions beside a generator's files (gan.latent.saved_directions)


def drop_older(folders: Iterable[Path], kept: int) -> None:
    """Of generators' folders, the newest first, remove all behind the first `kept`. One in which somebody has
    saved directions stays, and is not counted.
    """
    for old in [folder for folder in folders if not (folder / DIRECTIONS).exists()][kept:]:
        shutil.rmtree(old, ignore_errors=True)
