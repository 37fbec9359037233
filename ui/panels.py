"""What the Train page shows of a run: figures, charts, pictures, structure, events, settings."""

import numpy as np
import streamlit as st

from gan import charts
from gan.digest import digest_of
from gan.events import describe, rate
from gan.limits import is_public
from gan.live import studio
from gan.numerics import Numerics
from gan.pictures import inline_png
from gan.recipes import Recipe
from gan.structure import Structure, draw
from gan.words import Problem, t
from ui.chart import live_chart
from ui.shown import Shown, plain

IMAGE = (1, 28, 28)


# --- figures -----------------------------------------------------------------------------------------


def figures(shown: Shown, health: tuple[str, str] | None) -> None:
    """Step, epoch, speed, elapsed and remaining time, who is ahead, and the bar."""
    snapshot = shown.snapshot
    epoch = snapshot.step / shown.recipe.steps_per_epoch(shown.images) if shown.images else 0
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


def speed(value: float) -> str:
    """Steps a second, with the digits that matter."""
    return t("{speed} steps/s", speed=f"{value:,.0f}" if value >= 100 else f"{value:.1f}") if value else "–"


def megabytes(size: int) -> str:
    """Bytes as people read them."""
    return t("{size} MB", size=f"{size / 1e6:,.1f}")


def duration(seconds: float | None) -> str:
    """A time as people say it: 41 s, 2 min 40 s, 3 h 5 min."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return t("{hours} h {minutes} min", hours=f"{minutes // 60:,}", minutes=minutes % 60)
    return t("{minutes} min {seconds} s", minutes=minutes, seconds=rest) if minutes else t("{s} s", s=rest)


def health(history: np.ndarray) -> tuple[str, str] | None:
    """Who is ahead, by D's accuracy over the last 200 steps: a label and the reason; None before that."""
    if len(history) < 200:
        return None
    accuracy = charts.latest(history[:, 2:], 200)
    if accuracy is None:
        return None
    shown = {"share": round(100 * accuracy)}
    if accuracy > 0.97:
        return t("D far ahead"), t("D tells {share} % apart: G learns little from it now.", **shown)
    if accuracy < 0.4:
        return (
            t("G far ahead"),
            t("D tells only {share} % apart: it gives G little to learn.", **shown),
        )
    return t("Balanced"), t("D tells {share} % apart; 50 % would be guessing.", **shown)


# --- charts and pictures -----------------------------------------------------------------------------


