"""A run's folder: named, locked, written whole, and read back without trust."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from bench.browser import HOUSE
from gan.errors import Problem
from gan.recipes.table import RECIPES
from gan.runs.events import Move
from gan.runs.info import DataInfo, RunInfo
from gan.runs.run import Run, check_place, find, is_name, runs_in, runs_root
from gan.runs.trash import throw_away
from tests.other_user import shut


def info(**changes) -> RunInfo:
    asked = {
        "recipe": RECIPES["mlp"],
        "data": DataInfo(name="digits", fingerprint="f", images=1797),
        "seed": 1,
    }
    made = {"steps": 100, "device": "cpu", "torch": "2", "created": "2026-11-21T00:00:00+00:00"}
    return RunInfo(**asked | made | changes)


@pytest.fixture
def run() -> Run:
    run = Run.make_next(runs_root(), "mlp-digits")
    run.write(info())
    return run


def test_new_runs_get_the_next_free_name() -> None:
    names = [Run.make_next(runs_root(), "mlp-digits").name for _ in range(3)]
    assert names == ["mlp-digits-1", "mlp-digits-2", "mlp-digits-3"]


def test_a_deleted_name_below_another_is_not_taken_again() -> None:
    first, second = (Run.make_next(runs_root(), "mlp-digits") for _ in range(2))
    for run in (first, second):
        run.write(info())
    shutil.rmtree(first.path)
    assert Run.make_next(runs_root(), "mlp-digits").name == "mlp-digits-3"


def test_what_is_written_is_read(run) -> None:
    assert run.stored_info() == info()
    assert [one.name for one in runs_in(runs_root())] == [run.name]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format_version": 1}', b"\xff\xfe", b'{"seed": 1}'], ids=repr
)
def test_a_damaged_run_json_is_named(run, content) -> None:
    (run.path / "run.json").write_bytes(content)
    with pytest.raises(Problem, match=r"run\.json can't be used"):
        run.info()


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc", "a/b", "nothing", "x\0y", "a" * 5000])
def test_a_name_from_an_address_is_never_a_path(run, name) -> None:
    with pytest.raises(Problem, match="There is no run"):
        find(name, runs_root())


def test_a_folder_that_can_not_be_written_is_named(tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GAN_RUNS", str(tmp_path / "file"))
    with pytest.raises(Problem, match="can't be written to .*file.*GAN_RUNS"):
        Run.make_next(runs_root(), "mlp-digits")


def test_history_is_appended_and_cut(run) -> None:
    numbers = np.arange(40, dtype=np.float32).reshape(10, 4)
    run.append_history(numbers[:7])
    run.append_history(numbers[7:])
    assert np.array_equal(run.history(), numbers)
    run.end_at(4)
    assert np.array_equal(run.history(), numbers[:4])


def test_a_history_cut_in_the_middle_of_a_record_is_read_up_to_it(run) -> None:
    run.append_history(np.ones((3, 4), np.float32))
    os.truncate(run.path / "history.f32", 3 * 16 - 5)
    assert len(run.history()) == 2


def test_pictures_are_kept_by_step_and_cut(run) -> None:
    for step in (0, 200, 400):
        run.write_sample(step, b"picture %d" % step)
    assert run.sample_steps() == [0, 200, 400]
    assert run.sample(200) == b"picture 200" and run.sample(300) is None
    run.end_at(200)
    assert run.sample_steps() == [0, 200]


COPIES = ["00000200 (1).png", "00000200 - Copy.png", "Copy of 00000200.png", "0000200.png", "00000900.PNG"]


def test_copies_of_pictures_are_neither_listed_nor_removed(run) -> None:
    samples = run.path / "samples"
    for step in (0, 200, 900):
        run.write_sample(step, b"picture")
    for name in COPIES:
        (samples / name).write_bytes(b"a copy")
    (samples / "00000700.png").symlink_to(samples / "00000200.png")
    (samples / "00000800.png").mkdir()
    assert run.sample_steps() == [0, 200, 900]
    run.end_at(200)
    left = {*COPIES, "00000000.png", "00000200.png", "00000700.png", "00000800.png"}
    assert {file.name for file in samples.iterdir()} == left


def test_folders_where_files_belong_hold_nothing(run) -> None:
    for name in ("history.f32", "events.jsonl", "samples/00000200.png"):
        (run.path / name).mkdir()
    assert not len(run.history()) and not run.events() and run.sample(200) is None


def test_a_history_that_ends_before_its_step_gets_a_gap_and_says_how_long_it_is(run) -> None:
    run.append_history(np.ones((101, 4), np.float32))
    os.truncate(run.path / "history.f32", 1607)  # within a row
    assert run.end_at(300) == 200 and run.end_at(300) == 0
    assert (run.path / "history.f32").stat().st_size == 300 * 16
    assert np.array_equal(run.history()[:100], np.ones((100, 4))) and np.isnan(run.history()[100:]).all()
    (run.path / "history.f32").unlink()
    assert run.end_at(3) == 3 and np.isnan(run.history()).all()


def test_copies_of_a_run_are_listed_and_opened_and_what_no_run_can_be_called_is_neither(run) -> None:
    names = ["mlp-digits-1 (1)", "mlp-digits-1 - Copy", "mlp-digits-1 (copy)", "복사본"]
    for name in [*names, "a+b", "[x](y)", "trailing "]:
        shutil.copytree(run.path, run.path.with_name(name))
    assert {one.name for one in runs_in(runs_root())} == {run.name, *names}
    assert [find(name, runs_root()).name for name in names] == names
    (run.path.with_name("mlp-digits-77777777777777777777")).mkdir()
    assert Run.make_next(runs_root(), "mlp-digits").name == "mlp-digits-2"


def test_an_event_cut_off_by_a_crash_is_dropped(run) -> None:
    run.append_event(Move(step=3, player="d"))
    with open(run.path / "events.jsonl", "a") as file:
        file.write('{"step": 4, "wh')
    assert [event.step for event in run.events()] == [3]


def test_an_event_after_a_line_cut_off_by_a_crash_is_read(run) -> None:
    (run.path / "events.jsonl").write_text('{"step": 4, "wh')
    run.append_event(Move(step=5, player="g"))
    run.append_event(Move(step=6, player="d"))
    (run.path / "events.jsonl").open("ab").write(b'\xff\xfe\n[1]\n{"step": 1}\n')
    assert [event.step for event in run.events()] == [5, 6]


# --- who trains it -----------------------------------------------------------------------------------

HOLD = """
import sys
from gan.runs.run import Run
with Run(sys.argv[1]).owned():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_process(run) -> Iterator[subprocess.Popen]:
    """Another process that holds the run."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(run.path)], cwd=HOUSE, **pipes)
    assert process.stdout.readline() == b"held\n"
    run.write(info(state="running", pid=process.pid))
    yield process
    process.kill()
    process.communicate()


def test_a_run_held_by_another_process_is_refused_with_its_pid(run, other_process) -> None:
    with pytest.raises(Problem, match=f"process {other_process.pid}"), run.owned():
        pass
    with pytest.raises(Problem, match="in training"):
        throw_away(run)
    assert run.info().state == "running"


def test_a_run_whose_trainer_was_killed_is_interrupted_and_free(run, other_process) -> None:
    other_process.kill()
    other_process.wait()
    assert run.info().state == "interrupted"
    with run.owned():
        assert run.lock.state() == "held"
    throw_away(run)
    assert not run.path.exists() and runs_root().exists()


# --- names -------------------------------------------------------------------------------------------


def test_a_name_is_bounded_in_bytes_as_file_systems_bound_it(run) -> None:
    assert is_name("x" * 100) and is_name("한" * 80) and not is_name("한" * 81) and not is_name("x" * 101)
    with pytest.raises(Problem, match="There is no run '한한"):
        find("한" * 90, runs_root())


def test_a_run_of_a_name_longer_than_new_ones_may_be_is_still_found(run) -> None:
    run.path.rename(run.path.with_name("한" * 85))
    assert find("한" * 85, runs_root()).exists()


@pytest.mark.parametrize(
    ("place", "why"),
    [("x" * 300, "File name too long"), ("file/run", "Not a directory"), ("file", "Not a directory")],
)
def test_a_place_that_can_be_no_folder_is_refused_before_anything_is_made(tmp_path, place, why) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(Problem, match=f"can't be written to .* \\({why}\\): choose a folder"):
        check_place(tmp_path / place)
    check_place(tmp_path / "new" / "run")


def test_what_of_a_run_can_not_be_read_is_named(open_folder) -> None:
    theirs = Run.make(open_folder / "theirs")
    theirs.write(info())
    theirs.append_event(Move(step=1, player="d"))
    with shut(theirs.path / "events.jsonl"), pytest.raises(Problem, match="events.jsonl can't be read"):
        theirs.events()
    with shut(theirs.path), pytest.raises(Problem, match="theirs/run.json can't be read .Permission denied"):
        find("theirs", open_folder)
