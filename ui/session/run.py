"""The run that a browser looks at. How it stands is known from its process where this app trains it, and
from its folder otherwise.
"""

from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gan.control.replies import Snapshot
from gan.control.run_handle import RunHandle
from gan.control.supervisor import supervisor
from gan.data.datasets import origin, title
from gan.errors import Problem
from gan.i18n import t
from gan.recipes.recipe import Recipe
from gan.runs import trash
from gan.runs.info import ALIVE, UNKNOWN, DataInfo
from gan.runs.run import Run, rates_in_force
from ui.session.notices import escape_markdown, notify
from ui.session.visitor import home, my_handle, my_run

STATES = {  # label, icon and colour of each state's badge
    "queued": ("Queued", ":material/schedule:", "gray"),
    "idle": ("Idle", ":material/circle:", "gray"),
    "starting": ("Starting", ":material/hourglass_empty:", "primary"),
    "running": ("Running", ":material/play_arrow:", "primary"),
    "paused": ("Paused", ":material/pause:", "yellow"),
    "finished": ("Finished", ":material/check:", "primary"),
    "stopped": ("Stopped", ":material/stop:", "gray"),
    "interrupted": ("Interrupted", ":material/power_off:", "yellow"),
    "failed": ("Failed", ":material/error:", "red"),
    UNKNOWN: ("Unknown", ":material/help:", "gray"),
}


@dataclass(frozen=True)
class PageRun:
    """A run as a page shows it: what it trains, and how it stood when the page looked.

    `handle` is None where another process, or nobody, trains it. `images` counts those of its data, 0 where
    that is not known yet.
    """

    run: Run
    recipe: Recipe
    data: str
    seed: int
    snapshot: Snapshot
    handle: RunHandle | None
    images: int = 0

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name

    @property
    def state(self) -> str:
        """One of gan.runs.info.State, or UNKNOWN."""
        return self.snapshot.state

    @property
    def takes_commands(self) -> bool:
        """Does a process of this app train it, so that it can be paused, stepped and saved from here?"""
        return self.handle is not None and self.handle.is_training

    @property
    def is_trained_elsewhere(self) -> bool:
        """Is it in training, but not by this app?"""
        return self.handle is None and self.state in ALIVE

    @property
    def may_be_in_training(self) -> bool:
        """Is it in training, or can nobody tell? It is not renamed, moved or resumed then."""
        return self.snapshot.alive or self.state == UNKNOWN

    def titles(self) -> dict[str, str]:
        """Its `recipe` and `data` as people call them, safe in markdown."""
        names = {"recipe": t(self.recipe.title), "data": title(self.data)}
        return {key: escape_markdown(name) for key, name in names.items()}


def current_page_run() -> PageRun | None:
    """The run that this browser looks at, None where it looks at none. If it does not exist, the page says
    so, and it is forgotten.
    """
    name = _current_name()
    if not name:
        forget_run()
        return None
    try:
        page_run = look_at(name)
        is_lost = page_run.state == "failed" and not page_run.run.exists()
    except Problem as problem:
        forget_run()
        notify(problem)
        return None
    if is_lost:  # it never began, or its folder is gone
        forget_run()
        notify(str(page_run.snapshot.problem))
        return None
    remember_run(name)
    return page_run


def look_at(name: str, watch: bool = True) -> PageRun:
    """How the visitor's run of that name stands now. Raises Problem if there is none.

    A run that pages `watch` is not stopped for want of viewers.
    """
    handle = my_handle(name)
    if handle and watch:
        handle.seen = monotonic()
    if handle and (handle.snapshot.alive or not handle.run.exists()):
        order = handle.order
        data = handle.run.stored_info().data if handle.run.exists() else DataInfo(name=order.data)
        return _page_run(handle.run, order.recipe, data, order.seed, handle.snapshot, handle)
    run = my_run(name)
    info = run.info()
    facts = {"state": info.state, "step": info.step, "steps": info.steps, "seconds": info.seconds}
    snapshot = Snapshot(
        **facts,
        saved=info.saved,
        problem=info.problem or None,
        rates=rates_in_force(info.recipe, run.events()),
    )
    return _page_run(run, info.recipe, info.data, info.seed, snapshot, None)


def _page_run(
    run: Run, recipe: Recipe, data: DataInfo, seed: int, snapshot: Snapshot, handle: RunHandle | None
) -> PageRun:
    return PageRun(run, recipe, origin(data.name, data.known), seed, snapshot, handle, data.images)


def _current_name() -> str | None:
    """The name of the run to look at. The address decides when a browser comes, goes back or goes forward.

    At other times the session decides: a fragment that renews itself may still send an older address.
    """
    in_address = st.query_params.get("run")
    if "looked" not in st.session_state:
        st.session_state["looked"] = True
        active = supervisor.runs.active(home())
        return in_address or st.session_state.get("run") or (active.name if active else None)
    if getattr(get_script_run_ctx(), "is_history_navigation", False):
        return in_address
    return st.session_state.get("run")


def remember_run(name: str) -> None:
    """Look at that run from now on. The address says so too: a reload or another tab finds it."""
    if st.session_state.get("run", name) != name:
        st.session_state.pop("intent", None)  # after another run, the next Start means a new one
    st.session_state["run"] = name
    if st.query_params.get("run") != name:
        st.query_params["run"] = name


def open_run(name: str) -> None:
    """Go to the Train page with that run."""
    remember_run(name)
    st.switch_page("pages/train.py")


def forget_run() -> None:
    """Look at no run: the Train page invites to start one."""
    if st.session_state.pop("run", None):
        st.session_state.pop("intent", None)
    st.session_state["looked"] = True
    st.query_params.pop("run", None)


def delete_run(name: str) -> None:
    """Move the visitor's run into the trash; if it is in training, it is saved and ended first. Raises
    Problem.
    """
    run = my_run(name)
    supervisor.let_go(run)
    trash.throw_away(run)
    if st.session_state.get("run") == name:
        forget_run()


def intent() -> str:
    """What this browser's next Start means. Clicked twice, Start sends the same intent, and one run begins;
    `forget_run` makes room for another one.
    """
    return st.session_state.setdefault("intent", uuid4().hex)
