"""Sentences that a page shows."""

import re

import streamlit as st

KEEP = {"persist_state": "session"}  # for widgets whose value outlives a look at another page


def notify(sentence: str) -> None:
    """Have the page show a sentence at its top, once."""
    st.session_state["notice"] = sentence


def show_notice() -> None:
    """Show what `notify` was told."""
    if sentence := st.session_state.pop("notice", None):
        tell(sentence)


def tell(sentence: str) -> None:
    """Show a refusal. It may quote strangers: nothing in it is taken for markup."""
    st.error(plain(sentence), icon=":material/error:")


NO_LINK = "\u200b"  # of no width; what it stands in is taken for no address


def plain(text: str) -> str:
    """Text of anybody's, so that markdown shows it as it is."""
    escaped = re.sub(r"([\\`*_{}\[\]()<>#+!|~$:&-])", r"\\\1", text).replace("\n", " ")
    return re.sub(r"(?i)(www)(?=\.)|(?=@)|(?<=:)(?=//|[a-z])", lambda found: found[0] + NO_LINK, escaped)