def curves(shown: Shown, history: np.ndarray, place: int | None) -> None:
    """Both charts, each with its figures of the moment above it; `place` is the step one looks back at."""
    marks = _marks(shown.run.events())
    latest = [charts.latest(history[:place, column]) for column in range(4)]
    digest = digest_of(shown.run)
    with st.container(gap="xxsmall"):
        figures = {"g": _two_digits(latest[1]), "d": _two_digits(latest[0])}
        st.markdown(t("**Losses** &emsp; :orange[●] G {g} &emsp; :blue[●] D {d}", **figures))
        live_chart(charts.losses(digest, marks, place), "losses", t("Losses of G and D by step"))
        shares = {"real": _percent(latest[2]), "fake": _percent(latest[3])}
        st.markdown(
            t("**Accuracy of D** &emsp; :green[●] on real {real} &emsp; :orange[●] on fakes {fake}", **shares)
        )
        live_chart(
            charts.accuracy(digest, marks, place),
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


def _two_digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def samples(shown: Shown, place: int | None) -> None:
    """The fixed latents' pictures: as they are now, or as they were at a kept step."""
    if place is not None:
        about = t("step {step}", step=f"{place:,}")
    else:
        about = t("live") if shown.state in ("running", "paused") else t("last")
    with st.container(gap="xsmall"):
        st.markdown(t("**The same 25 latents** &emsp; :gray[{about}]", about=about))
        picture = shown.run.sample(place) if place is not None else shown.snapshot.picture
        if not picture and (kept := shown.run.sample_steps()):
            picture = shown.run.sample(kept[-1])
        if picture:
            st.image(
                inline_png(picture), width="stretch", alt=t("25 generated pictures, {about}", about=about)
            )


# --- below -------------------------------------------------------------------------------------------


def structure(recipe: Recipe) -> None:
    """Both networks as tables and as a picture."""
    try:
        generator, discriminator = studio.structures(recipe, IMAGE)
    except Problem as problem:
        st.caption(plain(str(problem)))
        return
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        table, picture = st.columns([1.2, 1], gap="small")
        with table:
            _layers(generator, "orange")
        with picture:
            st.graphviz_chart(_game(generator), width="stretch", height=176)
    with right:
        _layers(discriminator, "blue")
    with st.expander(t("Layers as a picture")):
        st.image(draw(generator, discriminator), width=660, alt=t("Layers of G and of D as boxes"))


def _game(generator: Structure) -> str:
    """Who sees whose pictures, as a graph in DOT; it is right on a light and on a dark page."""
    box = 'shape=box, style="rounded,filled", penwidth=0, height=0.3'
    node = f"{box}, fontcolor=white, fontname=sans, fontsize=11"
    names = {
        "z": (t("latents {size}", size=generator.input[0]), charts.GREY),
        "G": (t("Generator"), charts.GENERATOR),
        "x": (t("Data"), charts.REAL),
        "D": (t("Discriminator"), charts.DISCRIMINATOR),
    }
    boxes = "".join(
        f'{key} [label="{label}", fillcolor="{colour}"];' for key, (label, colour) in names.items()
    )
    edge = f'color="{charts.GREY}", arrowsize=0.7'
    look = f"bgcolor=transparent; ranksep=0.25; node [{node}]; edge [{edge}];"
    return f"digraph {{{look} {boxes} z -> G -> D; x -> D;}}"


def _layers(one: Structure, colour: str) -> None:
    st.markdown(f":{colour}[●] **{t(one.title)}** &emsp; {one.trainable:,}")
    names = {"layer": t("Layer"), "output": t("Output"), "count": t("Params")}
    rows = [{"layer": layer.name, "output": layer.shape, "count": layer.total} for layer in one.layers]
    config = {key: st.column_config.Column(name) for key, name in names.items()}
    config["count"] = st.column_config.NumberColumn(t("Params"), format="localized")
    st.dataframe(
        rows,
        column_config=config,
        row_height=26,
        hide_index=True,
        height=136,
        alt=t("Layers of {net}", net=one.title),
    )


def events(shown: Shown, place: int | None) -> None:
    """What was done beside the steps, the last first; what lies after the step one looks back at is faint."""
    happened = shown.run.events()[::-1][:200]
    if not happened:
        st.caption(t("Nothing yet: changes of the learning rates and single moves appear here."))
    for event in happened:
        faint = place is not None and event["step"] > place
        what = f":gray[{describe(event)}]" if faint else describe(event)
        st.markdown(t(":gray[step {step}] &emsp; {what}", step=f"{event['step']:,}", what=what))


def settings(shown: Shown) -> None:
    """Everything the run was started with, and the command that trains the same without a browser."""
    recipe = shown.recipe
    facts = {
        t("Run"): shown.run.name,
        t("Folder"): shown.run.name if is_public() else str(shown.run.path),
        t("Source"): t(recipe.source),
        t("Loss"): t("{loss}, {order} first", loss=recipe.loss.upper(), order=recipe.order[0].upper()),
        t("Learning rates"): f"G {rate(recipe.g_rate)}, D {rate(recipe.d_rate)}",
        t("Seed"): str(shown.seed),
    }
    info = shown.run.stored_info() if shown.run.exists() else None
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
        st.caption(t("It computes like that because: {why}.", why=plain(info.numerics.why)))
    st.caption(t("The same run from the command line:"))
    st.code(command_line(shown), language="bash", wrap_lines=True)


def command_line(shown: Shown) -> str:
    """`python -m gan train …` for this run."""
    from gan.recipes import RECIPES

    usual = RECIPES.get(shown.recipe.name, shown.recipe)
    changed = {
        key: getattr(shown.recipe, key)
        for key in ("g_rate", "d_rate", "batch_size")
        if getattr(shown.recipe, key) != getattr(usual, key)
    }
    options = "".join(f" --set {key}={value}" for key, value in changed.items())
    return (
        f"python -m gan train --recipe {shown.recipe.name} --data {shown.data} --seed {shown.seed} "
        f"--steps {shown.snapshot.steps}{options}"
    )
