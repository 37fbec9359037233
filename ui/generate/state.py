"""What this browser looks at on the Generate page: one `View` in its session, and widgets as views of it.

A widget's change becomes the view's; a view that comes from an address, a file or a button moves the
widgets. So there is one truth, and the address in the browser can always say it.
"""

from collections.abc import Callable
from functools import wraps
from uuid import uuid4

import streamlit as st

from gan.errors import Problem
from gan.i18n import t
from gan.latent.view import View, shifts, with_value
from ui.session.notices import show_error

HISTORY = 50
TOOLS = ("vary", "walk", "plane", "near", "find", "files")  # of the page, as addresses call them


def view() -> View:
    """What is looked at now."""
    return st.session_state.setdefault("view", View())


def refusable(act: Callable) -> Callable:
    """What somebody does, and whose refusal the page tells."""

    @wraps(act)
    def tried(*arguments: object, **named: object) -> None:
        try:
            act(*arguments, **named)
        except Problem as problem:
            complain(str(problem))

    return tried


@refusable
def change(**changes: object) -> None:
    """Look at something else. What can't be is told, and nothing changes."""
    before, after = view(), view().changed(**changes)
    st.session_state["view"] = after
    if "seeds" in changes and after.seeds != before.seeds:
        past = [one for one in history() if one != before.seeds]
        st.session_state["seed history"] = [before.seeds, *past][:HISTORY]


def history() -> list[str]:
    """Seeds that were looked at before, the last one first."""
    return st.session_state.setdefault("seed history", [])


def complain(sentence: str) -> None:
    """Have the page tell a refusal, once, at its top."""
    st.session_state.setdefault("view complaints", []).append(sentence)
    st.session_state["all anew"] = True


def tell_complaints() -> None:
    """Tell what `complain` was told. There is always a place for it: what is below stays the same element,
    and an open popover stays open.
    """
    with st.container():
        for sentence in st.session_state.pop("view complaints", []):
            show_error(sentence)


# --- widgets -----------------------------------------------------------------------------------------


def bound(key: str, value: object, write: Callable[[object], None]) -> dict:
    """Arguments that make a widget a view of a value: `st.slider(…, **bound("strength", look().strength,
    write))`.
    """
    key = f"view {key}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return {"key": key, "on_change": lambda: write(st.session_state[key])}


def field(name: str) -> dict:
    """`bound` to a field of the view."""
    return bound(name, getattr(view(), name), lambda value: change(**{name: value}))


def with_shift(kind: str, index: int) -> Callable[[float], None]:
    """What moves slider `index` of "pca" or "svd"."""

    def write(value: float) -> None:
        change(**{kind: shifts(with_value(getattr(view(), kind), index, value))})

    return write


def with_entry(name: str, key: object) -> Callable[[float], None]:
    """What moves an entry of the view's "named" or "raw"; at 0 it is left out."""

    def write(value: float) -> None:
        rest = {one: old for one, old in getattr(view(), name).items() if one != key}
        change(**{name: rest | ({key: round(value, 2)} if value else {})})

    return write


def anew(act: Callable, *arguments: object) -> Callable[[], None]:
    """A callback that does that, and has the whole page made anew and not its own part alone."""

    def call() -> None:
        act(*arguments)
        st.session_state["all anew"] = True

    return call


def make_anew_if_due() -> None:
    """The first line of every part of the page, and its last: what happens in between may want it too."""
    if st.session_state.pop("all anew", False):
        st.rerun()


# --- addresses ---------------------------------------------------------------------------------------


def in_hand() -> str:
    """The tool that is used now."""
    return st.session_state.get("tool") or TOOLS[0]


def slot(name: str) -> str:
    """This browser's own name for one kind of question: of its questions only the newest counts."""
    return f"{st.session_state.setdefault('slot', uuid4().hex)}/{name}"


def picture_alt(shown: View) -> str:
    """What a screen reader says of the whole picture."""
    if shown.base is not None:
        return t("{count} variations of the base", count=shown.pictures())
    if shown.points:
        return t("{count} pictures of given latents", count=shown.pictures())
    return t("{count} pictures of seed {seed}", count=shown.pictures(), seed=shown.seeds)
