"""The dialogs of the Runs page."""

from io import BytesIO

import streamlit as st

from gan.control.supervisor import supervisor
from gan.errors import Problem
from gan.i18n import t
from gan.limits import size_of
from gan.runs import archive, library, trash
from gan.runs.run import Run
from ui.components.numbers import megabytes
from ui.session.dialogs import end_of_dialog, in_dialog
from ui.session.notices import show_error
from ui.session.run import forget_run
from ui.session.visitor import home, my_run


@st.dialog(t("Empty the trash?"))
def empty_dialog(count: int, size: str) -> None:
    """The one question before runs are gone for good."""
    st.markdown(t("{count} runs, {size}, will be gone for good.", count=count, size=size))
    st.button(
        t("Empty the trash"),
        type="primary",
        icon=":material/delete_forever:",
        on_click=in_dialog,
        args=(trash.empty_trash, home()),
    )
    end_of_dialog()


@st.dialog(t("Import a run"))
def import_dialog() -> None:
    """A run that Download made, here or elsewhere."""
    file = st.file_uploader(t("A run's ZIP, as Download made it"), type="zip")
    if file is None:
        return
    try:
        run = archive.unpack(home(), file, file.name)
    except Problem as problem:
        show_error(problem)
        return
    st.toast(t("Imported as {name}", name=run.name), icon=":material/check:")
    st.rerun()


@st.dialog(t("Rename"))
def rename_dialog(name: str) -> None:
    """A new name."""
    st.text_input(t("Name"), name, max_chars=100, key=f"new name of {name}")
    st.button(t("Rename"), type="primary", icon=":material/edit:", on_click=in_dialog, args=(_rename, name))
    end_of_dialog()


def _rename(name: str) -> None:
    run = my_run(name)
    if library.rename(run, st.session_state[f"new name of {name}"]).name != name:
        supervisor.let_go(run)
        if st.session_state.get("run") == name:
            forget_run()


@st.dialog(t("Download"))
def download_dialog(name: str) -> None:
    """The run as a ZIP."""
    try:
        run = my_run(name)
    except Problem as problem:
        show_error(problem)
        return
    size = megabytes(size_of(run.path))
    st.markdown(t("{name} with its checkpoints, history and pictures, about {size}.", name=name, size=size))
    st.download_button(
        t("Download ZIP"),
        lambda: _packed(run),
        file_name=f"{name}.zip",
        mime="application/zip",
        icon=":material/folder_zip:",
        type="primary",
        on_click="ignore",
    )


def _packed(run: Run) -> bytes:
    buffer = BytesIO()
    archive.pack(run, buffer)
    return buffer.getvalue()
