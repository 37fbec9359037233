"""The pull half of the Hub page: a repository by name, generators to browse, and those that were pulled."""

import streamlit as st

from gan.errors import Problem
from gan.hub.client import check_repo_id, check_revision, endpoint
from gan.hub.downloads import DownloadedGenerator, downloads_in, forget
from gan.hub.page_actions import listing, pull_generator, pull_whole_run
from gan.hub.repos import RepoListing
from gan.i18n import t
from gan.jobs import Job
from gan.runs.run import Run
from ui.hub.account import token
from ui.session.jobs import watch
from ui.session.notices import KEEP, plain, tell
from ui.session.run import remember_run
from ui.session.visitor import home

JOB, LISTING = "hub pull", "hub listing"
COLUMNS = 4


def pull_half() -> None:
    """A name, what came of it, what is on the Hub, what is here."""
    st.markdown(t("**Pull a generator**"))
    _by_name()
    _outcome()
    _here()
    _browse()


def _by_name() -> None:
    if (linked := st.query_params.get("model")) and "pull repo" not in st.session_state:
        st.session_state["pull repo"] = linked[:193]
    with (
        st.form("pull", border=False, enter_to_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            t("Repository"), key="pull repo", placeholder=t("user/name"), max_chars=193, width=280, **KEEP
        )
        st.text_input(
            t("Branch, tag or commit"),
            key="pull revision",
            placeholder=t("main"),
            max_chars=200,
            width=180,
            **KEEP,
        )
        st.form_submit_button(
            t("Pull"), icon=":material/cloud_download:", on_click=_pull_named, disabled=_busy()
        )
        st.form_submit_button(
            t("Pull its run"),
            icon=":material/history:",
            type="tertiary",
            help=t(RUN_HELP),
            on_click=_pull_named,
            args=(True,),
            disabled=_busy(),
        )


RUN_HELP = "Where somebody pushed the whole run: it appears under Runs, ready to resume."


def _pull_named(whole: bool = False) -> None:
    _pull(st.session_state["pull repo"], st.session_state["pull revision"], whole)


def _busy() -> bool:
    job = st.session_state.get(JOB)
    return isinstance(job, Job) and job.state == "running"


def _pull(repo_id: str, revision: str, whole: bool = False) -> None:
    """Begin, unless something is under way. What it takes is read here: the thread has no session."""
    if _busy():
        return
    try:
        repo, at, who, where = check_repo_id(repo_id), check_revision(revision), token(), home()
    except Problem as problem:
        st.session_state[JOB] = problem
        return
    fetch = pull_whole_run if whole else pull_generator
    st.session_state[JOB] = Job(lambda job: fetch(repo, at, who, where, job), t("Asking the Hub"))
    st.session_state["hub again"] = (repo_id, revision, whole)


def _outcome() -> None:
    job = st.session_state.get(JOB)
    if job is None:
        return
    if isinstance(job, Problem):
        tell(str(job))
    elif job.state == "running":
        watch(job, t("Cancel"))
    elif job.state == "failed":
        tell(job.problem)
        st.button(
            t("Try again"), icon=":material/refresh:", on_click=_pull, args=st.session_state["hub again"]
        )
    elif job.state == "cancelled":
        st.caption(t("Cancelled: nothing was kept."))
    elif isinstance(job.result, Run):
        _open_run(job.result)
    else:
        one: DownloadedGenerator = job.result
        with st.container(horizontal=True, vertical_alignment="center"):
            st.success(t("{title} is here.", title=plain(one.title)), icon=":material/check:")
            if st.button(t("Explore"), key="explore pulled", icon=":material/auto_awesome:", type="primary"):
                _explore(one)


def _open_run(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(t("Run {name} is here, ready to resume.", name=plain(run.name)), icon=":material/check:")
        if st.button(t("Open"), key="open pulled run", icon=":material/open_in_full:", type="primary"):
            remember_run(run.name)
            st.switch_page("pages/train.py")


def _explore(one: DownloadedGenerator) -> None:
    st.session_state["source"] = one.source
    st.switch_page("pages/generate.py")


# --- what is here ------------------------------------------------------------------------------------


def _here() -> None:
    """Generators that were pulled before, the latest first."""
    mine = downloads_in(home())
    if not mine:
        return
    with st.expander(t("Pulled before: {count}", count=len(mine)), icon=":material/inventory_2:"):
        for one in mine:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(plain(one.title), width="stretch")
                if st.button(t("Explore"), key=f"explore {one.folder.name}", type="tertiary"):
                    _explore(one)
                st.button(
                    t("Remove"),
                    key=f"remove {one.folder.name}",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=forget,
                    args=(home(), one),
                )


# --- what is there -----------------------------------------------------------------------------------


def _browse() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(t("**On the Hub** &emsp; made with this program"), width="content")
        st.space("stretch")
        order = st.segmented_control(
            t("Order"),
            list(ORDERS),
            format_func=lambda key: t(ORDERS[key]),
            default="when",
            required=True,
            label_visibility="collapsed",
            key="browse order",
            **KEEP,
        )
        search = st.text_input(
            t("Search"),
            key="browse search",
            placeholder=t("Search generators"),
            icon=":material/search:",
            label_visibility="collapsed",
            max_chars=80,
            width=200,
            **KEEP,
        )
        again = st.button(t("Refresh"), icon=":material/refresh:", type="tertiary")
    asked, job = st.session_state.get(LISTING) or (None, None)
    if asked != search or again:
        who = token()
        job = Job(lambda _: listing(who, search), t("Asking the Hub"))
        st.session_state[LISTING] = (search, job)
    if job.state == "running":
        watch(job, t("Cancel"))
    elif job.state == "failed":
        tell(job.problem)
    elif job.state == "done":
        _cards(sorted(job.result, key=lambda one: getattr(one, order or "when"), reverse=True), search)


ORDERS = {"when": "Newest", "downloads": "Most pulled"}


def _cards(found: list[RepoListing], search: str) -> None:
    if not found:
        st.caption(
            t("Nothing found. Generators that are pushed from here appear here.") if not search else t(NONE)
        )
    here = {(one.repo_id, one.sha): one for one in downloads_in(home())}
    for start in range(0, len(found), COLUMNS):
        for column, one in zip(st.columns(COLUMNS), found[start : start + COLUMNS], strict=False):
            with column:
                _card(one, here.get((one.repo_id, one.sha)))


NONE = "No generator of that name. The search looks at names alone."


def _card(one: RepoListing, pulled: DownloadedGenerator | None) -> None:
    with st.container(border=True, height="stretch"):
        if one.picture:
            st.image(one.picture, width="stretch", alt=t("Samples of {repo}", repo=one.repo_id))
        st.markdown(f"**[{plain(one.repo_id)}]({endpoint()}/{one.repo_id})**")
        private = t("private · ") if one.private else ""
        st.caption(f"{private}{plain(one.about)}  \n{one.when}")
        st.space("stretch")
        if pulled:
            if st.button(
                t("Explore"), key=f"card {one.repo_id}", icon=":material/auto_awesome:", width="stretch"
            ):
                _explore(pulled)
        else:
            st.button(
                t("Pull"),
                key=f"card {one.repo_id}",
                icon=":material/cloud_download:",
                width="stretch",
                on_click=_pull,
                args=(one.repo_id, one.sha),
                disabled=_busy(),
            )
        if one.has_run:
            st.button(
                t("Pull its run"),
                key=f"run of {one.repo_id}",
                icon=":material/history:",
                type="tertiary",
                width="stretch",
                help=t(RUN_HELP),
                on_click=_pull,
                args=(one.repo_id, one.sha, True),
                disabled=_busy(),
            )
