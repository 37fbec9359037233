"""The generator that the page looks into."""

import os
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from gan.generator.config import GeneratorConfig, read_config
from gan.generator.folder import GeneratorFiles
from gan.generator.recent import RecentGenerator, folder_of, keep_recent
from ui.session.visitor import home


@dataclass(frozen=True)
class GeneratorChoice:
    """A generator to look into. `source` names it in addresses; saved directions lie in `folder`."""

    source: str
    weights: GeneratorFiles
    config: GeneratorConfig
    folder: Path

    @property
    def name(self) -> str:
        """What files are called after it."""
        return self.source.split("@")[0].split(":")[-1].split("/")[-1] or "generator"

    @property
    def stem(self) -> str:
        """The beginning of the name of each file that is downloaded."""
        return f"{self.name}-step{self.config.step}"


def keep_choice(source: str, config: bytes, tensors: bytes, folder: Path | None = None) -> GeneratorChoice:
    """A generator that is kept among the recent ones, so that its address goes on meaning it. Raises
    Problem.
    """
    files, about = GeneratorFiles.of(config, tensors), read_config(config)
    kept = folder_of(home(), files.key)
    if st.session_state.get("kept last") != files.key or not os.path.exists(kept):
        keep_recent(home(), files, source, about.step)
        st.session_state["kept last"] = files.key
    return GeneratorChoice(source, files, about, folder or kept)


def recent_choice(recent: RecentGenerator, folder: Path) -> GeneratorChoice:
    """A generator that was looked at before. Raises Problem."""
    files = recent.files()
    return GeneratorChoice(recent.source, files, read_config(files.config), folder)
