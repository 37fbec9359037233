"""The dialogs of the Runs page."""

from io import BytesIO

import streamlit as st

from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.limits import size_of
from gan.runs import archive, library, trash
from ui.components.numbers import megabytes
from ui.session.dialogs import dialog, dialog_button
from ui.session.run import forget_run
from ui.session.visitor import home, my_run


@dialog("Empty the trash?")
def empty_dialog(count: int, size: str) -> None:
    """The one question before runs are gone for good. `size` is text, as people read it."""
    st.markdown(t("{count} runs, {size}, will be gone for good.", count=count, size=size))
    dialog_button(t("Empty the trash"), "delete_forever", trash.empty_trash, home())


@dialog("Import a run")
def import_dialog() -> None:
    """A field for the ZIP that Download made, here or elsewhere."""
    file = st.file_uploader(t("A run's ZIP, as Download made it"), type="zip")
    if file is not None:
        run = archive.unpack(home(), file, file.name)
        st.toast(t("Imported as {name}", name=run.name), icon=":material/check:")
        st.rerun()


@dialog("Rename")
def rename_dialog(name: str) -> None:
    """A field for the new name."""
    st.text_input(t("Name"), name, max_chars=100, key=f"new name of {name}")
    dialog_button(t("Rename"), "edit", _rename, name)


def _rename(name: str) -> None:
    run = my_run(name)
    if library.rename(run, st.session_state[f"new name of {name}"]).name != name:
        supervisor.let_go(run)
        if st.session_state.get("run") == name:
            forget_run()


@dialog("Download")
def download_dialog(name: str) -> None:
    """The run as a ZIP, made when it is asked for."""
    run = my_run(name)
    size = megabytes(size_of(run.path))
    st.markdown(t("{name} with its checkpoints, history and pictures, about {size}.", name=name, size=size))

    def packed() -> bytes:
        buffer = BytesIO()
        archive.pack(run, buffer)
        return buffer.getvalue()

    st.download_button(
        t("Download ZIP"),
        packed,
        file_name=f"{name}.zip",
        mime="application/zip",
        icon=":material/folder_zip:",
        type="primary",
        on_click="ignore",
    )
