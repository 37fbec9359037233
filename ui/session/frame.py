"""Pages belong into the frame that app.py draws, also the first one that anybody opens."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def enter() -> None:
    """The first line of every page.

    Until app.py has called `st.navigation` once, Streamlit runs the files in pages/ by itself: whoever opens
    a fresh server at /hub would see a bare page. Then the visit begins anew, through app.py.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
