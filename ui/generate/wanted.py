"""The generator that an address wants, or a picture that was dropped: chosen where it is here, and compared
with the one that is shown.
"""

from dataclasses import dataclass, replace

import streamlit as st

from gan.generator.recent import SHORT_KEY, RecentGenerator
from gan.i18n import t
from ui.generate.choice import GeneratorChoice
from ui.session.notices import escape_markdown

LATEST = "latest"
FILE, HUB = "\0file", "\0hub"  # entries of the list that are no generator's name


@dataclass(frozen=True)
class Wanted:
    """A generator by its source, its step there, the beginning of its key."""

    source: str = ""
    step: str = ""
    key: str = ""
    raw: bool = False


def want(about: dict[str, str]) -> None:
    """Choose, when the page runs next, the generator that a query string names."""
    source = about.get("source", about.get("run", ""))
    key, is_raw = about.get("weights", ""), about.get("use") == "raw"
    st.session_state["wanted"] = Wanted(source, about.get("step", ""), key, is_raw)


def want_download(source: str) -> None:
    """Choose what has just been pulled, in place of what was missing."""
    missing: Wanted = st.session_state.pop("wanted later", Wanted())
    st.session_state["wanted"] = replace(missing, source=source)


def recent_name(recent: RecentGenerator) -> str:
    """How lists call a generator that was looked at before."""
    return f"seen:{recent.key}"


def choose_wanted(names: list[str], recents: list[RecentGenerator]) -> None:
    """Choose the generator that is wanted, of those that can be had; or the run that other pages show."""
    wanted: Wanted | None = st.session_state.pop("wanted", None)
    if wanted is None:
        if "source" not in st.session_state and st.session_state.get("run") in names:
            st.session_state["source"] = st.session_state["run"]
        return
    if wanted.source or wanted.key:
        st.session_state["averaged or raw"] = "raw" if wanted.raw else "averaged"
    st.session_state["weights wanted"] = (wanted.key, "")
    st.session_state.pop("source missing", None)
    before = next((one for one in recents if one.key == wanted.key[:SHORT_KEY]), None)
    if before and before.source in names:
        _choose(before.source, recent_name(before))
    elif before and recent_name(before) in names:
        _choose(recent_name(before), recent_name(before))
    elif wanted.source in names:
        _choose(wanted.source, f"step:{wanted.step}" if wanted.step.isdecimal() else LATEST)
    elif wanted.source:
        _miss(wanted)


def _choose(name: str, at: str) -> None:
    st.session_state["source"] = name
    st.session_state[f"at {name}"] = at


def _miss(wanted: Wanted) -> None:
    """It is not here: say so, and offer to pull it where it comes from the Hub."""
    st.session_state["source missing"] = wanted.source
    st.session_state["wanted later"] = wanted
    if wanted.source.startswith("hf:"):
        st.session_state["source"] = HUB
        st.session_state["hub wanted"] = wanted.source.removeprefix("hf:")


def compare(choice: GeneratorChoice) -> None:
    """Say so where these are not the weights that are wanted."""
    if missing := st.session_state.pop("source missing", ""):
        st.warning(t("{source} is not here; this is another generator.", source=escape_markdown(missing)))
        return
    key, compared = st.session_state.get("weights wanted", ("", ""))
    if not key:
        return
    here = f"{choice.source} {st.session_state.get(f'at {choice.source}', '')}"
    if compared not in ("", here):  # somebody has chosen another one since
        del st.session_state["weights wanted"]
        return
    st.session_state["weights wanted"] = (key, here)
    if not choice.weights.key.startswith(key[:SHORT_KEY]):
        st.warning(t("These weights are not those the address was made with: the pictures differ."))
        st.button(t("Stay with these"), on_click=lambda: st.session_state.pop("weights wanted", None))
