"""The push half of the Hub page: what to push, exactly which files that sends, and how it goes."""

import os
import re
from dataclasses import dataclass
from functools import partial
from typing import Self

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gan.errors import CANNOT_USE, Problem, os_errors_as
from gan.generator.config import LICENCES
from gan.hub.bundle import Bundle, zip_bundle
from gan.hub.page_actions import parcel_of
from gan.hub.push import Pushed, PushRequest, default_message, push
from gan.i18n import t
from gan.jobs import Job
from ui.components.numbers import megabytes
from ui.components.widgets import PERSISTENT, action, row
from ui.hub.account import account
from ui.session.download import offer
from ui.session.jobs import is_running, show_job
from ui.session.notices import escape_markdown, notify, show_error, show_notice
from ui.session.visitor import my_run, my_runs

JOB = "hub push"  # key of the session: the push that runs, or the last one
PUSHED = "hub pushed"  # what the last push that succeeded made
LISTED_RUNS = 50
PRIVATE_HELP = "A new repository is seen by you alone. Of one that exists, who may see it stays as it is."
WHOLE_HELP = (
    "Adds the newest checkpoint, history, events and pictures, so that the run can be resumed from the Hub: "
    "on a Space, whose disk is wiped when it restarts, this keeps it."
)


@dataclass(frozen=True)
class PushForm:
    """What the form says. The widget of a field has the key "push FIELD"."""

    run: str
    repo: str
    private: bool
    whole: bool
    licence: str
    branch: str
    request: bool
    message: str

    @classmethod
    def now(cls) -> Self:
        """As its widgets stand."""
        return cls(**{field: st.session_state[f"push {field}"] for field in cls.__dataclass_fields__})

    def push_request(self) -> PushRequest:
        """The same as `gan.hub.push` takes it. Raises Problem."""
        how = {"private": self.private, "pull_request": self.request, "message": self.message}
        return PushRequest.checked(self.repo, self.branch, **how)


def push_half() -> None:
    """The form at the left, the card at the right."""
    names = [run.name for run in my_runs()[:LISTED_RUNS] if os.path.exists(run.path / "model.safetensors")]
    left, right = st.columns([1, 1.25], gap="large")
    if st.session_state.get("push run") not in [None, *names]:
        gone = escape_markdown(st.session_state.pop("push run"))
        st.info(t("There is nothing to share of {name}: it is not saved yet, or gone.", name=gone))
    with left:
        st.markdown(t("**Push a generator**"))
    if not names:
        _nothing_to_push(left, right)
        return
    show_notice()
    with left:
        form = _form(names)
    with right:
        st.markdown(t("**Model card** &emsp; preview"))
        try:
            bundle = _bundle(form)
            sizes = bundle.sizes()
            _card(bundle)
        except Problem as problem:
            show_error(problem)
            return
    with left:
        _files(bundle, sizes)
        _buttons(bundle, form)
        _outcome(form)


def _nothing_to_push(left: DeltaGenerator, right: DeltaGenerator) -> None:
    with left:
        st.caption(t("There is no generator here yet."))
        st.page_link("pages/train.py", label=t("Train one"), icon=":material/model_training:")
    with right:
        st.markdown(t("**What a push sends**"))
        st.caption(t("The weights, their config, a model card, samples and curves, as one commit."))


def _form(names: list[str]) -> PushForm:
    state = st.session_state
    if state.get("push run") not in names:
        state["push run"] = state["run"] if state.get("run") in names else names[0]
    run = st.selectbox(t("Run"), names, key="push run", **PERSISTENT)
    mine = account()
    suggestion = f"{mine.name if mine else 'user'}/{repository_name(run)}"
    if state.get("push repo", "") in ("", state.get("push suggestion")):  # what somebody typed stays
        state["push repo"] = suggestion
    state["push suggestion"] = suggestion
    st.text_input(t("Repository"), key="push repo", max_chars=193, **PERSISTENT)
    with row():
        st.toggle(t("Private"), True, key="push private", help=t(PRIVATE_HELP), **PERSISTENT)
        st.toggle(t("Whole run"), key="push whole", help=t(WHOLE_HELP), **PERSISTENT)
    with st.expander(t("More")):
        st.selectbox(t("Licence of the weights"), LICENCES, key="push licence", **PERSISTENT)
        st.text_input(t("Branch"), key="push branch", placeholder=t("main"), max_chars=200, **PERSISTENT)
        st.toggle(t("Open a pull request"), key="push request", **PERSISTENT)
        st.text_input(t("Commit message"), key="push message", max_chars=200, **PERSISTENT)
    return PushForm.now()


