"""The visitor's account on the Hub: the login saved on their own machine, a token they paste, or one from
signing in with Hugging Face. Pasted and fetched tokens live in the browser's session alone.
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
from ui.components.widgets import action
from ui.session.jobs import is_running, show_job
from ui.session.notices import show_error

# Keys of the session: the account, the job that signs in, the state of signing in with Hugging Face.
ACCOUNT, JOB, STATE = "hub account", "hub sign in", "hub oauth state"
NO_SAVED_LOGIN = "hub signed out"  # key of the session: don't sign in with the saved login by itself
LOOPBACK = (None, "", "127.0.0.1", "::1", "::ffff:127.0.0.1")  # addresses of this very machine
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
PROXY_HEADERS = ("X-Forwarded-For", "X-Real-Ip", "Forwarded")  # a proxy stands before many browsers
TOKEN_HELP = (
    "Made on the Hub under Settings, Access Tokens. A fine-grained one that may write to your own "
    "repositories is enough. It is written to no file, log or address; reloading the page forgets it."
)


def account() -> Account | None:
    """The visitor's account, if they are signed in."""
    return st.session_state.get(ACCOUNT)


def token() -> Token:
    """Their token, or False: the only one that this page's calls are ever given."""
    mine = account()
    return mine.secret if mine else False


def account_box() -> None:
    """At the side: who is signed in, or the ways to sign in."""
    with st.sidebar:
        st.markdown(t("**Account**"))
        if JOB not in st.session_state and account() is None and NO_SAVED_LOGIN not in st.session_state:
            _use_saved_login()
        if is_running(JOB):
            show_job(st.session_state[JOB])
        elif JOB in st.session_state:
            _end_of_sign_in(st.session_state.pop(JOB))
        if mine := account():
            _signed_in(mine)
        elif JOB not in st.session_state:
            _ways_to_sign_in()


def _use_saved_login() -> None:
    """Sign in with the saved login. One that can't be used is told where the other ways are."""
    try:
        login = _login_of_this_machine()
    except Problem:
        st.session_state[NO_SAVED_LOGIN] = True
        return
    if login:
        _sign_in(login)


def _login_of_this_machine() -> SecretStr | None:
    """The saved login is its owner's: it serves browsers on the same machine alone. Raises Problem."""
    return saved_login() if _is_local() else None


def _is_local() -> bool:
    """Does this browser run on this machine, and ask for it under its own name, with no proxy in between?"""
    headers = st.context.headers
    is_named = re.sub(r":\d+$", "", headers.get("Host") or "localhost") in LOOPBACK_NAMES
    is_direct = not any(headers.get(name) for name in PROXY_HEADERS)
    return st.context.ip_address in LOOPBACK and is_named and is_direct


def _sign_in(secret: SecretStr) -> None:
    st.session_state[JOB] = Job(lambda _: sign_in(secret.get_secret_value()), t("Asking the Hub"))


def _end_of_sign_in(job: Job) -> None:
    if job.state == "done":
        st.session_state[ACCOUNT] = job.result
        st.rerun()
    st.session_state[NO_SAVED_LOGIN] = True
    if job.problem:
        show_error(job.problem)


def _signed_in(mine: Account) -> None:
    st.markdown(f":material/person: {mine.name}")
    if mine.may_write:
        st.caption(t(":material/check_circle: Signed in, may write."))
    else:
        st.caption(t(":material/visibility: Signed in. This token may only read: pushing needs another one."))
    action(t("Sign out"), "logout", _sign_out)


def _sign_out() -> None:
    """Forget the account, and jobs made with it; one that can't be cancelled any more still shows its end."""
    for key in ("hub push", "hub pull"):
        if isinstance(job := st.session_state.get(key), Job):
            job.cancel()
        if not is_running(key):
            st.session_state.pop(key, None)
    st.session_state.pop(ACCOUNT, None)
    st.session_state[NO_SAVED_LOGIN] = True


