"""What the Train page shows of a run: figures, charts, pictures, structure, events, settings."""

import numpy as np
import streamlit as st

from gan.charts.curves import accuracy, losses
from gan.i18n import t
from gan.limits import is_public
from gan.pictures.png import inline_png
from gan.recipes.fields import rate
from gan.recipes.numerics import Numerics
from gan.runs.command_line import command_line
from gan.runs.events import describe
from gan.runs.history import latest as latest_mean
from gan.runs.history import summary_of
from ui.components.chart import live_chart
from ui.components.numbers import duration, percent, speed, two_digits
from ui.session.notices import escape_markdown
from ui.session.run import PageRun

# --- figures -----------------------------------------------------------------------------------------


def figures(page_run: PageRun, health: tuple[str, str] | None) -> None:
    """Step, epoch, speed, elapsed and remaining time, who is ahead, and the bar."""
    snapshot = page_run.snapshot
    epoch = snapshot.step / page_run.recipe.steps_per_epoch(page_run.images) if page_run.images else 0
    left = (snapshot.steps - snapshot.step) / snapshot.speed if snapshot.speed else None
    rate_shown = snapshot.speed
    if not snapshot.alive and snapshot.seconds:
        rate_shown = snapshot.step / snapshot.seconds
    with st.container(gap="xsmall"):
        with st.container(horizontal=True):
            st.metric(t("Step"), f"{snapshot.step:,} / {snapshot.steps:,}", width="content")
            st.metric(t("Epoch"), f"{epoch:,.1f}")
            st.metric(t("Speed"), speed(rate_shown))
            st.metric(t("Elapsed"), duration(snapshot.seconds))
            st.metric(t("Time left"), duration(left) if snapshot.alive else "–")
            label, why = health or ("–", t("Known after 200 steps."))
            st.metric(t("Health"), label, help=why)
        st.progress(min(1.0, snapshot.step / max(1, snapshot.steps)))


# --- charts and pictures -----------------------------------------------------------------------------


def curves(page_run: PageRun, history: np.ndarray, place: int | None) -> None:
    """Both charts, each with its figures of the moment above it; `place` is the step one looks back at."""
    marks = _marks(page_run.run.events())
    latest = [latest_mean(history[:place, column]) for column in range(4)]
    summary = summary_of(page_run.run)
    with st.container(gap="xxsmall"):
        figures = {"g": two_digits(latest[1]), "d": two_digits(latest[0])}
        st.markdown(t("**Losses** &emsp; :orange[●] G {g} &emsp; :blue[●] D {d}", **figures))
        live_chart(losses(summary, marks, place), "losses", t("Losses of G and D by step"))
        shares = {"real": percent(latest[2]), "fake": percent(latest[3])}
        st.markdown(
            t("**Accuracy of D** &emsp; :green[●] on real {real} &emsp; :orange[●] on fakes {fake}", **shares)
        )
        live_chart(
            accuracy(summary, marks, place),
            "accuracy",
            t("Accuracy of D on real images and on fakes by step"),
        )


def _marks(events: list[dict]) -> list[tuple[int, str]]:
    """What is drawn into the charts: edits and forks, those of one step as one."""
    told: dict[int, list[str]] = {}
    for event in events:
        if event["what"] in ("set", "fork"):
            text = describe(event) if event["what"] == "set" else t("fork")
            told.setdefault(event["step"], []).append(text)
    return [(step, ", ".join(texts)) for step, texts in told.items()]


def samples(page_run: PageRun, place: int | None) -> None:
    """The fixed latents' pictures: as they are now, or as they were at a kept step."""
    if place is not None:
        about = t("step {step}", step=f"{place:,}")
    else:
        about = t("live") if page_run.state in ("running", "paused") else t("last")
    with st.container(gap="xsmall"):
        st.markdown(t("**The same 25 latents** &emsp; :gray[{about}]", about=about))
        picture = page_run.run.sample(place) if place is not None else page_run.snapshot.picture
        if not picture and (kept := page_run.run.sample_steps()):
            picture = page_run.run.sample(kept[-1])
        if picture:
            st.image(
                inline_png(picture), width="stretch", alt=t("25 generated pictures, {about}", about=about)
            )


# --- below -------------------------------------------------------------------------------------------


def events(page_run: PageRun, place: int | None) -> None:
    """What was done beside the steps, the last first; what lies after the step one looks back at is faint."""
    happened = page_run.run.events()[::-1][:200]
    if not happened:
        st.caption(t("Nothing yet: changes of the learning rates and single moves appear here."))
    for event in happened:
        faint = place is not None and event["step"] > place
        what = f":gray[{describe(event)}]" if faint else describe(event)
        st.markdown(t(":gray[step {step}] &emsp; {what}", step=f"{event['step']:,}", what=what))


def settings(page_run: PageRun) -> None:
    """Everything the run was started with, and the command that trains the same without a browser."""
    recipe = page_run.recipe
    facts = {
        t("Run"): page_run.run.name,
        t("Folder"): page_run.run.name if is_public() else str(page_run.run.path),
        t("Source"): t(recipe.source),
        t("Loss"): t("{loss}, {order} first", loss=recipe.loss.upper(), order=recipe.order[0].upper()),
        t("Learning rates"): f"G {rate(recipe.g_rate)}, D {rate(recipe.d_rate)}",
        t("Seed"): str(page_run.seed),
    }
    info = page_run.run.stored_info() if page_run.run.exists() else None
    if info and info.begun:
        numerics = info.numerics or Numerics()
        facts[t("Device")] = f"{info.device}, torch {info.torch}"
        facts[t("Computes with")] = numerics.told(info.device)
        facts[t("Last save")] = t("step {step}", step=f"{info.saved:,}")
    st.dataframe(
        [{"setting": key, "value": value} for key, value in facts.items()],
        column_config={"setting": t("Setting"), "value": t("Value")},
        hide_index=True,
        row_height=26,
    )
    if info and info.begun and info.numerics and info.numerics.why:
        st.caption(t("It computes like that because: {why}.", why=escape_markdown(info.numerics.why)))
    if info:
        st.caption(t("The same run from the command line:"))
        st.code(command_line(info), language="bash", wrap_lines=True)
