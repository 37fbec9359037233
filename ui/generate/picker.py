"""Which generator the Generate page looks into: a run's as it trains, as it was saved or as it was at a
checkpoint, one from the Hub, one from files, or one that was looked at before.
"""

from dataclasses import replace
from pathlib import Path
from time import monotonic

import streamlit as st

from gan.control.run_handle import RunHandle
from gan.control.supervisor import supervisor
from gan.generator.config import read_config
from gan.generator.folder import GeneratorFiles, read_source
from gan.generator.recent import SHORT_KEY, RecentGenerator, folder_of, keep_recent, recent_in
from gan.hub.downloads import DownloadedGenerator, downloads_in
from gan.i18n import t
from gan.runs.checkpoints import checkpoints, step_of
from gan.runs.fork import generator_at
from ui.components.widgets import PERSISTENT
from ui.generate.choice import GeneratorChoice
from ui.generate.pull_field import pull_here
from ui.generate.upload import upload
from ui.session.notices import escape_markdown
from ui.session.visitor import home, my_handle, my_run, my_runs

FILE, HUB = "\0file", "\0hub"  # choices that are no generator's name
LATEST = "latest"
SHOWN = 50  # runs in the list
MOST_CARD = 20_000  # characters of a stranger's card: shown as text, none of it is rendered


def choose_generator() -> GeneratorChoice | None:
    """The choice at the side; None where there is nothing to choose yet. Raises Problem for what can't be
    used.
    """
    pulled = {one.source: one for one in downloads_in(home())}
    seen = recent_in(home())
    runs = _runs_with_weights()
    alone = {
        f"seen:{one.key}": one for one in seen if one.source not in runs
    }  # files, and runs that are gone
    names = [*runs, *pulled, *alone]
    with st.sidebar:
        _take_wanted(names, seen)
        if st.session_state.get("source") not in [*names, FILE, HUB]:
            st.session_state.pop("source", None)
        titles = {name: one.title for name, one in pulled.items()} | {
            name: _alone_title(one) for name, one in alone.items()
        }
        source = st.selectbox(
            t("Generator"),
            [*names, FILE, HUB],
            format_func=lambda name: titles.get(name) or _label(name),
            key="source",
            **PERSISTENT,
        )
        if source == FILE:
            choice = _from_files()
        elif source == HUB:
            choice = _from_hub()
        elif source in pulled:
            choice = _from_pulled(source, pulled[source])
        elif source in alone:
            choice = _from_recent(alone[source], alone[source].folder)
        else:
            choice = _from_run(source, [one for one in seen if one.source == source])
        if choice:
            _about(choice)
            choice = _averaged_or_raw(choice)
            _compare(choice)
        return choice


def _runs_with_weights() -> list[str]:
    active = supervisor.runs.active(home())
    saved = [run.name for run in my_runs()[:SHOWN] if (run.path / "model.safetensors").exists()]
    first = [active.name] if active and active.snapshot.step else []
    return [*first, *(name for name in saved if name not in first)]


def _label(name: str) -> str:
    if name in (FILE, HUB):
        return t("From files…") if name == FILE else t("From the Hub…")
    handle = my_handle(name)
    return t("{name} · in training", name=name) if handle and handle.snapshot.alive else name


def _alone_title(one: RecentGenerator) -> str:
    if one.source.startswith("file:"):
        return t("{name}, step {step}", name=one.source.removeprefix("file:"), step=f"{one.step:,}")
    return t("{name}, step {step} (the run is gone)", name=one.source, step=f"{one.step:,}")


def _averaged_or_raw(choice: GeneratorChoice) -> GeneratorChoice:
    """Where there is an average, which of the two draws."""
    if not choice.config.recipe.ema:
        return choice
    kind = st.segmented_control(
        t("Weights"),
        ["averaged", "raw"],
        format_func={"averaged": t("Averaged"), "raw": t("Raw")}.get,
        default="averaged",
        required=True,
        help=t(AVERAGED_HELP),
        key="averaged or raw",
        **PERSISTENT,
    )
    return replace(choice, weights=choice.weights.as_raw()) if kind == "raw" else choice


AVERAGED_HELP = "Raw: as training left them. Averaged: their running average (EMA), mostly better."


def _about(choice: GeneratorChoice) -> None:
    recipe, data = t(choice.config.recipe.title), choice.config.data.name
    about = {"recipe": escape_markdown(recipe), "data": escape_markdown(data)}
    st.caption(t("{recipe} on {data}, step {step}", step=f"{choice.config.step:,}", **about))


# --- what an address asks for ------------------------------------------------------------------------


def _take_wanted(names: list[str], seen: list[RecentGenerator]) -> None:
    """Choose what an address, or a picture that was dropped, names; what can't be had is told."""
    wanted = st.session_state.pop("view wanted", None)
    if wanted is None:
        if "source" not in st.session_state and st.session_state.get("run") in names:
            st.session_state["source"] = st.session_state["run"]
        return
    source, key = wanted.get("source", ""), wanted.get("weights", "")
    if source or key:
        st.session_state["averaged or raw"] = "raw" if wanted.get("use") == "raw" else "averaged"
    st.session_state["weights wanted"] = (key, "")
    st.session_state.pop("source missing", None)
    before = next((one for one in seen if key and one.key == key[:SHORT_KEY]), None)
    if before and (name := before.source if before.source in names else f"seen:{before.key}") in names:
        st.session_state["source"] = name
        st.session_state[f"at {name}"] = f"seen:{before.key}"
    elif source in names:
        st.session_state["source"] = source
        step = wanted.get("step", "")
        st.session_state[f"at {source}"] = f"step:{step}" if step.isdecimal() else LATEST
    elif source:
        st.session_state["source missing"] = source
        st.session_state["view wanted later"] = wanted
        if source.startswith("hf:"):
            st.session_state["source"] = HUB
            st.session_state["hub wanted"] = source.removeprefix("hf:")


