"""Dialogs."""

from collections.abc import Callable

import streamlit as st

from gan.errors import Problem
from ui.session.notices import show_error


def in_dialog(act: Callable, *arguments: object) -> None:
    """Do what a dialog's button is for. The dialog closes, or tells the problem and stays."""
    try:
        act(*arguments)
        st.session_state["dialog_is_done"] = True
    except Problem as problem:
        st.session_state["dialog_problem"] = str(problem)


def end_of_dialog() -> None:
    """The last line of every dialog: close it, or show what went wrong."""
    if st.session_state.pop("dialog_is_done", False):
        st.rerun()
    if problem := st.session_state.pop("dialog_problem", None):
        show_error(problem)
