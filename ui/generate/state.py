"""What a browser looks at on the Generate page: one `View` in its session, and widgets that show its values.

A widget's change becomes the view's; a view that comes from an address, a file or a button moves the widgets.
So the browser's address can always say what is shown.
"""

from collections.abc import Callable
from functools import wraps
from uuid import uuid4

import streamlit as st

from gan.errors import CANNOT_USE, Problem, os_errors_as
from gan.i18n import t
from gan.latent.view import View, shifts, with_value
from ui.session.frame import request_page_run
from ui.session.notices import show_error

HISTORY = 50  # seeds that the page remembers
TOOLS = ("vary", "walk", "plane", "near", "find", "files")  # of the page, as addresses call them


def view() -> View:
    """What is shown now."""
    return st.session_state.setdefault("view", View())


def complains(act: Callable[..., None]) -> Callable[..., None]:
    """Make an action whose Problem the page shows."""

    @wraps(act)
    def attempt(*arguments: object, **named: object) -> None:
        try:
            with os_errors_as(CANNOT_USE):
                act(*arguments, **named)
        except Problem as problem:
            complain(problem)

    return attempt


def page_action(act: Callable[..., None]) -> Callable[..., None]:
    """Make an action for a click in one part of the page: the whole page runs after it, and shows a Problem
    that it raises.
    """

    @wraps(act)
    def attempt(*arguments: object) -> None:
        complains(act)(*arguments)
        request_page_run()

    return attempt


@complains
def change(**changes: object) -> None:
    """Show something else. What can't be is refused, and nothing changes."""
    before, after = view(), view().changed(**changes)
    st.session_state["view"] = after
    if "seeds" in changes and after.seeds != before.seeds:
        others = [seeds for seeds in history() if seeds != before.seeds]
        st.session_state["seed history"] = [before.seeds, *others][:HISTORY]


def history() -> list[str]:
    """Seeds that were shown before, the last one first."""
    return st.session_state.setdefault("seed history", [])


def complain(message: Problem | str) -> None:
    """Have the page show a message, once."""
    st.session_state.setdefault("complaints", []).append(str(message))
    request_page_run()


def show_complaints() -> None:
    """Show the messages of `complain`. There is always a place for them: what is below stays the same
    element, and an open popover stays open.
    """
    with st.container():
        for message in st.session_state.pop("complaints", []):
            show_error(message)


# --- widgets -----------------------------------------------------------------------------------------


def bound(key: str, value: object, write: Callable[[object], None]) -> dict:
    """Arguments that make a widget show a value and write its changes: `st.slider(…, **bound("strength",
    view().strength, write))`.
    """
    key = f"view {key}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return {"key": key, "on_change": lambda: write(st.session_state[key])}


def field(name: str) -> dict:
    """`bound` to a field of the view."""
    return bound(name, getattr(view(), name), lambda value: change(**{name: value}))


def rounded(name: str) -> Callable[[float], None]:
    """What a slider of a field of the view writes."""
    return lambda value: change(**{name: round(value, 2)})


def shift_of(kind: str, index: int) -> Callable[[float], None]:
    """What slider `index` of "pca" or "svd" writes."""
    return lambda value: change(**{kind: shifts(with_value(getattr(view(), kind), index, value))})


def entry_of(name: str, key: object) -> Callable[[float], None]:
    """What the slider of an entry of "named" or "raw" writes; at 0 the entry is left out."""

    def write(value: float) -> None:
        others = {other: shift for other, shift in getattr(view(), name).items() if other != key}
        change(**{name: others | ({key: round(value, 2)} if value else {})})

    return write


# --- what else is in the session ---------------------------------------------------------------------


def current_tool() -> str:
    """The tool that is used now."""
    return st.session_state.get("tool") or TOOLS[0]


def slot(name: str) -> str:
    """This browser's own name for one kind of question: of its questions only the newest is answered."""
    return f"{st.session_state.setdefault('slot', uuid4().hex)}/{name}"


def describe(shown: View) -> str:
    """What a screen reader says of all pictures together."""
    count = shown.pictures()
    if shown.base is not None:
        return t("{count} variations of the base", count=count)
    if shown.points:
        return t("{count} pictures of given latents", count=count)
    return t("{count} pictures of seed {seed}", count=count, seed=shown.seeds)
