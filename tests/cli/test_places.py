"""Paths that lead nowhere, and files of other users: one sentence with the file and the cure."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import HOUSE, TRAIN, command, gan, refused
from tests.other_user import shut

LONG = "x" * 300


@pytest.fixture
def theirs(trained: tuple[Path, dict[str, Any]], open_folder: Path) -> Path:
    """A finished run in a folder that everybody may look into."""
    subprocess.run(["cp", "-r", trained[0], open_folder / "theirs"], check=True)
    gan("sample", open_folder / "theirs", "--out", open_folder / "first.png")  # imports what it needs
    return open_folder / "theirs"


def test_a_run_s_folder_of_300_letters_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    said = refused(*TRAIN, "--run", tmp_path / LONG, status=1)
    assert "(File name too long)" in said and "choose a folder" in said and not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", [LONG, "file", "circle", "file/inside"])
def test_a_source_that_can_not_be_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to("circle")
    said = refused("sample", tmp_path / place, "--out", tmp_path / "a.png", status=1)
    assert said.startswith("gan: There is no ") and "name a run folder" in said
    assert "There is no " in refused("push", tmp_path / place, "me/x", "--dry-run", status=1)


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        (LONG, "MNIST is not in .*x.*: fetch it"),
        ("~nosuchuser/x", "GAN_DATA is '~nosuchuser/x', and there is no such home"),
    ],
)
def test_a_data_folder_that_can_not_be_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAN_DATA", folder)
    text = refused("train", "--recipe", "mlp", "--data", "mnist", status=1)
    assert re.search(said, text), text
    assert "can't be written to" in refused("download", "mnist", status=1) or "no such home" in text


def test_a_runs_folder_in_nobodys_home_is_named_and_no_folder_called_tilde_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAN_RUNS", "~nosuchuser/x")
    assert "GAN_RUNS is '~nosuchuser/x'" in refused(*TRAIN, status=1)
    assert not list(tmp_path.iterdir())


def test_a_run_of_another_user_is_no_missing_run(theirs: Path, open_folder: Path) -> None:
    out = open_folder / "a.png"
    with shut(theirs):
        for words in (["sample", theirs, "--out", out], ["push", theirs, "me/x", "--dry-run"]):
            said = refused(*words, status=1)
            assert "theirs/config.json can't be read (Permission denied): mend its rights" in said
        said = refused("push", theirs, "me/x", "--whole", "--dry-run", status=1)
        assert "theirs/run.json can't be read (Permission denied)" in said
        said = refused(*TRAIN, "--run", theirs, "--resume", status=1)
        assert "theirs" in said and "(Permission denied): " in said
        assert "(Permission denied)" in refused("pull", "a/b", "--out", theirs / "new", status=1)
        assert "(Permission denied)" in refused("pull", "a/b", "--out", theirs, status=1)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "events.jsonl", "history.f32"])
def test_a_file_of_another_user_in_a_run_is_named(theirs: Path, file: str) -> None:
    (theirs / "events.jsonl").touch()
    with shut(theirs / file):
        said = refused("push", theirs, "me/x", "--dry-run", status=1)
    assert f"theirs/{file} can't be read (Permission denied): mend its rights" in said


def test_a_run_whose_lock_is_another_user_s_is_not_resumed(theirs: Path) -> None:
    theirs.chmod(0o777)
    with shut(theirs / "lock"):
        said = refused(*TRAIN, "--run", theirs, "--resume", "--steps", "20", status=1)
    assert f"{theirs / 'lock'} can't be locked (Permission denied)" in said


def test_a_login_that_another_user_has_saved_is_named_with_its_cure(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    (open_folder / "token").write_text("hf_theirs")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(open_folder / "token"))
    assert "can't be reached" in refused("browse", status=1)  # imports what it needs
    with shut(open_folder / "token"):
        said = refused("browse", status=1)
    assert (
        f"No token can be had from {open_folder / 'token'} (Permission denied)" in said
        and "set HF_TOKEN" in said
    )
    assert "hf_theirs" not in said


def no_room() -> None:
    """Let a new process write not a byte to any file, whoever runs it."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such limit")
def test_no_folder_for_temporary_files_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)  # torch sets it where it is imported
    pipes = {"capture_output": True, "text": True}
    done = subprocess.run(command("download", "mnist"), cwd=HOUSE, preexec_fn=no_room, **pipes)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done
    assert "No folder for temporary files can be written to: set TMPDIR" in done.stderr
