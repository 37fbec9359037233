"""Figures that change all the time, and that a browser which translates the page leaves as they are."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

JS = """
export default function ({ parentElement }) {
  parentElement.closest('[data-testid="stVerticalBlock"]').setAttribute("translate", "no");
}
"""
_component = st.components.v2.component("gan_untranslated", js=JS, isolate_styles=False)


@contextmanager
def untranslated(name: str) -> Iterator[None]:
    """A container whose text no browser translates: what it put in place of a number would stay when the
    number changes. (For a word that changes rarely see `renewed` in ui.components.widgets.)
    """
    with st.container(gap=None):
        _component(key=f"untranslated {name}")
        with st.container():
            yield
