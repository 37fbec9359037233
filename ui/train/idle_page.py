"""The Train page before a run: recipes to choose from, and Start."""

import streamlit as st

from gan.i18n import t
from gan.recipes.recipe import Recipe
from gan.recipes.table import RECIPES
from ui import STATIC
from ui.components.widgets import row
from ui.session.notices import show_notice
from ui.session.run import remember_run
from ui.session.visitor import my_runs
from ui.train import controls, settings

LISTED_RUNS = 30


def idle_page() -> None:
    """The form at the side, Start at the top, a card for each recipe."""
    settings.new_run_form()
    controls.idle_bar()
    show_notice()
    with row("bottom"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(t("### Pick a recipe, press Start"))
            st.caption(t("Pictures appear within seconds. Pause, look back or stop whenever you like."))
        if runs := my_runs():
            st.menu_button(
                t("Open a saved run"),
                [run.name for run in runs[:LISTED_RUNS]],
                key="saved_run",
                icon=":material/folder_open:",
                type="tertiary",
                on_click=lambda: remember_run(st.session_state["saved_run"]),
            )
    for column, recipe in zip(st.columns(len(RECIPES)), RECIPES.values(), strict=True):
        with column, st.container(border=True, height="stretch"):
            _card(recipe)


def _card(recipe: Recipe) -> None:
    picture = STATIC / "recipes" / f"{recipe.name}.png"
    st.image(picture, width="stretch", alt=t("Pictures this recipe made of MNIST"))
    with st.container(horizontal=True):
        st.markdown(f"**{t(recipe.title)}**", width="stretch")
        st.badge(recipe.loss, color="gray")
    st.caption(f"{t(recipe.purpose)}  \n{t(recipe.source)}")
    st.space("stretch")
    if st.session_state["recipe"] == recipe.name:
        st.button(t(":primary[**Chosen**]"), icon=":material/check:", type="tertiary", width="stretch")
    else:
        click = {"on_click": settings.choose_recipe, "args": (recipe.name,)}
        st.button(t("Choose"), key=f"choose {recipe.name}", width="stretch", **click)
