"""Generate: look into a generator, from the run in training, a saved run or a file."""

import secrets

import streamlit as st

from gan.live import studio
from gan.words import Problem, t
from ui import frame
from ui.generator import Chosen, choose_generator, weights_zip
from ui.shown import KEEP, tell

SLIDERS = 5
COUNTS = {1: "1", 4: "2×2", 16: "4×4", 64: "8×8"}
WIDTH = 520  # pixels of the picture, about
MAX_ROLL = 10**6


def toolbar() -> int:
    """The seed and what changes it; returns the seed."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(t("**Seed**"))
        seed = st.number_input(
            t("Seed"), 0, 2**53 - 1, step=1, key="look_seed", label_visibility="collapsed", width=140, **KEEP
        )
        st.button(t("Roll"), icon=":material/casino:", type="primary", on_click=_roll)
        st.button(
            t("Previous"), icon=":material/chevron_left:", on_click=_move, args=(-1,), disabled=seed == 0
        )
        st.button(t("Next"), icon=":material/chevron_right:", on_click=_move, args=(1,))
        st.space("stretch")
        st.session_state["download_place"] = st.empty()
    return int(seed)


def _roll() -> None:
    st.session_state["look_seed"] = secrets.randbelow(MAX_ROLL)


def _move(by: int) -> None:
    st.session_state["look_seed"] = max(0, st.session_state["look_seed"] + by)


def dials(latent_size: int) -> tuple[float, list[float]]:
    """Truncation and the shifts of the first latent components."""
    truncation = st.slider(
        t("Truncation"), 0.0, 2.0, 1.0, 0.05, key="truncation", help=t(TRUNCATION_HELP), **KEEP
    )
    offsets = [
        st.slider(t("Latent {number}", number=index + 1), -3.0, 3.0, 0.0, 0.1, key=f"offset {index}", **KEEP)
        for index in range(min(SLIDERS, latent_size))
    ]
    untouched = truncation == 1.0 and not any(offsets)
    st.button(
        t("Reset all"), icon=":material/restart_alt:", type="tertiary", on_click=_reset, disabled=untouched
    )
    st.caption(
        t("A seed always gives the same pictures. Latent sliders shift that component in all of them.")
    )
    return truncation, offsets


TRUNCATION_HELP = "Scales the latents: below 1 pictures are more typical and more alike, above 1 bolder."


def _reset() -> None:
    st.session_state["truncation"] = 1.0
    for index in range(SLIDERS):
        st.session_state[f"offset {index}"] = 0.0


def pictures(chosen: Chosen, seed: int, count: int, truncation: float, offsets: list[float]) -> None:
    """Ask the viewer, and show what it drew."""
    columns = int(count**0.5)
    scale = max(1, WIDTH // (columns * chosen.config.image.width))
    asked = {"seed": seed, "count": count, "truncation": truncation, "offsets": offsets, "scale": scale}
    _, picture = studio.ask({"do": "sample"} | asked, chosen.weights)
    alt = t("{count} pictures of seed {seed}", count=count, seed=seed)
    st.image(picture, width="stretch", alt=alt)
    st.session_state["download_place"].download_button(
        t("Download"),
        picture,
        file_name=f"{chosen.name}-step{chosen.config.step}-seed{seed}.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )


def page() -> None:
    """The whole page; a generator that can't be used is told in place of its pictures."""
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
        count = st.segmented_control(
            t("Grid"), list(COUNTS), format_func=COUNTS.get, default=16, required=True, key="count", **KEEP
        )
        st.download_button(
            t("Download weights"),
            lambda: weights_zip(chosen),
            file_name=f"{chosen.name}-step{chosen.config.step}.zip",
            icon=":material/folder_zip:",
            width="stretch",
            on_click="ignore",
        )
    seed = toolbar()
    left, right = st.columns([1.65, 1], gap="large")
    with right:
        truncation, offsets = dials(chosen.config.latent_size)
    with left:
        try:
            pictures(chosen, seed, count or 16, truncation, offsets)
        except Problem as problem:
            tell(str(problem))


frame.enter()
page()
