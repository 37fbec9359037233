"""Walk: from picture to picture through latent space, played in the page and saved as a film."""

import streamlit as st

from gan.control.questions import Film, Sample, Walk, WalkPreview
from gan.control.supervisor import supervisor
from gan.control.viewer import Dropped
from gan.errors import Problem
from gan.i18n import t
from gan.latent.view import FRAMES, KEYFRAMES, SPEED, View
from ui.components.grid import clickable_grid
from ui.components.numbers import size_text
from ui.components.widgets import PERSISTENT, action, row
from ui.generate.choice import GeneratorChoice
from ui.generate.questions import ask_once, begin, edited_point, point_title, work_of
from ui.generate.state import change, complain, field, page_action, slot, view
from ui.generate.walk_player import play
from ui.session.jobs import show_job
from ui.session.notices import show_error

JOB = "walk film"
KINDS = {"gif": "GIF", "mp4": "MP4", "zip": "PNG frames"}
MIMES = {"gif": "image/gif", "mp4": "video/mp4", "zip": "application/zip"}
WALK = ("keys", "frames", "linear", "loop", "speed")  # the view's fields that a walk depends on
FIRST = 4  # pictures that become keyframes at one click
SIDES = (128, 256, 512)  # of a film's pictures, about
KEYFRAME = 84  # pixels of its side, about
STRAIGHT = (
    "Along the straight line between latents, whose middle is shorter than the latents the generator has "
    "learned from. Off: along the sphere on which latents lie (slerp)."
)


@page_action
def pick(choice: GeneratorChoice, index: int) -> None:
    """Add a picture, as it is shown, to the keyframes."""
    add(edited_point(choice, index))


@page_action
def add(point: str) -> None:
    """Add a keyframe at the end."""
    if len(view().keys) >= KEYFRAMES:
        complain(t("A walk has {most} keyframes at most: remove one first.", most=KEYFRAMES))
        return
    change(keys=(*view().keys, point))


def panel(choice: GeneratorChoice) -> None:
    """Keyframes and settings, the preview, and the films."""
    keys = view().keys
    _keyframes(choice, keys)
    if keys:
        _strip(choice, keys)
    if len(keys) < 2:
        return
    left, right = st.columns([1, 1.6], gap="large")
    with right:
        scale = choice.config.shape.scale_to(_settings())
    question = Walk(view=view().only(*WALK), scale=scale, slot=slot("walk"))
    try:
        preview = ask_once("walk preview", question, choice)
    except Dropped:
        return  # this part of the page runs again for what came after
    except Problem as problem:
        show_error(problem)
        return
    with left:
        play(choice, preview)
    with right:
        _films(choice, scale, preview)


def _keyframes(choice: GeneratorChoice, keys: tuple[str, ...]) -> None:
    with row():
        if len(keys) < 2:
            st.caption(t("Click pictures to add keyframes, two at least; they are taken as they are shown."))
        else:
            message = "Keyframes: {count} of {most}; drag one to move it, click it to take it out"
            about = t("Alt and an arrow key move one, too.")
            st.caption(t(message, count=len(keys), most=KEYFRAMES), help=about)
        if keys:
            action(t("Clear"), "delete_sweep", _clear)
        else:
            count = min(FIRST, view().pictures())
            label = t("Take the first {count}", count=count)
            action(label, "playlist_add", _pick_first, choice, count, disabled=count < 2)


def _strip(choice: GeneratorChoice, keys: tuple[str, ...]) -> None:
    """The keyframes as pictures: a click takes one out, dragging moves it."""
    shape = choice.config.shape
    question = Sample(view=View(points=keys), columns=len(keys), scale=shape.scale_to(KEYFRAME))
    try:
        answer = supervisor.viewers.ask(question, choice.weights)
    except Problem as problem:
        show_error(problem)
        return
    labels = [
        t("Remove keyframe {number}: {name}", number=number, name=point_title(point))
        for number, point in enumerate(keys, 1)
    ]
    with st.container(width=72 * len(keys)):
        clickable_grid(
            answer.picture,
            (shape.width, shape.height),
            labels,
            t("The keyframes, in order"),
            _remove,
            key="keyframes",
            columns=len(keys),
            names=keys,
            on_order=_reorder,
        )


@page_action
def _remove(index: int) -> None:
    keys = view().keys
    change(keys=keys[:index] + keys[index + 1 :])


@page_action
def _reorder(keys: list[str]) -> None:
    """The same keyframes in another order; an order from before one came or went is ignored."""
    if sorted(keys) == sorted(view().keys):
        change(keys=tuple(keys))


@page_action
def _pick_first(choice: GeneratorChoice, count: int) -> None:
    for index in range(count):
        pick(choice, index)


@page_action
def _clear() -> None:
    change(keys=())


def _settings() -> int:
    """The widgets; the size of a film's pictures, in pixels."""
    with row("bottom"):
        st.number_input(t("Frames of a leg"), FRAMES.least, FRAMES.most, step=1, width=140, **field("frames"))
        st.number_input(t("Frames a second"), SPEED.least, SPEED.most, step=1, width=140, **field("speed"))
        st.toggle(t("Loop"), **field("loop"))
        st.toggle(t("Straight"), help=t(STRAIGHT), **field("linear"))
    return st.select_slider(
        t("Size of a picture"),
        SIDES,
        256,
        format_func=lambda side: t("about {side} pixels", side=side),
        key="walk side",
        **PERSISTENT,
    )


def _films(choice: GeneratorChoice, scale: int, preview: WalkPreview) -> None:
    """How long films are and how large, buttons that make them, and the one that was made."""
    frames, seconds = preview.frames, preview.frames / view().speed
    st.caption(t("{frames} frames, {seconds} s", frames=f"{frames:,}", seconds=f"{seconds:.1f}"))
    work = work_of(JOB)
    with st.container(horizontal=True):
        for kind, name in KINDS.items():
            label = t("Make {name} · about {size}", name=t(name), size=size_text(preview.sizes[kind]))
            busy = bool(work and work.job.state == "running")
            action(
                label,
                "movie",
                _make,
                choice,
                kind,
                scale,
                key=f"film {kind}",
                kind="secondary",
                disabled=busy,
            )
    if work and show_job(work.job):
        kind = work.question.kind
        if (choice.weights.key, _film(kind, scale)) != (work.generator, work.question):
            st.caption(t("A film of the walk as it was before:"))
        _download(choice, kind, work.job.result.film)


def _film(kind: str, scale: int) -> Film:
    return Film(view=view().only(*WALK), kind=kind, scale=scale)


def _make(choice: GeneratorChoice, kind: str, scale: int) -> None:
    begin(JOB, choice, _film(kind, scale), t("Drawing the frames"))


def _download(choice: GeneratorChoice, kind: str, film: bytes) -> None:
    st.download_button(
        t("Download {name}, {size}", name=t(KINDS[kind]), size=size_text(len(film))),
        film,
        file_name=f"{choice.stem}-walk.{kind}",
        mime=MIMES[kind],
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
