"""The settings at the side: all of them before a run, the learning rates during one."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.data import datasets
from gan.data.datasets import DATASETS
from gan.errors import Problem
from gan.i18n import t
from gan.recipes.recipe import MAX_SEED, MAX_STEPS, Recipe
from gan.recipes.table import RECIPES
from gan.runs.events import rate
from ui.session.visitor import home
from ui.train.mnist import mnist_download

RATES = [float(f"{digit}e{power}") for power in range(-5, -1) for digit in (1, 2, 5)] + [0.1]
BATCHES = [16, 32, 64, 128, 256]
NAMES = {"g_rate": "Learning rate G", "d_rate": "Learning rate D"}


def new_run_form() -> None:
    """Settings for the next run. They stay as they are while one looks at other pages."""
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
        batch, seed = st.columns(2)  # beside each other: all settings fit a laptop's window
        with batch:
            _choice(t("Batch"), "batch", BATCHES, str, on_change=_length_follows)
        seed.number_input(
            t("Seed"), 0, MAX_SEED, value=0, step=1, key="seed", persist_state="session", help=t(SEED_HELP)
        )
        for key, name in NAMES.items():
            st.select_slider(t(name), RATES, format_func=rate, key=key, persist_state="session")
        st.number_input(t("Stop at step"), 1, MAX_STEPS, step=100, key="steps", persist_state="session")
        st.toggle(t("Averaged weights"), key="averaged", persist_state="session", help=t(AVERAGED_HELP))
        _choice(t("Device"), "device", ["auto", *supervisor.facts().get("devices", [])], _device_label)


HALF_LIFE = 10_000.0  # images, of the average that the form asks for: 300 steps or so
AVERAGED_HELP = (
    "Keep a running average of G's weights beside them (EMA, half-life 10,000 images) and draw pictures with "
    "it: they are steadier and mostly better. Training itself stays the same, to the bit."
)
SEED_HELP = "The same recipe, data and seed give the same run, to the bit, on the same machine."


def _choice(label: str, key: str, options: list, show, on_change=None):
    return st.selectbox(
        label, options, format_func=show, key=key, persist_state="session", on_change=on_change
    )


def _mend_choices() -> None:
    """Labels of data and devices change with what becomes known. A browser that was faster than that sends
    the label of a moment ago, which is none of the choices now.
    """
    state = st.session_state
    if state.get("device", "auto") not in ("auto", *supervisor.facts().get("devices", [])):
        state["device"] = "auto"
    if (data := state.get("data", "digits")) not in DATASETS:
        state["data"] = next((name for name in DATASETS if data.startswith(datasets.title(name))), "digits")


def _first_data() -> str | None:
    """What a browser that has chosen no data begins with: MNIST where it is, else the digits."""
    if "data" in st.session_state:
        return None
    return "mnist" if datasets.count("mnist") else "digits"


def data_label(name: str) -> str:
    """A data set's title with its size, as far as it is known."""
    count = datasets.count(name)
    if count is None:
        return t("{data} · not here yet", data=datasets.title(name))
    return t("{data} · {count} images", data=datasets.title(name), count=f"{count:,}")


def _device_label(name: str) -> str:
    devices = supervisor.facts().get("devices")
    titles = {"cuda": "CUDA", "mps": "MPS", "cpu": "CPU"}
    if name == "auto":
        return t("Automatic: {device}", device=titles[devices[0]]) if devices else t("Automatic")
    return titles[name]


def _take_defaults(recipe: Recipe) -> None:
    """A newly chosen recipe brings its own numbers; data and seed stay."""
    st.session_state["settings_of"] = recipe.name
    st.session_state["g_rate"] = _nearest(recipe.g_rate)
    st.session_state["d_rate"] = _nearest(recipe.d_rate)
    st.session_state["batch"] = recipe.batch_size
    _length_follows()


def _length_follows() -> None:
    """Steps of the recipe on these data: epochs are counted out."""
    recipe = RECIPES[st.session_state["recipe"]]
    data, batch = st.session_state.get("data", "digits"), st.session_state.get("batch", recipe.batch_size)
    count = datasets.count(data) or 60_000
    st.session_state["steps"] = recipe.with_changes({"batch_size": batch}).length(count)


def _nearest(value: float) -> float:
    return min(RATES, key=lambda rate: abs(rate - value))


def choose_recipe(name: str) -> None:
    """What a recipe's card does."""
    st.session_state["recipe"] = name


def order() -> dict:
    """The settings as `supervisor.start` takes them. Raises Problem naming the one that can't be."""
    _mend_choices()
    state = st.session_state
    changes = {"g_rate": state["g_rate"], "d_rate": state["d_rate"], "batch_size": state["batch"]}
    changes["ema"] = HALF_LIFE if state.get("averaged") else 0.0
    return {
        "recipe": RECIPES[state["recipe"]].with_changes(changes),
        "data": state["data"],
        "seed": int(state["seed"]),
        "steps": int(state["steps"]),
        "device": state["device"],
    }


def start(intent: str, paused: bool = False):
    """Start what the form says and return its handle. Raises Problem."""
    wanted = order()
    if datasets.count(wanted["data"]) is None and wanted["data"] == "mnist":
        raise Problem("MNIST is not here yet: press Download MNIST at the side, or choose the digits.")
    return supervisor.start(wanted, intent, home(), paused)
