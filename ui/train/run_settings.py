"""The settings of a run, at the side of its page: locked, but for the learning rates."""

from time import monotonic

import streamlit as st

from gan.i18n import t
from gan.recipes.recipe import LIVE, SETTINGS
from gan.runs.events import SetRate
from ui.session.run import PageRun
from ui.train.settings import data_label

LATE = 1.0  # seconds in which a browser may still send a slider's value from before the app moved it


def run_settings(page_run: PageRun) -> None:
    """Recipe, data, batch, seed and length as they are, the learning rates as sliders."""
    recipe, snapshot, name = page_run.recipe, page_run.snapshot, page_run.name
    with st.sidebar:
        st.selectbox(t("Recipe"), [t(recipe.title)], disabled=True)
        st.selectbox(t("Data"), [data_label(page_run.data, page_run.images)], disabled=True)
        batch, seed = st.columns(2)
        batch.selectbox(t("Batch"), [recipe.batch_size], disabled=True)
        seed.number_input(t("Seed"), value=page_run.seed, disabled=True, key=f"seed of {name}")
        for setting in LIVE:
            _rate_slider(page_run, setting)
        steps = max(1, snapshot.steps)
        st.number_input(t("Stop at step"), value=steps, disabled=True, key=f"steps of {name}")
        if recipe.ema:
            st.caption(t("Averaged weights, half-life {images} images", images=f"{recipe.ema:,.0f}"))
        if snapshot.alive:
            st.caption(t(":material/lock: Grey settings unlock with a new run."))


def moved_rates(name: str) -> dict[str, float]:
    """The learning rates of sliders that were moved away from the rates in force, by setting."""
    state, moved = st.session_state, {}
    for setting in LIVE:
        slider, in_force = _keys(name, setting)
        if slider in state and state[slider] != state.get(in_force):
            moved[setting] = state[slider]
    return moved


def _keys(name: str, setting: str) -> tuple[str, str]:
    """Keys of the session: a slider, and the rate in force that the app has shown in it last."""
    return f"{setting} of {name}", f"{setting} in force of {name}"


def _rate_slider(page_run: PageRun, setting: str) -> None:
    """The learning rate in force. When it changes elsewhere, the slider moves."""
    state, about = st.session_state, SETTINGS[setting]
    slider, in_force = _keys(page_run.name, setting)
    rate = page_run.snapshot.rates.get(setting, getattr(page_run.recipe, setting))
    if state.get(in_force) != rate or slider not in state:
        state[f"{slider} before"] = (state.get(slider), monotonic())
        state[in_force] = state[slider] = rate
    st.select_slider(
        t(about.label),
        sorted({*about.choices, rate, state[slider]}),
        format_func=about.show,
        key=slider,
        disabled=page_run.state == "finished" or page_run.is_trained_elsewhere,
        on_change=_set_rate,
        args=(page_run, setting),
    )


def _set_rate(page_run: PageRun, setting: str) -> None:
    """Send the rate that the slider was moved to, also to a run in the queue. A late value is put right."""
    state = st.session_state
    slider, in_force = _keys(page_run.name, setting)
    before, moved_at = state.get(f"{slider} before", (None, 0.0))
    if state[slider] == before and monotonic() - moved_at < LATE:
        state[slider] = state[in_force]
    elif page_run.handle and page_run.snapshot.alive:
        page_run.handle.send(SetRate(key=setting, new=state[slider]))
