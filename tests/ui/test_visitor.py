"""In public mode a visitor can neither see, open, pull, rename, delete, download, share nor ask about what is
another one's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bench.browser import HOUSE
from gan.control.replies import Snapshot
from gan.control.run_handle import RunHandle
from gan.control.run_queue import RunQueue
from gan.control.supervisor import supervisor
from gan.control.tasks import Train
from gan.errors import Problem
from gan.generator.folder import GeneratorFiles
from gan.generator.recent import keep_recent, recent_in
from gan.hub.downloads import downloads_in, keep_download
from gan.limits import size_of
from gan.recipes.table import RECIPES
from gan.runs import trash
from gan.runs.order import Order
from gan.runs.run import Run, runs_in, runs_root
from tests.ui.test_pages import errors
from ui.generate.from_run import from_run
from ui.generate.state import slot
from ui.hub import push
from ui.runs import dialogs, rows
from ui.runs import trash as trash_page
from ui.session import run as session_run
from ui.session import visitor
from ui.train import checkpoints, controls, live

ALICE, BOB = "a" * 40, "b" * 40
NAME, DELETED, PULLED = "run of alice", "deleted by alice", "alice/pulled"
TRAINED = Order(RECIPES["mlp"], "digits", seed=1, steps=9, device="cpu")


def home_of(visitor: str) -> Path:
    return (runs_root() / "visitors" / visitor).resolve()


def make_run(name: str) -> Run:
    """A stopped run of Alice's, with the file that says it has a generator."""
    run = Run.make(home_of(ALICE) / name)
    run.write(TRAINED.info().model_copy(update={"state": "stopped", "torch": "2"}))
    (run.path / "model.safetensors").write_bytes(b"weights")
    return run


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of Alice's; beside it a deleted one, a generator she pulled and one she looked at."""
    monkeypatch.setenv("GAN_PUBLIC", "1")
    trash.throw_away(make_run(DELETED))
    files = {"config.json": b"{}", "model.safetensors": b"weights"}
    keep_download(home_of(ALICE), PULLED, "c" * 40, True, files)
    keep_recent(home_of(ALICE), GeneratorFiles.of(*files.values()), "seen by alice", 3)
    return make_run(NAME)


def session_of(name: str) -> dict[str, object]:
    return {"visitor": name, visitor.STORED: True}