def repository_name(run: str) -> str:
    """The run's name with what the Hub does not accept in names replaced."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", run)
    name = re.sub(r"([-.])[-.]+", r"\1", name).removesuffix(".git")
    return name[:96].strip("-._") or "generator"


@os_errors_as(CANNOT_USE)
def _bundle(form: PushForm) -> Bundle:
    """The very files that a push sends, made again only when something in them changes. Raises Problem."""
    run, target = my_run(form.run), form.push_request()
    weights_time = (run.path / "model.safetensors").stat().st_mtime_ns
    key = (run.path, run.stored_info().saved, weights_time)
    key += (target.repo_id, target.revision, form.licence, form.whole)
    if st.session_state.get("push key") != key:
        with st.spinner(t("Drawing the samples…")):
            bundle = parcel_of(run, target.repo_id, form.licence, target.revision, form.whole)
        st.session_state["push key"], st.session_state["push bundle"] = key, bundle
    return st.session_state["push bundle"]


def _card(bundle: Bundle) -> None:
    """The model card, nearly as the Hub will show it."""
    body = bundle.card.split("\n---\n", 1)[1]
    with st.container(border=True, height=470):
        for part in re.split(r"^(!\[.*\]\(.*\))$", body, flags=re.M):
            if picture := re.fullmatch(r"!\[(.*)\]\((.*)\)", part):
                width = "stretch" if picture[2] == "curves.png" else 240
                st.image(bundle.files[picture[2]], alt=picture[1], width=width)
            else:
                st.markdown(re.sub(r"^(?=#+ )", "##", part, flags=re.M))  # smaller headings


def _files(bundle: Bundle, sizes: dict[str, int]) -> None:
    st.caption(t("One commit: {files} files, {size}", files=len(sizes), size=megabytes(sum(sizes.values()))))
    rows = [f"| `{name}` | {size:,} |" for name, size in sizes.items()]
    st.markdown("\n".join([t("| File | Bytes |"), "|:--|--:|", *rows]))
    message = st.session_state["push message"] or default_message(bundle)
    st.caption(t("Message: {message}", message=escape_markdown(message)))


def _buttons(bundle: Bundle, form: PushForm) -> None:
    mine, job = account(), st.session_state.get(JOB)
    obstacle = None
    if mine is None:
        obstacle = t("Sign in at the side first.")
    elif not mine.may_write:
        obstacle = t("Your token may only read: sign in with one that may write.")
    if obstacle:
        st.caption(obstacle)
    with row():
        about = t("The same files, without a network.")
        look = {"kind": "secondary", "help": about}
        action(t("Download ZIP…"), "folder_zip", offer, "ZIP", form.run, partial(zip_bundle, bundle), **look)
        label = t("Push again") if job and job.state == "failed" else t("Push")
        look = {"kind": "primary", "help": obstacle, "disabled": is_running(JOB) or obstacle is not None}
        action(label, "cloud_upload", _push, bundle, form, key="push button", **look)


def _push(bundle: Bundle, form: PushForm) -> None:
    mine = account()
    if mine is None or is_running(JOB):
        return
    if PushForm.now() != form:
        notify(t("The form has changed since its files were listed: look at them, then push."))
        return
    push_request = form.push_request()
    st.session_state["push target"] = (form.run, form.repo)
    st.session_state[JOB] = Job(lambda job: push(bundle, push_request, mine, job), t("Asking the Hub"))


def _outcome(form: PushForm) -> None:
    """How the push goes. How it ended is shown beside the form it was made with, and beside no other."""
    if not is_running(JOB) and st.session_state.get("push target") != (form.run, form.repo):
        return
    job = st.session_state.get(JOB)
    if show_job(job, t("Cancelled: nothing was published. Push sends only what is still missing.")):
        st.session_state[PUSHED] = job.result
        _success(job.result)


def _success(pushed: Pushed) -> None:
    sentence = "Pushed to [{repo}]({url}), {seen}, commit {sha}."
    if not pushed.changed:
        sentence = "[{repo}]({url}), {seen}, holds all of this already."
    values = {"repo": escape_markdown(pushed.repo_id), "url": pushed.url, "sha": pushed.sha[:7]}
    seen = t("private") if pushed.private else t("public")
    st.success(t(sentence, seen=seen, **values), icon=":material/check:")
    for note in pushed.notes:
        st.caption(note)
