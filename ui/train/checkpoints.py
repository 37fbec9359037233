"""The checkpoints of a run: which there are, which are pinned, and runs that fork from them."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.errors import Problem
from gan.i18n import t
from gan.recipes.recipe import MAX_STEPS, Recipe
from gan.runs import fork
from gan.runs.checkpoints import MAX_UNPINNED, checkpoint_at, checkpoints, is_pinned, pin, step_of
from ui.session.dialogs import end_of_dialog, in_dialog
from ui.session.notices import notify, show_error
from ui.session.run import PageRun, remember_run
from ui.session.visitor import my_run
from ui.train.recipe_settings import first_glance, setting_widget, value_in


def list_checkpoints(page_run: PageRun) -> None:
    """A row for each, the newest first."""
    folders = checkpoints(page_run.run)[::-1]
    if not folders:
        st.caption(t("None yet: the first one is saved after ten seconds of training, or with Save."))
        return
    st.caption(t("The newest {kept} are kept, and those you pin.", kept=MAX_UNPINNED))
    for folder in folders:
        step, pinned = step_of(folder), is_pinned(folder)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(t("step **{step}**", step=f"{step:,}"), width=150)
            st.button(
                t("Unpin") if pinned else t("Pin"),
                key=f"pin {step}",
                icon=":material/keep_off:" if pinned else ":material/keep:",
                type="tertiary",
                on_click=_pin,
                args=(page_run.run.name, step, not pinned),
            )
            st.button(
                t("Fork…"),
                key=f"fork {step}",
                icon=":material/fork_right:",
                type="tertiary",
                on_click=_ask_for_fork,
                args=(page_run.run.name, step),
            )


def _pin(name: str, step: int, pinned: bool) -> None:
    try:
        pin(checkpoint_at(my_run(name), step), pinned)
    except Problem as problem:
        notify(problem)


def _ask_for_fork(name: str, step: int) -> None:
    st.session_state["forking"] = (name, step)
    st.session_state["whole_page"] = True


@st.dialog(t("Fork this run"))
def fork_dialog(name: str, step: int) -> None:
    """What shall be different; then the fork trains."""
    try:
        info = my_run(name).stored_info()
    except Problem as problem:
        show_error(problem)
        return
    st.caption(t("A new run that goes on from step {step} of {name}.", step=f"{step:,}", name=name))
    for key in _fork_settings(info.recipe):
        setting_widget(key, info.recipe, f"fork {key}", lasting=False)
    least = step + 1
    usual = max(least, info.steps, step + info.steps // 2)
    st.number_input(t("Stop at step"), least, MAX_STEPS, usual, key="fork steps")
    st.button(
        t("Fork and train"),
        type="primary",
        icon=":material/fork_right:",
        on_click=in_dialog,
        args=(_fork, name, step),
    )
    end_of_dialog()


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
