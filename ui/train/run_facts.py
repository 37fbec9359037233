"""The Settings tab: what a run was started with, and how it computes."""

import streamlit as st

from gan.i18n import t
from gan.limits import is_public
from gan.recipes.fields import rate
from gan.recipes.numerics import Numerics
from gan.runs.command_line import command_line
from ui.session.notices import escape_markdown
from ui.session.run import PageRun


def run_facts(page_run: PageRun) -> None:
    """A table of the run's settings, and the command that trains the same without a browser."""
    recipe = page_run.recipe
    facts = {
        t("Run"): page_run.name,
        t("Folder"): page_run.name if is_public() else str(page_run.run.path),
        t("Source"): t(recipe.source),
        t("Loss"): t("{loss}, {order} first", loss=recipe.loss.upper(), order=recipe.order[0].upper()),
        t("Learning rates"): f"G {rate(recipe.g_rate)}, D {rate(recipe.d_rate)}",
        t("Seed"): str(page_run.seed),
    }
    info = page_run.run.stored_info() if page_run.run.exists() else None
    if info and info.begun:
        numerics = info.numerics or Numerics()
        facts[t("Device")] = f"{info.device}, torch {info.torch}"
        facts[t("Computes with")] = numerics.told(info.device)
        facts[t("Last save")] = t("step {step}", step=f"{info.saved:,}")
    st.dataframe(
        [{"setting": setting, "value": value} for setting, value in facts.items()],
        column_config={"setting": t("Setting"), "value": t("Value")},
        hide_index=True,
        row_height=26,
    )
    if info and info.begun and info.numerics and info.numerics.why:
        st.caption(t("It computes like that because: {why}.", why=escape_markdown(info.numerics.why)))
    if info:
        st.caption(t("The same run from the command line:"))
        st.code(command_line(info), language="bash", wrap_lines=True)
