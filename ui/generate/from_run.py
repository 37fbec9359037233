"""A generator from a run: as it trains, as it was saved, at a checkpoint, or as it was looked at before."""

from time import monotonic

import streamlit as st

from gan.control.run_handle import RunHandle
from gan.generator.folder import read_source
from gan.generator.recent import RecentGenerator
from gan.i18n import t
from gan.runs.checkpoints import checkpoints, step_of
from gan.runs.fork import generator_at
from ui.generate.choice import GeneratorChoice, keep_choice, recent_choice
from ui.generate.wanted import LATEST, recent_name
from ui.session.visitor import my_handle, my_run

LATEST_HELP = "Training goes on; the pictures stay those of one step until you ask for newer weights."


def from_run(name: str, recents: list[RecentGenerator]) -> GeneratorChoice:
    """A choice of the run's weights. A run in training is shown as it was when it was chosen, until somebody
    takes the latest. `recents` are those of this run. Raises Problem.
    """
    handle, run = my_handle(name), my_run(name)
    is_training = handle is not None and handle.is_training
    before = {recent_name(one): one for one in recents}
    steps = {f"step:{step_of(one)}": step_of(one) for one in reversed(checkpoints(run))}
    at = _choose_step(name, steps, before, is_training)
    if at in before:
        return recent_choice(before[at], run.path)
    if at in steps:
        return keep_choice(name, *generator_at(run, steps[at]), folder=run.path)
    if not is_training:
        return keep_choice(name, *read_source(run.path), folder=run.path)
    return _from_training(handle)


def _from_training(handle: RunHandle) -> GeneratorChoice:
    taken: dict = st.session_state.setdefault("taken", {})  # weights of one run in training
    key = (handle.name, id(handle))
    latest = st.button(t("Take the latest"), icon=":material/sync:", width="stretch", help=t(LATEST_HELP))
    if latest or key not in taken:
        choice = keep_choice(handle.name, *handle.weights(), folder=handle.run.path)
        taken.clear()
        taken[key] = choice
    _training_goes_on(handle)
    return taken[key]


@st.fragment(run_every=2.0)
def _training_goes_on(handle: RunHandle) -> None:
    """How far it is; whoever looks into it watches it."""
    handle.seen = monotonic()
    st.caption(t("Training is at step {step}", step=f"{handle.snapshot.step:,}"))


def _choose_step(
    name: str, steps: dict[str, int], before: dict[str, RecentGenerator], is_training: bool
) -> str:
    """The newest weights, those of a checkpoint, or those that were looked at before."""
    key, saved = f"at {name}", {*steps.values(), my_run(name).stored_info().saved}
    options = [LATEST, *steps, *(at for at, recent in before.items() if recent.step not in saved)]
    wanted = st.session_state.get(key, LATEST)
    if wanted in before and wanted not in options:  # it is that of a checkpoint's step
        options.append(wanted)
    if wanted not in options:
        st.session_state[key] = LATEST
    labels = {LATEST: t("Latest") if is_training else t("As saved last")}
    labels |= {at: t("Step {step}, checkpoint", step=f"{step:,}") for at, step in steps.items()}
    for at, recent in before.items():
        labels[at] = t("Step {step}, looked at before", step=f"{recent.step:,}")
    return st.selectbox(
        t("Step"), options, format_func=lambda at: labels.get(at, at), key=key, persist_state="session"
    )
