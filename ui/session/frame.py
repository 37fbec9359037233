"""How pages run: inside the frame that app.py draws, and as a whole after a click that concerns all of it."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

WHOLE_PAGE = "run the whole page"  # key of the session


def enter() -> None:
    """The first line of every page.

    Until app.py has called `st.navigation` once, Streamlit runs the files in pages/ by itself: whoever opens
    a fresh server at /hub would see a page without its frame. Then the visit begins again, through app.py.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def request_page_run() -> None:
    """For a click inside a fragment, after which Streamlit runs that fragment alone."""
    st.session_state[WHOLE_PAGE] = True


def forget_page_run() -> None:
    """For a page that is about to run its fragments: all of it runs now."""
    st.session_state.pop(WHOLE_PAGE, None)


def run_page_if_requested() -> None:
    """The first line of a fragment whose clicks concern the rest of the page."""
    if st.session_state.pop(WHOLE_PAGE, False):
        st.rerun()
