"""A recipe's settings as widgets. Which kind of widget, and what it offers, the setting itself says
(gan.recipes.recipe): no setting is named here.
"""

from collections.abc import Callable

import streamlit as st

from gan.i18n import t
from gan.recipes.fields import Setting, allowed, as_text
from gan.recipes.recipe import SETTINGS, Recipe
from ui.components.widgets import PERSISTENT


def setting_widget(
    name: str, recipe: Recipe, key: str, on_change: Callable | None = None, lasting: bool = True
) -> None:
    """The widget of a setting, at the recipe's value at first. What it shows stands under `key`, and outlives
    a look at other pages if it is `lasting`.
    """
    setting = SETTINGS[name]
    st.session_state.setdefault(key, shown_value(name, recipe))
    about = {"key": key, "on_change": on_change, "help": t(setting.help) if setting.help else None}
    if lasting:
        about |= PERSISTENT
    label = t(setting.label)
    if setting.on:
        st.toggle(label, **about)
    elif choices := choices_of(name, st.session_state[key]):
        widget = st.select_slider if setting.live else st.selectbox
        widget(label, choices, format_func=setting.show, **about)
    elif isinstance(getattr(recipe, name), int):
        st.number_input(label, 1, step=1, **about)
    else:
        st.text_input(label, **about)


def choices_of(name: str, value: object) -> list:
    """What a setting offers; a value of another kind is one of them."""
    if listed := allowed(Recipe, name):
        return list(listed)
    choices = SETTINGS[name].choices
    return sorted({*choices, value}) if choices else []


def shown_value(name: str, recipe: Recipe) -> object:
    """What a setting's widget shows for the recipe's value."""
    setting, value = SETTINGS[name], getattr(recipe, name)
    if setting.on:
        return value > 0
    return value if setting.choices or allowed(Recipe, name) or isinstance(value, int) else as_text(value)


def value_in(name: str, recipe: Recipe, key: str) -> object:
    """The setting's value as its widget says it."""
    setting, seen = SETTINGS[name], st.session_state[key]
    return (getattr(recipe, name) or setting.on) * seen if setting.on else seen


def first_glance(recipe: Recipe) -> dict[str, Setting]:
    """The recipe's settings that stand in the form itself."""
    return {name: setting for name, setting in recipe.settings().items() if setting.at_first_glance}


def more_settings(recipe: Recipe) -> dict[str, Setting]:
    """Its other ones, for who wants to change what the recipe is."""
    found = recipe.settings().items()
    return {name: one for name, one in found if not one.at_first_glance and not one.of_length}
