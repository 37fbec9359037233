"""The part of the page with seeds, pictures and sliders: what moves one of them runs this part alone."""

from functools import partial
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gan.control.questions import Sample
from gan.control.supervisor import supervisor
from gan.control.viewer import Dropped
from gan.errors import Problem
from gan.i18n import t
from gan.pictures.png import columns_for
from ui.components.grid import clickable_grid
from ui.generate import seeds, variations
from ui.generate.address import query_of, write_address
from ui.generate.choice import GeneratorChoice
from ui.generate.directions import sliders
from ui.generate.saved import named_points
from ui.generate.state import current_tool, describe, slot, view
from ui.generate.tools import BY_NAME
from ui.session.frame import run_page_if_requested
from ui.session.notices import show_error

WIDTH = 520  # pixels of all pictures together, about


class Drawing(NamedTuple):
    """Pictures that a generator drew, in one PNG."""

    generator: str
    count: int
    picture: bytes


@st.fragment
def explore(choice: GeneratorChoice) -> None:
    """Seeds, pictures and sliders."""
    run_page_if_requested()
    download_place = seeds.toolbar(choice)
    left, right = st.columns([1.65, 1], gap="large")
    with right:
        try:
            sliders(choice)
        except Problem as problem:
            show_error(problem)
    with left:
        try:
            if drawing := _draw(choice):
                _show(choice, drawing)
                _download(choice, drawing, download_place)
        except Problem as problem:
            show_error(problem)
        variations.controls()
    write_address(choice, "pictures")
    run_page_if_requested()


def _draw(choice: GeneratorChoice) -> Drawing | None:
    """The view's pictures; while newer ones are on their way, those before, if there are any. Raises
    Problem.
    """
    shown = view()
    count = shown.pictures()
    question = Sample(
        view=shown,
        named=named_points(choice),
        scale=max(1, WIDTH // (columns_for(count) * choice.config.shape.width)),
        note=query_of(choice),
        slot=slot("grid"),
    )
    try:
        answer = supervisor.viewers.ask(question, choice.weights)
    except Dropped:  # this part of the page runs again for what came after
        before: Drawing | None = st.session_state.get("drawing")
        return before if before and before.generator == choice.weights.key else None
    drawing = st.session_state["drawing"] = Drawing(choice.weights.key, count, answer.picture)
    return drawing


def _show(choice: GeneratorChoice, drawing: Drawing) -> None:
    """All pictures: each can be clicked."""
    shape, tool = choice.config.shape, BY_NAME[current_tool()]
    clickable_grid(
        drawing.picture,
        (shape.width, shape.height),
        [t("Picture {number}: {verb}", number=n + 1, verb=t(tool.verb)) for n in range(drawing.count)],
        describe(view()),
        partial(tool.pick, choice),
        marked=0 if view().base is not None else None,
    )


def _download(choice: GeneratorChoice, drawing: Drawing, place: DeltaGenerator) -> None:
    place.download_button(
        t("Download"),
        drawing.picture,
        file_name=f"{choice.stem}-{seeds.file_name(view())}.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )
