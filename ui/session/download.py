"""Files that are made when somebody asks for them.

A download button can make its file at the click. But when that fails, Streamlit tells the page for five
seconds that it has, and why to the server's log alone. So a dialog makes the file and says what went wrong,
as any dialog does; its button holds what is there.
"""

from collections.abc import Callable

import streamlit as st

from gan.errors import explain, os_errors_as
from gan.i18n import t
from gan.jobs import MEMORY_FULL
from ui.components.numbers import size_text
from ui.session.dialogs import dialog, open_next
from ui.session.notices import escape_markdown

MIMES = {"ZIP": "application/zip", "GIF": "image/gif", "MP4": "video/mp4"}


def offer(kind: str, stem: str, make: Callable[[], bytes], about: str = "") -> None:
    """Have the page make a file of a kind in MIMES, called after `stem`, and offer it; `about` is said above
    it. For clicks: the whole page must run after them, and end with `show_next_dialog`.
    """
    open_next(_download_dialog, kind, f"{stem}.{kind.lower()}", make, about)


@dialog("Download")
def _download_dialog(kind: str, name: str, make: Callable[[], bytes], about: str) -> None:
    st.markdown(escape_markdown(about or name))
    with st.spinner(t("Making the file…")):
        content = _made(name, make)
    st.download_button(
        t("Download {name}, {size}", name=kind, size=size_text(len(content))),
        content,
        file_name=name,
        mime=MIMES[kind],
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )


def _made(name: str, make: Callable[[], bytes]) -> bytes:
    """The file's content. Raises Problem, whatever went wrong."""
    refusal = "{name} can't be made: {file} can't be read or written ({why})."
    try:
        with os_errors_as(refusal, name=name):
            return make()
    except Exception as error:
        raise explain(error, MEMORY_FULL) from None
