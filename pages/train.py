"""Train: start a run, watch it, steer it."""

import streamlit as st

from gan.live import studio
from gan.recipes import RECIPES
from gan.runs import runs_here
from gan.words import Problem, t
from ui import bar, form, panels
from ui.shown import Shown, forget_run, look_at, notify, remember_run, show_notice, shown_run

REFRESH = 0.5  # seconds


def idle_page() -> None:
    """Recipes to choose from, and Start."""
    form.new_run_form()
    bar.idle_bar()
    show_notice()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(t("### Pick a recipe, press Start"))
            st.caption(t("Pictures appear within seconds. Pause, look back or stop whenever you like."))
        if runs := runs_here():
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
    show_notice()
    alive = shown.snapshot.alive
    st.fragment(live_part, run_every=REFRESH if alive else None)(shown.run.name, shown.state)
    tabs = st.tabs([t("Structure"), t("Events"), t("Settings")])
    with tabs[0]:
        panels.structure(shown.recipe)
    with tabs[1]:
        st.fragment(events_part, run_every=2.0 if alive else None)(shown.run.name)
    with tabs[2]:
        panels.settings(shown)
        if not alive:
            st.button(
                t("Delete this run…"),
                icon=":material/delete:",
                on_click=ask_to_delete,
                args=(shown.run.name,),
            )


def live_part(name: str, state_before: str) -> None:
    """All that changes while a run goes on. A change of state concerns the rest of the page too."""
    try:
        shown = look_at(name)
    except Problem:
        st.rerun()
    if st.session_state.get("run") != name:
        st.rerun()
    history = shown.run.history()
    bar.run_bar(shown, panels.health(history))
    if shown.state != state_before:  # after the bar, so that a click is seen to work before all else follows
        st.rerun()
    if shown.snapshot.problem:
        st.error(shown.snapshot.problem, icon=":material/error:")
    if shown.state == "starting":
        st.caption(t("The training process is loading torch and the images…"))
    if shown.handle and shown.handle.refusal:
        st.warning(shown.handle.refusal)
    panels.figures(shown)
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        panels.curves(shown, history)
    with right:
        panels.samples(shown)


def events_part(name: str) -> None:
    """The list of events, as it grows."""
    try:
        panels.events(look_at(name))
    except Problem:
        return


def ask_to_delete(name: str) -> None:
    """Have the dialog opened by the next run of the page."""
    st.session_state["deleting"] = name


@st.dialog(t("Delete this run?"))
def delete_dialog(name: str) -> None:
    """The one question before a run's folder is gone."""
    st.markdown(t("`{name}` with its weights, pictures and history will be gone for good.", name=name))
    if st.button(t("Delete"), type="primary", icon=":material/delete:"):
        try:
            studio.delete(name)
            forget_run()
        except Problem as problem:
            notify(str(problem))
        st.rerun()


current = shown_run()
if current is None:
    idle_page()
else:
    run_page(current)
if doomed := st.session_state.pop("deleting", None):
    delete_dialog(doomed)
