"""The trash, below the list of runs."""

import streamlit as st

from gan.errors import Problem
from gan.i18n import t
from gan.limits import size_of
from gan.runs import trash
from ui.components.numbers import megabytes
from ui.runs.dialogs import empty_dialog
from ui.runs.rows import ROWS
from ui.session.notices import notify
from ui.session.visitor import home


def _undo() -> None:
    """Right after a deletion: the way back."""
    name = st.session_state.get("undo")
    if name not in [run.name for run in trash.thrown_away(home())]:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("{name} is in the trash.", name=name), width="content")
        st.button(
            t("Undo"),
            icon=":material/undo:",
            type="tertiary",
            key="undo click",
            on_click=_take_out,
            args=(name,),
        )


def _take_out(name: str) -> None:
    try:
        trash.take_out(home(), name)
        st.session_state.pop("undo", None)
    except Problem as problem:
        notify(problem)


def _trash() -> None:
    gone = trash.thrown_away(home())
    if not gone:
        return
    size = megabytes(size_of(home() / trash.TRASH))
    with st.expander(t("Trash: {count} runs, {size}", count=len(gone), size=size), icon=":material/delete:"):
        for run in gone[:ROWS]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(run.name, width="content")
                st.button(
                    t("Take out"),
                    key=f"take out {run.name}",
                    icon=":material/restore_from_trash:",
                    type="tertiary",
                    on_click=_take_out,
                    args=(run.name,),
                )
        if st.button(t("Empty the trash…"), icon=":material/delete_forever:"):
            empty_dialog(len(gone), size)
