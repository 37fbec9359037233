"""Files that are whole or as they were before."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gan.durable import append, flush_folder, share, write_whole
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
    with pytest.raises(Problem, match="folder .*gone is gone: it was moved or deleted"):
        write_whole(tmp_path / "gone" / "file", b"x")


def test_a_name_as_long_as_a_name_can_be_is_written(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 255)
    write_whole(file, b"one")
    assert file.read_bytes() == b"one" and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", ["EINVAL", "ENOTSUP", "ENOSYS", "EPERM", "EACCES"])
@pytest.mark.parametrize("call", ["open", "fsync"])
def test_a_file_system_that_flushes_no_folders_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, name: str
) -> None:
    monkeypatch.setattr(os, call, raising(getattr(errno, name)))
    flush_folder(tmp_path)


@pytest.mark.parametrize("name", ["EIO", "ENOSPC", "EDQUOT"])
def test_a_disk_that_fails_at_a_folder_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(os, "fsync", raising(getattr(errno, name)))
    with pytest.raises(OSError, match=os.strerror(getattr(errno, name))):
        flush_folder(tmp_path)


def raising(number: int) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def test_a_shared_file_is_the_group_s_and_what_is_no_file_of_ours_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    (tmp_path / "mine").chmod(0o600)
    (tmp_path / "link").symlink_to("mine")
    tmp_path.chmod(0o770)
    share(tmp_path / "link")
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o600
    share(tmp_path / "mine")
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize("there", [b"theirs", None])
def test_what_is_added_to_a_link_leaves_alone_what_it_leads_to(tmp_path: Path, there: bytes | None) -> None:
    theirs, link = tmp_path / "theirs", tmp_path / "link"
    if there:
        theirs.write_bytes(there)
    link.symlink_to(theirs)
    append(link, b" ours")
    assert link.read_bytes() == (there or b"") + b" ours" and not link.is_symlink()
    assert theirs.read_bytes() == there if there else not theirs.exists()
