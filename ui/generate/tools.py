"""The tools below the pictures: the panel of each, and what a click on a picture does with it."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from gan.i18n import t
from ui.components.widgets import PERSISTENT
from ui.generate import export, invert, neighbours, plane, variations, walk
from ui.generate.address import write_address
from ui.generate.choice import GeneratorChoice
from ui.generate.state import TOOLS, current_tool
from ui.session.frame import run_page_if_requested


class Tool(NamedTuple):
    """A tool. `verb` says what `pick` does with a picture."""

    title: str
    panel: Callable[[GeneratorChoice], None]
    pick: Callable[[GeneratorChoice, int], None]
    verb: str


BY_NAME = {
    "vary": Tool("Vary", variations.panel, variations.pick, "make it the base"),
    "walk": Tool("Walk", walk.panel, walk.pick, "add it to the walk"),
    "plane": Tool("Plane", plane.panel, plane.pick, "make it a corner"),
    "near": Tool("Nearest", neighbours.panel, neighbours.pick, "find the training pictures nearest to it"),
    "find": Tool("Find", invert.panel, variations.pick, "make it the base"),
    "files": Tool("Files", export.panel, variations.pick, "make it the base"),
}


def choose_tool() -> None:
    """The row of all tools."""
    st.segmented_control(
        t("Tool"),
        TOOLS,
        format_func=lambda name: t(BY_NAME[name].title),
        required=True,
        label_visibility="collapsed",
        key="tool",
        **PERSISTENT,
    )


@st.fragment
def use_tool(choice: GeneratorChoice) -> None:
    """The current tool's own part of the page."""
    run_page_if_requested()
    BY_NAME[current_tool()].panel(choice)
    write_address(choice, "tool")
    run_page_if_requested()
