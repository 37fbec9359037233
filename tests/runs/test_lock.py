"""The lock of a run: who trains it, and that "nobody can tell" is not taken for "nobody"."""

import os
import re
import stat
from pathlib import Path

import pytest

from gan.errors import Problem
from gan.runs import library, trash
from gan.runs.events import Move
from gan.runs.run import Run
from tests.other_user import needs_root, shut, somebody_else
from tests.runs.test_run import info

fcntl = pytest.importorskip("fcntl")


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds a lock held is told at once."""
    monkeypatch.setattr("gan.runs.lock.PATIENCE", 0.0)


@pytest.fixture
def running(open_folder: Path) -> Run:
    """A run whose run.json says that somebody trains it, in a folder that all users may write to."""
    run = Run.make(open_folder / "runs" / "theirs")
    run.write(info(state="running", pid=4711))
    for folder in (run.path.parent, run.path):
        folder.chmod(0o777)
    (run.path / "lock").touch()
    return run


def refused(run: Run) -> set[str]:
    """What is said to who wants to rename, copy, delete and train the run; none of it is done."""
    acts = {
        "rename": lambda: library.rename(run, "mine"),
        "duplicate": lambda: library.duplicate(run),
        "delete": lambda: trash.throw_away(run),
        "train": lambda: run.owned().__enter__(),
    }
    said = set()
    for act in acts.values():
        with pytest.raises(Problem) as problem:
            act()
        said.add(str(problem.value))
    assert [one.name for one in run.path.parent.iterdir()] == [run.name]
    return said


def test_a_lock_that_can_not_be_opened_is_unknown_and_nothing_is_done_with_its_run(running: Run) -> None:
    with shut(running.lock.file):
        assert running.info().state == "unknown"
        said = refused(running)
    assert any("Nobody can tell from here whether run theirs is in training" in text for text in said)
    assert all(str(running.lock.file) in text for text in said)
    assert running.info().state == "interrupted"


def test_a_folder_in_place_of_the_lock_is_unknown_too(running: Run) -> None:
    running.lock.file.unlink()
    running.lock.file.mkdir()
    assert running.info().state == "unknown"
    refused(running)


@needs_root
def test_who_may_only_read_the_lock_of_another_user_sees_whether_it_is_held(running: Run) -> None:
    running.lock.file.chmod(0o644)
    with running.owned():
        with somebody_else():
            assert running.info().state == "running"
            assert all(re.search("is in training:|is being trained by", text) for text in refused(running))
    with somebody_else():
        assert running.info().state == "interrupted"
        with pytest.raises(Problem, match="can't be trained from here.*lock.*Permission denied"):
            running.owned().__enter__()


def test_the_lock_tells_process_and_machine_as_long_as_it_is_held(running: Run) -> None:
    with running.owned():
        assert running.lock.file.read_text() == f"{os.getpid()}\n{os.uname().nodename}\n"
        assert running.lock.state() == "held"
        with pytest.raises(Problem, match="Run theirs is in training: stop it first.$"):
            running.lock.check_free()
    assert running.lock.file.read_bytes() == b"" and running.lock.state() == "free"


def test_a_lock_of_another_machine_is_told_with_process_machine_and_cure(running: Run) -> None:
    with open(running.lock.file, "r+") as file:
        file.write("4242\nnode-17\n")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        for text in refused(running):
            assert "process 4242 on the machine node-17" in text
            assert f"If that process is gone, delete {running.lock.file}" in text


def test_a_lock_held_by_an_older_program_has_the_process_of_run_json(running: Run) -> None:
    with open(running.lock.file, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert any("is being trained by process 4711:" in text for text in refused(running))


@pytest.mark.parametrize("rights", [0o2770, 0o770], ids=oct)
def test_in_a_folder_that_a_group_shares_run_and_lock_are_the_group_s(open_folder: Path, rights: int) -> None:
    home = open_folder / "shared"
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, -1, 54321)
    home.chmod(rights)
    before = os.umask(0o077)
    try:
        run = Run.make_next(home, "mlp-digits")
        run.append_event(Move(step=0, player="d"))
        with run.owned():
            pass
    finally:
        os.umask(before)
    for place in (run.path, run.path / "samples"):
        assert stat.S_IMODE(place.stat().st_mode) & 0o2070 == rights & 0o2070
    for file in ("lock", "events.jsonl"):
        assert stat.S_IMODE((run.path / file).stat().st_mode) & 0o066 == 0o060
    assert {place.stat().st_gid for place in (run.path, run.lock.file)} == {home.stat().st_gid}


def test_where_no_group_writes_a_run_is_as_private_as_its_maker_wants(open_folder: Path) -> None:
    open_folder.chmod(0o755)
    before = os.umask(0o077)
    try:
        run = Run.make_next(open_folder, "mlp-digits")
        with run.owned():
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE(run.path.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(run.lock.file.stat().st_mode) & 0o077 == 0
