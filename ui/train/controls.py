"""The line at the top of the Train page: how the run stands, and the four buttons that steer it."""

import streamlit as st

from gan.control.commands import Command, Pause, Save, Step, Stop, Unpause
from gan.control.supervisor import supervisor
from gan.data.datasets import DATASETS
from gan.errors import Problem
from gan.i18n import t
from gan.recipes.recipe import MAX_STEPS
from gan.recipes.table import RECIPES
from gan.runs.events import Edit, Move
from ui.session.notices import notify
from ui.session.run import STATES, PageRun, forget_run, intent, remember_run
from ui.session.visitor import home, my_handle
from ui.train import live_rates, settings

STEPS = {
    "D once": Move(player="d"),
    "G once": Move(player="g"),
    "Both once": Step(steps=1),
    "10 steps": Step(steps=10),
    "100 steps": Step(steps=100),
}
# No two buttons share a key: a click that arrives when its button has just been replaced must do nothing.
MAIN = {"type": "primary", "width": 92}
NEWS = 0.5  # seconds a click waits at most for its effect, so that the page that follows shows it


def idle_bar() -> None:
    """Before a run: Start is the one thing to do."""
    with _line():
        _state("idle")
        recipe, data = st.session_state["recipe"], st.session_state["data"]
        titles = {"recipe": t(RECIPES[recipe].title), "data": t(DATASETS[data].title)}
        st.markdown(t("**{recipe}** on **{data}**", **titles))
        st.space("stretch")
        st.button(t("Start"), key="start", icon=":material/play_arrow:", on_click=_start, **MAIN)
        _step_menu(_start_by_hand, disabled=False)
        st.button(t("Stop"), icon=":material/stop:", disabled=True, help=t("Nothing is in training."))
        st.button(t("Save"), icon=":material/save:", disabled=True, help=t("Nothing is in training."))
    if busy := supervisor.runs.active(home()):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("{name} is in training: another one waits for its turn.", name=busy.name))
            st.button(t("Watch it"), type="tertiary", on_click=remember_run, args=(busy.name,))


def run_bar(page_run: PageRun) -> None:
    """During and after a run. It belongs to the page, not to a fragment that renews itself: a click whose
    fragment is just being replaced would be lost.
    """
    state, handle = page_run.state, page_run.handle
    with _line():
        _state(state)
        st.markdown(t("**{recipe}** on **{data}**", **page_run.titles()))
        st.space("stretch")
        _main_button(page_run)
        _step_menu(_step, disabled=not page_run.steerable)
        over = not page_run.snapshot.alive
        if over:
            kind = "primary" if state == "finished" else "secondary"
            st.button(t("New run"), key="new", icon=":material/add:", type=kind, on_click=forget_run)
        else:
            st.button(
                t("Stop"),
                key="stop",
                icon=":material/stop:",
                on_click=_send,
                args=(Stop(),),
                disabled=handle is None,
            )
        st.button(
            t("Save"),
            key="save",
            icon=":material/save:",
            on_click=_save,
            disabled=not page_run.steerable,
            help=None if page_run.steerable else t("It was saved when it ended."),
        )


def whom_it_waits_for(handle) -> str:
    """A queued run's own visitor's runs by name, others' as a number."""
    ahead = supervisor.runs.ahead_of(handle)
    mine = [one for one in ahead if one.run.path.parent == home()]
    words = {"paused": t("paused"), "queued": t("queued")}
    names = [f"**{one.name}** ({words.get(one.snapshot.state, t('in training'))})" for one in mine]
    if others := len(ahead) - len(mine):
        names.append(t("{count} of other visitors' runs", count=others))
    return t("It starts by itself after {names}.", names=", ".join(names) or t("a moment"))


def _line():
    return st.container(horizontal=True, vertical_alignment="center", gap="small")


def _state(state: str) -> None:
    label, icon, colour = STATES[state]
    st.badge(t(label), icon=icon, color=colour)


def _main_button(page_run: PageRun) -> None:
    state = page_run.state
    if state == "paused":
        st.button(
            t("Resume"), key="go on", icon=":material/play_arrow:", on_click=_send, args=(Unpause(),), **MAIN
        )
    elif page_run.snapshot.alive:
        st.button(
            t("Pause"),
            key="pause",
            icon=":material/pause:",
            on_click=_send,
            args=(Pause(),),
            disabled=not page_run.steerable,
            **MAIN,
        )
    elif state == "finished":
        _continue_menu(page_run)
    else:
        st.button(t("Resume"), key="resume", icon=":material/play_arrow:", on_click=_resume, **MAIN)


def _continue_menu(page_run: PageRun) -> None:
    """A finished run can be made longer."""
    with st.popover(t("Continue"), icon=":material/forward:", key="continue", width="content"):
        st.number_input(
            t("Steps more"), 1, MAX_STEPS, value=max(1, page_run.snapshot.steps // 2), step=100, key="more"
        )
        st.button(
            t("Train on"),
            icon=":material/play_arrow:",
            type="primary",
            on_click=_continue,
            args=(page_run.snapshot.steps,),
        )


def _step_menu(on_click, disabled: bool) -> None:
    st.menu_button(
        t("Step"),
        list(STEPS),
        key="step",
        icon=":material/skip_next:",
        on_click=on_click,
        format_func=t,
        disabled=disabled,
    )


# --- what clicks do ----------------------------------------------------------------------------------


def _start(paused: bool = False) -> None:
    try:
        remember_run(settings.start(intent(), paused).name)
    except Problem as problem:
        notify(problem)


def _start_by_hand() -> None:
    """Step, before anything runs: the run begins paused and takes that step."""
    choice = st.session_state["step"]
    _start(paused=True)
    if st.session_state.get("run"):
        _send(STEPS[choice])


def _step() -> None:
    _send(STEPS[st.session_state["step"]])


def _send(command: Command | Edit) -> None:
    """Send a command to the run, if it is still there, and wait a moment, so that the page that comes next
    shows its effect.
    """
    if handle := my_handle(st.session_state.get("run", "")):
        handle.send(command)
        handle.wait_for_effect(NEWS)


def _save() -> None:
    _send(Save())
    handle = my_handle(st.session_state["run"])
    if handle and not handle.snapshot.problem:
        st.toast(t("Saved: {name}, step {step}", name=handle.name, step=f"{handle.snapshot.saved:,}"))


def _resume(steps: int | None = None) -> None:
    try:
        live_rates.resume(st.session_state["run"], steps)
    except Problem as problem:
        notify(problem)


def _continue(steps: int) -> None:
    """From `steps`, the run's length so far, on by as many as the box says at the moment of the click."""
    _resume(steps + int(st.session_state["more"]))
