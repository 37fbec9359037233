"""Vary: one picture as the base, and variations of it around it."""

from collections.abc import Callable

import streamlit as st

from gan.i18n import t
from gan.latent.view import STRENGTH
from ui.components.sliders import Dial, ranges
from ui.components.widgets import action, row
from ui.generate import neighbours, walk
from ui.generate.choice import GeneratorChoice
from ui.generate.questions import point_title, unedited_point
from ui.generate.state import change, page_action, rounded, view

Pick = Callable[[GeneratorChoice, int], None]  # what a tool does with a picture that is clicked
UNDO = 50  # bases that the page remembers
HELP = (
    "0: the base alone; 1: nothing is left of it. Latents are mixed so that they stay as long as latents are."
)


@page_action
def pick(choice: GeneratorChoice, index: int) -> None:
    """Make a picture the base; the sliders stay as they are."""
    make_base(unedited_point(choice, index))


@page_action
def make_base(point: str) -> None:
    """From now on, pictures are that point's and variations of it."""
    before = st.session_state.setdefault("bases", [])
    st.session_state["bases"] = [*before, view().base][-UNDO:]
    change(base=point)


@page_action
def undo() -> None:
    """The base before this one."""
    before = st.session_state.get("bases") or [None]
    change(base=before[-1])
    st.session_state["bases"] = before[:-1]


@page_action
def back_to_seeds() -> None:
    """No base and no given latents: the seeds' own pictures."""
    st.session_state["bases"] = []
    change(base=None, points=())


def controls() -> None:
    """Below the pictures: how far variations go, and the ways back. Nothing where seeds are shown."""
    shown = view()
    if shown.base is None and not shown.points:
        return
    with row():
        if shown.base is not None:
            with st.container(width=260):
                _strength()
        else:
            st.caption(t("{count} latents from a file", count=len(shown.points)))
        action(t("Back to the seeds"), "grid_view", back_to_seeds)
        if shown.base is not None:
            can = bool(st.session_state.get("bases"))
            action(t("Undo"), "undo", undo, disabled=not can, help=t("The base before this one"))


def _strength() -> None:
    label, scale = t("Strength of the variations"), {"least": STRENGTH.least, "most": STRENGTH.most}
    write = rounded("strength")
    ranges(
        [Dial("strength", label, view().strength, write, **scale, step=0.02, help=t(HELP))], "strength dial"
    )


def panel(choice: GeneratorChoice) -> None:
    """What Vary is, or what the base is."""
    base = view().base
    if base is None:
        st.caption(t("Click a picture: it becomes the base, and the others variations of it."))
        return
    message = "The base, first in the grid: {name}. Click a variation to go on from it; Roll makes new ones."
    st.caption(t(message, name=point_title(base)))
    with row():
        _base_button(t("Add to the walk"), "playlist_add", choice, walk.pick, "walk")
        _base_button(t("Nearest training pictures"), "image_search", choice, neighbours.pick, "near")


def _base_button(label: str, icon: str, choice: GeneratorChoice, pick: Pick, tool: str) -> None:
    action(label, icon, _pick_base, choice, pick, tool, key=f"base {tool}", kind="secondary")


@page_action
def _pick_base(choice: GeneratorChoice, pick: Pick, tool: str) -> None:
    """Do what another tool does with a picture that is clicked, with the base; that tool is used then."""
    pick(choice, 0)
    st.session_state["tool"] = tool


def offer(point: str, key: str, take: Callable[[str], None] = make_base) -> None:
    """Buttons for a latent that was found: `take` it for the base, or walk through it."""
    with row():
        action(t("Make it the base"), "center_focus_strong", take, point, key=f"{key} base", kind="secondary")
        action(t("Add to the walk"), "playlist_add", walk.add, point, key=f"{key} walk", kind="secondary")
