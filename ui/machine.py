"""The time machine: one slider through a run's life that moves charts, pictures and events together, and the
film it makes.
"""

import streamlit as st

from gan import films
from gan.words import t
from ui.shown import Shown

STOPS = 120  # of the slider
FRAME = 0.35  # seconds between two pictures while it plays


def stops(shown: Shown) -> list[int]:
    """Steps the slider can stand at: those with a kept picture, thinned evenly in a long run."""
    return films.chosen(shown.run.sample_steps(), STOPS)


def place(shown: Shown) -> int | None:
    """The step one looks back at; None for now."""
    step = st.session_state.get(_key(shown.run.name), "live")
    return step if isinstance(step, int) else None


def is_playing(name: str) -> bool:
    """Does the slider move by itself?"""
    return st.session_state.get("playing") == name


def move_on(shown: Shown) -> None:
    """While it plays: to the next stop; after the last one it is now again."""
    if not is_playing(shown.run.name):
        return
    here = place(shown)
    later = [step for step in stops(shown) if here is None or step > here]
    if later:
        st.session_state[_key(shown.run.name)] = later[0]
    else:
        st.session_state[_key(shown.run.name)] = "live"
        st.session_state.pop("playing")


def controls(shown: Shown) -> None:
    """Play, the slider, and the film."""
    kept = stops(shown)
    if not kept:
        return
    name = shown.run.name
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        playing = is_playing(name)
        st.button(
            t("Pause the film") if playing else t("Play"),
            key="play",
            icon=":material/pause_circle:" if playing else ":material/play_circle:",
            type="tertiary",
            on_click=_play,
            args=(name,),
            disabled=len(kept) < 2,
        )
        if st.session_state.get(_key(name)) not in [*kept, "live"]:
            st.session_state[_key(name)] = "live"
        st.select_slider(
            t("Step shown"),
            [*kept, "live"],
            format_func=lambda step: t("now") if step == "live" else t("step {step}", step=f"{step:,}"),
            key=_key(name),
            label_visibility="collapsed",
        )
        with st.popover(t("Film"), icon=":material/movie:", key="film", type="tertiary"):
            _film(shown, len(films.chosen(shown.run.sample_steps())))


def _film(shown: Shown, pictures: int) -> None:
    per_second = st.slider(t("Pictures a second"), 2, 30, 10, key="film_speed")
    told = t("{pictures} pictures, {seconds} s", pictures=pictures, seconds=f"{pictures / per_second:.1f}")
    st.caption(told)
    for kind, make, mime in (("GIF", films.gif, "image/gif"), ("MP4", films.mp4, "video/mp4")):
        st.download_button(
            kind,
            lambda make=make: make(_pictures(shown), per_second),
            file_name=f"{shown.run.name}.{kind.lower()}",
            mime=mime,
            key=f"film {kind}",
            icon=":material/download:",
            width="stretch",
            disabled=not pictures,
            on_click="ignore",
        )


def _pictures(shown: Shown) -> list[bytes]:
    steps = films.chosen(shown.run.sample_steps())
    return [picture for step in steps if (picture := shown.run.sample(step))]


def _key(name: str) -> str:
    return f"sample of {name}"


def _play(name: str) -> None:
    if is_playing(name):
        st.session_state.pop("playing")
    else:
        st.session_state["playing"] = name
