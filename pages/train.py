"""Train: start a run, watch it, steer it, look back on it."""

import streamlit as st

from gan.errors import Problem
from gan.i18n import t
from gan.runs import health
from gan.runs.events import describe
from ui.components.widgets import action
from ui.session import frame
from ui.session.dialogs import dialog, dialog_button, open_next, show_next_dialog
from ui.session.frame import run_page_if_requested
from ui.session.notices import show_error, show_notice
from ui.session.run import PageRun, busy_elsewhere, current_page_run, delete_run, look_at
from ui.train import checkpoints, controls, live_rates, panels, structure, time_machine
from ui.train.idle_page import idle_page

REFRESH = 1.0  # seconds


def run_page(page_run: PageRun) -> None:
    """The run, as it goes on."""
    live_rates.run_settings(page_run)
    alive, name = page_run.snapshot.alive, page_run.run.name
    with st.container():  # always there: what comes below must keep its place, or its clicks are lost
        show_notice()
    controls.run_bar(page_run)
    st.fragment(live_part, run_every=REFRESH if alive else None)(name, page_run.state)
    tabs = st.tabs([t("Structure"), t("Events"), t("Checkpoints"), t("Settings")])
    with tabs[0]:
        structure.show_structure(page_run.recipe)
    with tabs[1]:
        st.fragment(events_part, run_every=1.0)(name)  # it follows the time machine
    with tabs[2]:
        st.fragment(checkpoints_part, run_every=2.0 if alive else None)(name)
    with tabs[3]:
        panels.settings(page_run)
        if not alive:
            action(t("Delete this run…"), "delete", open_next, delete_dialog, name, kind="secondary")


def live_part(name: str, state_before: str) -> None:
    """All that changes while a run goes on. A change of state concerns the rest of the page too."""
    try:
        page_run = look_at(name)
    except Problem:
        st.rerun()
    if st.session_state.get("run") != name:
        st.rerun()
    if page_run.state != state_before:
        st.rerun()
    history = page_run.run.history()
    if page_run.state == "queued" and page_run.handle:
        st.caption(controls.whom_it_waits_for(page_run.handle))
    if busy_elsewhere(page_run):
        st.caption(t("Another process trains this run: it can be watched here, and steered there."))
    if page_run.snapshot.problem:
        show_error(page_run.snapshot.problem)
    if page_run.state == "starting":
        message = (
            "Loading torch and the images; before a recipe's first run here, seconds of measuring its speed…"
        )
        st.caption(t(message))
    if page_run.state == "stopped" and (last := page_run.run.events()[-1:]) and last[0]["what"] == "idle":
        st.info(describe(last[0]), icon=":material/schedule:")
    if page_run.handle and page_run.handle.refusal:
        st.warning(page_run.handle.refusal)
    panels.figures(page_run, health.health(history))
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        panels.curves(page_run, history, time_machine.place(page_run))
    with right:
        panels.samples(page_run, time_machine.place(page_run))
        time_machine.controls(page_run)


def events_part(name: str) -> None:
    """The list of events, as it grows."""
    try:
        page_run = look_at(name)
        panels.events(page_run, time_machine.place(page_run))
    except Problem:
        return


def checkpoints_part(name: str) -> None:
    """The list of checkpoints, as it changes."""
    run_page_if_requested()
    try:
        checkpoints.list_checkpoints(look_at(name))
    except Problem:
        return


@dialog("Delete this run?")
def delete_dialog(name: str) -> None:
    """The one question before a run goes into the trash."""
    st.markdown(
        t("`{name}` goes into the trash of the Runs page, from where it can be taken out.", name=name)
    )
    dialog_button(t("Delete"), "delete", delete_run, name)


frame.enter()
current = current_page_run()
if current is None:
    idle_page()
else:
    run_page(current)
show_next_dialog()
