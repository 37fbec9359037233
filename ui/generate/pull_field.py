"""A generator from the Hub, pulled without leaving the page that wants it."""

import streamlit as st

from gan.errors import Problem
from gan.hub.client import check_repo_id, check_revision
from gan.hub.downloads import DownloadedGenerator
from gan.hub.page_actions import pull_generator
from gan.i18n import t
from gan.jobs import Job
from ui.hub.account import token
from ui.session.jobs import watch
from ui.session.notices import KEEP, tell
from ui.session.visitor import home

JOB = "generate pull"


def pull_here(wanted: str = "") -> DownloadedGenerator | None:
    """A field for "user/name", or "user/name@revision", and what came of it: what was pulled, once."""
    if wanted:
        st.session_state["generate repo"] = wanted[:300]
    st.text_input(t("Repository"), key="generate repo", placeholder="user/name@main", max_chars=300, **KEEP)
    job = st.session_state.get(JOB)
    busy = isinstance(job, Job) and job.state == "running"
    st.button(t("Pull"), icon=":material/cloud_download:", on_click=_pull, disabled=busy, width="stretch")
    if isinstance(job, Problem):
        tell(str(job))
    elif busy:
        watch(job, t("Cancel"))
    elif job is not None and job.state == "failed":
        tell(job.problem)
    elif job is not None and job.state == "done":
        del st.session_state[JOB]
        return job.result
    st.page_link("pages/hub.py", label=t("Browse the Hub"), icon=":material/travel_explore:")
    return None


def _pull() -> None:
    """Begin. What it takes is read here: the thread has no session."""
    repo, _, revision = st.session_state["generate repo"].strip().removeprefix("hf:").partition("@")
    try:
        asked = check_repo_id(repo), check_revision(revision), token(), home()
    except Problem as problem:
        st.session_state[JOB] = problem
        return
    st.session_state[JOB] = Job(lambda job: pull_generator(*asked, job), t("Asking the Hub"))
