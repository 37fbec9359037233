"""Runs and the viewer as the pages hold them: real worker processes, and how they end."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gan.control import process
from gan.control.commands import Pause, Save, Step, Stop, Unpause
from gan.control.questions import Sample
from gan.control.replies import Snapshot
from gan.control.requests import Ask
from gan.control.run_handle import RunHandle
from gan.control.supervisor import Supervisor
from gan.control.tasks import Train
from gan.control.viewer import ViewerClient
from gan.errors import Problem
from gan.generator.folder import GeneratorFiles, read_source
from gan.latent.view import View
from gan.recipes.table import RECIPES
from gan.runs.events import Idle, Move, SetRate
from gan.runs.order import Order
from gan.runs.run import Run, runs_in, runs_root
from gan.runs.trash import throw_away

HOUSE = Path(__file__).resolve().parents[2]
RECIPE = RECIPES["mlp"].with_changes({"hidden": (8, 16), "sample_every": 50})
PATIENCE = 60.0  # seconds after which a test gives up on what should come at once

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these tests send POSIX signals")


def order(**changes: object) -> Order:
    return replace(Order(RECIPE, "digits", seed=1, steps=10**6, device="cpu"), **changes)


def home() -> Path:
    """The runs folder of these tests' only user."""
    return runs_root().resolve()


def until(condition, what) -> None:
    """Wait for something that should come soon."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.02)


def hear(handle, condition, what) -> Snapshot:
    """Wait for a snapshot that is so, and return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not condition(handle.snapshot):
        time.sleep(0.02)
    assert condition(handle.snapshot), (
        f"in vain: {what}; it is {handle.snapshot.state}: {handle.snapshot.problem}"
    )
    return handle.snapshot


def is_gone(pid) -> bool:
    """Has that process ended? One that nobody has buried yet counts as gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return not Path("/proc").exists()


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(autouse=True)
def folders(house, monkeypatch) -> None:
    """One runs folder for all tests here, as they share a supervisor; no MNIST."""
    monkeypatch.setenv("GAN_RUNS", str(house / "runs"))
    monkeypatch.setenv("GAN_DATA", str(house / "data"))


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    """All tests' supervisor: a new one would import torch again for each. Its next spare starts at once, as
    the next test comes soon.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "SPARE_AFTER", 0.0)
        supervisor = Supervisor()
        yield supervisor
        supervisor.close()
    assert not [one for one in supervisor.runs.handles() if one.worker and one.worker.alive]


@pytest.fixture
def idle(supervisor) -> Supervisor:
    """The supervisor with nothing in training."""
    if busy := supervisor.runs.active(home()):
        busy.send(Stop())
        hear(busy, lambda now: not now.alive, "the run before ends")
    return supervisor


@pytest.fixture
def handle(supervisor, request) -> RunHandle:
    """A run that trains and has taken some steps; the one of the test before, if it still does."""
    handle = supervisor.runs.active(home()) or supervisor.start(order(), request.node.name, home())
    handle.send(Unpause())
    return hear_first_steps(handle)


def hear_first_steps(handle) -> RunHandle:
    hear(handle, lambda now: now.state == "running" and now.step > 0, "first steps")
    return handle


# --- a run's life -----------------------------------------------------------------------------------


def test_a_run_starts_pauses_steps_moves_saves_resumes_and_stops(handle) -> None:
    before = handle.snapshot
    hear(handle, lambda now: now.step > before.step, "progress")
    assert handle.snapshot.state == "running" and handle.snapshot.speed > 0
    assert set(handle.snapshot.numbers) == {"d_loss", "g_loss", "d_real", "d_fake"}
    assert handle.snapshot.picture.startswith(b"\x89PNG")

    handle.send(Pause()), handle.send(Pause())
    paused = hear(handle, lambda now: now.state == "paused" and now.saved == now.step, "the pause, saved")
    assert handle.run.info().state == "paused"
    handle.send(Step(steps=3))
    hear(handle, lambda now: now.step == paused.step + 3, "three steps by hand")
    handle.send(Move(player="d"))
    until(lambda: handle.run.events(), "the move is noted")
    assert handle.run.events() == [Move(step=paused.step + 3, player="d")]
    handle.send(Save())
    hear(handle, lambda now: now.saved == paused.step + 3, "the save")
    assert handle.snapshot.state == "paused" and handle.snapshot.step == paused.step + 3

    handle.send(Unpause())
    hear(handle, lambda now: now.state == "running" and now.step > paused.step + 3, "going on")
    handle.send(Stop()), handle.send(Stop())
    stopped = hear(handle, lambda now: now.state == "stopped", "the end")
    assert stopped.saved == stopped.step == len(handle.run.history()) == handle.run.info().step
    until(lambda: not handle.worker.alive, "its process ends")
    assert handle.snapshot.state == "stopped" and handle.run.info().state == "stopped"


