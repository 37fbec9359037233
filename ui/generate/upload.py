"""A generator as files: dropped on the page, and downloaded from it."""

import zipfile
from io import BytesIO
from pathlib import PurePosixPath

import streamlit as st

from gan.errors import Problem
from gan.generator.config import check_size, max_weights
from gan.generator.folder import GeneratorFiles
from gan.i18n import t
from gan.zips import UNREADABLE, add


def upload() -> tuple[bytes, bytes, str] | None:
    """The two files' contents, from `model.safetensors` and `config.json` or a ZIP of both, and what to call
    them; None where nothing was dropped yet. Raises Problem.
    """
    files = st.file_uploader(
        t("model.safetensors and config.json, or their ZIP"),
        type=["safetensors", "json", "zip"],
        accept_multiple_files=True,
        key="files",
    )
    if not files:
        return None
    contents = _unpacked({file.name: file.getvalue() for file in files})
    config = [content for name, content in contents.items() if name.endswith(".json")]
    tensors = [content for name, content in contents.items() if name.endswith(".safetensors")]
    if len(config) != 1 or len(tensors) != 1:
        raise Problem(
            "A generator is two files, config.json and model.safetensors; here are {configs} of the one "
            "and {tensors} of the other.",
            configs=len(config),
            tensors=len(tensors),
        )
    return config[0], tensors[0], files[0].name


def _unpacked(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files, each ZIP among them replaced by what is needed of it. Nothing is written to the disk."""
    contents = {}
    for name, content in files.items():
        if not name.endswith(".zip"):
            contents[name] = content
            continue
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                for entry in archive.infolist():
                    if PurePosixPath(entry.filename).name in ("model.safetensors", "config.json"):
                        check_size(entry.filename, entry.file_size, max_weights())
                        contents[entry.filename] = archive.read(entry)
        except UNREADABLE:
            raise Problem(
                "{name} is no ZIP that can be read: upload the two files themselves.", name=name
            ) from None
    return contents


def weights_zip(weights: GeneratorFiles) -> bytes:
    """Both files in one ZIP, as `upload` takes it."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        add(archive, "config.json", weights.config)
        add(archive, "model.safetensors", weights.tensors)
    return buffer.getvalue()
