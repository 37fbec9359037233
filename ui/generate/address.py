"""The page's address: opened, and written as the pictures change."""

from urllib.parse import urlencode

import streamlit as st

from gan.generator.recent import SHORT_KEY
from gan.i18n import t
from gan.latent.address import LONGEST_ADDRESS, from_query, to_query
from gan.latent.view import View
from ui.generate.choice import GeneratorChoice
from ui.generate.state import TOOLS, complain, current_tool, view
from ui.generate.wanted import want

JS = """
export default function ({ data }) {
  if (location.pathname.endsWith("/generate") && location.search !== "?" + data.query) {
    history.replaceState(history.state, "", location.pathname + "?" + data.query);
  }
}
"""
_component = st.components.v2.component("gan_address", js=JS, isolate_styles=False)


def open_address() -> None:
    """Once in a session: show what its address says, if it says anything."""
    if "view opened" in st.session_state:
        return
    st.session_state["view opened"] = True
    if pairs := {name: st.query_params[name] for name in st.query_params}:
        open_query(urlencode(pairs))


def open_query(query: str) -> None:
    """Show what a query string says, and complain of what can't be used."""
    st.session_state["view"], about, complaints = from_query(query)
    want(about)
    if tool := about.get("tool"):
        st.session_state["tool"] = tool if tool in TOOLS else TOOLS[0]
        if tool not in TOOLS:
            message = "{name}={text} can't be used: its default is shown."
            complaints.append(t(message, name="tool", text=tool[:40]))
    for complaint in complaints:
        complain(complaint)


def write_address(choice: GeneratorChoice, part: str) -> None:
    """Have the browser's address say what is shown. It is replaced: a slider that is dragged must not fill
    the browser's history. `part` is the part of the page that calls.
    """
    _component(data={"query": address_of(choice)[0]}, key=f"address of {part}")


def query_of(choice: GeneratorChoice, shown: View | None = None, **more: str) -> str:
    """The query string that says all of it: source, step, weights, view."""
    about = {"source": choice.source, "step": choice.config.step, "weights": choice.weights.key[:SHORT_KEY]}
    if choice.weights.raw:
        about["use"] = "raw"
    return to_query(shown or view(), **about, **more)


def address_of(choice: GeneratorChoice) -> tuple[str, bool]:
    """The query string for the browser's address, and whether it says all: latents by the dozen are left
    out where it would be too long.
    """
    tool = {"tool": current_tool()} if current_tool() != TOOLS[0] else {}
    query = query_of(choice, **tool)
    if len(query) <= LONGEST_ADDRESS:
        return query, True
    return query_of(choice, view().changed(points=(), keys=(), corners=()), **tool), False
