"""The dialogs of the Runs page."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.runs import archive, library, trash
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
