"""The Train page of a run: its settings at the side, the bar of buttons, the live part, the tabs."""

import streamlit as st

from gan.errors import Problem
from gan.i18n import t
from ui.components.widgets import action
from ui.session.dialogs import dialog, dialog_button, open_next
from ui.session.frame import run_page_if_requested
from ui.session.notices import show_notice, shown
from ui.session.run import PageRun, delete_run, look_at
from ui.train import controls, time_machine
from ui.train.checkpoints import list_checkpoints
from ui.train.events import list_events
from ui.train.live import live_part
from ui.train.run_facts import run_facts
from ui.train.run_settings import run_settings
from ui.train.structure import show_structure

# Seconds between two looks at what changes while a run trains.
LIVE_EVERY, EVENTS_EVERY, CHECKPOINTS_EVERY = 1.0, 1.0, 2.0


def run_page(page_run: PageRun) -> None:
    """The page of a run, in training or not."""
    busy, name = page_run.may_be_in_training, page_run.name
    run_settings(page_run)
    with st.container():  # always there: what comes below must keep its place, or its clicks are lost
        show_notice()
    controls.run_bar(page_run)
    st.fragment(live_part, run_every=LIVE_EVERY if busy else None)(name, page_run.state)
    structure, events, checkpoints, facts = st.tabs(
        [t("Structure"), t("Events"), t("Checkpoints"), t("Settings")]
    )
    with structure:
        show_structure(page_run.recipe)
    with events:
        st.fragment(_events, run_every=EVENTS_EVERY)(name)  # at all times: it follows the time machine
    with checkpoints:
        st.fragment(_checkpoints, run_every=CHECKPOINTS_EVERY if busy else None)(name)
    with facts:
        run_facts(page_run)
        if not busy:
            action(t("Delete this run…"), "delete", open_next, delete_dialog, name, kind="secondary")


@shown()
def _events(name: str) -> None:
    try:
        page_run = look_at(name)
    except Problem:  # it was deleted a moment ago: the live part leaves this page
        return
    list_events(page_run, time_machine.place(page_run))


@shown()
def _checkpoints(name: str) -> None:
    run_page_if_requested()
    try:
        page_run = look_at(name)
    except Problem:
        return
    list_checkpoints(page_run)


@dialog("Delete this run?")
def delete_dialog(name: str) -> None:
    """The one question before a run goes into the trash."""
    st.markdown(
        t("`{name}` goes into the trash of the Runs page, from where it can be taken out.", name=name)
    )
    dialog_button(t("Delete"), "delete", delete_run, name)
