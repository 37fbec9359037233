"""The part of a run's page that is drawn again each second: messages, figures, charts and pictures."""

import numpy as np
import streamlit as st

from gan.charts.curves import accuracy, losses
from gan.control.run_handle import RunHandle
from gan.control.supervisor import supervisor
from gan.errors import Problem
from gan.i18n import t
from gan.pictures.png import inline_png
from gan.runs.events import Event, Forked, Idle, SetRate
from gan.runs.health import health
from gan.runs.history import MEAN_STEPS, believed, latest_mean, summary_of
from gan.runs.info import UNKNOWN
from ui.components.chart import live_chart
from ui.components.numbers import duration, percent, speed, two_digits
from ui.components.untranslated import untranslated
from ui.components.widgets import renewed
from ui.session.frame import run_page_if_requested
from ui.session.notices import escape_markdown, show_error, shown
from ui.session.run import PageRun, look_at
from ui.session.visitor import home
from ui.train import time_machine

STARTING = "Loading torch and the images; before a recipe's first run here, seconds of measuring its speed…"


@shown()
def live_part(name: str, state_before: str) -> None:
    """How the run of that name stands now. The whole page runs again when its state has changed."""
    run_page_if_requested()
    try:
        page_run = look_at(name)
    except Problem:
        st.rerun()
    if st.session_state.get("run") != name or page_run.state != state_before:
        st.rerun()
    with st.container():  # always there: what comes below must keep its place, or is shown twice for a while
        _messages(page_run)
    with untranslated("figures"):
        _live_figures(page_run)


def _live_figures(page_run: PageRun) -> None:
    history, place = page_run.run.history(), time_machine.place(page_run)
    _figures(page_run, history)
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        _curves(page_run, history, place)
    with right:
        _samples(page_run, place)
        time_machine.controls(page_run)


def _messages(page_run: PageRun) -> None:
    """What the run waits for, why it ended, which command it refused."""
    state, handle = page_run.state, page_run.handle
    if state == "queued" and handle:
        message = _queue_message(handle)
        with renewed("queue", message):
            st.caption(message)
    if page_run.is_trained_elsewhere:
        st.caption(t("Another process trains this run: it can be watched here, and controlled there."))
    if state == UNKNOWN:
        st.warning(escape_markdown(str(page_run.run.lock.unknown())), icon=":material/help:")
    if page_run.snapshot.problem:
        show_error(page_run.snapshot.problem)
    if state == "starting":
        st.caption(t(STARTING))
    last_event = page_run.run.events()[-1:]
    if state == "stopped" and last_event and isinstance(last_event[0], Idle):
        st.info(last_event[0].describe(), icon=":material/schedule:")
    if handle and handle.refusal:
        st.warning(str(handle.refusal))


def _queue_message(handle: RunHandle) -> str:
    """What a queued run waits for: the visitor's own runs by name, those of others as a number."""
    ahead = supervisor.runs.ahead_of(handle)
    mine = [run for run in ahead if run.run.path.parent == home()]
    states = {"paused": t("paused"), "queued": t("queued")}
    names = [f"**{run.name}** ({states.get(run.snapshot.state, t('in training'))})" for run in mine]
    if others := len(ahead) - len(mine):
        names.append(t("{count} of other visitors' runs", count=others))
    return t("It starts by itself after {names}.", names=", ".join(names) or t("a moment"))


def _figures(page_run: PageRun, history: np.ndarray) -> None:
    """Step, epoch, speed, time, which player is ahead, and a bar. After the end, the speed is the mean."""
    snapshot = page_run.snapshot
    epoch = snapshot.step / page_run.recipe.steps_per_epoch(page_run.images) if page_run.images else 0
    left = (snapshot.steps - snapshot.step) / snapshot.speed if snapshot.speed else None
    is_over = not snapshot.alive and snapshot.seconds
    steps_per_second = snapshot.step / snapshot.seconds if is_over else snapshot.speed
    label, reason = health(history) or ("–", t("Known after 200 steps."))
    with st.container(gap="xsmall"):
        with st.container(horizontal=True):
            st.metric(t("Step"), f"{snapshot.step:,} / {snapshot.steps:,}", width="content")
            st.metric(t("Epoch"), f"{epoch:,.1f}")
            st.metric(t("Speed"), speed(steps_per_second))
            st.metric(t("Elapsed"), duration(snapshot.seconds))
            st.metric(t("Time left"), duration(left) if snapshot.alive else "–")
            st.metric(t("Health"), label, help=reason)
        st.progress(min(1.0, snapshot.step / max(1, snapshot.steps)))


def _curves(page_run: PageRun, history: np.ndarray, place: int | None) -> None:
    """Losses and accuracy, each under its latest figures; `place` is the step looked back at, a line."""
    marks, summary = _marks(page_run.run.events()), summary_of(page_run.run)
    recent = believed(history[:place][-MEAN_STEPS:])
    d_loss, g_loss, real, fake = (latest_mean(recent[:, column]) for column in range(4))
    with st.container(gap="xxsmall"):
        figures = {"g": two_digits(g_loss), "d": two_digits(d_loss)}
        st.markdown(t("**Losses** &emsp; :orange[●] G {g} &emsp; :blue[●] D {d}", **figures))
        live_chart(losses(summary, marks, place), "losses", t("Losses of G and D by step"))
        head = "**Accuracy of D** &emsp; :green[●] on real {real} &emsp; :orange[●] on fakes {fake}"
        st.markdown(t(head, real=percent(real), fake=percent(fake)))
        alt = t("Accuracy of D on real images and on fakes by step")
        live_chart(accuracy(summary, marks, place), "accuracy", alt)


def _marks(events: list[Event]) -> list[tuple[int, str]]:
    """The lines in the charts: changed learning rates and forks, one text for all of a step."""
    texts: dict[int, list[str]] = {}
    for event in events:
        if isinstance(event, SetRate | Forked):
            text = event.describe() if isinstance(event, SetRate) else t("fork")
            texts.setdefault(event.step, []).append(text)
    return [(step, ", ".join(parts)) for step, parts in texts.items()]


def _samples(page_run: PageRun, place: int | None) -> None:
    """The pictures of the fixed latents: as they are now, or as they were at the step `place`."""
    run = page_run.run
    if place is not None:
        about, picture = t("step {step}", step=f"{place:,}"), run.sample(place)
    else:
        about = t("live") if page_run.state in ("running", "paused") else t("last")
        picture = page_run.snapshot.picture
    if not picture and (steps := run.sample_steps()):
        picture = run.sample(steps[-1])
    with st.container(gap="xsmall"):
        st.markdown(t("**The same 25 latents** &emsp; :gray[{about}]", about=about))
        if picture:
            alt = t("25 generated pictures, {about}", about=about)
            st.image(inline_png(picture), width="stretch", alt=alt)
