"""Which generator the Generate page looks into: a run's, one from the Hub, one from files, or one that was
looked at before.
"""

import os
from dataclasses import replace

import streamlit as st

from gan.control.supervisor import supervisor
from gan.errors import CANNOT_USE, os_errors_as
from gan.generator.config import read_config
from gan.generator.folder import GeneratorFiles, read_source
from gan.generator.recent import RecentGenerator, recent_in
from gan.hub.downloads import DownloadedGenerator, downloads_in
from gan.i18n import t
from ui.components.widgets import PERSISTENT
from ui.generate.choice import GeneratorChoice, keep_choice, recent_choice
from ui.generate.from_run import from_run
from ui.generate.pull_field import pull_here
from ui.generate.upload import upload
from ui.generate.wanted import FILE, HUB, choose_wanted, compare, recent_name, want_download
from ui.session.notices import escape_markdown
from ui.session.visitor import home, my_handle, my_runs

MOST_RUNS = 50  # in the list
LONGEST_CARD = 20_000  # characters of a stranger's card: shown as text, none of it is rendered
AVERAGED_HELP = "Raw: as training left them. Averaged: their running average (EMA), mostly better."


@os_errors_as(CANNOT_USE)
def choose_generator() -> GeneratorChoice | None:
    """The choice at the side; None where there is nothing to choose yet. Raises Problem for what can't be
    used.
    """
    downloads = {one.source: one for one in downloads_in(home())}
    runs, recents = _runs_with_weights(), recent_in(home())
    # files, and runs that are gone
    alone = {recent_name(one): one for one in recents if one.source not in runs}
    titles = {name: _run_title(name) for name in runs}
    titles |= {source: one.title for source, one in downloads.items()}
    titles |= {name: _recent_title(one) for name, one in alone.items()}
    with st.sidebar:
        choose_wanted(list(titles), recents)
        source = _select(titles | {FILE: t("From files…"), HUB: t("From the Hub…")})
        if source == FILE:
            choice = _from_files()
        elif source == HUB:
            choice = _from_hub()
        elif source in downloads:
            choice = _from_download(downloads[source])
        elif source in alone:
            choice = recent_choice(alone[source], alone[source].folder)
        else:
            choice = from_run(source, [one for one in recents if one.source == source])
        return choice and _with_details(choice)


def _runs_with_weights() -> list[str]:
    active = supervisor.runs.active(home())
    saved = [run.name for run in my_runs()[:MOST_RUNS] if os.path.exists(run.path / "model.safetensors")]
    first = [active.name] if active and active.snapshot.step else []
    return [*first, *(name for name in saved if name not in first)]


def _run_title(name: str) -> str:
    handle = my_handle(name)
    return t("{name} · in training", name=name) if handle and handle.snapshot.alive else name


def _recent_title(recent: RecentGenerator) -> str:
    step = f"{recent.step:,}"
    if recent.source.startswith("file:"):
        return t("{name}, step {step}", name=recent.source.removeprefix("file:"), step=step)
    return t("{name}, step {step} (the run is gone)", name=recent.source, step=step)


def _select(titles: dict[str, str]) -> str:
    if st.session_state.get("source") not in titles:
        st.session_state.pop("source", None)
    return st.selectbox(t("Generator"), list(titles), format_func=titles.get, key="source", **PERSISTENT)


def _with_details(choice: GeneratorChoice) -> GeneratorChoice:
    """Say what it is; where it has averaged weights, choose whether these or the raw ones draw."""
    config = choice.config
    about = {"recipe": escape_markdown(t(config.recipe.title)), "data": escape_markdown(config.data.name)}
    st.caption(t("{recipe} on {data}, step {step}", step=f"{config.step:,}", **about))
    if config.recipe.ema and _wants_raw():
        choice = replace(choice, weights=choice.weights.as_raw())
    compare(choice)
    return choice


def _wants_raw() -> bool:
    titles = {"averaged": t("Averaged"), "raw": t("Raw")}
    kind = st.segmented_control(
        t("Weights"),
        list(titles),
        format_func=titles.get,
        default="averaged",
        required=True,
        help=t(AVERAGED_HELP),
        key="averaged or raw",
        **PERSISTENT,
    )
    return kind == "raw"


# --- from elsewhere ----------------------------------------------------------------------------------


def _from_files() -> GeneratorChoice | None:
    """Two files, or their ZIP."""
    if (files := upload()) is None:
        return None
    config, tensors, name = files
    about = read_config(config)
    if name.endswith(".zip"):
        title = name.removesuffix(".zip")
    else:
        title = f"{about.recipe.name} on {about.data.name}"
    return keep_choice(f"file:{_harmless(title)}", config, tensors)


def _harmless(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in " ._-" else "_" for letter in name)[:60]


def _from_download(download: DownloadedGenerator) -> GeneratorChoice:
    config, tensors = read_source(download.folder)
    card = download.folder / "README.md"
    if card.is_file():
        with st.expander(t("Card, as its author wrote it")):
            st.code(card.read_text("utf-8", errors="replace")[:LONGEST_CARD], language=None, wrap_lines=True)
    files = GeneratorFiles.of(config, tensors)
    return GeneratorChoice(download.source, files, read_config(config), download.folder)


def _from_hub() -> GeneratorChoice | None:
    """A repository by its name; what is pulled is chosen."""
    if pulled := pull_here(st.session_state.pop("hub wanted", "")):
        want_download(pulled.source)
        st.rerun()
    return None