def _ways_to_sign_in() -> None:
    login = None
    try:
        if provider := Provider.here():
            _oauth_link(provider)
        login = _login_of_this_machine()
    except Problem as problem:
        show_error(problem)
    with st.form("hub token", border=False, clear_on_submit=True):
        pasted = st.text_input(t("Access token"), type="password", help=t(TOKEN_HELP), autocomplete="off")
        if st.form_submit_button(t("Sign in"), icon=":material/login:", width="stretch") and pasted.strip():
            _sign_in(SecretStr(pasted))
            st.rerun()
    st.caption(t("Only to push, and for private repositories. It stays in this session's memory."))
    if login:
        action(t("Use this machine's login"), "computer", st.session_state.pop, NO_SAVED_LOGIN, None)


# --- sign in with Hugging Face -----------------------------------------------------------------------


def _oauth_link(provider: Provider) -> None:
    """A link that opens a new tab, and a field for the digits that tab may show."""
    state, address = st.session_state.get(STATE) or ("", "")
    if not sign_ins.is_open(state):
        state, address = sign_ins.begin(provider, st.session_state.get("visitor", ""))
        st.session_state[STATE] = (state, address)
    look = {"icon": ":material/login:", "type": "primary", "width": "stretch"}
    st.link_button(t("Sign in with Hugging Face"), address, **look)
    _oauth_answer(state)


@st.fragment(run_every=1.0)
def _oauth_answer(state: str) -> None:
    """Wait for the other tab. Digits are checked once, by the field's own callback."""
    if problem := st.session_state.get("hub digits wrong"):  # it stays until others are tried
        show_error(problem)
    if STATE not in st.session_state or not sign_ins.is_open(state):
        st.rerun()  # the token was taken, or the link is too old: the page makes a new one
    if not sign_ins.is_back(state):
        st.caption(t("A tab opens; come back here afterwards."))
    elif sign_ins.needs_digits(state):
        label = t("The six digits that tab shows")
        st.text_input(label, max_chars=6, key="hub digits", on_change=_take_digits, args=(state,))
    else:
        _take_token(state, "")
        st.rerun()


def _take_digits(state: str) -> None:
    if digits := st.session_state["hub digits"]:
        _take_token(state, digits)


def _take_token(state: str, digits: str) -> None:
    try:
        secret = sign_ins.take(state, digits)
    except Problem as problem:
        st.session_state["hub digits wrong"] = problem
        return
    for key in (STATE, "hub digits wrong"):
        st.session_state.pop(key, None)
    _sign_in(secret)


def show_return() -> bool:
    """In the tab that comes back from signing in, show what to do there and return True."""
    query = st.query_params.to_dict()
    if "state" in query and ("code" in query or "error" in query):
        st.query_params.clear()
        st.session_state["hub return"] = _come_back(query)
    if "hub return" not in st.session_state:
        return False
    outcome = st.session_state["hub return"]
    if isinstance(outcome, Problem):
        show_error(outcome)
    elif outcome:
        st.markdown(t("### {digits}", digits=outcome))
        st.markdown(
            t("Type these digits where you began. **Only there, and only if you began it yourself.**")
        )
    else:
        st.markdown(t("### You are signed in"))
        st.caption(t("Go back to the tab where you began."))
    if st.button(t("Go on in this tab"), type="tertiary"):
        del st.session_state["hub return"]
        st.rerun()
    return True


def _come_back(query: dict[str, str]) -> str | Problem:
    """The digits to type in the first tab; none where both tabs are of one browser; or why it failed."""
    if "code" not in query:
        return Problem("The Hub says that you did not sign in.")
    try:
        provider = Provider.here()
        if provider is None:
            return Problem("Nobody can sign in here: this is no Space with OAuth.")
        return sign_ins.come_back(
            provider, query["state"], query["code"], st.session_state.get("visitor", "")
        )
    except Problem as problem:
        return problem
