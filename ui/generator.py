"""Which generator the Generate page looks into: a run's, as it trains or as it was saved, or one from two
files.
"""

import zipfile
from dataclasses import dataclass
from io import BytesIO

import streamlit as st

from gan.formats import GeneratorConfig, check_size, max_weights, read_config, read_source
from gan.handles import Weights
from gan.hub.pulled import Pulled, pulled_in
from gan.live import studio
from gan.runs import Run
from gan.words import Problem, t
from ui.shown import plain
from ui.visitor import home, my_handle, my_run, my_runs

FILE = "\0file"  # the choice that is no run's name
SHOWN = 50  # runs in the list


@dataclass(frozen=True)
class Chosen:
    """A generator to draw from. `name` is good for file names."""

    name: str
    weights: Weights
    config: GeneratorConfig


def choose_generator() -> Chosen | None:
    """The choice at the side; None where there is nothing to choose yet. Raises Problem for files that can't
    be used.
    """
    pulled = {one.title: one for one in pulled_in(home())}  # a title has a slash, a run's name has none
    names = [*_runs_with_weights(), *pulled]
    with st.sidebar:
        wanted = st.session_state.get("run")
        if "source" not in st.session_state and wanted in names:
            st.session_state["source"] = wanted
        if st.session_state.get("source") not in [*names, FILE]:
            st.session_state.pop("source", None)
        source = st.selectbox(
            t("Generator"), [*names, FILE], format_func=_label, key="source", persist_state="session"
        )
        if source == FILE:
            return _from_files()
        return _from_pulled(pulled[source]) if source in pulled else _from_run(source)


def _runs_with_weights() -> list[str]:
    active = studio.active(home())
    saved = [run.name for run in my_runs()[:SHOWN] if (run.path / "model.safetensors").exists()]
    first = [active.name] if active and active.snapshot.step else []
    return [*first, *(name for name in saved if name not in first)]


def _label(name: str) -> str:
    if name == FILE:
        return t("From files…")
    handle = my_handle(name)
    return t("{name} · in training", name=name) if handle and handle.snapshot.alive else name


# --- from a run --------------------------------------------------------------------------------------


def _from_run(name: str) -> Chosen:
    """A run in training is looked at as it was when one chose it, until one takes the latest."""
    handle = my_handle(name)
    live = handle is not None and handle.is_training
    taken: dict[str, Chosen] = st.session_state.setdefault("taken", {})
    if live:
        latest = st.button(t("Take the latest"), icon=":material/sync:", width="stretch", help=t(LATEST_HELP))
        if latest or name not in taken:
            taken[name] = _chosen(name, *handle.weights())
    else:
        taken[name] = _saved(my_run(name))
    chosen = taken[name]
    _about(chosen)
    return chosen


LATEST_HELP = "Training goes on; the pictures stay those of one step until you ask for newer weights."


def _saved(run: Run) -> Chosen:
    return _chosen(run.name, *read_source(run.path))


def _chosen(name: str, config: bytes, tensors: bytes) -> Chosen:
    return Chosen(name, Weights.of(config, tensors), read_config(config))


def _about(chosen: Chosen) -> None:
    about = {"recipe": plain(t(chosen.config.recipe.title)), "data": plain(chosen.config.data.name)}
    st.caption(t("{recipe} on {data}, step {step}", step=f"{chosen.config.step:,}", **about))


# --- from the Hub ------------------------------------------------------------------------------------


def _from_pulled(one: Pulled) -> Chosen:
    chosen = _chosen(one.repo_id.split("/")[-1], *read_source(one.folder))
    _about(chosen)
    card = one.folder / "README.md"
    if card.is_file():
        with st.expander(t("Card, as its author wrote it")):
            st.code(card.read_text(errors="replace")[:MOST_CARD], language=None, wrap_lines=True)
    return chosen


MOST_CARD = 20_000  # characters of a stranger's card: shown as text, none of it is rendered


# --- from files --------------------------------------------------------------------------------------


def _from_files() -> Chosen | None:
    """`model.safetensors` and `config.json`, or both in one ZIP."""
    files = st.file_uploader(
        t("model.safetensors and config.json, or their ZIP"),
        type=["safetensors", "json", "zip"],
        accept_multiple_files=True,
        key="files",
    )
    if not files:
        return None
    contents = _unpacked({file.name: file.getvalue() for file in files})
    config = [content for name, content in contents.items() if name.endswith(".json")]
    tensors = [content for name, content in contents.items() if name.endswith(".safetensors")]
    if len(config) != 1 or len(tensors) != 1:
        raise Problem(
            "A generator is two files, config.json and model.safetensors; here are {configs} of the one "
            "and {tensors} of the other.",
            configs=len(config),
            tensors=len(tensors),
        )
    chosen = _chosen("generator", config[0], tensors[0])
    st.caption(t("step {step}, {made_by}", step=f"{chosen.config.step:,}", made_by=chosen.config.made_by))
    return chosen


def _unpacked(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files, each ZIP among them replaced by what is needed of it. Nothing is written to the disk."""
    contents = {}
    for name, content in files.items():
        if not name.endswith(".zip"):
            contents[name] = content
            continue
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                for entry in archive.infolist():
                    if entry.filename.endswith(("model.safetensors", "config.json")):
                        check_size(entry.filename, entry.file_size, max_weights())
                        contents[entry.filename] = archive.read(entry)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
            raise Problem(
                "{name} is no ZIP that can be read: upload the two files themselves.", name=name
            ) from None
    return contents


def weights_zip(chosen: Chosen) -> bytes:
    """Both files in one ZIP, as `_from_files` takes it."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", chosen.weights.config)
        archive.writestr("model.safetensors", chosen.weights.tensors)
    return buffer.getvalue()
