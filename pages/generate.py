"""Generate: look into a generator, from the run in training, a saved run, the Hub or a file."""

import streamlit as st

from gan.control.questions import Sample
from gan.control.supervisor import supervisor
from gan.control.viewer import Dropped
from gan.errors import Problem
from gan.i18n import t
from gan.latent.points import MOST, parse_seeds
from gan.pictures.png import columns_for
from ui.components.grid import clickable_grid
from ui.components.widgets import PERSISTENT
from ui.generate import export, invert, neighbours, plane, seeds, variations, walk
from ui.generate.address import open_address, query_of, write_address
from ui.generate.choice import GeneratorChoice
from ui.generate.directions import dials, points_of
from ui.generate.picker import choose_generator
from ui.generate.state import anew, field, in_hand, make_anew_if_due, picture_alt, slot, tell_complaints, view
from ui.generate.upload import weights_zip
from ui.session import frame
from ui.session.notices import show_error

WIDTH = 520  # pixels of the picture, about
TOOLS = {  # what one can do with a picture, what a click on one does, and the words for it
    "vary": ("Vary", variations, "make it the base"),
    "walk": ("Walk", walk, "add it to the walk"),
    "plane": ("Plane", plane, "make it a corner"),
    "near": ("Nearest", neighbours, "find the training pictures nearest to it"),
    "find": ("Find", invert, "make it the base"),
    "files": ("Files", export, "make it the base"),
}


def page() -> None:
    """The whole page; a generator that can't be used is told in place of its pictures."""
    open_address()
    try:
        choice = choose_generator()
    except Problem as problem:
        show_error(problem)
        return
    if choice is None:
        st.markdown(t("### Nothing to draw from yet"))
        st.caption(t("Train a run first, or open a generator's two files at the side."))
        st.page_link("pages/train.py", label=t("Train one"), icon=":material/model_training:")
        return
    with st.sidebar:
        shown = view()
        one_seed = (not shown.points or shown.base is not None) and len(parse_seeds(shown.seeds)) == 1
        why = None if one_seed else t("A list shows as many pictures as it has seeds.")
        st.number_input(t("Pictures"), 1, MOST, step=1, disabled=not one_seed, help=why, **field("count"))
        st.download_button(
            t("Download weights"),
            lambda: weights_zip(choice.weights),
            file_name=f"{choice.name}-step{choice.config.step}.zip",
            icon=":material/folder_zip:",
            width="stretch",
            on_click="ignore",
        )
    st.session_state.setdefault("tool", "vary")
    st.session_state.pop("all anew", None)  # it is
    tell_complaints()
    explore(choice)
    st.segmented_control(
        t("Tool"),
        list(TOOLS),
        format_func=lambda tool: t(TOOLS[tool][0]),
        required=True,
        label_visibility="collapsed",
        key="tool",
        **PERSISTENT,
    )
    use_tool(choice)


@st.fragment
def explore(choice: GeneratorChoice) -> None:
    """Seeds, pictures and sliders: what moves one of them makes this part anew, and no other."""
    make_anew_if_due()
    seeds.toolbar(choice)
    left, right = st.columns([1.65, 1], gap="large")
    with right:
        try:
            dials(choice)
        except Problem as problem:
            show_error(problem)
    with left:
        try:
            pictures(choice)
        except Problem as problem:
            show_error(problem)
        variations.below()
    write_address(choice, "pictures")
    make_anew_if_due()


@st.fragment
def use_tool(choice: GeneratorChoice) -> None:
    """The tool's own part."""
    make_anew_if_due()
    module = TOOLS[in_hand()][1]
    module.panel(choice)
    write_address(choice, "tool")
    make_anew_if_due()


def pictures(choice: GeneratorChoice) -> None:
    """Ask the viewer, and show what it drew; every picture can be clicked."""
    shown = view()
    count = shown.pictures()
    _, height, width = choice.config.shape
    scale = max(1, WIDTH // (columns_for(count) * width))
    try:
        question = Sample(
            view=shown, named=points_of(choice), scale=scale, note=query_of(choice), slot=slot("grid")
        )
        picture = supervisor.viewers.ask(question, choice.weights).picture
        st.session_state["grid picture"] = (choice.weights.key, count, picture)
    except Dropped:  # this part is made anew for what came after
        key, count, picture = st.session_state.get("grid picture", ("", 0, b""))
        if key != choice.weights.key:
            return
    name, module, verb = TOOLS[in_hand()]
    pick = getattr(module, "pick", variations.pick)
    clickable_grid(
        picture,
        (width, height),
        [t("Picture {number}: {verb}", number=index + 1, verb=t(verb)) for index in range(count)],
        picture_alt(shown),
        lambda index: anew(pick, choice, index)(),
        marked=0 if shown.base is not None else None,
    )
    st.session_state["download place"].download_button(
        t("Download"),
        picture,
        file_name=f"{choice.name}-step{choice.config.step}-{seeds.file_name(shown)}.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )


frame.enter()
page()
