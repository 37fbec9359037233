"""Files that are whole or as they were before."""

import os
from pathlib import Path

import pytest

from gan.durable import write_whole
from gan.errors import Problem


def refuse(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_whole(file, b"one")
    write_whole(file, b"another", durable=False)
    assert file.read_bytes() == b"another" and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    file = tmp_path / "file"
    write_whole(file, b"one")
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(OSError, match="No space"):
        write_whole(file, b"another")
    assert file.read_bytes() == b"one" and list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="folder .*gone is gone"):
        write_whole(tmp_path / "gone" / "file", b"x")
