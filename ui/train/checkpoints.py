"""The Checkpoints tab: pin one, or fork a new run from it."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.recipes.recipe import MAX_STEPS, Recipe
from gan.runs import fork
from gan.runs.checkpoints import KEPT, checkpoint_at, checkpoints, is_pinned, pin, step_of
from ui.components.widgets import action, row
from ui.session.dialogs import dialog, dialog_button, open_next
from ui.session.frame import request_page_run
from ui.session.notices import notifies
from ui.session.run import PageRun, remember_run
from ui.session.visitor import my_run
from ui.train.recipe_settings import first_glance, setting_widget, value_in


def list_checkpoints(page_run: PageRun) -> None:
    """A row for each, the newest first."""
    folders = checkpoints(page_run.run)[::-1]
    if not folders:
        st.caption(t("None yet: the first one is saved after ten seconds of training, or with Save."))
        return
    st.caption(t("The newest {kept} are kept, and those you pin.", kept=KEPT))
    for folder in folders:
        name, step, pinned = page_run.name, step_of(folder), is_pinned(folder)
        label, icon = (t("Unpin"), "keep_off") if pinned else (t("Pin"), "keep")
        with row():
            st.markdown(t("step **{step}**", step=f"{step:,}"), width=150)
            action(label, icon, _pin, name, step, not pinned, key=f"pin {step}")
            action(t("Fork…"), "fork_right", _ask_for_fork, name, step, key=f"fork {step}")


@notifies
def _pin(name: str, step: int, pinned: bool) -> None:
    pin(checkpoint_at(my_run(name), step), pinned)


def _ask_for_fork(name: str, step: int) -> None:
    open_next(fork_dialog, name, step)
    request_page_run()


@dialog("Fork this run")
def fork_dialog(name: str, step: int) -> None:
    """What the fork does differently; then it trains."""
    info = my_run(name).stored_info()
    st.caption(t("A new run that goes on from step {step} of {name}.", step=f"{step:,}", name=name))
    for key in _fork_settings(info.recipe):
        setting_widget(key, info.recipe, f"fork {key}", lasting=False)
    least = step + 1
    usual = max(least, info.steps, step + info.steps // 2)
    st.number_input(t("Stop at step"), least, MAX_STEPS, usual, key="fork steps")
    dialog_button(t("Fork and train"), "fork_right", _fork, name, step)


def _fork(name: str, step: int) -> None:
    """Make the fork that the dialog describes, look at it, train it. Raises Problem."""
    run = my_run(name)
    recipe = run.stored_info().recipe
    changes = {key: value_in(key, recipe, f"fork {key}") for key in _fork_settings(recipe)}
    child = fork.fork(run, step, changes, int(st.session_state["fork steps"]))
    remember_run(child.name)
    supervisor.resume(child)


def _fork_settings(recipe: Recipe) -> list[str]:
    """What a fork may change: not what its tensors depend on."""
    return [name for name, setting in first_glance(recipe).items() if not setting.of_tensors]
