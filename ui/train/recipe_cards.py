"""What the Train page shows before a run."""

import streamlit as st

from gan.i18n import t
from gan.recipes.table import RECIPES
from ui.session.notices import show_notice
from ui.session.run import remember_run
from ui.session.visitor import my_runs
from ui.train import controls, settings


def idle_page() -> None:
    """Recipes to choose from, and Start."""
    settings.new_run_form()
    controls.idle_bar()
    show_notice()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(t("### Pick a recipe, press Start"))
            st.caption(t("Pictures appear within seconds. Pause, look back or stop whenever you like."))
        if runs := my_runs():
            names = [run.name for run in runs[:30]]
            st.menu_button(
                t("Open a saved run"),
                names,
                key="saved_run",
                icon=":material/folder_open:",
                type="tertiary",
                on_click=lambda: remember_run(st.session_state["saved_run"]),
            )
    for column, recipe in zip(st.columns(len(RECIPES)), RECIPES.values(), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.image(
                f"static/recipes/{recipe.name}.png",
                width="stretch",
                alt=t("Pictures this recipe made of MNIST"),
            )
            with st.container(horizontal=True):
                st.markdown(f"**{t(recipe.title)}**", width="stretch")
                st.badge(recipe.loss, color="gray")
            st.caption(f"{t(recipe.purpose)}  \n{t(recipe.source)}")
            st.space("stretch")
            if st.session_state["recipe"] == recipe.name:
                st.button(
                    t(":primary[**Chosen**]"), icon=":material/check:", type="tertiary", width="stretch"
                )
            else:
                st.button(
                    t("Choose"),
                    key=f"choose {recipe.name}",
                    width="stretch",
                    on_click=settings.choose_recipe,
                    args=(recipe.name,),
                )
