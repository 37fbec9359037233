"""Pull a generator or a whole run from the Hub by its name; open or remove what was pulled before."""

import streamlit as st

from gan.hub.client import check_repo_id, check_revision
from gan.hub.downloads import DownloadedGenerator, downloads_in, forget
from gan.hub.page_actions import pull_generator, pull_whole_run
from gan.i18n import t
from gan.jobs import Job
from gan.runs.run import Run
from ui.components.widgets import PERSISTENT, action, row
from ui.hub.account import token
from ui.session.jobs import is_running, show_job, start_job
from ui.session.notices import escape_markdown
from ui.session.run import open_run
from ui.session.visitor import home

JOB, REQUEST = "hub pull", "hub pull request"  # keys of the session: the job, and what it was asked for
RUN_HELP = "Where somebody pushed the whole run: it appears under Runs, ready to resume."


def pull_half() -> None:
    """The form for a name, how the pull goes, and what was pulled before."""
    st.markdown(t("**Pull a generator**"))
    _form()
    job = st.session_state.get(JOB)
    if show_job(job, t("Cancelled: nothing was kept.")):
        _show_result(job.result)
    elif isinstance(job, Job) and job.state == "failed":
        action(t("Try again"), "refresh", pull, *st.session_state[REQUEST], kind="secondary")
    _pulled_before()


def pull(repo_id: str, revision: str, whole: bool = False) -> None:
    """Begin to pull a generator, or the `whole` run it is from, unless another pull is running."""
    if not is_running(JOB):
        st.session_state[REQUEST] = (repo_id, revision, whole)
        start_job(JOB, lambda: pull_job(repo_id, revision, whole))


def pull_job(repo_id: str, revision: str, whole: bool = False) -> Job:
    """A job whose result is a DownloadedGenerator, or a Run for a `whole` one. Raises Problem.

    Account and runs folder are read here: the job's thread has no session.
    """
    request = check_repo_id(repo_id), check_revision(revision), token(), home()
    fetch = pull_whole_run if whole else pull_generator
    return Job(lambda job: fetch(*request, job), t("Asking the Hub"))


def explore(generator: DownloadedGenerator) -> None:
    """Go to the Generate page with that generator."""
    st.session_state["source"] = generator.source
    st.switch_page("pages/generate.py")


def _form() -> None:
    if (linked := st.query_params.get("model")) and "pull repo" not in st.session_state:
        st.session_state["pull repo"] = linked[:193]
    with st.form("pull", border=False, enter_to_submit=True), row("bottom"):
        name = {"key": "pull repo", "placeholder": t("user/name"), "max_chars": 193, "width": 280}
        st.text_input(t("Repository"), **name, **PERSISTENT)
        revision = {"key": "pull revision", "placeholder": t("main"), "max_chars": 200, "width": 180}
        st.text_input(t("Branch, tag or commit"), **revision, **PERSISTENT)
        busy = is_running(JOB)
        st.form_submit_button(
            t("Pull"), icon=":material/cloud_download:", on_click=_pull_named, disabled=busy
        )
        st.form_submit_button(
            t("Pull its run"),
            icon=":material/history:",
            type="tertiary",
            help=t(RUN_HELP),
            on_click=_pull_named,
            args=(True,),
            disabled=busy,
        )


def _pull_named(whole: bool = False) -> None:
    pull(st.session_state["pull repo"], st.session_state["pull revision"], whole)


def _show_result(result: DownloadedGenerator | Run) -> None:
    with row():
        if isinstance(result, Run):
            sentence = t("Run {name} is here, ready to resume.", name=escape_markdown(result.name))
            st.success(sentence, icon=":material/check:")
            if st.button(t("Open"), key="open pulled run", icon=":material/open_in_full:", type="primary"):
                open_run(result.name)
        else:
            st.success(t("{title} is here.", title=escape_markdown(result.title)), icon=":material/check:")
            if st.button(t("Explore"), key="explore pulled", icon=":material/auto_awesome:", type="primary"):
                explore(result)


def _pulled_before() -> None:
    """Generators that are on this machine already, the latest first."""
    generators = downloads_in(home())
    if not generators:
        return
    with st.expander(t("Pulled before: {count}", count=len(generators)), icon=":material/inventory_2:"):
        for generator in generators:
            name = generator.folder.name
            with row():
                st.markdown(escape_markdown(generator.title), width="stretch")
                if st.button(t("Explore"), key=f"explore {name}", type="tertiary"):
                    explore(generator)
                action(t("Remove"), "delete", forget, home(), generator, key=f"remove {name}")
