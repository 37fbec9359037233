"""Vary: one picture as the base, and variations of it around it."""

from collections.abc import Callable

import streamlit as st

from gan.i18n import t
from gan.latent.view import STRENGTH
from ui.components.sliders import Dial, ranges
from ui.generate import neighbours, walk
from ui.generate.choice import GeneratorChoice
from ui.generate.questions import called, plain_point
from ui.generate.state import anew, change, refusable, view

DEPTH = 50  # bases one can go back


@refusable
def pick(choice: GeneratorChoice, index: int) -> None:
    """Make a picture the base; the sliders stay as they are."""
    make_base(plain_point(choice, index))


def make_base(point: str) -> None:
    """From now on, pictures are that point's and variations of it."""
    before = st.session_state.setdefault("bases", [])
    st.session_state["bases"] = [*before, view().base][-DEPTH:]
    change(base=point)


def back() -> None:
    """The base before this one."""
    before = st.session_state.get("bases") or [None]
    change(base=before[-1])
    st.session_state["bases"] = before[:-1]


def leave() -> None:
    """No base and no given latents: the seeds' own pictures."""
    st.session_state["bases"] = []
    change(base=None, points=())


def below() -> None:
    """Below the pictures: how far variations go, and the ways back. Nothing where seeds are shown."""
    if view().base is None and not view().points:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if view().base is not None:
            with st.container(width=260):
                ranges([_strength()], "strength dial")
        else:
            st.caption(t("{count} latents from a file", count=len(view().points)))
        st.button(t("Back to the seeds"), icon=":material/grid_view:", type="tertiary", on_click=anew(leave))
        if view().base is not None:
            st.button(
                t("Undo"),
                icon=":material/undo:",
                type="tertiary",
                on_click=anew(back),
                disabled=not st.session_state.get("bases"),
                help=t("The base before this one"),
            )


def _strength() -> Dial:
    def write(value: float) -> None:
        change(strength=round(value, 2))

    label = t("Strength of the variations")
    about = {"least": STRENGTH.least, "most": STRENGTH.most, "step": 0.02, "help": t(HELP)}
    return Dial("strength", label, view().strength, write, **about)


HELP = (
    "0: the base alone; 1: nothing is left of it. Latents are mixed so that they stay as long as latents are."
)


def panel(choice: GeneratorChoice) -> None:
    """What Vary is, or what the base is."""
    base = view().base
    if base is None:
        st.caption(t("Click a picture: it becomes the base, and the others variations of it."))
        return
    message = "The base, first in the grid: {name}. Click a variation to go on from it; Roll makes new ones."
    st.caption(t(message, name=called(base)))
    with st.container(horizontal=True, gap="small"):
        st.button(
            t("Add to the walk"),
            key="base walk",
            icon=":material/playlist_add:",
            on_click=anew(use_base, walk.pick, choice, "walk"),
        )
        st.button(
            t("Nearest training pictures"),
            key="base near",
            icon=":material/image_search:",
            on_click=anew(use_base, neighbours.pick, choice, "near"),
        )


def offer(point: str, key: str, take: Callable[[str], None] = make_base) -> None:
    """What one does with a latent that came from elsewhere: `take` it for the base, or walk through it."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            t("Make it the base"),
            key=f"{key} base",
            icon=":material/center_focus_strong:",
            on_click=anew(take, point),
        )
        st.button(
            t("Add to the walk"),
            key=f"{key} walk",
            icon=":material/playlist_add:",
            on_click=anew(walk.add, point),
        )


def use_base(pick: Callable[[GeneratorChoice, int], None], choice: GeneratorChoice, tool: str) -> None:
    """What another tool does with the base, as it is shown; that tool is in hand then."""
    pick(choice, 0)
    st.session_state["tool"] = tool