def test_a_rate_is_changed_and_an_impossible_one_refused_while_it_trains(handle) -> None:
    handle.send(SetRate(key="g_rate", new=1e-3))
    hear(handle, lambda now: now.rates["g_rate"] == 1e-3, "the new rate")
    handle.send(SetRate(key="d_rate", new=7.0))
    until(lambda: handle.refusal, "the refusal")
    assert str(handle.refusal).startswith("d_rate = 7.0 can't be used")
    assert handle.snapshot.state == "running" and handle.snapshot.rates["d_rate"] == 2e-4


def test_a_run_ends_at_its_length(idle) -> None:
    handle = idle.start(order(steps=20), "short", home())
    ended = hear(handle, lambda now: now.state == "finished", "its end")
    assert ended.step == ended.saved == 20
    assert handle.run.sample_steps() == [0, 20]


def test_a_run_may_begin_paused(idle) -> None:
    handle = idle.start(order(), "paused", home(), paused=True)
    hear(handle, lambda now: now.state == "paused", "the pause")
    assert handle.snapshot.step == 0
    handle.send(Step(steps=2))
    hear(handle, lambda now: now.step == 2 and now.state == "paused", "two steps")


def test_start_answers_before_the_worker_has_begun(idle) -> None:
    handle = idle.start(order(), "at once", home())
    assert handle.snapshot.alive and handle.order.recipe == RECIPE
    assert handle.run.path.is_dir()
    hear(handle, lambda now: now.step > 0, "first steps")


# --- never two --------------------------------------------------------------------------------------


def test_many_starts_with_one_intent_are_one_run(idle) -> None:
    before, handles = len(list((runs_root()).glob("*"))), []
    threads = [
        threading.Thread(target=lambda: handles.append(idle.start(order(), "double", home())))
        for _ in range(8)
    ]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert len(handles) == 8 and len(set(map(id, handles))) == 1
    assert len(list(runs_root().glob("*"))) == before + 1
    hear(handles[0], lambda now: now.step > 0, "first steps")


def test_a_second_run_waits_for_its_turn_and_then_trains(supervisor, handle) -> None:
    second = supervisor.start(order(steps=10), "another click", home())
    third = supervisor.start(order(steps=10), "a third click", home())
    assert second.snapshot.state == third.snapshot.state == "queued"
    assert supervisor.runs.active(home()) is handle
    assert supervisor.runs.waiting(home()) == [second, third]
    stranger = home() / "visitors" / "bob"  # where nothing trains and nothing waits
    assert supervisor.runs.active(stranger) is None and supervisor.runs.waiting(stranger) == []
    assert [one.name for one in supervisor.runs.ahead_of(third)] == [handle.name, second.name]
    assert second.run.stored_info().state == "queued"
    handle.send(Pause())
    hear(handle, lambda now: now.state == "paused", "the pause")
    assert second.is_queued  # a paused run keeps its place
    third.send(Stop())
    assert third.snapshot.state == third.run.info().state == "stopped"
    second.send(SetRate(key="g_rate", new=1e-3))  # while it waits
    handle.send(Stop())
    hear(second, lambda now: now.state == "finished", "the second one's turn and end")
    assert second.run.events()[0].new == 1e-3
    assert third.snapshot.state == "stopped"
    again = supervisor.resume(third.run)
    assert hear(again, lambda now: now.state == "finished", "the third one's end").step == 10


def test_as_many_train_at_once_as_one_allows(supervisor, handle, monkeypatch) -> None:
    monkeypatch.setenv("GAN_AT_ONCE", "2")
    second = supervisor.start(order(), "two at once", home())
    assert not second.is_queued
    hear(second, lambda now: now.step > 0, "steps of the second one")
    assert handle.snapshot.state == "running"
    second.send(Stop())
    hear(second, lambda now: now.state == "stopped", "its end")


