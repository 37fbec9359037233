"""The push half of the Hub page: what to push, exactly what that will be, and how it goes."""

import re

import streamlit as st

from gan.errors import Problem
from gan.generator.config import LICENCES
from gan.hub.bundle import Parcel, zip_parcel
from gan.hub.page_actions import parcel_of
from gan.hub.push import Order, Pushed, default_message, push
from gan.i18n import t
from gan.jobs import Job
from gan.runs.run import Run
from ui.components.numbers import megabytes
from ui.hub.account import account
from ui.session.jobs import watch
from ui.session.notices import KEEP, notify, plain, show_notice, tell
from ui.session.visitor import my_run, my_runs

JOB = "hub push"
SHOWN = 50  # runs in the list


def push_half() -> None:
    """The form at the left, the card at the right."""
    names = [run.name for run in my_runs()[:SHOWN] if (run.path / "model.safetensors").exists()]
    left, right = st.columns([1, 1.25], gap="large")
    if st.session_state.get("push run") not in [None, *names]:
        gone = plain(st.session_state.pop("push run"))
        st.info(t("There is nothing to share of {name}: it is not saved yet, or gone.", name=gone))
    if not names:
        with left:
            st.markdown(t("**Push a generator**"))
            st.caption(t("There is no generator here yet."))
            st.page_link("pages/train.py", label=t("Train one"), icon=":material/model_training:")
        with right:
            st.markdown(t("**What a push sends**"))
            st.caption(t("The weights, their config, a model card, samples and curves, as one commit."))
        return
    show_notice()
    with left:
        asked = _form(names)
    with right:
        st.markdown(t("**Model card** &emsp; preview"))
        try:
            parcel = _parcel(asked)
            _card(parcel)
        except Problem as problem:
            tell(str(problem))
            return
    with left:
        _files(parcel)
        _buttons(parcel, asked)
        _progress((asked["run"], asked["repo_id"]))


def _form(names: list[str]) -> dict:
    """What is asked for."""
    st.markdown(t("**Push a generator**"))
    state = st.session_state
    if state.get("push run") not in names:
        state["push run"] = state["run"] if state.get("run") in names else names[0]
    run = st.selectbox(t("Run"), names, key="push run", **KEEP)
    mine = account()
    owner = mine.name if mine else "user"
    suggested = f"{owner}/{repository_name(run)}"
    if state.get("push repo", "") in ("", state.get("push suggested")):  # what somebody typed stays
        state["push repo"] = suggested
    state["push suggested"] = suggested
    repo = st.text_input(t("Repository"), key="push repo", max_chars=193, **KEEP)
    with st.container(horizontal=True, vertical_alignment="center"):
        private = st.toggle(t("Private"), True, key="push private", help=t(PRIVATE_HELP), **KEEP)
        whole = st.toggle(t("Whole run"), key="push whole", help=t(WHOLE_HELP), **KEEP)
    with st.expander(t("More")):
        licence = st.selectbox(t("Licence of the weights"), LICENCES, key="push licence", **KEEP)
        branch = st.text_input(t("Branch"), key="push branch", placeholder=t("main"), max_chars=200, **KEEP)
        request = st.toggle(t("Open a pull request"), key="push request", **KEEP)
        message = st.text_input(t("Commit message"), key="push message", max_chars=200, **KEEP)
    order = {"repo_id": repo, "private": private, "revision": branch, "pull_request": request}
    return order | {"message": message, "run": run, "licence": licence, "whole": whole}


