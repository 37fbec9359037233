"""Files: a picture that brings back how it was made, latents in and out, and the address that says it all."""

from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from gan.errors import Problem
from gan.i18n import t
from gan.latent.address import query_in
from gan.latent.latent_file import WRITERS, points_in
from gan.latent.view import AT_REST
from ui.generate.address import address_of, open_query, query_of
from ui.generate.choice import GeneratorChoice
from ui.generate.questions import all_points
from ui.generate.state import change, page_action, view
from ui.session.notices import show_error


def panel(choice: GeneratorChoice) -> None:
    """Bring back, and take along."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(t("**Bring back**"))
        st.file_uploader(
            t("A picture downloaded here (PNG), or latents (JSON, safetensors)"),
            type=["png", "json", "safetensors"],
            key=f"bring back {st.session_state.get('brought back', 0)}",
            max_upload_size=20,
            on_change=_bring_back,
            args=(choice,),
        )
    with right:
        st.markdown(t("**Take along**"))
        st.caption(t("The latents of the pictures shown, as the sliders leave them."))
        try:
            points = all_points(choice, view())
        except Problem as problem:
            show_error(problem)
            return
        size, query = choice.config.latent_size, query_of(choice)
        stem = f"{choice.stem}-latents"
        with st.container(horizontal=True):
            for suffix, content in WRITERS.items():
                kind = suffix[1:]
                st.download_button(
                    t("Latents as {kind}", kind=kind),
                    content(points, size, query),
                    file_name=f"{stem}.{kind}",
                    mime="application/octet-stream" if kind == "safetensors" else "application/json",
                    key=f"latents {kind}",
                    icon=":material/download:",
                    on_click="ignore",
                )


@page_action
def _bring_back(choice: GeneratorChoice) -> None:
    """What was dropped says how pictures were made, or holds latents."""
    number = st.session_state.get("brought back", 0)
    file = st.session_state.get(f"bring back {number}")
    if file is None:
        return
    st.session_state["brought back"] = number + 1  # an empty field for the next one
    if file.name.lower().endswith(".png"):
        open_query(query_in(file.getvalue()))
    else:
        points = points_in(file.name, file.getvalue(), choice.config.latent_size)
        change(points=points, base=None, **AT_REST)


def share(choice: GeneratorChoice) -> None:
    """The address of what is shown, to be copied."""
    query, whole = address_of(choice)
    if not whole:
        st.caption(t("These latents are too many for an address: send a downloaded picture, it says it all."))
        return
    parts = urlsplit(st.context.url or "")
    st.caption(t("This address shows the same pictures, to whoever may see this generator here."))
    st.code(urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")), language=None, wrap_lines=True)
