"""Dialogs: how one opens, what its button does, and when it closes."""

from collections.abc import Callable
from functools import wraps

import streamlit as st

from gan.errors import CANNOT_USE, Problem, os_errors_as
from gan.i18n import t
from ui.components.widgets import action
from ui.session.notices import show_error, shown

# Keys of the session: the dialog to open next, whether the open one is done, what its button could not do.
NEXT, DONE, FAILURE = "next dialog", "dialog is done", "dialog problem"


def dialog(title: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a dialog of a function that draws its content; the title is translated when it opens.

    A Problem that the function raises is shown in the dialog.
    """

    def decorate(content: Callable[..., None]) -> Callable[..., None]:
        @wraps(content)
        def draw(*arguments: object) -> None:
            if st.session_state.pop(DONE, False):
                st.rerun()  # which closes it
            with shown():
                content(*arguments)
            if problem := st.session_state.pop(FAILURE, None):
                show_error(problem)

        @wraps(content)
        def show(*arguments: object) -> None:
            st.dialog(t(title))(draw)(*arguments)

        return show

    return decorate


def dialog_button(label: str, icon: str, act: Callable[..., object], *arguments: object) -> None:
    """The button that a dialog is for. It closes the dialog, or shows the Problem that `act` raised."""
    action(label, icon, _act, act, *arguments, kind="primary")


def _act(act: Callable[..., object], *arguments: object) -> None:
    try:
        with os_errors_as(CANNOT_USE):
            act(*arguments)
        st.session_state[DONE] = True
    except Problem as problem:
        st.session_state[FAILURE] = problem


def open_next(show: Callable[..., None], *arguments: object) -> None:
    """Have `show_next_dialog` open a dialog. For clicks, which come before the page draws anything."""
    st.session_state[NEXT] = (show, arguments)


def show_next_dialog() -> None:
    """The last line of a page that has dialogs."""
    if request := st.session_state.pop(NEXT, None):
        show, arguments = request
        show(*arguments)
