"""Generate: look into a generator, from the run in training, a saved run, the Hub or a file."""

import secrets

import streamlit as st

from gan.live import Dropped, studio
from gan.looks import MOST, Look, moved, parse_seeds
from gan.pictures import columns_for
from gan.words import Problem, t
from ui import finding, frame, keeping, nearest, plane, varying, walking
from ui.dials import dials, points_of
from ui.files import weights_zip
from ui.generator import Chosen, choose_generator
from ui.grid import clickable_grid
from ui.looking import (
    anew,
    bound,
    change,
    field,
    history,
    look,
    make_anew_if_due,
    open_address,
    picture_alt,
    query_of,
    slot,
    tell_complaints,
    write_address,
)
from ui.shown import KEEP, tell

WIDTH = 520  # pixels of the picture, about
MAX_ROLL = 10**6
TOOLS = {  # what one can do with a picture, what a click on one does, and the words for it
    "vary": ("Vary", varying, "make it the base"),
    "walk": ("Walk", walking, "add it to the walk"),
    "plane": ("Plane", plane, "make it a corner"),
    "near": ("Nearest", nearest, "find the training pictures nearest to it"),
    "find": ("Find", finding, "make it the base"),
    "files": ("Files", keeping, "make it the base"),
}


def page() -> None:
    """The whole page; a generator that can't be used is told in place of its pictures."""
    open_address()
    try:
        chosen = choose_generator()
    except Problem as problem:
        tell(str(problem))
        return
    if chosen is None:
        st.markdown(t("### Nothing to draw from yet"))
        st.caption(t("Train a run first, or open a generator's two files at the side."))
        st.page_link("pages/train.py", label=t("Train one"), icon=":material/model_training:")
        return
    with st.sidebar:
        one_seed = not look().points and len(parse_seeds(look().seeds)) == 1
        why = None if one_seed else t("A list shows as many pictures as it has seeds.")
        st.number_input(t("Pictures"), 1, MOST, step=1, disabled=not one_seed, help=why, **field("count"))
        st.download_button(
            t("Download weights"),
            lambda: weights_zip(chosen.weights),
            file_name=f"{chosen.name}-step{chosen.config.step}.zip",
            icon=":material/folder_zip:",
            width="stretch",
            on_click="ignore",
        )
    st.session_state.setdefault("tool", "vary")
    st.session_state.pop("all anew", None)  # it is
    tell_complaints()
    explore(chosen)
    st.segmented_control(
        t("Tool"),
        list(TOOLS),
        format_func=lambda tool: t(TOOLS[tool][0]),
        required=True,
        label_visibility="collapsed",
        key="tool",
        **KEEP,
    )
    use_tool(chosen)


def tool() -> str:
    """The tool in hand."""
    return st.session_state.get("tool") or "vary"


@st.fragment
def explore(chosen: Chosen) -> None:
    """Seeds, pictures and sliders: what moves one of them makes this part anew, and no other."""
    make_anew_if_due()
    toolbar(chosen)
    left, right = st.columns([1.65, 1], gap="large")
    with right:
        try:
            dials(chosen)
        except Problem as problem:
            tell(str(problem))
    with left:
        try:
            pictures(chosen)
        except Problem as problem:
            tell(str(problem))
        varying.below()
    write_address(chosen, "pictures")
    make_anew_if_due()


@st.fragment
def use_tool(chosen: Chosen) -> None:
    """The tool's own part."""
    make_anew_if_due()
    module = TOOLS[tool()][1]
    module.panel(chosen)
    write_address(chosen, "tool")
    make_anew_if_due()


def toolbar(chosen: Chosen) -> None:
    """The seeds and what changes them, how many pictures, and what one takes along."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(t("**Seed**") if look().base is None else t("**Variations**"))
        st.text_input(
            t("Seed, or a list such as 1,5,9-12"),
            label_visibility="collapsed",
            placeholder=t("Seed: 7 or 1,5,9-12"),
            width=150,
            max_chars=400,
            help=t(SEED_HELP),
            **bound("seeds", "" if look().points and look().base is None else look().seeds, _type),
        )
        st.button(t("Roll"), icon=":material/casino:", type="primary", on_click=_roll)
        first = min(parse_seeds(look().seeds)) == 0
        st.button(t("Previous"), icon=":material/chevron_left:", on_click=_move, args=(-1,), disabled=first)
        st.button(t("Next"), icon=":material/chevron_right:", on_click=_move, args=(1,))
        st.menu_button(
            t("History"),
            history() or [look().seeds],
            key="seed history menu",
            icon=":material/history:",
            on_click=_back_to,
            disabled=not history(),
        )
        st.space("stretch")
        with st.popover(t("Share"), icon=":material/link:"):
            keeping.share(chosen)
        st.session_state["download place"] = st.empty()


SEED_HELP = (
    "One seed gives as many pictures as you like, always the same; a list gives the first picture of each."
)


def _roll() -> None:
    change(seeds=str(secrets.randbelow(MAX_ROLL)), points=())


def _move(by: int) -> None:
    change(seeds=moved(look().seeds, by), points=())


def _type(text: str) -> None:
    """Whoever writes a seed means its own pictures."""
    if text.strip():
        change(seeds=text, points=(), base=None)


def _back_to() -> None:
    if seeds := st.session_state.get("seed history menu"):
        change(seeds=seeds, points=(), base=None)


def pictures(chosen: Chosen) -> None:
    """Ask the viewer, and show what it drew; every picture can be clicked."""
    shown = look()
    count = shown.pictures()
    _, height, width = chosen.config.shape
    scale = max(1, WIDTH // (columns_for(count) * width))
    question = {"do": "sample", "look": shown.model_dump(), "named": points_of(chosen), "scale": scale}
    try:
        asked = question | {"note": query_of(chosen), "slot": slot("grid")}
        _, picture = studio.ask(asked, chosen.weights)
        st.session_state["grid picture"] = (count, picture)
    except Dropped:
        count, picture = st.session_state["grid picture"]
    name, module, verb = TOOLS[tool()]
    pick = getattr(module, "pick", varying.pick)
    clickable_grid(
        picture,
        (width, height),
        [t("Picture {number}: {verb}", number=index + 1, verb=t(verb)) for index in range(count)],
        picture_alt(shown),
        lambda index: anew(pick, chosen, index)(),
        marked=0 if shown.base is not None else None,
    )
    st.session_state["download place"].download_button(
        t("Download"),
        picture,
        file_name=f"{chosen.name}-step{chosen.config.step}-{file_name(shown)}.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )


def file_name(shown: Look) -> str:
    """What is shown, as part of a file's name."""
    if shown.points and shown.base is None:
        return "latents"
    return f"seed{shown.seeds[:40].replace(',', '_')}"


frame.enter()
page()
