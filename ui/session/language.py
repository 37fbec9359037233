"""The language of who reads the page: what their browser asks for."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gan import i18n


def follow_reader() -> None:
    """Have every sentence follow the browser that the running script belongs to."""
    i18n.follow(_language)


def _language() -> str | None:
    return st.context.locale if get_script_run_ctx(suppress_warning=True) else None
