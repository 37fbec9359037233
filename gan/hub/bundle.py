"""What a generator is shared as: its two files, a card, pictures, and on request its whole run.

The same files go to the Hub (gan.hub.push) or into a ZIP.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO

from gan.errors import os_errors_as
from gan.generator.config import GeneratorConfig, check_parameters, read_config
from gan.hub.card import write_card
from gan.hub.curves import curves_png
from gan.runs.archive import pack, packed_size
from gan.runs.history import summary_of
from gan.runs.run import Run
from gan.zips import add

RUN = "run.zip"  # a whole run, as gan.runs.archive packs it


@dataclass(frozen=True)
class Bundle:
    """Files by name. `run` is the run to pack into run.zip, None where it is not shared."""

    files: dict[str, bytes]
    config: GeneratorConfig
    run: Run | None = None

    def sizes(self) -> dict[str, int]:
        """Bytes of every file, run.zip included."""
        sizes = {name: len(content) for name, content in self.files.items()}
        return sizes | ({RUN: packed_size(self.run, newest=True)} if self.run else {})

    @property
    def card(self) -> str:
        """The model card."""
        return self.files["README.md"].decode()

    @contextmanager
    def open_run(self) -> Iterator[BinaryIO | None]:
        """run.zip as an open file that is gone afterwards; None without a run. Raises Problem."""
        if self.run is None:
            yield None
            return
        with TemporaryFile() as file:
            with os_errors_as("The run can't be packed: {why}."):
                pack(self.run, file, newest=True)
            file.seek(0)
            yield file


def make_bundle(
    config: bytes,
    weights: bytes,
    samples: bytes,
    repo_id: str,
    licence: str = "mit",
    revision: str | None = None,
    run: Run | None = None,
    whole: bool = False,
) -> Bundle:
    """The files of a generator for that repository. `samples` is a PNG of its first 25 pictures, `run` the
    run it comes from, if that is here; `whole` adds run.zip. Raises Problem for a config that can't be used.
    """
    parsed = read_config(config)
    check_parameters(parsed, len(weights))
    about_run = {}
    files = {"config.json": config, "model.safetensors": weights, "samples.png": samples}
    if run is not None and run.exists():
        summary = summary_of(run)
        about_run = {"info": run.stored_info(), "summary": summary, "events": run.events()}
        if summary.count:
            files["curves.png"] = curves_png(summary)
    card = write_card(parsed, repo_id, licence, revision, **about_run, whole=whole)
    return Bundle({"README.md": card.encode()} | files, parsed, run if whole else None)


def zip_bundle(bundle: Bundle) -> bytes:
    """The bundle as one ZIP, for a machine without a network."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in bundle.files.items():
            add(archive, name, content)
        with bundle.open_run() as run:
            if run:
                add(archive, RUN, run.read())
    return buffer.getvalue()
