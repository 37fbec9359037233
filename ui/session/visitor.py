"""Whose runs a page shows: on a laptop all there are, in public mode those of this browser's visitor.

In public mode a browser draws a secret and keeps it in its local storage, so a reload finds the visitor's
runs. The secret reaches the app as a component's value alone: it is in no address, no log and no file. A
visitor's runs lie in a folder named after its hash, and a page looks up runs in that folder alone.
"""

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

import streamlit as st

from gan.control.run_handle import RunHandle
from gan.control.supervisor import supervisor
from gan.errors import CANNOT_READ, Problem, os_errors_as
from gan.i18n import t
from gan.limits import is_public, limits
from gan.places import real
from gan.runs.run import Run, find, is_no_path, runs_in, runs_root

JS = """
export default function ({ setStateValue }) {
  const draw = () => [...crypto.getRandomValues(new Uint8Array(32))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  let secret;
  try {
    secret = localStorage.getItem("gan-visitor") || draw();
    localStorage.setItem("gan-visitor", secret);
  } catch {  // a browser that forbids storage: the visit ends with the tab
    secret = draw();
  }
  setStateValue("secret", secret);
}
"""
_component = st.components.v2.component("gan_visitor", js=JS)


def recognise() -> None:
    """In public mode, stop the page until the browser has sent its secret."""
    if not is_public() or "visitor" in st.session_state:
        return
    answer = _component(key="visitor_secret", on_secret_change=lambda: None)
    secret = getattr(answer, "secret", None) or ""
    if not re.fullmatch(r"[0-9a-f]{64}", secret):
        st.caption(t("Looking for your runs…"))
        st.stop()
    st.session_state["visitor"] = hashlib.sha256(secret.encode()).hexdigest()[:40]
    st.rerun()


def home() -> Path:
    """The visitor's runs folder."""
    if not is_public():
        return real(runs_root())
    return real(runs_root() / "visitors" / st.session_state["visitor"])


def my_runs() -> list[Run]:
    """All of the visitor's runs, the newest first. Raises Problem where their folder can't be read."""
    with os_errors_as(CANNOT_READ), suppress(FileNotFoundError):
        os.scandir(home()).close()
    return runs_in(home())


def my_run(name: str) -> Run:
    """The visitor's run of that name. Raises Problem where they have none, even if somebody else has one."""
    return find(name, home())


def my_handle(name: str) -> RunHandle | None:
    """The process of the visitor's run of that name, if this app has started or resumed it."""
    return supervisor.runs.handle(home() / name) if is_no_path(name) else None  # a name is never a path


def show_limits() -> None:
    """At the side: the limits of public mode, and that a GPU costs money."""
    notes = []
    try:
        notes = [limits().sentence()] if is_public() else []
    except Problem as problem:
        st.sidebar.error(str(problem))
    if is_public():
        notes.append(t("Your runs belong to this browser; clearing its storage forgets them."))
    if "SPACE_ID" in os.environ and "cuda" in supervisor.devices():
        notes.append(t("This Space has a GPU and bills while it is awake, also when this tab is closed."))
    for note in filter(None, notes):
        st.sidebar.caption(note)