def test_a_finished_run_is_made_longer(idle) -> None:
    handle = idle.start(order(steps=10), "longer", home())
    hear(handle, lambda now: now.state == "finished", "its end")
    longer = idle.resume(handle.run, 25)
    assert hear(longer, lambda now: now.state == "finished", "the new end").step == 25
    assert [event.what for event in handle.run.events()] == ["length"]


def test_a_run_shows_the_rates_it_will_train_at_before_its_process_has_begun(idle) -> None:
    """Sliders that took the recipe's first would send that back as an edit of the user's."""
    handle = idle.start(order(steps=20), "rates", home())
    until(lambda: handle.snapshot.state == "finished", "its end")
    handle.run.append_event(SetRate(step=20, key="g_rate", old=2e-4, new=5e-4))
    longer = idle.resume(handle.run, 25)
    assert longer.snapshot.rates == {"g_rate": 5e-4, "d_rate": handle.order.recipe.d_rate}
    until(lambda: longer.snapshot.state == "finished", "its later end")


def test_a_training_nobody_watches_is_stopped_and_says_why(supervisor, handle, monkeypatch) -> None:
    supervisor.stop_unwatched()
    assert handle.snapshot.state == "running"  # no limit on a laptop
    monkeypatch.setenv("GAN_MAX_IDLE", "3")
    supervisor.stop_unwatched()
    assert handle.snapshot.state == "running"
    handle.seen -= 181
    supervisor.stop_unwatched()
    hear(handle, lambda now: now.state == "stopped", "its end")
    assert handle.run.events()[-1] == Idle(step=handle.snapshot.step, minutes=3)


def test_limits_refuse_what_is_too_long_or_too_many(idle, monkeypatch) -> None:
    before = sorted(home().glob("*"))
    monkeypatch.setenv("GAN_MAX_STEPS", "100")
    with pytest.raises(Problem, match="100 steps here, 101 are too many"):
        idle.start(order(steps=101), "too long", home())
    monkeypatch.setenv("GAN_MAX_RUNS", str(len(runs_in(home()))))
    with pytest.raises(Problem, match="as many as may be here"):
        idle.start(order(steps=10), "too many", home())
    monkeypatch.setenv("GAN_MAX_RUNS", "no number")
    with pytest.raises(Problem, match="GAN_MAX_RUNS is 'no number'"):
        idle.start(order(steps=10), "no number", home())
    assert sorted(home().glob("*")) == before


def test_resuming_what_runs_is_no_second_trainer(supervisor, handle) -> None:
    handle.send(Pause())
    hear(handle, lambda now: now.state == "paused", "the pause")
    assert supervisor.resume(handle.run) is handle
    hear(handle, lambda now: now.state == "running", "going on")


@pytest.mark.skipif(not hasattr(os, "nice"), reason="Windows has no niceness")
def test_training_stands_back_where_the_page_needs_the_processor(handle) -> None:
    trainer = os.getpriority(os.PRIO_PROCESS, handle.worker.process.pid)
    assert trainer > os.getpriority(os.PRIO_PROCESS, 0)


def test_a_run_in_training_is_refused_to_others_by_its_trainers_pid(handle) -> None:
    with pytest.raises(Problem, match=f"trained by process {handle.worker.process.pid}"), handle.run.owned():
        pass
    with pytest.raises(Problem, match="in training: stop it first"):
        throw_away(Run(handle.run.path))
    assert handle.run.info().state == "running"


def test_what_can_not_train_is_refused_and_leaves_nothing(idle) -> None:
    before = sorted(runs_root().glob("*"))
    with pytest.raises(Problem, match="batch of 2000 is larger than digits"):
        idle.start(order(recipe=RECIPE.with_changes({"batch_size": 2000})), "too large", home())
    with pytest.raises(Problem, match="MNIST is not in "):
        idle.start(order(data="mnist"), "no data", home())
    handle = idle.start(order(device="tpu"), "no device", home())
    failed = hear(handle, lambda now: now.state == "failed", "the worker's refusal")
    assert "no device 'tpu'" in str(failed.problem)
    until(lambda: not handle.worker.alive, "its process ends")
    assert sorted(runs_root().glob("*")) == before


def test_a_deleted_run_takes_its_process_and_folder_with_it(supervisor, handle) -> None:
    pid = handle.worker.process.pid
    supervisor.let_go(handle.run)
    throw_away(handle.run)
    assert is_gone(pid) and not handle.run.path.exists()
    assert supervisor.runs.active(home()) is None and handle.name not in [run.name for run in runs_in(home())]


