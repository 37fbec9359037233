"""Runs: all that were trained here; open, rename, copy, throw away, take out again, pack and unpack."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.limits import size_of
from gan.runs.run import Run
from ui.components.numbers import megabytes
from ui.runs.dialogs import download_dialog, import_dialog, rename_dialog
from ui.runs.rows import ROWS, rows
from ui.runs.trash import _trash, _undo
from ui.session import frame
from ui.session.notices import show_notice
from ui.session.run import forget_run
from ui.session.visitor import home, my_runs

REFRESH = 2.0  # seconds, while something is in training


def page() -> None:
    """The head, the list, the trash."""
    runs = my_runs()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(t("### Runs"), width="content")
        st.caption(_summary(runs), width="content")
        st.space("stretch")
        if st.button(t("Import…"), icon=":material/upload:"):
            import_dialog()
        if st.button(t("New run"), type="primary", icon=":material/add:"):
            forget_run()
            st.switch_page("pages/train.py")
    show_notice()
    _undo()
    if not runs:
        st.caption(t("Nothing yet: what you train appears here, and stays when the app ends."))
        st.page_link("pages/train.py", label=t("Train one"), icon=":material/model_training:")
    first = _first_row(len(runs))
    alive = supervisor.active(home()) or supervisor.waiting(home())
    st.fragment(rows, run_every=REFRESH if alive else None)(
        [run.name for run in runs[first : first + ROWS]], bool(alive)
    )
    _trash()


def _summary(runs: list[Run]) -> str:
    queued = len(supervisor.waiting(home()))
    told = t("{count} runs, {size}", count=len(runs), size=megabytes(size_of(home())))
    return told + (t(" · {queued} waiting for their turn", queued=queued) if queued else "")


def _first_row(count: int) -> int:
    if count <= ROWS:
        return 0
    return ROWS * (st.pagination((count - 1) // ROWS + 1, key="runs_page") - 1)


# --- what clicks do ----------------------------------------------------------------------------------


frame.enter()
page()
if shared := st.session_state.pop("sharing", None):
    st.session_state["push run"] = shared
    st.switch_page("pages/hub.py")
if asked := st.session_state.pop("asking", None):
    {"rename": rename_dialog, "download": download_dialog}[asked[0]](asked[1])
