"""Directions that were saved with a generator: saved from where the sliders are, exported, imported,
forgotten.
"""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from gan.control.questions import DirectionPoint
from gan.control.supervisor import supervisor
from gan.errors import Problem
from gan.i18n import t
from gan.latent.saved_directions import Direction, directions_in, forget, parse, save, to_file
from gan.latent.view import REACH
from ui.generate.choice import GeneratorChoice
from ui.generate.state import change, page_action, view


def saved_with(choice: GeneratorChoice) -> dict[str, Direction]:
    """Directions saved with a generator, those that fit it. Raises Problem for a file that can't be read."""
    size = choice.config.latent_size
    return {name: one for name, one in directions_in(choice.folder).items() if one.latent_size == size}


def named_points(choice: GeneratorChoice) -> dict[str, str]:
    """The saved directions that the view uses, as points."""
    saved = saved_with(choice) if view().named else {}
    return {name: saved[name].point for name in view().named if name in saved}


def files_popover(choice: GeneratorChoice, saved: dict[str, Direction]) -> None:
    """Export, import and forget."""
    with st.popover(t("Export, import, forget"), icon=":material/folder_open:", type="tertiary"):
        st.download_button(
            t("Export all"),
            to_file(list(saved.values())),
            file_name=f"{choice.name}-directions.json",
            mime="application/json",
            icon=":material/download:",
            disabled=not saved,
            on_click="ignore",
        )
        label = t("Import directions")
        file = st.file_uploader(label, type=["json"], key="directions file", max_upload_size=2)
        st.button(t("Import"), on_click=_import, args=(choice, file), disabled=file is None)
        name = st.selectbox(t("Forget"), list(saved), index=None, placeholder=t("a direction"))
        st.button(t("Forget it"), on_click=_forget, args=(choice, name), disabled=name is None)


@page_action
def _import(choice: GeneratorChoice, file: UploadedFile) -> None:
    directions = parse(file.getvalue(), file.name)
    for direction in directions:
        direction.check(choice.config.latent_size)
    save(choice.folder, directions)


@page_action
def _forget(choice: GeneratorChoice, name: str) -> None:
    change(named={other: shift for other, shift in view().named.items() if other != name})
    forget(choice.folder, name)


def save_popover(choice: GeneratorChoice, is_shifted: bool) -> None:
    """Save the way the sliders point."""
    with st.popover(t("Save direction"), icon=":material/bookmark_add:", type="tertiary"):
        st.caption(t("Where the sliders stand now, without truncation, becomes one direction with a slider."))
        st.text_input(t("Name"), key="direction name", placeholder=t("bolder"), max_chars=40)
        why = None if is_shifted else t("Move a slider first")
        st.button(
            t("Save"), type="primary", on_click=_save, args=(choice,), disabled=not is_shifted, help=why
        )


@page_action
def _save(choice: GeneratorChoice) -> None:
    """Name the way the sliders point; the sliders go to 0, and the new one to the same latents."""
    name = st.session_state["direction name"].strip()
    found = supervisor.viewers.ask(DirectionPoint(view=view(), named=named_points(choice)), choice.weights)
    size, step = choice.config.latent_size, choice.config.step
    try:
        direction = Direction(name=name, latent_size=size, point=found.point, step=step)
    except ValueError:
        message = "'{name}' can't be a direction's name: take letters, digits, spaces, - and _ (40 at most)."
        raise Problem(message, name=name[:60]) from None
    save(choice.folder, [direction])
    change(pca=(), svd=(), raw={}, named={name: round(max(-REACH, min(REACH, found.length)), 2)})
    st.session_state["dial kind"] = "named"
