"""The bar at the top of the Train page: the run's state, and the buttons that control it."""

from collections.abc import Callable

import streamlit as st

from gan.control.commands import Command, Pause, Save, Step, Stop, Unpause
from gan.control.supervisor import supervisor
from gan.data.datasets import DATASETS
from gan.i18n import t
from gan.recipes.recipe import MAX_STEPS
from gan.recipes.table import RECIPES
from gan.runs.events import Edit, Move, SetRate
from gan.runs.info import UNKNOWN
from ui.components.widgets import action, renewed, row
from ui.session.notices import notifies
from ui.session.run import STATES, PageRun, forget_run, intent, remember_run
from ui.session.visitor import home, my_handle, my_run
from ui.train import run_settings, settings

STEPS = {
    "D once": Move(player="d"),
    "G once": Move(player="g"),
    "Both once": Step(steps=1),
    "10 steps": Step(steps=10),
    "100 steps": Step(steps=100),
}
# No two buttons share a key: a click that arrives when its button has just been replaced must do nothing.
MAIN = {"kind": "primary", "width": 92}  # the first button of the bar
EFFECT_TIMEOUT = 0.5  # seconds a click waits for its effect, so that the page that follows shows it
UNKNOWN_HELP = "Nobody can tell from here whether it is in training."


def idle_bar() -> None:
    """Before a run: Start is the one thing to do."""
    with row():
        _badge("idle")
        recipe, data = RECIPES[st.session_state["recipe"]], DATASETS[st.session_state["data"]]
        st.markdown(t("**{recipe}** on **{data}**", recipe=t(recipe.title), data=t(data.title)))
        st.space("stretch")
        action(t("Start"), "play_arrow", _start, key="start", **MAIN)
        _step_menu(_start_with_step)
        nothing = t("Nothing is in training.")
        st.button(t("Stop"), icon=":material/stop:", disabled=True, help=nothing)
        st.button(t("Save"), icon=":material/save:", disabled=True, help=nothing)
    if busy := supervisor.runs.active(home()):
        with row():
            st.caption(t("{name} is in training: another one waits for its turn.", name=busy.name))
            st.button(t("Watch it"), type="tertiary", on_click=remember_run, args=(busy.name,))


def run_bar(page_run: PageRun) -> None:
    """During and after a run. It stands outside of every fragment that renews itself: a click would be lost
    if its fragment was just being replaced.
    """
    locked = not page_run.takes_commands
    with row():
        _badge(page_run.state)
        st.markdown(t("**{recipe}** on **{data}**", **page_run.titles()))
        st.space("stretch")
        _main_button(page_run)
        _step_menu(_step, disabled=locked)
        if page_run.snapshot.alive:
            look = {"key": "stop", "kind": "secondary", "disabled": page_run.handle is None}
            action(t("Stop"), "stop", _send, Stop(), **look)
        else:
            kind = "primary" if page_run.state == "finished" else "secondary"
            action(t("New run"), "add", forget_run, key="new", kind=kind)
        reason = t("It was saved when it ended.") if locked and not page_run.may_be_in_training else None
        action(t("Save"), "save", _save, key="save", kind="secondary", disabled=locked, help=reason)


def _badge(state: str) -> None:
    label, icon, colour = STATES[state]
    with renewed("state", state):
        st.badge(t(label), icon=icon, color=colour)


def _main_button(page_run: PageRun) -> None:
    if page_run.state == "paused":
        action(t("Resume"), "play_arrow", _send, Unpause(), key="go on", **MAIN)
    elif page_run.snapshot.alive:
        locked = not page_run.takes_commands
        action(t("Pause"), "pause", _send, Pause(), key="pause", disabled=locked, **MAIN)
    elif page_run.state == UNKNOWN:
        st.button(
            t("Resume"), icon=":material/play_arrow:", key="unknown", disabled=True, help=t(UNKNOWN_HELP)
        )
    elif page_run.state == "finished":
        _continue_menu(page_run.snapshot.steps)
    else:
        action(t("Resume"), "play_arrow", _resume, key="resume", **MAIN)


def _continue_menu(steps: int) -> None:
    """A finished run of that many steps can be made longer."""
    with st.popover(t("Continue"), icon=":material/forward:", key="continue", width="content"):
        st.number_input(t("Steps more"), 1, MAX_STEPS, value=max(1, steps // 2), step=100, key="more")
        action(t("Train on"), "play_arrow", _continue, steps, kind="primary")


def _step_menu(on_click: Callable[[], None], disabled: bool = False) -> None:
    look = {"icon": ":material/skip_next:", "format_func": t, "disabled": disabled}
    st.menu_button(t("Step"), list(STEPS), key="step", on_click=on_click, **look)


# --- what clicks do ----------------------------------------------------------------------------------


@notifies
def _start(paused: bool = False) -> None:
    remember_run(settings.start(intent(), paused).name)


def _start_with_step() -> None:
    """Step, before anything runs: the run begins paused and takes that step."""
    step = STEPS[st.session_state["step"]]
    _start(True)
    if st.session_state.get("run"):
        _send(step)


def _step() -> None:
    _send(STEPS[st.session_state["step"]])


def _send(command: Command | Edit) -> None:
    """Send a command to the run, if its process is still there."""
    if handle := my_handle(st.session_state.get("run", "")):
        handle.send(command)
        handle.wait_for_effect(EFFECT_TIMEOUT)


def _save() -> None:
    _send(Save())
    handle = my_handle(st.session_state["run"])
    if handle and not handle.snapshot.problem:
        st.toast(t("Saved: {name}, step {step}", name=handle.name, step=f"{handle.snapshot.saved:,}"))


@notifies
def _resume(steps: int | None = None) -> None:
    """Train on, up to `steps` if given, at the learning rates that the sliders were moved to meanwhile."""
    name = st.session_state["run"]
    handle = supervisor.resume(my_run(name), steps)
    for setting, rate in run_settings.moved_rates(name).items():
        handle.send(SetRate(key=setting, new=rate))


def _continue(steps: int) -> None:
    """Train on from the run's length so far, as many steps as the box says at the moment of the click."""
    _resume(steps + int(st.session_state["more"]))