@pytest.fixture
def as_bob(run: Run, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Bob's session, for functions that are called without a page."""
    state = session_of(BOB)
    monkeypatch.setattr(st, "session_state", state)
    return state


def page_of(name: str, page: str, **query: str) -> AppTest:
    """A page as a visitor sees it."""
    app = AppTest.from_file(str(HOUSE / "app.py"), default_timeout=60)
    for key, value in session_of(name).items():
        app.session_state[key] = value
    app.query_params |= query
    app.run()
    return app if page == "train" else app.switch_page(f"pages/{page}.py").run()


@pytest.mark.parametrize("page", ["train", "generate", "runs", "hub"])
def test_no_page_shows_a_visitor_what_is_another_one_s(run: Run, page: str) -> None:
    hers, his = page_of(ALICE, page), page_of(BOB, page)
    assert NAME in all_text(hers)
    assert not [name for name in (NAME, DELETED, PULLED, "alice") if name in all_text(his)]
    assert not his.exception


def all_text(app: AppTest) -> str:
    """Everything that the page sends to the browser."""
    return "\n".join(str(element.proto) for element in [*app.main, *app.sidebar] if hasattr(element, "proto"))


def names_of(run: Run) -> list[str]:
    """How somebody else might call Alice's run: by its name, as a path from their own folder, as a path."""
    return [run.name, f"../{ALICE}/{run.name}", str(run.path)]


def test_an_address_opens_nobody_else_s_run(run: Run) -> None:
    for name in names_of(run):
        app = page_of(BOB, "train", run=name)
        assert any("There is no run" in error for error in errors(app))
        assert "run" not in app.query_params and "run" not in app.session_state
    assert NAME in all_text(page_of(ALICE, "train", run=NAME))


ACTIONS: dict[str, Callable[[str], object]] = {
    "open": session_run.look_at,
    "delete": session_run.delete_run,
    "rename": dialogs._rename,
    "duplicate": rows.ACTIONS["Duplicate"],
    "download": rows.ACTIONS["Download…"],
    "look into": lambda name: from_run(name, []),
    "push": lambda name: push._bundle(push.PushForm(name, "bob/his", True, True, "mit", "", False, "")),
    "fork": lambda name: checkpoints._fork(name, 1),
}


@pytest.mark.parametrize("what", ACTIONS)
def test_no_action_of_a_page_reaches_another_visitor_s_run(
    run: Run, as_bob: dict[str, object], what: str
) -> None:
    with nothing_moved():
        for name in names_of(run):
            as_bob[f"new name of {name}"] = "bob's now"
            with pytest.raises(Problem, match="There is no run"):
                ACTIONS[what](name)
    assert "next dialog" not in as_bob


CLICKS: dict[str, Callable[[str], object]] = {
    "delete": rows._delete,
    "take out of the trash": lambda name: trash_page._take_out(name.replace(NAME, f".trash/{DELETED}")),
    "take out by name": lambda name: trash_page._take_out(DELETED),
    "pin": lambda name: checkpoints._pin(name, 1, True),
    "resume": lambda name: controls._resume(),
}


@pytest.mark.parametrize("what", CLICKS)
def test_a_click_that_means_another_visitor_s_run_is_refused_with_a_sentence(
    run: Run, as_bob: dict[str, object], what: str
) -> None:
    with nothing_moved():
        for name in names_of(run):
            as_bob["run"] = name
            CLICKS[what](name)
            assert "There is no run" in str(as_bob.pop("notice"))


@contextmanager
def nothing_moved() -> Iterator[None]:
    """Alice's files are afterwards as they were, and Bob has no run."""
    before = everything_in(home_of(ALICE))
    yield
    assert everything_in(home_of(ALICE)) == before and not runs_in(home_of(BOB))


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def handle(run: Run) -> Iterator[RunHandle]:
    """Alice's run as this app has trained it."""
    handle = RunHandle(
        run, TRAINED, Train(run=str(run.path)), Snapshot(state="stopped"), on_over=lambda: None
    )
    supervisor.runs.add(handle)
    yield handle
    supervisor.let_go(run)


def test_no_command_reaches_the_process_of_another_visitor_s_run(
    handle: RunHandle, as_bob: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [name for name in names_of(handle.run) if visitor.my_handle(name)]
    monkeypatch.setattr(st, "session_state", session_of(ALICE))
    assert visitor.my_handle(NAME) is handle


def test_a_queue_tells_no_names_of_other_visitors_runs(
    run: Run, as_bob: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = RunQueue(lambda: pytest.fail("nothing begins here"), lambda: "cpu")
    queue.close()
    hers, his = (
        RunHandle(one, TRAINED, Train(run=str(one.path)), Snapshot(state="queued"), on_over=lambda: None)
        for one in (run, Run(home_of(BOB) / "his"))
    )
    queue.add(hers)
    queue.add(his)
    monkeypatch.setattr(live, "supervisor", SimpleNamespace(runs=queue))
    message = live._queue_message(his)
    assert "1 of other visitors' runs" in message and NAME not in message
    assert queue.waiting(visitor.home()) == [his]


def test_what_is_kept_of_the_hub_and_of_looking_is_its_visitor_s(as_bob: dict[str, object]) -> None:
    assert not downloads_in(visitor.home()) and not recent_in(visitor.home()) and not visitor.my_runs()
    assert downloads_in(home_of(ALICE)) and recent_in(home_of(ALICE))
    assert size_of(visitor.home()) == 0  # nor does hers count against his limit


def test_two_browsers_never_drop_each_other_s_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = set()
    for name in (ALICE, BOB):
        monkeypatch.setattr(st, "session_state", session_of(name))
        slots |= {slot("grid"), slot("grid")}
    assert len(slots) == 2


def test_the_side_says_where_the_runs_are_kept(run: Run) -> None:
    app = page_of(ALICE, "train")
    assert "belong to this browser" in all_text(app) and "belong to this tab" not in all_text(app)
    app.session_state[visitor.STORED] = False
    app.run()
    assert "belong to this tab" in all_text(app) and "belong to this browser" not in all_text(app)
