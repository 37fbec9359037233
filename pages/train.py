"""Train: start a run, watch it, steer it, look back on it."""

import streamlit as st

from gan import shelf
from gan.events import describe
from gan.live import studio
from gan.recipes import RECIPES
from gan.words import Problem, t
from ui import bar, branches, form, frame, machine, panels
from ui.shown import (
    Shown,
    busy_elsewhere,
    end_of_dialog,
    forget_run,
    in_dialog,
    look_at,
    remember_run,
    show_notice,
    shown_run,
    tell,
)
from ui.visitor import my_run, my_runs

REFRESH = 1.0  # seconds


def idle_page() -> None:
    """Recipes to choose from, and Start."""
    form.new_run_form()
    bar.idle_bar()
    show_notice()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(t("### Pick a recipe, press Start"))
            st.caption(t("Pictures appear within seconds. Pause, look back or stop whenever you like."))
        if runs := my_runs():
            names = [run.name for run in runs[:30]]
            st.menu_button(
                t("Open a saved run"),
                names,
                key="saved_run",
                icon=":material/folder_open:",
                type="tertiary",
                on_click=lambda: remember_run(st.session_state["saved_run"]),
            )
    for column, recipe in zip(st.columns(3), RECIPES.values(), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.image(
                f"static/recipes/{recipe.name}.png",
                width="stretch",
                alt=t("Pictures this recipe made of MNIST"),
            )
            with st.container(horizontal=True):
                st.markdown(f"**{t(recipe.title)}**", width="stretch")
                st.badge(recipe.loss, color="gray")
            st.caption(f"{t(recipe.purpose)}  \n{t(recipe.source)}")
            st.space("stretch")
            if st.session_state["recipe"] == recipe.name:
                st.button(
                    t(":primary[**Chosen**]"), icon=":material/check:", type="tertiary", width="stretch"
                )
            else:
                st.button(
                    t("Choose"),
                    key=f"choose {recipe.name}",
                    width="stretch",
                    on_click=form.choose_recipe,
                    args=(recipe.name,),
                )


def run_page(shown: Shown) -> None:
    """The run, as it goes on."""
    form.run_settings(shown)
    alive, name = shown.snapshot.alive, shown.run.name
    with st.container():  # always there: what comes below must keep its place, or its clicks are lost
        show_notice()
    bar.run_bar(shown)
    st.fragment(live_part, run_every=REFRESH if alive else None)(name, shown.state)
    tabs = st.tabs([t("Structure"), t("Events"), t("Checkpoints"), t("Settings")])
    with tabs[0]:
        panels.structure(shown.recipe)
    with tabs[1]:
        st.fragment(events_part, run_every=1.0)(name)  # it follows the time machine
    with tabs[2]:
        st.fragment(checkpoints_part, run_every=2.0 if alive else None)(name)
    with tabs[3]:
        panels.settings(shown)
        if not alive:
            st.button(t("Delete this run…"), icon=":material/delete:", on_click=ask_to_delete, args=(name,))


def live_part(name: str, state_before: str) -> None:
    """All that changes while a run goes on. A change of state concerns the rest of the page too."""
    try:
        shown = look_at(name)
    except Problem:
        st.rerun()
    if st.session_state.get("run") != name:
        st.rerun()
    if shown.state != state_before:
        st.rerun()
    history = shown.run.history()
    if shown.state == "queued" and shown.handle:
        st.caption(bar.whom_it_waits_for(shown.handle))
    if busy_elsewhere(shown):
        st.caption(t("Another process trains this run: it can be watched here, and steered there."))
    if shown.snapshot.problem:
        tell(shown.snapshot.problem)
    if shown.state == "starting":
        told = (
            "Loading torch and the images; before a recipe's first run here, seconds of measuring its speed…"
        )
        st.caption(t(told))
    if shown.state == "stopped" and (last := shown.run.events()[-1:]) and last[0]["what"] == "idle":
        st.info(describe(last[0]), icon=":material/schedule:")
    if shown.handle and shown.handle.refusal:
        st.warning(shown.handle.refusal)
    panels.figures(shown, panels.health(history))
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        panels.curves(shown, history, machine.place(shown))
    with right:
        panels.samples(shown, machine.place(shown))
        machine.controls(shown)


def events_part(name: str) -> None:
    """The list of events, as it grows."""
    try:
        shown = look_at(name)
        panels.events(shown, machine.place(shown))
    except Problem:
        return


def checkpoints_part(name: str) -> None:
    """The list of checkpoints, as it changes; a click that opens a dialog concerns the whole page."""
    try:
        branches.list_checkpoints(look_at(name))
    except Problem:
        return
    if st.session_state.pop("whole_page", False):
        st.rerun()


def ask_to_delete(name: str) -> None:
    """Have the dialog opened by the next run of the page."""
    st.session_state["deleting"] = name


@st.dialog(t("Delete this run?"))
def delete_dialog(name: str) -> None:
    """The one question before a run goes into the trash."""
    st.markdown(
        t("`{name}` goes into the trash of the Runs page, from where it can be taken out.", name=name)
    )
    st.button(t("Delete"), type="primary", icon=":material/delete:", on_click=in_dialog, args=(_delete, name))
    end_of_dialog()


def _delete(name: str) -> None:
    run = my_run(name)
    studio.let_go(run)
    shelf.throw_away(run)
    forget_run()


frame.enter()
current = shown_run()
if current is None:
    idle_page()
else:
    run_page(current)
if doomed := st.session_state.pop("deleting", None):
    delete_dialog(doomed)
if fork := st.session_state.pop("forking", None):
    branches.fork_dialog(*fork)
