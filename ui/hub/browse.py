"""Generators on the Hub that were made with this program, as cards."""

import streamlit as st

from gan.hub.client import endpoint
from gan.hub.downloads import DownloadedGenerator, downloads_in
from gan.hub.page_actions import listing
from gan.hub.repos import RepoListing
from gan.i18n import t
from gan.jobs import Job
from ui.components.widgets import PERSISTENT, action, row
from ui.hub.account import account, token
from ui.hub.pull import JOB as PULL_JOB
from ui.hub.pull import RUN_HELP, explore, pull
from ui.hub.push import PUSHED
from ui.session.jobs import is_running, show_job
from ui.session.notices import escape_markdown
from ui.session.visitor import home

LISTING = "hub listing"  # key of the session: what was listed for whom, and the job that lists it
COLUMNS = 4
ORDERS = {"when": "Newest", "downloads": "Most pulled"}
NOT_FOUND = "No generator of that name. The search looks at names alone."


def browse() -> None:
    """Search, order, and the cards. A new account, search or push lists them anew."""
    with row("bottom"):
        st.markdown(t("**On the Hub** &emsp; made with this program"), width="content")
        st.space("stretch")
        order = _order_field()
        search = _search_field()
        again = st.button(t("Refresh"), icon=":material/refresh:", type="tertiary")
    request, mine = (account(), search, st.session_state.get(PUSHED)), token()
    listed, job = st.session_state.get(LISTING) or (None, None)
    if listed != request or again:
        job = Job(lambda _: listing(mine, search), t("Asking the Hub"))
        st.session_state[LISTING] = (request, job)
    if show_job(job):
        _cards(sorted(job.result, key=lambda repo: getattr(repo, order or "when"), reverse=True), search)


def _order_field() -> str | None:
    return st.segmented_control(
        t("Order"),
        list(ORDERS),
        format_func=lambda key: t(ORDERS[key]),
        default="when",
        required=True,
        label_visibility="collapsed",
        key="browse order",
        **PERSISTENT,
    )


def _search_field() -> str:
    return st.text_input(
        t("Search"),
        key="browse search",
        placeholder=t("Search generators"),
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=80,
        width=200,
        **PERSISTENT,
    )


def _cards(repos: list[RepoListing], search: str) -> None:
    if not repos:
        nothing = t("Nothing found. Generators that are pushed from here appear here.")
        st.caption(t(NOT_FOUND) if search else nothing)
    pulled = {(generator.repo_id, generator.sha): generator for generator in downloads_in(home())}
    for start in range(0, len(repos), COLUMNS):
        for column, repo in zip(st.columns(COLUMNS), repos[start : start + COLUMNS], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(repo, pulled.get((repo.repo_id, repo.sha)))


def _card(repo: RepoListing, pulled: DownloadedGenerator | None) -> None:
    if repo.picture:
        st.image(repo.picture, width="stretch", alt=t("Samples of {repo}", repo=repo.repo_id))
    st.markdown(f"**[{escape_markdown(repo.repo_id)}]({endpoint()}/{repo.repo_id})**")
    private = t("private · ") if repo.private else ""
    st.caption(f"{private}{escape_markdown(repo.about)}  \n{repo.when}")
    st.space("stretch")
    key, look = f"card {repo.repo_id}", {"disabled": is_running(PULL_JOB), "width": "stretch"}
    if not pulled:
        action(t("Pull"), "cloud_download", pull, repo.repo_id, repo.sha, key=key, kind="secondary", **look)
    elif st.button(t("Explore"), key=key, icon=":material/auto_awesome:", width="stretch"):
        explore(pulled)
    if repo.has_run:
        run = {"key": f"run of {repo.repo_id}", "help": t(RUN_HELP)} | look
        action(t("Pull its run"), "history", pull, repo.repo_id, repo.sha, True, **run)