def test_the_click_that_started_a_deleted_run_starts_no_other(idle, request) -> None:
    handle = idle.start(order(steps=5), "to be deleted", home())
    hear(handle, lambda now: now.state == "finished", "its end")
    idle.let_go(handle.run)
    throw_away(handle.run)
    again = idle.start(order(steps=5), "to be deleted", home())
    assert again is not handle
    hear(again, lambda now: now.state == "finished", "the new run's end")


# --- sudden death -----------------------------------------------------------------------------------


def test_a_killed_trainer_fails_with_a_sentence_and_resumes_from_its_save(supervisor, handle) -> None:
    handle.send(Save())
    saved = hear(handle, lambda now: now.saved > 0, "a save").saved
    os.kill(handle.worker.process.pid, signal.SIGKILL)
    failed = hear(handle, lambda now: now.state == "failed", "the news")
    assert "killed (SIGKILL)" in str(failed.problem) and "Resume continues" in str(failed.problem)
    info = handle.run.info()
    assert (info.state, info.problem) == ("failed", str(failed.problem))
    resumed = supervisor.resume(handle.run)
    assert resumed is not handle and resumed.snapshot.step == saved
    hear(resumed, lambda now: now.state == "running" and now.step > saved, "going on")
    assert not resumed.snapshot.problem


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_terminated_trainer_saves_and_can_be_resumed(supervisor, handle, name) -> None:
    os.kill(handle.worker.process.pid, getattr(signal, name))
    hear(handle, lambda now: now.state == "interrupted", "the news")
    info = handle.run.info()
    assert info.state == "interrupted"
    assert info.saved == info.step == len(handle.run.history()) > 0
    resumed = supervisor.resume(handle.run)
    hear(resumed, lambda now: now.state == "running" and now.step > info.step, "going on")


