"""Runs: all that were trained here; open, rename, copy, throw away, take out again, pack and unpack."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.limits import size_of
from gan.runs.run import Run
from ui.components.numbers import megabytes
from ui.components.widgets import row
from ui.runs.dialogs import import_dialog
from ui.runs.rows import is_anything_alive, rows
from ui.runs.trash import trash_list, undo_row
from ui.session import frame
from ui.session.dialogs import show_next_dialog
from ui.session.notices import show_notice
from ui.session.run import forget_run
from ui.session.visitor import home, my_runs

REFRESH = 2.0  # seconds, while something is in training
ROWS = 20  # on one page of the list


def page() -> None:
    """The head, the list, the trash."""
    runs = my_runs()
    with row("bottom"):
        st.markdown(t("### Runs"), width="content")
        st.caption(_summary(len(runs)), width="content")
        st.space("stretch")
        if st.button(t("Import…"), icon=":material/upload:"):
            import_dialog()
        if st.button(t("New run"), type="primary", icon=":material/add:"):
            forget_run()
            st.switch_page("pages/train.py")
    show_notice()
    undo_row()
    if not runs:
        st.caption(t("Nothing yet: what you train appears here, and stays when the app ends."))
        st.page_link("pages/train.py", label=t("Train one"), icon=":material/model_training:")
    alive = is_anything_alive()
    st.fragment(rows, run_every=REFRESH if alive else None)(_names_on_this_page(runs), alive)
    trash_list()


def _summary(count: int) -> str:
    queued = len(supervisor.runs.waiting(home()))
    summary = t("{count} runs, {size}", count=count, size=megabytes(size_of(home())))
    return summary + (t(" · {queued} waiting for their turn", queued=queued) if queued else "")


def _names_on_this_page(runs: list[Run]) -> list[str]:
    pages = -(-len(runs) // ROWS)
    first = ROWS * (st.pagination(pages, key="runs_page") - 1) if pages > 1 else 0
    return [run.name for run in runs[first : first + ROWS]]


frame.enter()
page()
show_next_dialog()
