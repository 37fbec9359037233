"""The page's address: written as one looks on, and opened."""

from urllib.parse import urlencode

import streamlit as st

from gan.generator.recent import SHORT
from gan.i18n import t
from gan.latent.address import LONGEST, from_query, to_query
from gan.latent.view import Look
from ui.generate.chosen import Chosen
from ui.generate.state import TOOLS, complain, in_hand, look


def open_address() -> None:
    """Once in a session: look at what its address says, if it says anything."""
    if "look opened" in st.session_state:
        return
    st.session_state["look opened"] = True
    if pairs := {name: st.query_params[name] for name in st.query_params}:
        open_query(urlencode(pairs))


def open_query(query: str) -> None:
    """Look at what a query string says; what it says wrongly is told."""
    found, about, complaints = from_query(query)
    st.session_state["look"] = found
    st.session_state["look wanted"] = {
        name: about[name] for name in ("source", "step", "weights", "use") if name in about
    }
    if "tool" in about:
        st.session_state["tool"] = about["tool"] if about["tool"] in TOOLS else TOOLS[0]
        if about["tool"] not in TOOLS:
            told = "{name}={text} can't be used: its default is shown."
            complaints.append(t(told, name="tool", text=about["tool"][:40]))
    if "run" in about:
        st.session_state["look wanted"].setdefault("source", about["run"])
    for complaint in complaints:
        complain(complaint)


ADDRESS_JS = """
export default function ({ data }) {
  if (location.pathname.endsWith("/generate") && location.search !== "?" + data.query) {
    history.replaceState(history.state, "", location.pathname + "?" + data.query);
  }
}
"""


_address = st.components.v2.component("gan_address", js=ADDRESS_JS, isolate_styles=False)


def write_address(chosen: Chosen, part: str) -> None:
    """Have the browser's address say what is shown. It is replaced: a slider that is dragged must not fill
    the browser's history. `part` is the part of the page that calls.
    """
    _address(data={"query": address_of(chosen)[0]}, key=f"address of {part}")


def query_of(chosen: Chosen, shown: Look | None = None, **more: str) -> str:
    """The query string that says all of it: source, step, weights, look."""
    about = {"source": chosen.source, "step": chosen.config.step, "weights": chosen.weights.key[:SHORT]}
    if chosen.weights.raw:
        about["use"] = "raw"
    return to_query(shown or look(), **about, **more)


def address_of(chosen: Chosen) -> tuple[str, bool]:
    """The query string for the browser's address, and whether it says all: latents by the dozen are left
    out.
    """
    tool = {"tool": in_hand()} if in_hand() != TOOLS[0] else {}
    query = query_of(chosen, **tool)
    if len(query) <= LONGEST:
        return query, True
    return query_of(chosen, look().changed(points=(), keys=(), corners=()), **tool), False
