"""Runs: all that were trained here; open, rename, copy, throw away, take out again, pack and unpack."""

from datetime import datetime
from io import BytesIO

import streamlit as st

from gan import packing, shelf
from gan.limits import size_of
from gan.live import studio
from gan.pictures import inline_png
from gan.runs import Run
from gan.sources import title
from gan.words import Problem, t
from ui import frame
from ui.bar import STATES
from ui.panels import megabytes
from ui.shown import (
    end_of_dialog,
    forget_run,
    in_dialog,
    look_at,
    notify,
    plain,
    remember_run,
    show_notice,
    tell,
)
from ui.visitor import home, my_run, my_runs

ROWS = 20  # on one page
REFRESH = 2.0  # seconds, while something is in training
ACTIONS = {
    "rename": "Rename…",
    "duplicate": "Duplicate",
    "download": "Download…",
    "share": "Share on the Hub…",
    "delete": "Delete",
}


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
    alive = studio.active(home()) or studio.waiting(home())
    st.fragment(rows, run_every=REFRESH if alive else None)(
        [run.name for run in runs[first : first + ROWS]], bool(alive)
    )
    _trash()


def _summary(runs: list[Run]) -> str:
    queued = len(studio.waiting(home()))
    told = t("{count} runs, {size}", count=len(runs), size=megabytes(size_of(home())))
    return told + (t(" · {queued} waiting for their turn", queued=queued) if queued else "")


def _first_row(count: int) -> int:
    if count <= ROWS:
        return 0
    return ROWS * (st.pagination((count - 1) // ROWS + 1, key="runs_page") - 1)


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
    alive = bool(studio.active(home()) or studio.waiting(home()))
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
            about = {"recipe": plain(t(shown.recipe.title)), "data": plain(title(shown.data))}
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
        st.caption(f"**{name}** · :red[{plain(problem)}]", width="stretch")
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


# --- what clicks do ----------------------------------------------------------------------------------


def _act(name: str) -> None:
    action = st.session_state[f"more {name}"]
    st.session_state["whole_page"] = True
    if action == "delete":
        _delete(name)
    elif action == "share":
        st.session_state["sharing"] = name
    elif action == "duplicate":
        try:
            shelf.duplicate(my_run(name))
        except Problem as problem:
            notify(str(problem))
    else:
        st.session_state["asking"] = (action, name)


def _delete(name: str) -> None:
    st.session_state["whole_page"] = True
    try:
        run = my_run(name)
        studio.let_go(run)
        shelf.throw_away(run)
        st.session_state["undo"] = name
        if st.session_state.get("run") == name:
            forget_run()
    except Problem as problem:
        notify(str(problem))


def _undo() -> None:
    """Right after a deletion: the way back."""
    name = st.session_state.get("undo")
    if name not in [run.name for run in shelf.thrown_away(home())]:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("{name} is in the trash.", name=name), width="content")
        st.button(
            t("Undo"),
            icon=":material/undo:",
            type="tertiary",
            key="undo click",
            on_click=_take_out,
            args=(name,),
        )


def _take_out(name: str) -> None:
    try:
        shelf.take_out(home(), name)
        st.session_state.pop("undo", None)
    except Problem as problem:
        notify(str(problem))


def _trash() -> None:
    gone = shelf.thrown_away(home())
    if not gone:
        return
    size = megabytes(size_of(home() / shelf.TRASH))
    with st.expander(t("Trash: {count} runs, {size}", count=len(gone), size=size), icon=":material/delete:"):
        for run in gone[:ROWS]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(run.name, width="content")
                st.button(
                    t("Take out"),
                    key=f"take out {run.name}",
                    icon=":material/restore_from_trash:",
                    type="tertiary",
                    on_click=_take_out,
                    args=(run.name,),
                )
        if st.button(t("Empty the trash…"), icon=":material/delete_forever:"):
            empty_dialog(len(gone), size)


@st.dialog(t("Empty the trash?"))
def empty_dialog(count: int, size: str) -> None:
    """The one question before runs are gone for good."""
    st.markdown(t("{count} runs, {size}, will be gone for good.", count=count, size=size))
    st.button(
        t("Empty the trash"),
        type="primary",
        icon=":material/delete_forever:",
        on_click=in_dialog,
        args=(shelf.empty_trash, home()),
    )
    end_of_dialog()


@st.dialog(t("Import a run"))
def import_dialog() -> None:
    """A run that Download made, here or elsewhere."""
    file = st.file_uploader(t("A run's ZIP, as Download made it"), type="zip")
    if file is None:
        return
    try:
        run = packing.unpack(home(), file, file.name)
    except Problem as problem:
        tell(str(problem))
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
    if shelf.rename(run, st.session_state[f"new name of {name}"]).name != name:
        studio.let_go(run)
        if st.session_state.get("run") == name:
            forget_run()


@st.dialog(t("Download"))
def download_dialog(name: str) -> None:
    """The run as a ZIP."""
    try:
        run = my_run(name)
    except Problem as problem:
        tell(str(problem))
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
    packing.pack(run, buffer)
    return buffer.getvalue()


frame.enter()
page()
if shared := st.session_state.pop("sharing", None):
    st.session_state["push run"] = shared
    st.switch_page("pages/hub.py")
if asked := st.session_state.pop("asking", None):
    {"rename": rename_dialog, "download": download_dialog}[asked[0]](asked[1])
