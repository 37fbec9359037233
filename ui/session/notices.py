"""Sentences that a page shows, and text of strangers in them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

import streamlit as st

from gan.errors import CANNOT_USE, Problem, os_errors_as

NO_LINK = "\u200b"  # has no width; an address with it inside becomes no link


def notify(message: Problem | str) -> None:
    """Have the page show a message at its top, once."""
    st.session_state["notice"] = str(message)


def show_notice() -> None:
    """Show the message that `notify` left for the page."""
    if message := st.session_state.pop("notice", None):
        show_error(message)


def notifies(act: Callable[..., None]) -> Callable[..., None]:
    """Make an action for a button: the page shows a Problem that it raises."""

    @wraps(act)
    def attempt(*arguments: object) -> None:
        try:
            with os_errors_as(CANNOT_USE):
                act(*arguments)
        except Problem as problem:
            notify(problem)

    return attempt


@contextmanager
def shown() -> Iterator[None]:
    """Show in red what somebody can cure, in place of the rest of what stands in here."""
    try:
        with os_errors_as(CANNOT_USE):
            yield
    except Problem as problem:
        show_error(problem)


def show_error(message: Problem | str) -> None:
    """Show a message in red. It may quote strangers: nothing in it is taken for markup."""
    st.error(escape_markdown(str(message)), icon=":material/error:")


def escape_markdown(text: str) -> str:
    """The text such that markdown shows it as it is: no markup, no link, one line."""
    escaped = re.sub(r"([\\`*_{}\[\]()<>#+!|~$:&-])", r"\\\1", text).replace("\n", " ")
    return re.sub(r"(?i)(www)(?=\.)|(?=@)|(?<=:)(?=//|[a-z])", lambda match: match[0] + NO_LINK, escaped)