def _compare(choice: GeneratorChoice) -> None:
    """Say so where these are not the weights that an address was made with."""
    if missing := st.session_state.pop("source missing", ""):
        st.warning(t("{source} is not here; this is another generator.", source=escape_markdown(missing)))
        return
    wanted, of = st.session_state.get("weights wanted", ("", ""))
    here = f"{choice.source} {st.session_state.get(f'at {choice.source}', '')}"
    if wanted and of not in ("", here):  # somebody has chosen another one since
        del st.session_state["weights wanted"]
        return
    if wanted:
        st.session_state["weights wanted"] = (wanted, here)
    if wanted and not choice.weights.key.startswith(wanted[:SHORT_KEY]):
        st.warning(t("These weights are not those the address was made with: the pictures differ."))
        st.button(t("Stay with these"), on_click=lambda: st.session_state.pop("weights wanted", None))


# --- from a run --------------------------------------------------------------------------------------


def _from_run(name: str, seen: list[RecentGenerator]) -> GeneratorChoice:
    """A run in training is looked at as it was when one chose it, until one takes the latest."""
    handle = my_handle(name)
    live = handle is not None and handle.is_training
    run = my_run(name)
    before = {f"seen:{one.key}": one for one in seen}
    steps = {f"step:{step_of(one)}": step_of(one) for one in reversed(checkpoints(run))}
    at = _choose_step(name, steps, before, live)
    taken: dict = st.session_state.setdefault("taken", {})  # of one run in training, as one last took it
    mine = (name, id(handle))
    if at in before:
        return _from_recent(before[at], run.path)
    if at in steps:
        return _kept(name, *generator_at(run, steps[at]), folder=run.path)
    if not live:
        return _kept(name, *read_source(run.path), folder=run.path)
    latest = st.button(t("Take the latest"), icon=":material/sync:", width="stretch", help=t(LATEST_HELP))
    if latest or mine not in taken:
        choice = _kept(name, *handle.weights(), folder=run.path)
        taken.clear()
        taken[mine] = choice
    _training_goes_on(handle)
    return taken[mine]


@st.fragment(run_every=2.0)
def _training_goes_on(handle: RunHandle) -> None:
    """How far it is; whoever explores it watches it."""
    handle.seen = monotonic()
    st.caption(t("Training is at step {step}", step=f"{handle.snapshot.step:,}"))


LATEST_HELP = "Training goes on; the pictures stay those of one step until you ask for newer weights."


def _choose_step(name: str, steps: dict[str, int], before: dict[str, RecentGenerator], live: bool) -> str:
    """The newest weights, those of a checkpoint, or those that were looked at before."""
    key, options = f"at {name}", [LATEST, *steps]
    known = {*steps.values(), my_run(name).stored_info().saved}
    options += [one for one, recent in before.items() if recent.step not in known]
    wanted = st.session_state.get(key, LATEST)
    if wanted in before and wanted not in options:  # of the same step as a checkpoint: it is that one
        options.append(wanted)
    if wanted not in options:
        st.session_state[key] = LATEST
    labels = {LATEST: t("Latest") if live else t("As saved last")}
    labels |= {one: t("Step {step}, checkpoint", step=f"{step:,}") for one, step in steps.items()}
    labels |= {
        one: t("Step {step}, looked at before", step=f"{recent.step:,}") for one, recent in before.items()
    }
    return st.selectbox(
        t("Step"), options, format_func=lambda one: labels.get(one, one), key=key, **PERSISTENT
    )


def _kept(source: str, config: bytes, tensors: bytes, folder: Path | None = None) -> GeneratorChoice:
    """A generator that is kept among the recent ones, so that its address goes on meaning it."""
    weights, about = GeneratorFiles.of(config, tensors), read_config(config)
    last = st.session_state.get("kept last")
    at = folder_of(home(), weights.key)
    if last != weights.key or not at.exists():
        at = keep_recent(home(), weights, source, about.step)
        st.session_state["kept last"] = weights.key
    return GeneratorChoice(source, weights, about, folder or at)


def _from_recent(one: RecentGenerator, folder: Path) -> GeneratorChoice:
    weights = one.files()
    return GeneratorChoice(one.source, weights, read_config(weights.config), folder)


# --- from elsewhere ----------------------------------------------------------------------------------


def _from_files() -> GeneratorChoice | None:
    """Two files, or their ZIP."""
    if (dropped := upload()) is None:
        return None
    config, tensors, name = dropped
    about = read_config(config)
    called = (
        name.removesuffix(".zip") if name.endswith(".zip") else f"{about.recipe.name} on {about.data.name}"
    )
    return _kept(f"file:{_harmless(called)}", config, tensors)


def _harmless(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in " ._-" else "_" for letter in name)[:60]


def _from_pulled(source: str, one: DownloadedGenerator) -> GeneratorChoice:
    config, tensors = read_source(one.folder)
    card = one.folder / "README.md"
    if card.is_file():
        with st.expander(t("Card, as its author wrote it")):
            st.code(card.read_text(errors="replace")[:MOST_CARD], language=None, wrap_lines=True)
    return GeneratorChoice(source, GeneratorFiles.of(config, tensors), read_config(config), one.folder)


def _from_hub() -> GeneratorChoice | None:
    """A repository by its name; what is pulled is chosen."""
    if pulled := pull_here(st.session_state.pop("hub wanted", "")):
        asked = st.session_state.pop("view wanted later", {})
        st.session_state["view wanted"] = asked | {"source": pulled.source}
        st.rerun()
    return None
