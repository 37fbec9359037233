"""The list of runs, a row each."""

from datetime import datetime
from io import BytesIO

import streamlit as st

from gan.control.supervisor import supervisor
from gan.errors import explain
from gan.i18n import t
from gan.jobs import MEMORY_FULL
from gan.limits import size_of
from gan.pictures.png import inline_png
from gan.runs import archive, library
from gan.runs.history import COLUMNS, latest
from gan.runs.info import UNKNOWN
from gan.runs.run import Run
from ui.components.numbers import megabytes
from ui.components.widgets import action, renewed, row
from ui.runs.dialogs import rename_dialog
from ui.runs.trash import DELETED
from ui.session.dialogs import open_next
from ui.session.download import offer
from ui.session.frame import request_page_run, run_page_if_requested
from ui.session.notices import escape_markdown, notifies
from ui.session.run import STATES, PageRun, delete_run, look_at, open_run
from ui.session.visitor import home, my_run

TO_HUB = "go to the Hub"  # key of the session: a click wants to share a run


def is_anything_alive() -> bool:
    """Is one of the visitor's runs in training, or waiting for its turn?"""
    return bool(supervisor.runs.active(home()) or supervisor.runs.waiting(home()))


def rows(names: list[str], alive_before: bool) -> None:
    """The runs of those names as they are now. The whole page runs again when training begins or ends."""
    run_page_if_requested()
    if st.session_state.pop(TO_HUB, False):
        st.switch_page("pages/hub.py")
    for name in names:
        try:
            _row(look_at(name, watch=False))
        except Exception as error:  # whatever it is, it takes no other run's row away
            _broken_row(name, str(explain(error, MEMORY_FULL)))
    if is_anything_alive() != alive_before:
        st.rerun()


def _row(page_run: PageRun) -> None:
    run, name = page_run.run, page_run.name
    with row(gap="medium", border=True):
        if steps := run.sample_steps():
            st.image(inline_png(run.sample(steps[-1])), width=64, alt=t("Pictures of {name}", name=name))
        else:
            st.space(64)
        with st.container(gap="xxsmall", width="stretch"):
            _title(page_run)
        st.caption(f"{_date(run)}  \n{megabytes(size_of(run.path))}", width="content")
        if st.button(t("Open"), key=f"open {name}", icon=":material/open_in_full:"):
            open_run(name)
        key = f"more {name}"
        actions = [label for label in ACTIONS if page_run.state != UNKNOWN or label not in NEED_IT_FREE]
        st.menu_button(t("More"), actions, key=key, format_func=t, on_click=_act, args=(name,))


def _title(page_run: PageRun) -> None:
    label, icon, colour = STATES[page_run.state]
    with row():
        st.markdown(f"**{page_run.name}**", width="content")
        with renewed(f"state of {page_run.name}", page_run.state):
            st.badge(t(label), icon=icon, color=colour)
    snapshot = page_run.snapshot
    steps = {"step": f"{snapshot.step:,}", "steps": f"{snapshot.steps:,}"}
    facts = t("{recipe} on {data} · step {step} / {steps}", **page_run.titles(), **steps)
    st.caption(facts + _last_losses(page_run.run))


def _broken_row(name: str, problem: str) -> None:
    with row(border=True):
        st.caption(f"**{name}** · :red[{escape_markdown(problem)}]", width="stretch")
        action(t("Delete"), "delete", _delete, name, key=f"delete {name}", kind="secondary")


def _last_losses(run: Run) -> str:
    losses = latest(run.history(), COLUMNS[:2])
    if not losses:
        return ""
    return t(" · G {g} · D {d}", g=f"{losses['g_loss']:.2f}", d=f"{losses['d_loss']:.2f}")


def _date(run: Run) -> str:
    try:
        return datetime.fromisoformat(run.stored_info().created).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return "–"


@notifies
def _delete(name: str) -> None:
    request_page_run()
    delete_run(name)
    st.session_state[DELETED] = name


def _share(name: str) -> None:
    st.session_state["push run"] = name
    st.session_state[TO_HUB] = True


def _download(name: str) -> None:
    run = my_run(name)
    size = megabytes(size_of(run.path))
    about = t("{name} with its checkpoints, history and pictures, about {size}.", name=name, size=size)
    offer("ZIP", name, lambda: _packed(run), about)


def _packed(run: Run) -> bytes:
    buffer = BytesIO()
    archive.pack(run, buffer)
    return buffer.getvalue()


ACTIONS = {
    "Rename…": lambda name: open_next(rename_dialog, name),
    "Duplicate": lambda name: library.duplicate(my_run(name)),
    "Download…": _download,
    "Share on the Hub…": _share,
    "Delete": _delete,
}
NEED_IT_FREE = ("Rename…", "Duplicate", "Delete")  # not offered where it may be in training


@notifies
def _act(name: str) -> None:
    request_page_run()
    ACTIONS[st.session_state[f"more {name}"]](name)
