"""The trash, below the list of runs, and Undo above it."""

import streamlit as st

from gan.i18n import t
from gan.limits import size_of
from gan.runs import trash
from ui.components.numbers import megabytes
from ui.components.widgets import action, row
from ui.runs.dialogs import empty_dialog
from ui.session.notices import notifies
from ui.session.visitor import home

DELETED = "undo"  # key of the session: the run that was deleted last
LISTED_RUNS = 20


def undo_row() -> None:
    """Right after a deletion: the way back."""
    name = st.session_state.get(DELETED)
    if name in [run.name for run in trash.thrown_away(home())]:
        with row():
            st.caption(t("{name} is in the trash.", name=name), width="content")
            action(t("Undo"), "undo", _take_out, name, key="undo click")


def trash_list() -> None:
    """The runs in the trash; nothing where it is empty."""
    runs = trash.thrown_away(home())
    if not runs:
        return
    size = megabytes(size_of(home() / trash.TRASH))
    label = t("Trash: {count} runs, {size}", count=len(runs), size=size)
    with st.expander(label, icon=":material/delete:"):
        for run in runs[:LISTED_RUNS]:
            with row():
                st.markdown(run.name, width="content")
                key = f"take out {run.name}"
                action(t("Take out"), "restore_from_trash", _take_out, run.name, key=key)
        if st.button(t("Empty the trash…"), icon=":material/delete_forever:"):
            empty_dialog(len(runs), size)


@notifies
def _take_out(name: str) -> None:
    trash.take_out(home(), name)
    st.session_state.pop(DELETED, None)
