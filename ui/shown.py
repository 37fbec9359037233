"""Which run a browser looks at, and how that run stands: from its process if it is ours, from its folder if
not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gan.handles import RunHandle, Snapshot
from gan.live import studio
from gan.recipes import Recipe
from gan.runs import ALIVE, Run, rates_in_force
from gan.sources import title
from gan.words import Problem, t
from ui.visitor import home, my_handle, my_run

KEEP = {"persist_state": "session"}  # for widgets whose value outlives a look at another page


@dataclass(frozen=True)
class Shown:
    """A run as a page shows it. `handle` is None where another process, or nobody, trains it."""

    run: Run
    recipe: Recipe
    data: str
    seed: int
    snapshot: Snapshot
    handle: RunHandle | None
    images: int = 0

    @property
    def state(self) -> str:
        """One of gan.runs.State."""
        return self.snapshot.state

    @property
    def steerable(self) -> bool:
        """Can its training be commanded from here?"""
        return self.handle is not None and self.handle.is_training


def shown_run() -> Shown | None:
    """The run this browser looks at; None where it looks at none. A name that is no run's is told and
    forgotten.
    """
    name = _wanted()
    if not name:
        forget_run()
        return None
    try:
        shown = look_at(name)
    except Problem as problem:
        forget_run()
        notify(str(problem))
        return None
    if shown.state == "failed" and not shown.run.exists():  # it never began, or its folder was deleted
        forget_run()
        notify(shown.snapshot.problem)
        return None
    remember_run(name)
    return shown


def look_at(name: str, watch: bool = True) -> Shown:
    """How the run of that name stands now. Raises Problem if there is none. To `watch` it keeps it from being
    stopped for want of viewers.
    """
    handle = my_handle(name)
    if handle and watch:
        handle.seen = monotonic()
    if handle and (handle.snapshot.alive or not handle.run.exists()):
        asked = handle.asked
        images = handle.run.stored_info().data.images if handle.run.exists() else 0
        return Shown(handle.run, asked.recipe, asked.data, asked.seed, handle.snapshot, handle, images)
    run = my_run(name)
    info = run.info()
    told = {"state": info.state, "step": info.step, "steps": info.steps, "seconds": info.seconds}
    snapshot = Snapshot(
        **told, saved=info.saved, problem=info.problem, rates=rates_in_force(info.recipe, run.events())
    )
    return Shown(run, info.recipe, info.data.name, info.seed, snapshot, None, info.data.images)


def _wanted() -> str | None:
    """The run to look at. The address says it when a browser comes and when it goes back or forward.

    Otherwise the session knows: a fragment that renews itself may still send the address of a moment ago.
    """
    asked = st.query_params.get("run")
    if "looked" not in st.session_state:
        st.session_state["looked"] = True
        active = studio.active(home())
        return asked or st.session_state.get("run") or (active.name if active else None)
    if getattr(get_script_run_ctx(), "is_history_navigation", False):
        return asked
    return st.session_state.get("run")


def remember_run(name: str) -> None:
    """Look at that run from now on; the address says so, so a reload or another tab finds it."""
    st.session_state["run"] = name
    if st.query_params.get("run") != name:
        st.query_params["run"] = name


def forget_run() -> None:
    """Look at no run: the page invites to start one."""
    if st.session_state.pop("run", None):
        st.session_state.pop("intent", None)
    st.session_state["looked"] = True
    st.query_params.pop("run", None)


def intent() -> str:
    """What this browser's next Start means: the same however often it is clicked, another one after
    `forget_run`.
    """
    return st.session_state.setdefault("intent", uuid4().hex)


def notify(sentence: str) -> None:
    """Have the page show a sentence at its top, once."""
    st.session_state["notice"] = sentence


def show_notice() -> None:
    """Show what `notify` was told."""
    if sentence := st.session_state.pop("notice", None):
        tell(sentence)


def tell(sentence: str) -> None:
    """Show a refusal. It may quote strangers: nothing in it is taken for markup."""
    st.error(plain(sentence), icon=":material/error:")


NO_LINK = "\u200b"  # of no width; what it stands in is taken for no address


def plain(text: str) -> str:
    """Text of anybody's, so that markdown shows it as it is."""
    escaped = re.sub(r"([\\`*_{}\[\]()<>#+!|~$:&-])", r"\\\1", text).replace("\n", " ")
    return re.sub(r"(?i)(www)(?=\.)|(?=@)|(?<=:)(?=//|[a-z])", lambda found: found[0] + NO_LINK, escaped)


def in_dialog(act: Callable, *arguments: object) -> None:
    """Do what a dialog's button is for. The dialog closes, or tells the problem and stays."""
    try:
        act(*arguments)
        st.session_state["dialog_is_done"] = True
    except Problem as problem:
        st.session_state["dialog_problem"] = str(problem)


def end_of_dialog() -> None:
    """The last line of every dialog: close it, or show what went wrong."""
    if st.session_state.pop("dialog_is_done", False):
        st.rerun()
    if problem := st.session_state.pop("dialog_problem", None):
        tell(problem)


def busy_elsewhere(shown: Shown) -> bool:
    """Is the run in training, but not by this process?"""
    return shown.handle is None and shown.state in ALIVE


def run_title(shown: Shown) -> str:
    """ "**MLP** on **Digits**", as markdown."""
    about = {"recipe": plain(t(shown.recipe.title)), "data": plain(title(shown.data))}
    return t("**{recipe}** on **{data}**", **about)