def repository_name(run: str) -> str:
    """A name the Hub takes, as like the run's as can be."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", run)
    name = re.sub(r"([-.])[-.]+", r"\1", name).removesuffix(".git")
    return name[:96].strip("-._") or "generator"


PRIVATE_HELP = "A new repository is seen by you alone. Of one that exists, who may see it stays as it is."
WHOLE_HELP = (
    "Adds the newest checkpoint, history, events and pictures, so that the run can be resumed from the Hub: "
    "on a Space, whose disk is wiped when it restarts, this keeps it."
)


def _parcel(asked: dict) -> Parcel:
    """The very files a push would send, made anew when something of them has changed. Raises Problem."""
    run: Run = my_run(asked["run"])
    order = _order(asked)
    key = (str(run.path), run.stored_info().saved, order.repo_id, order.revision, asked["licence"])
    key += (asked["whole"], (run.path / "model.safetensors").stat().st_mtime_ns)
    if st.session_state.get("push key") != key:
        with st.spinner(t("Drawing the samples…")):
            parcel = parcel_of(run, order.repo_id, asked["licence"], order.revision, asked["whole"])
        st.session_state["push key"], st.session_state["push parcel"] = key, parcel
    return st.session_state["push parcel"]


def _order(asked: dict) -> Order:
    told = {key: asked[key] for key in ("private", "pull_request", "message")}
    return Order.checked(asked["repo_id"], asked["revision"], **told)


def _card(parcel: Parcel) -> None:
    """The card as the Hub will show it, near enough."""
    body = parcel.card.split("\n---\n", 1)[1]
    with st.container(border=True, height=470):
        for part in re.split(r"^(!\[.*\]\(.*\))$", body, flags=re.M):
            picture = re.fullmatch(r"!\[(.*)\]\((.*)\)", part)
            if picture:
                st.image(parcel.files[picture[2]], alt=picture[1], width=_width(picture[2]))
            else:
                st.markdown(
                    re.sub(r"^(#+) ", lambda found: "#" * (len(found[1]) + 2) + " ", part, flags=re.M)
                )


def _width(name: str) -> int | str:
    return "stretch" if name == "curves.png" else 240


def _files(parcel: Parcel) -> None:
    sizes = parcel.sizes()
    st.caption(t("One commit: {files} files, {size}", files=len(sizes), size=megabytes(sum(sizes.values()))))
    rows = [f"| `{name}` | {size:,} |" for name, size in sizes.items()]
    st.markdown("\n".join([t("| File | Bytes |"), "|:--|--:|", *rows]))
    st.caption(
        t("Message: {message}", message=plain(st.session_state["push message"] or default_message(parcel)))
    )


def _buttons(parcel: Parcel, asked: dict) -> None:
    job: Job | None = st.session_state.get(JOB)
    busy = job is not None and job.state == "running"
    mine = account()
    reason = None
    if mine is None:
        reason = t("Sign in at the side first.")
    elif not mine.may_write:
        reason = t("Your token may only read: sign in with one that may write.")
    if reason:
        st.caption(reason)
    with st.container(horizontal=True):
        st.download_button(
            t("Download ZIP"),
            lambda: zip_parcel(parcel),
            file_name=f"{asked['run']}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            help=t("The same files, without a network."),
        )
        st.button(
            t("Push again") if job and job.state == "failed" else t("Push"),
            type="primary",
            icon=":material/cloud_upload:",
            disabled=busy or reason is not None,
            help=reason,
            on_click=_push,
            args=(parcel, asked),
            key="push button",
        )


def _push(parcel: Parcel, asked: dict) -> None:
    mine, job = account(), st.session_state.get(JOB)
    if mine is None or (job is not None and job.state == "running"):
        return
    if any(st.session_state.get(key, asked[name]) != asked[name] for key, name in WIDGETS.items()):
        notify(t("The form has changed since its files were listed: look at them, then push."))
        return
    order = _order(asked)
    st.session_state["push asked"] = (asked["run"], asked["repo_id"])
    st.session_state[JOB] = Job(lambda job: push(parcel, order, mine, job), t("Asking the Hub"))


WIDGETS = {
    "push run": "run",
    "push repo": "repo_id",
    "push private": "private",
    "push whole": "whole",
    "push licence": "licence",
    "push branch": "revision",
    "push request": "pull_request",
    "push message": "message",
}  # what a push must not differ in from what was shown


def _progress(asked: tuple[str, str]) -> None:
    """How the push goes, or went; the end of one is not shown beside another one's form."""
    job: Job | None = st.session_state.get(JOB)
    if job is None or (job.state != "running" and st.session_state["push asked"] != asked):
        return
    if job.state == "running":
        watch(job, t("Cancel"))
    elif job.state == "failed":
        tell(job.problem)
    elif job.state == "cancelled":
        st.caption(t("Cancelled: nothing was published. Push sends only what is still missing."))
    else:
        done: Pushed = job.result
        about = {"repo": plain(done.repo_id), "url": done.url, "sha": done.sha[:7]}
        if st.session_state.get("push seen") is not job:  # the list below shows it now
            st.session_state["push seen"] = job
            st.session_state.pop("hub listing", None)
        about["seen"] = t("private") if done.private else t("public")
        said = "Pushed to [{repo}]({url}), {seen}, commit {sha}."
        if not done.changed:
            said = "[{repo}]({url}), {seen}, holds all of this already."
        st.success(t(said, **about), icon=":material/check:")
        for note in done.notes:
            st.caption(note)
