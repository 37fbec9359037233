"""Who the visitor is on the Hub: their saved login on their own machine, else a token of theirs that lives
in this session alone, pasted or from signing in.
"""

import re

import streamlit as st
from pydantic import SecretStr

from gan.errors import Problem
from gan.hub.accounts import Account, saved_login, sign_in
from gan.hub.client import Token
from gan.hub.oauth import Provider, sign_ins
from gan.i18n import t
from gan.jobs import Job
from ui.session.jobs import watch
from ui.session.notices import tell

ACCOUNT, JOB, STATE = "hub account", "hub sign in", "hub oauth state"
LOCAL = (None, "", "127.0.0.1", "::1", "::ffff:127.0.0.1")  # addresses of this very machine
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded")  # what a proxy in front of many browsers adds


def account() -> Account | None:
    """The visitor's account, if they are signed in."""
    return st.session_state.get(ACCOUNT)


def token() -> Token:
    """Their token, or False: the only one this page's calls are ever given."""
    mine = account()
    return mine.secret if mine else False


def account_box() -> None:
    """At the side: who is signed in, or the ways to sign in."""
    with st.sidebar:
        st.markdown(t("**Account**"))
        job: Job | None = st.session_state.get(JOB)
        if job is None and account() is None and "hub signed out" not in st.session_state:
            job = _try_saved_login()
        if job is not None and job.state == "running":
            watch(job, t("Cancel"))
        elif job is not None:
            _signed_in_or_not(job)
        if mine := account():
            _who(mine)
        elif st.session_state.get(JOB) is None:
            _ways_in()


def _try_saved_login() -> Job | None:
    """The saved login is its owner's: it serves browsers on the same machine alone."""
    login = saved_login() if _is_local() else None
    return _begin(login) if login else None


def _is_local() -> bool:
    """Does this browser run on this machine, and ask for it under its own name, with no proxy in between?"""
    headers = st.context.headers
    named = re.sub(r":\d+$", "", headers.get("Host") or "localhost") in LOCAL_NAMES
    return st.context.ip_address in LOCAL and named and not any(headers.get(name) for name in FORWARDED)


def _begin(secret: SecretStr) -> Job:
    job = st.session_state[JOB] = Job(lambda _: sign_in(secret.get_secret_value()), t("Asking the Hub"))
    return job


def _signed_in_or_not(job: Job) -> None:
    del st.session_state[JOB]
    if job.state == "done":
        st.session_state[ACCOUNT] = job.result
        st.session_state.pop("hub listing", None)
        st.rerun()
    st.session_state["hub signed out"] = True
    if job.problem:
        tell(job.problem)


def _who(mine: Account) -> None:
    st.markdown(f":material/person: {mine.name}")
    if mine.may_write:
        st.caption(t(":material/check_circle: Signed in, may write."))
    else:
        st.caption(t(":material/visibility: Signed in. This token may only read: pushing needs another one."))
    st.button(t("Sign out"), icon=":material/logout:", type="tertiary", on_click=_sign_out)


def _sign_out() -> None:
    for key in ("hub push", "hub pull"):
        job = st.session_state.get(key)
        if isinstance(job, Job):
            job.cancel()
            if job.state == "running":  # past its point of no return: its end is still to be told
                continue
        st.session_state.pop(key, None)
    for key in (ACCOUNT, "hub listing"):
        st.session_state.pop(key, None)
    st.session_state["hub signed out"] = True


def _ways_in() -> None:
    if provider := Provider.here():
        _oauth(provider)
    with st.form("hub token", border=False, clear_on_submit=True):
        pasted = st.text_input(t("Access token"), type="password", help=t(TOKEN_HELP), autocomplete="off")
        if st.form_submit_button(t("Sign in"), icon=":material/login:", width="stretch") and pasted.strip():
            _begin(SecretStr(pasted))
            st.rerun()
    st.caption(t("Only to push, and for private repositories. It stays in this session's memory."))
    if saved_login() and _is_local():
        st.button(
            t("Use this machine's login"), icon=":material/computer:", type="tertiary", on_click=_use_login
        )


TOKEN_HELP = (
    "Made on the Hub under Settings, Access Tokens. A fine-grained one that may write to your own "
    "repositories is enough. It is written to no file, log or address; reloading the page forgets it."
)


def _use_login() -> None:
    st.session_state.pop("hub signed out", None)


# --- sign in with Hugging Face -----------------------------------------------------------------------


def _oauth(provider: Provider) -> None:
    """A link into a new tab, and the digits that come back from there."""
    state, address = st.session_state.get(STATE) or ("", "")
    if not sign_ins.is_open(state):
        state, address = st.session_state[STATE] = sign_ins.begin(
            provider, st.session_state.get("visitor", "")
        )
    st.link_button(
        t("Sign in with Hugging Face"), address, icon=":material/login:", type="primary", width="stretch"
    )
    _oauth_answer(state)


@st.fragment(run_every=1.0)
def _oauth_answer(state: str) -> None:
    """The token, or the digits for it. What was typed is looked at once, by the box's own callback."""
    if problem := st.session_state.pop("hub digits wrong", None):
        tell(problem)
    if STATE not in st.session_state or not sign_ins.is_open(state):
        st.rerun()  # it was taken, or is over: with a new link
    if not sign_ins.is_back(state):
        st.caption(t("A tab opens; come back here afterwards."))
    elif sign_ins.needs_digits(state):
        label = t("The six digits that tab shows")
        st.text_input(label, max_chars=6, key="hub digits", on_change=_take_digits, args=(state,))
    else:
        _take(state, "")
        st.rerun()


def _take_digits(state: str) -> None:
    if digits := st.session_state["hub digits"]:
        _take(state, digits)


def _take(state: str, digits: str) -> None:
    try:
        secret = sign_ins.take(state, digits)
    except Problem as problem:
        st.session_state["hub digits wrong"] = str(problem)
        return
    st.session_state.pop(STATE, None)
    _begin(secret)


def returning() -> bool:
    """Is this the tab that comes back from signing in? Then it shows what to do, and nothing else."""
    asked = st.query_params
    if "code" in asked and "state" in asked:
        code, state = asked["code"], asked["state"]
        st.query_params.clear()
        st.session_state["hub back"] = _come_back(code, state)
    elif "error" in asked and "state" in asked:
        st.query_params.clear()
        st.session_state["hub back"] = (False, t("The Hub says that you did not sign in."))
    if "hub back" not in st.session_state:
        return False
    worked, said = st.session_state["hub back"]
    if not worked:
        tell(said)
    elif said:
        st.markdown(t("### {digits}", digits=said))
        st.markdown(
            t("Type these digits where you began. **Only there, and only if you began it yourself.**")
        )
    else:
        st.markdown(t("### You are signed in"))
        st.caption(t("Go back to the tab where you began."))
    if st.button(t("Go on in this tab"), type="tertiary"):
        del st.session_state["hub back"]
        st.rerun()
    return True


def _come_back(code: str, state: str) -> tuple[bool, str]:
    provider = Provider.here()
    if provider is None:
        return False, t("Nobody can sign in here: this is no Space with OAuth.")
    try:
        return True, sign_ins.come_back(provider, state, code, st.session_state.get("visitor", ""))
    except Problem as problem:
        return False, str(problem)
