"""The list of runs, a row each."""

from datetime import datetime

import streamlit as st

from gan.control.supervisor import supervisor
from gan.data.datasets import title
from gan.errors import Problem
from gan.i18n import t
from gan.limits import size_of
from gan.pictures.png import inline_png
from gan.runs import library, trash
from gan.runs.run import Run
from ui.components.numbers import megabytes
from ui.session.notices import escape_markdown, notify
from ui.session.run import STATES, forget_run, look_at, remember_run
from ui.session.visitor import home, my_run

ROWS = 20  # on one page


ACTIONS = {
    "rename": "Rename…",
    "duplicate": "Duplicate",
    "download": "Download…",
    "share": "Share on the Hub…",
    "delete": "Delete",
}


def rows(names: list[str], alive_before: bool) -> None:
    """One line a run, as it is now."""
    opened = None
    for name in names:
        try:
            opened = _row(name) or opened
        except Problem as problem:
            _broken_row(name, str(problem))
    if opened:
        remember_run(opened)
        st.switch_page("pages/train.py")
    alive = bool(supervisor.active(home()) or supervisor.waiting(home()))
    if alive != alive_before or st.session_state.pop("whole_page", False):
        st.rerun()


def _row(name: str) -> str | None:
    """A run; its name if it is to be opened."""
    shown = look_at(name, watch=False)
    run, snapshot = shown.run, shown.snapshot
    label, icon, colour = STATES[shown.state]
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="medium"):
        kept = run.sample_steps()
        if kept:
            st.image(inline_png(run.sample(kept[-1])), width=64, alt=t("Pictures of {name}", name=name))
        else:
            st.space(64)
        with st.container(gap="xxsmall", width="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{name}**", width="content")
                st.badge(t(label), icon=icon, color=colour)
            about = {
                "recipe": escape_markdown(t(shown.recipe.title)),
                "data": escape_markdown(title(shown.data)),
            }
            steps = {"step": f"{snapshot.step:,}", "steps": f"{snapshot.steps:,}"}
            st.caption(t("{recipe} on {data} · step {step} / {steps}", **about, **steps) + _last_losses(run))
        st.caption(f"{_date(run)}  \n{megabytes(size_of(run.path))}", width="content")
        opened = st.button(t("Open"), key=f"open {name}", icon=":material/open_in_full:")
        st.menu_button(
            t("More"),
            list(ACTIONS),
            key=f"more {name}",
            format_func=lambda action: t(ACTIONS[action]),
            on_click=_act,
            args=(name,),
        )
    return name if opened else None


def _broken_row(name: str, problem: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.caption(f"**{name}** · :red[{escape_markdown(problem)}]", width="stretch")
        st.button(t("Delete"), key=f"delete {name}", icon=":material/delete:", on_click=_delete, args=(name,))


def _last_losses(run: Run) -> str:
    history = run.history()
    if not len(history):
        return ""
    d_loss, g_loss = history[-1][:2].tolist()
    return t(" · G {g} · D {d}", g=f"{g_loss:.2f}", d=f"{d_loss:.2f}")


def _date(run: Run) -> str:
    try:
        return datetime.fromisoformat(run.stored_info().created).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return "–"


def _act(name: str) -> None:
    action = st.session_state[f"more {name}"]
    st.session_state["whole_page"] = True
    if action == "delete":
        _delete(name)
    elif action == "share":
        st.session_state["sharing"] = name
    elif action == "duplicate":
        try:
            library.duplicate(my_run(name))
        except Problem as problem:
            notify(problem)
    else:
        st.session_state["asking"] = (action, name)


def _delete(name: str) -> None:
    st.session_state["whole_page"] = True
    try:
        run = my_run(name)
        supervisor.let_go(run)
        trash.throw_away(run)
        st.session_state["undo"] = name
        if st.session_state.get("run") == name:
            forget_run()
    except Problem as problem:
        notify(problem)
