"""A generator from the Hub, pulled without leaving the page that wants it."""

import streamlit as st

from gan.hub.downloads import DownloadedGenerator
from gan.i18n import t
from ui.components.widgets import PERSISTENT, action
from ui.hub.pull import pull_job
from ui.session.jobs import is_running, show_job, start_job

JOB = "generate pull"


def pull_here(wanted: str = "") -> DownloadedGenerator | None:
    """A field for "user/name" or "user/name@revision"; the generator, once it has been pulled."""
    if wanted:
        st.session_state["generate repo"] = wanted[:300]
    st.text_input(
        t("Repository"), key="generate repo", placeholder="user/name@main", max_chars=300, **PERSISTENT
    )
    busy = is_running(JOB)
    action(t("Pull"), "cloud_download", _pull, kind="secondary", disabled=busy, width="stretch")
    if show_job(st.session_state.get(JOB)):
        return st.session_state.pop(JOB).result
    st.page_link("pages/hub.py", label=t("Browse the Hub"), icon=":material/travel_explore:")
    return None


def _pull() -> None:
    repo, _, revision = st.session_state["generate repo"].strip().removeprefix("hf:").partition("@")
    start_job(JOB, lambda: pull_job(repo, revision))
