"""The form of a new run, at the side of the Train page."""

from collections.abc import Callable

import streamlit as st

from gan.control.run_handle import RunHandle
from gan.control.supervisor import supervisor
from gan.data import datasets
from gan.data.datasets import DATASETS
from gan.errors import Problem
from gan.i18n import t
from gan.recipes.recipe import MAX_SEED, MAX_STEPS, Recipe
from gan.recipes.table import RECIPES
from gan.runs.order import Order
from ui.components.widgets import PERSISTENT
from ui.session.visitor import home
from ui.train.mnist import mnist_download
from ui.train.recipe_settings import first_glance, more_settings, setting_widget, shown_value, value_in


def new_run_form() -> None:
    """The settings of the next run. They stay as they are while another page is open."""
    _mend_choices()
    if wanted := st.session_state.pop("data_wanted", None) or _first_data():
        st.session_state["data"] = wanted
    with st.sidebar:
        recipe = RECIPES[_choice(t("Recipe"), "recipe", list(RECIPES), lambda name: t(RECIPES[name].title))]
        if st.session_state.get("settings_of") != recipe.name:
            _take_defaults(recipe)
        elif wanted:
            _length_follows()
        _choice(t("Data"), "data", list(DATASETS), data_label, on_change=_length_follows)
        mnist_download()
        _fields(recipe)
        _choice(t("Device"), "device", ["auto", *supervisor.devices()], _device_label)
        _more_fields(recipe)


def _fields(recipe: Recipe) -> None:
    """The recipe's settings, seed and length. Two boxes share a line: so all fit a laptop's window."""
    glance = first_glance(recipe)
    boxes = [name for name, setting in glance.items() if setting.choices and not setting.live]
    for column, name in zip(st.columns(len(boxes) + 1), [*boxes, "seed"], strict=True):
        with column:
            if name == "seed":
                about = {"key": "seed", "help": t(SEED_HELP)} | PERSISTENT
                st.number_input(t("Seed"), 0, MAX_SEED, value=0, step=1, **about)
            else:
                setting_widget(name, recipe, name, _length_follows)
    for name in (name for name, setting in glance.items() if setting.live):
        setting_widget(name, recipe, name)
    st.number_input(t("Stop at step"), 1, MAX_STEPS, step=100, key="steps", **PERSISTENT)
    for name in (name for name, setting in glance.items() if setting.on):
        setting_widget(name, recipe, name)


def _more_fields(recipe: Recipe) -> None:
    """What makes the recipe what it is, for who wants to change that."""
    with st.expander(t("More settings")):
        for name in more_settings(recipe):
            setting_widget(name, recipe, name, _length_follows)


SEED_HELP = "The same recipe, data and seed give the same run, to the bit, on the same machine."


def _choice(
    label: str,
    key: str,
    options: list[str],
    show: Callable[[str], str],
    on_change: Callable[[], None] | None = None,
) -> str:
    return st.selectbox(label, options, format_func=show, key=key, on_change=on_change, **PERSISTENT)


def _mend_choices() -> None:
    """Labels of data and devices change when more is known about them. A browser may still send a label from
    before, which is no choice now: put the choice it meant in its place.
    """
    state = st.session_state
    if state.get("device", "auto") not in ("auto", *supervisor.devices()):
        state["device"] = "auto"
    if (data := state.get("data", "digits")) not in DATASETS:
        state["data"] = next((name for name in DATASETS if data.startswith(datasets.title(name))), "digits")


def _first_data() -> str | None:
    """The data where a browser has chosen none yet: MNIST if it is here, else the digits."""
    if "data" in st.session_state:
        return None
    return "mnist" if datasets.count("mnist") else "digits"


def data_label(name: str, images: int = 0) -> str:
    """A data set's title with its size, as far as it is known."""
    count = images or datasets.count(name)
    if count is None:
        return t("{data} · not here yet", data=datasets.title(name))
    return t("{data} · {count} images", data=datasets.title(name), count=f"{count:,}")


def _device_label(name: str) -> str:
    devices = supervisor.devices()
    titles = {"cuda": "CUDA", "mps": "MPS", "cpu": "CPU"}
    if name == "auto":
        return t("Automatic: {device}", device=titles[devices[0]]) if devices else t("Automatic")
    return titles[name]


def _take_defaults(recipe: Recipe) -> None:
    """Put a newly chosen recipe's settings into the form; data and seed stay."""
    st.session_state["settings_of"] = recipe.name
    for name in recipe.settings():
        st.session_state[name] = shown_value(name, recipe)
    _length_follows()


def _length_follows() -> None:
    """Put the recipe's length on the chosen data into the form, in steps."""
    count = datasets.count(st.session_state.get("data", "digits")) or 60_000
    try:
        st.session_state["steps"] = _wanted_recipe().length(count)
    except Problem:  # a setting can't be used: Start says which
        pass


def _wanted_recipe() -> Recipe:
    """The chosen recipe with the form's settings. Raises Problem naming the one that can't be used."""
    recipe = RECIPES[st.session_state["recipe"]]
    names = [*first_glance(recipe), *more_settings(recipe)]
    return recipe.with_changes({name: value_in(name, recipe, name) for name in names})


def choose_recipe(name: str) -> None:
    """What a click on a recipe's card does."""
    st.session_state["recipe"] = name


def order() -> Order:
    """What the form asks for. Raises Problem naming the setting that can't be used."""
    _mend_choices()
    state = st.session_state
    return Order(_wanted_recipe(), state["data"], int(state["seed"]), int(state["steps"]), state["device"])


def start(intent: str, paused: bool = False) -> RunHandle:
    """Start what the form asks for. Raises Problem."""
    wanted = order()
    if not datasets.is_here(wanted.data):
        raise Problem("MNIST is not here yet: press Download MNIST at the side, or choose the digits.")
    return supervisor.start(wanted, intent, home(), paused)
