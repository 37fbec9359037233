"""The shelf of pulled generators: what is kept, for whom, and how many."""

import stat
import threading

import pytest

from gan.errors import Problem
from gan.generator.store import LIMIT
from gan.hub.downloads import PULLED, downloads_in, forget, keep_download

FILES = {"config.json": b"{}", "model.safetensors": b"x", "evil.py": b"import os", "samples.png": b"png"}


def test_what_is_kept_is_found_the_latest_first_and_holds_the_known_files_alone(tmp_path) -> None:
    for number in range(3):
        keep_download(tmp_path, f"ada/model-{number}", f"{number}" * 40, False, FILES)
    assert [one.repo_id for one in downloads_in(tmp_path)] == ["ada/model-2", "ada/model-1", "ada/model-0"]
    one = downloads_in(tmp_path)[0]
    assert {file.name for file in one.folder.iterdir()} == {*FILES, "origin.json"} - {"evil.py"}
    assert one.title == "ada/model-2 @ 2222222"
    assert stat.S_IMODE(one.folder.stat().st_mode) == 0o700


def test_the_same_commit_is_kept_once_and_the_oldest_leave(tmp_path) -> None:
    for number in [*range(LIMIT + 2), LIMIT + 1]:
        keep_download(tmp_path, f"ada/model-{number}", "a" * 40, False, FILES)
    assert len(downloads_in(tmp_path)) == LIMIT
    assert "ada/model-0" not in [one.repo_id for one in downloads_in(tmp_path)]
    forget(tmp_path, downloads_in(tmp_path)[0])
    assert len(downloads_in(tmp_path)) == LIMIT - 1


def test_two_that_pull_the_same_commit_at_once_both_have_it(tmp_path) -> None:
    failures = []

    def pull() -> None:
        try:
            for _ in range(30):
                keep_download(tmp_path, "ada/model", "a" * 40, False, FILES)
                downloads_in(tmp_path)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=pull) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and len(downloads_in(tmp_path)) == 1
    assert [folder.name for folder in (tmp_path / PULLED).iterdir()] == ["ada--model@aaaaaaaaaaaa"]


def test_a_folder_somebody_has_changed_is_left_out(tmp_path) -> None:
    one = keep_download(tmp_path, "ada/model", "a" * 40, False, FILES)
    for content in (b"", b"[]", b'{"repo_id": "../../x", "sha": "a", "private": false, "when": ""}'):
        (one.folder / "origin.json").write_bytes(content)
        assert downloads_in(tmp_path) == []


def test_a_shelf_that_can_not_be_written_is_told_and_nothing_is_left(tmp_path) -> None:
    (tmp_path / PULLED).write_text("a file in its place")
    with pytest.raises(Problem, match="can't be kept in"):
        keep_download(tmp_path, "ada/model", "a" * 40, False, FILES)
    assert (tmp_path / PULLED).read_text() == "a file in its place"