def test_a_worker_starts_in_any_folder_and_without_a_console(tmp_path, monkeypatch) -> None:
    """Modules that lie in the folder are not taken for ours or Python's; standard error is closed."""
    for name in ("gan", "json", "torch"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a stranger')\n")
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@" 2>&-\n')
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.chdir(tmp_path)
    worker = process.Worker()
    try:
        assert worker.is_ready.wait(PATIENCE) and worker.machine, worker.process.poll()
        errors = Path(f"/proc/{worker.process.pid}/fd/2")  # what a library prints there is no message
        assert not Path("/proc").exists() or os.readlink(errors) == os.devnull
    finally:
        worker.end()
    assert worker.process.returncode == 0


def test_a_run_folder_deleted_from_outside_fails_in_a_sentence(supervisor, handle) -> None:
    handle.run.path.rename(handle.run.path.with_name(".elsewhere"))
    handle.send(Save())
    failed = hear(handle, lambda now: now.state == "failed", "the failure")
    assert str(failed.problem).endswith(".") and "Traceback" not in str(failed.problem)
    assert supervisor.runs.active(home()) is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' full device")
@pytest.mark.parametrize("command", [Pause(), Stop()], ids=["pause", "stop"])
def test_a_full_disk_pauses_the_run_until_there_is_room(supervisor, handle, command) -> None:
    handle.send(Save())
    handle.wait_for_effect(PATIENCE)
    checkpoints = handle.run.path / "checkpoints"
    checkpoints.rename(checkpoints.with_name("kept"))
    checkpoints.symlink_to("/dev/full")
    handle.send(command)
    paused = hear(handle, lambda now: now.state == "paused" and now.problem, "the pause")
    assert "can't be written" in str(paused.problem)
    handle.send(Unpause())
    hear(handle, lambda now: now.commands_done > paused.commands_done, "the refusal")
    assert handle.snapshot.state == "paused" and handle.snapshot.problem, handle.snapshot
    checkpoints.unlink()
    checkpoints.with_name("kept").rename(checkpoints)
    handle.send(Unpause())
    hear(handle, lambda now: now.state == "running" and not now.problem, "going on")


# --- the viewer -------------------------------------------------------------------------------------

SAMPLE = Sample(view=View(seeds="7", count=9), scale=2)


@pytest.fixture(scope="module")
def saved(supervisor, house) -> GeneratorFiles:
    """A finished generator as the viewer is given it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GAN_RUNS", str(house / "runs"))
        if busy := supervisor.runs.active(home()):
            busy.send(Stop())
            hear(busy, lambda now: not now.alive, "the run before ends")
        handle = supervisor.start(order(steps=5), "a generator", home())
        hear(handle, lambda now: now.state == "finished", "its end")
    return GeneratorFiles("saved", *read_source(handle.run.path))


def test_pictures_are_drawn_while_a_run_trains_and_are_always_the_same(supervisor, saved, handle) -> None:
    first = supervisor.viewers.ask(SAMPLE, saved).picture
    before = handle.snapshot.step
    assert first.startswith(b"\x89PNG")
    assert all(
        supervisor.viewers.ask(Sample(view=View(seeds=str(seed), count=9), scale=2), saved).picture != first
        for seed in range(3)
    )
    assert supervisor.viewers.ask(SAMPLE, saved).picture == first
    hear(handle, lambda now: now.step > before, "training goes on")
    handle.send(Stop())
    hear(handle, lambda now: not now.alive, "the end")
    assert supervisor.viewers.ask(SAMPLE, saved).picture == first


def test_a_run_in_training_gives_its_generator(supervisor, handle) -> None:
    config, tensors = handle.weights()
    picture = supervisor.viewers.ask(SAMPLE, GeneratorFiles("now", config, tensors)).picture
    assert picture.startswith(b"\x89PNG") and json.loads(config)["step"] > 0


def test_a_killed_viewer_is_replaced(supervisor, saved) -> None:
    first = supervisor.viewers.ask(SAMPLE, saved).picture
    pid = supervisor.viewers._viewers["quick"].worker.process.pid
    os.kill(pid, signal.SIGKILL)
    assert supervisor.viewers.ask(SAMPLE, saved).picture == first
    assert supervisor.viewers._viewers["quick"].worker.process.pid != pid


@pytest.mark.parametrize("kind", ["truncated", "no JSON", "a pickle", "another network", "huge"])
def test_hostile_weights_are_a_problem_and_the_viewer_lives(supervisor, saved, kind) -> None:
    config, tensors = saved.config, saved.tensors
    hostile = {
        "truncated": (config, tensors[:100]),
        "no JSON": (b"\xff\xfe", tensors),
        "a pickle": (config, b"\x80\x04\x95\x00\x00\x00\x00"),
        "another network": (config.replace(b"8,\n", b"9,\n"), tensors),
        "huge": (config, (1 << 62).to_bytes(8, "little") + tensors[8:]),
    }[kind]
    good = supervisor.viewers.ask(SAMPLE, saved).picture
    pid = supervisor.viewers._viewers["quick"].worker.process.pid
    for _ in range(2):  # it is not taken for known either
        with pytest.raises(Problem, match=r"config.json|model.safetensors|layers\."):
            supervisor.viewers.ask(SAMPLE, GeneratorFiles(f"hostile {kind}", *hostile))
    assert supervisor.viewers.ask(SAMPLE, saved).picture == good
    assert supervisor.viewers._viewers["quick"].worker.process.pid == pid


def test_a_viewer_forgets_generators_and_is_given_them_again(supervisor, saved) -> None:
    good = supervisor.viewers.ask(SAMPLE, saved).picture
    for number in range(5):
        assert (
            supervisor.viewers.ask(
                SAMPLE, GeneratorFiles(f"copy {number}", saved.config, saved.tensors)
            ).picture
            == good
        )
    assert supervisor.viewers.ask(SAMPLE, saved).picture == good


def test_the_structure_of_a_recipe_is_measured(supervisor) -> None:
    generator, discriminator = supervisor.viewers.structures(RECIPES["mlp"], (1, 28, 28))
    assert (generator.trainable, discriminator.trainable) == (247_440, 233_985)


# --- the app and its end ----------------------------------------------------------------------------

APP = """
import json, sys
from gan.control.supervisor import supervisor
from gan.recipes.table import RECIPES
import tests.control.test_supervisor as here

handle = supervisor.start(here.order(), "only", here.home())
here.hear(handle, lambda now: now.step > 0, "first steps")
supervisor.viewers.structures(RECIPES["mlp"], (1, 28, 28))
supervisor.warm()
workers = [handle.worker, supervisor.viewers._viewers["quick"].worker, supervisor._spare.worker]
pids = [worker.process.pid for worker in workers]
print(json.dumps({"torch": "torch" in sys.modules, "pids": pids, "run": str(handle.run.path)}), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def app(house) -> Iterator[subprocess.Popen]:
    """A program like the app, with a run in training, a viewer and a spare; it ends when told a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", APP], cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.told = json.loads(process.stdout.readline())
    yield process
    process.kill()
    process.communicate()
    for pid in process.told["pids"]:
        if not is_gone(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("end", ["an ordinary end", "SIGTERM", "SIGKILL"])
def test_an_app_has_no_torch_and_leaves_no_process_and_a_saved_run(app, end) -> None:
    assert app.told["torch"] is False
    if end == "an ordinary end":
        app.stdin.write("\n"), app.stdin.flush()
    else:
        app.send_signal(getattr(signal, end))
    app.wait(PATIENCE)
    for pid in app.told["pids"]:
        until(lambda pid=pid: is_gone(pid), f"worker {pid} ends")
    run = Run(app.told["run"])
    info = run.info()
    assert info.state == "interrupted" and info.saved == info.step == len(run.history()) > 0
    with run.owned():
        pass


# --- downloads --------------------------------------------------------------------------------------


def test_a_download_without_a_network_fails_in_a_sentence(monkeypatch) -> None:
    monkeypatch.setenv("GAN_MNIST_MIRROR", "http://127.0.0.1:9/")
    monkeypatch.setenv("NO_PROXY", "*")
    supervisor = Supervisor()
    try:
        download = supervisor.fetch_mnist()
        until(lambda: download.state != "running", "the failure")
        assert download.state == "failed"
        assert "could not be downloaded" in str(download.problem) and "digits" in str(download.problem)
    finally:
        supervisor.close()


DOWNLOADER = """
import sys
from gan.control.supervisor import supervisor

print(supervisor.fetch_mnist().worker.process.pid, flush=True)
sys.stdin.readline()
"""


def test_a_download_ends_with_its_app_even_if_the_server_is_silent(monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("GAN_MNIST_MIRROR", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        monkeypatch.setenv("NO_PROXY", "*")
        app = subprocess.Popen(
            [sys.executable, "-c", DOWNLOADER],
            cwd=HOUSE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        pid = int(app.stdout.readline())
        silent.settimeout(PATIENCE)
        connection, _ = silent.accept()  # the download is under way and waits for an answer
        app.kill()
        app.communicate()
        deadline = time.monotonic() + 10
        while not is_gone(pid):
            assert time.monotonic() < deadline, "the download goes on without its app"
            time.sleep(0.02)
        connection.close()


# --- a worker that can't begin ----------------------------------------------------------------------


def test_a_worker_that_can_not_import_torch_says_why(tmp_path, monkeypatch) -> None:
    """In place of torch stands one that writes a temporary file, as torch does with some of its parts."""
    (tmp_path / "torch.py").write_text("import tempfile\ntempfile.gettempdir()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))  # not a byte can be written to any file
    try:
        worker = process.Worker()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert worker.is_ready.wait(PATIENCE) and worker.process.wait(PATIENCE) == 1
    with pytest.raises(Problem, match="No folder for temporary files can be written to: set TMPDIR"):
        ViewerClient(worker).ask(Ask(question=SAMPLE))
    run = Run.make(tmp_path / "run")
    run.write(order().info())
    first = Snapshot(state="queued", steps=5)
    handle = RunHandle(run, order(), Train(run=str(run.path)), first, on_over=lambda: None)
    handle.launch(worker)
    assert handle.snapshot.state == run.info().state == "failed"
    assert str(handle.snapshot.problem) == run.info().problem == str(worker.refusal)


def test_a_run_that_another_process_is_about_to_begin_is_not_removed(idle) -> None:
    run = Run.make_next(home(), "mlp-digits")
    run.write(order(steps=5).info().model_copy(update={"state": "stopped"}))
    with run.owned():
        handle = idle.resume(run)
        failed = hear(handle, lambda now: now.state == "failed", "the refusal")
    assert run.exists() and "is being trained by process" in str(failed.problem)
    assert run.stored_info().steps == 5


def test_a_run_of_which_nobody_can_tell_is_not_resumed(idle) -> None:
    run = Run.make_next(home(), "mlp-digits")
    run.write(order(steps=5).info().model_copy(update={"state": "stopped"}))
    run.lock.file.mkdir()  # in its place, as one that may not be opened
    with pytest.raises(Problem, match="Nobody can tell from here whether run .* is in training"):
        idle.resume(run)
    assert idle.runs.handle(run.path) is None
