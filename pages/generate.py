"""Generate: look into a generator, from the run in training, a saved run, the Hub or a file."""

from functools import partial

import streamlit as st

from gan.errors import Problem
from gan.i18n import t
from gan.latent.points import MOST_PICTURES, parse_seeds
from ui.components.widgets import action
from ui.generate.address import open_address
from ui.generate.choice import GeneratorChoice
from ui.generate.explorer import explore
from ui.generate.picker import choose_generator
from ui.generate.state import TOOLS, field, show_complaints, view
from ui.generate.tools import choose_tool, use_tool
from ui.generate.upload import weights_zip
from ui.session import frame
from ui.session.dialogs import show_next_dialog
from ui.session.download import offer
from ui.session.notices import show_error


def page() -> None:
    """The whole page; of a generator that can't be used, it says why in place of the pictures."""
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
        side(choice)
    st.session_state.setdefault("tool", TOOLS[0])
    frame.forget_page_run()
    show_complaints()
    explore(choice)
    choose_tool()
    use_tool(choice)


def side(choice: GeneratorChoice) -> None:
    """How many pictures, and the generator's files."""
    seeds, shown = parse_seeds(view().seeds), view()
    one_seed = len(seeds) == 1 and (not shown.points or shown.base is not None)
    about = None if one_seed else t("A list shows as many pictures as it has seeds.")
    label = t("Pictures")
    st.number_input(label, 1, MOST_PICTURES, step=1, disabled=not one_seed, help=about, **field("count"))
    make = partial(weights_zip, choice.weights)
    look = {"kind": "secondary", "width": "stretch"}
    action(t("Download weights…"), "folder_zip", offer, "ZIP", choice.stem, make, **look)


frame.enter()
page()
show_next_dialog()
