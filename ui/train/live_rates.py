"""The settings of a run in training: its learning rates can change."""

from time import monotonic

import streamlit as st

from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.recipes.recipe import LIVE, SETTINGS
from gan.runs.events import SetRate
from ui.session.run import PageRun, busy_elsewhere
from ui.session.visitor import my_run
from ui.train.settings import data_label


def run_settings(page_run: PageRun) -> None:
    """The settings of a run that is there: locked, but for the learning rates while it is in training."""
    recipe, snapshot = page_run.recipe, page_run.snapshot
    with st.sidebar:
        st.selectbox(t("Recipe"), [t(recipe.title)], disabled=True)
        st.selectbox(t("Data"), [data_label(page_run.data)], disabled=True)
        batch, seed = st.columns(2)
        batch.selectbox(t("Batch"), [recipe.batch_size], disabled=True)
        seed.number_input(t("Seed"), value=page_run.seed, disabled=True, key=f"seed of {page_run.run.name}")
        for key in LIVE:
            _live_rate(page_run, key)
        st.number_input(
            t("Stop at step"),
            value=max(1, snapshot.steps),
            disabled=True,
            key=f"steps of {page_run.run.name}",
        )
        if recipe.ema:
            told = t("Averaged weights, half-life {images} images", images=f"{recipe.ema:,.0f}")
            st.caption(told)
        if snapshot.alive:
            st.caption(t(":material/lock: Grey settings unlock with a new run."))


def _live_rate(page_run: PageRun, key: str) -> None:
    """A learning rate in force. One that was changed elsewhere moves this slider too."""
    widget, told = f"{key} of {page_run.run.name}", f"{key} told of {page_run.run.name}"
    value = page_run.snapshot.rates.get(key, getattr(page_run.recipe, key))
    if st.session_state.get(told) != value or widget not in st.session_state:
        st.session_state[f"{widget} before"] = (st.session_state.get(widget), monotonic())
        st.session_state[told] = st.session_state[widget] = value
    setting = SETTINGS[key]
    st.select_slider(
        t(setting.label),
        sorted({*setting.choices, value, st.session_state[widget]}),
        format_func=setting.show,
        key=widget,
        disabled=page_run.state == "finished" or busy_elsewhere(page_run),
        on_change=_set_rate,
        args=(page_run, key, widget),
    )


ECHO = 1.0  # seconds in which a browser may still send what a slider showed before it was moved from here


def _set_rate(page_run: PageRun, key: str, widget: str) -> None:
    before, moved = st.session_state.get(f"{widget} before", (None, 0.0))
    if st.session_state[widget] == before and monotonic() - moved < ECHO:
        st.session_state[widget] = st.session_state[f"{key} told of {page_run.run.name}"]
    elif page_run.handle and page_run.snapshot.alive:  # in the queue, too
        page_run.handle.send(SetRate(key=key, new=st.session_state[widget]))


def resume(name: str, steps: int | None = None) -> None:
    """Go on with a run, at the learning rates its sliders were moved to since it ended. Raises Problem."""
    handle = supervisor.resume(my_run(name), steps)
    for key in LIVE:
        wanted = st.session_state.get(f"{key} of {name}")
        if wanted != st.session_state.get(f"{key} told of {name}"):  # moved while nobody trained it
            handle.send(SetRate(key=key, new=wanted))
