"""The row above the pictures: seeds and what changes them, and what one takes along."""

import secrets

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gan.i18n import t
from gan.latent.points import moved, parse_seeds
from gan.latent.view import View
from ui.components.widgets import action, row
from ui.generate import export
from ui.generate.choice import GeneratorChoice
from ui.generate.state import bound, change, history, view
from ui.session.frame import request_page_run

MAX_ROLL = 10**6
SEED_HELP = (
    "One seed gives as many pictures as you like, always the same; a list gives the first picture of each."
)


def toolbar(choice: GeneratorChoice) -> DeltaGenerator:
    """The seeds and what changes them, and what one takes along; a place for one more button."""
    with row():
        st.markdown(t("**Seed**") if view().base is None else t("**Variations**"))
        st.text_input(
            t("Seed, or a list such as 1,5,9-12"),
            label_visibility="collapsed",
            placeholder=t("Seed: 7 or 1,5,9-12"),
            width=150,
            max_chars=400,
            help=t(SEED_HELP),
            **bound("seeds", "" if view().points and view().base is None else view().seeds, _type),
        )
        action(t("Roll"), "casino", _roll, kind="primary")
        is_first = min(parse_seeds(view().seeds)) == 0
        action(t("Previous"), "chevron_left", _move, -1, kind="secondary", disabled=is_first)
        action(t("Next"), "chevron_right", _move, 1, kind="secondary")
        st.menu_button(
            t("History"),
            history() or [view().seeds],
            key="seed history menu",
            icon=":material/history:",
            on_click=_back_to,
            disabled=not history(),
        )
        st.space("stretch")
        with st.popover(t("Share"), icon=":material/link:"):
            export.share(choice)
        return st.empty()


def _roll() -> None:
    change(seeds=str(secrets.randbelow(MAX_ROLL)), points=())


def _move(by: int) -> None:
    change(seeds=moved(view().seeds, by), points=())


def _type(text: str) -> None:
    """Whoever writes a seed means its own pictures."""
    if text.strip():
        change(seeds=text, points=(), base=None)
        request_page_run()  # whether their number can be chosen depends on it


def _back_to() -> None:
    if seeds := st.session_state.get("seed history menu"):
        change(seeds=seeds, points=(), base=None)


def file_name(shown: View) -> str:
    """What is shown, as part of a file's name."""
    if shown.points and shown.base is None:
        return "latents"
    return f"seed{shown.seeds[:40].replace(',', '_')}"
