"""Walk: from picture to picture through latent space, played in the page and saved as a film."""

import streamlit as st

from gan.control.questions import Film, Sample, Walk, WalkPreview
from gan.control.supervisor import supervisor
from gan.control.viewer import Dropped
from gan.errors import Problem
from gan.i18n import t
from gan.jobs import Job
from gan.latent.view import FRAMES, KEYFRAMES, SPEED, View
from ui.components.grid import clickable_grid
from ui.components.widgets import PERSISTENT
from ui.generate.choice import GeneratorChoice
from ui.generate.questions import ask_once, begin, called, edited_point
from ui.generate.state import anew, change, complain, field, refusable, slot, view
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


@refusable
def pick(choice: GeneratorChoice, index: int) -> None:
    """Add a picture, as it is shown, to the keyframes."""
    add(edited_point(choice, index))


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
        _settings()
        side = st.select_slider(
            t("Size of a picture"),
            SIDES,
            256,
            format_func=lambda side: t("about {side} pixels", side=side),
            key="walk side",
            **PERSISTENT,
        )
    scale = choice.config.shape.scale_to(side)
    try:
        question = Walk(view=view().only(*WALK), scale=scale, slot=slot("walk"))
        preview = ask_once("walk preview", question, choice)
    except Dropped:
        return  # this part is made anew for what came after
    except Problem as problem:
        show_error(problem)
        return
    with left:
        play(choice, preview)
    with right:
        _films(choice, scale, preview)


def _keyframes(choice: GeneratorChoice, keys: tuple[str, ...]) -> None:
    told = t("Click pictures to add keyframes, two at least; they are taken as they are shown.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if len(keys) >= 2:
            told = t(
                "Keyframes: {count} of {most}; drag one to move it, click it to take it out",
                count=len(keys),
                most=KEYFRAMES,
            )
        st.caption(told, help=t("Alt and an arrow key move one, too.") if len(keys) >= 2 else None)
        if not keys:
            count = min(FIRST, view().pictures())
            st.button(
                t("Take the first {count}", count=count),
                on_click=anew(_take, choice, count),
                disabled=count < 2,
                type="tertiary",
                icon=":material/playlist_add:",
            )
        if keys:
            st.button(
                t("Clear"), on_click=anew(change_keys, []), type="tertiary", icon=":material/delete_sweep:"
            )


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
        t("Remove keyframe {number}: {name}", number=number, name=called(point))
        for number, point in enumerate(keys, 1)
    ]
    with st.container(width=72 * len(keys)):
        clickable_grid(
            answer.picture,
            (shape.width, shape.height),
            labels,
            t("The keyframes, in order"),
            lambda gone: anew(_take_out, gone)(),
            key="keyframes",
            columns=len(keys),
            names=keys,
            on_order=lambda order: anew(_put_in, order)(),
        )


def _take_out(index: int) -> None:
    keys = view().keys
    change(keys=keys[:index] + keys[index + 1 :])


def _put_in(order: list[str]) -> None:
    """The same keyframes in another order; one of a moment ago, before one came or went, is passed over."""
    if sorted(order) == sorted(view().keys):
        change(keys=tuple(order))


def _take(choice: GeneratorChoice, count: int) -> None:
    for index in range(count):
        pick(choice, index)


def change_keys(keys: list[str]) -> None:
    """Other keyframes."""
    change(keys=tuple(keys))


def _settings() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(t("Frames of a leg"), FRAMES.least, FRAMES.most, step=1, width=140, **field("frames"))
        st.number_input(t("Frames a second"), SPEED.least, SPEED.most, step=1, width=140, **field("speed"))
        st.toggle(t("Loop"), **field("loop"))
        st.toggle(t("Straight"), help=t(STRAIGHT), **field("linear"))


STRAIGHT = (
    "Along the straight line between latents, whose middle is shorter than the latents the generator has "
    "learned from. Off: along the sphere on which latents lie (slerp)."
)


def _films(choice: GeneratorChoice, scale: int, preview: WalkPreview) -> None:
    frames = preview.frames
    st.caption(
        t("{frames} frames, {seconds} s", frames=f"{frames:,}", seconds=f"{frames / view().speed:.1f}")
    )
    made: tuple | None = st.session_state.get(JOB)
    wanted = (choice.weights.key, view().only(*WALK), scale)
    with st.container(horizontal=True):
        for kind, name in KINDS.items():
            st.button(
                t("Make {name} · about {size}", name=t(name), size=megabytes(preview.sizes[kind])),
                key=f"film {kind}",
                icon=":material/movie:",
                on_click=_make,
                args=(choice, kind, scale, wanted),
                disabled=bool(made and made[2].state == "running"),
            )
    if made:
        _made(choice, made[1], made[2], now=made[0] == wanted)


def _make(choice: GeneratorChoice, kind: str, scale: int, wanted: tuple) -> None:
    question = Film(view=view().only(*WALK), kind=kind, scale=scale)
    st.session_state[JOB] = (wanted, kind, begin(choice, question, t("Drawing the frames")))


def _made(choice: GeneratorChoice, kind: str, job: Job, now: bool) -> None:
    """The film on its way, or to be taken. `now`: is it of the walk as it is set now?"""
    if show_job(job):
        film = job.result.film
        if not now:
            st.caption(t("A film of the walk as it was before:"))
        st.download_button(
            t("Download {name}, {size}", name=t(KINDS[kind]), size=megabytes(len(film))),
            film,
            file_name=f"{choice.name}-step{choice.config.step}-walk.{kind}",
            mime=MIMES[kind],
            icon=":material/download:",
            type="primary",
            on_click="ignore",
        )


def megabytes(size: int) -> str:
    """A size as people read it."""
    return t("{size} kB", size=f"{max(1, round(size / 1e3)):,}") if size < 1e6 else f"{size / 1e6:.1f} MB"
