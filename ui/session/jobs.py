"""Jobs of a browser session: a click begins one, the page shows how it stands."""

from collections.abc import Callable

import streamlit as st

from gan.errors import Problem
from gan.i18n import t
from gan.jobs import Job
from ui.components.widgets import action, row
from ui.session.notices import escape_markdown, show_error


def start_job(key: str, begin: Callable[[], Job]) -> None:
    """Begin a job and hold it in the session, unless the one held there is still running.

    If `begin` raises a Problem, that is held in its place, and `show_job` shows it.
    """
    if is_running(key):
        return
    try:
        st.session_state[key] = begin()
    except Problem as problem:
        st.session_state[key] = problem


def is_running(key: str) -> bool:
    """Does the session hold a job under that key that has not ended?"""
    job = st.session_state.get(key)
    return isinstance(job, Job) and job.state == "running"


def show_job(job: Job | Problem | None, cancelled: str = "") -> bool:
    """Show a job's progress, or why it failed, or the sentence `cancelled` if it was cancelled.

    True once it is done: then the caller shows its result.
    """
    state = job.state if isinstance(job, Job) else ""  # it may change while this is shown
    if isinstance(job, Problem):
        show_error(job)
    elif state == "running":
        _progress(job)
    elif state == "failed":
        show_error(job.problem)
    elif state == "cancelled" and cancelled:
        st.caption(cancelled)
    return state == "done"


@st.fragment(run_every=0.3)
def _progress(job: Job) -> None:
    """The stage, a bar, and Cancel as long as that is possible. The whole page runs again when it is over."""
    if job.state != "running":
        st.rerun()
    with row():
        st.progress(job.share, text=escape_markdown(job.stage))
        action(t("Cancel"), "close", job.cancel, key=f"cancel {id(job)}", disabled=job.settled)
