"""The sliders beside the pictures: truncation, and shifts along directions in latent space."""

from collections.abc import Mapping

import streamlit as st

from gan.control.questions import Directions
from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.latent.view import AT_REST, REACH, TRUNCATION
from ui.components.sliders import Dial, ranges
from ui.components.widgets import PERSISTENT, action, row
from ui.generate.choice import GeneratorChoice
from ui.generate.saved import files_popover, save_popover, saved_with
from ui.generate.state import bound, change, entry_of, rounded, shift_of, view

FEW = 6  # sliders of found directions until more are wanted
FIRST_RAW = [1, 2, 3]  # components of the latent that have a slider until others are chosen
SHIFT = {"least": -REACH, "most": REACH, "step": 0.1, "unit": " σ"}
KINDS = {"pca": "Components", "svd": "First layer", "named": "Saved", "raw": "Single"}
ABOUT = {
    "pca": "Principal components of the first hidden features, with their shares of the variance (GANSpace).",
    "svd": "Singular vectors of the first layer's weights, each with its share of how much it moves (SeFa).",
    "named": "Directions somebody named; they are kept with the run.",
    "raw": "Single components of the latent z, for experts: one alone rarely means something.",
}
TRUNCATION_HELP = (
    "Multiplies every latent z: below 1 towards the middle of the cloud it was drawn from, so pictures are "
    "more alike and mostly cleaner; above 1 outwards, bolder and more often broken; 0 is one picture. "
    "It is plain radial scaling of z, not StyleGAN's truncation, which pulls towards a mean in another space."
)


def sliders(choice: GeneratorChoice) -> None:
    """All sliders. Their values are the view's. Raises Problem."""
    least, most, default = TRUNCATION
    scale = {"least": least, "most": most, "rest": default, "step": 0.05, "help": t(TRUNCATION_HELP)}
    ranges(
        [Dial("truncation", t("Truncation"), view().truncation, rounded("truncation"), **scale)],
        "truncation dial",
    )
    st.session_state.setdefault("dial kind", "pca")
    kind = st.segmented_control(
        t("Directions"),
        list(KINDS),
        format_func=lambda kind: t(KINDS[kind]),
        required=True,
        label_visibility="collapsed",
        key="dial kind",
        **PERSISTENT,
    )
    kind = kind or "pca"
    if kind == "named":
        _saved(choice)
    elif kind == "raw":
        _raw(choice.config.latent_size)
    else:
        _found(choice, kind)
    _buttons(choice, kind)
    others = [t(title) for other, title in KINDS.items() if other != kind and _is_shifted(other)]
    if others:
        st.caption(t("Also shifted: {kinds}.", kinds=", ".join(others)))
    st.caption(t(ABOUT[kind]))


def _buttons(choice: GeneratorChoice, kind: str) -> None:
    with row():
        if kind in ("pca", "svd") and _count(kind) < len(shares_of(choice, kind)):
            action(t("More"), "add", _more)
        is_edited = view().is_edited
        about = t("Every slider to its default") if is_edited else t("All sliders are at default")
        action(t("Reset"), "restart_alt", reset, disabled=not is_edited, help=about)
        save_popover(choice, any(map(_is_shifted, KINDS)))


def _is_shifted(kind: str) -> bool:
    """Is any slider of the kind away from 0?"""
    values = getattr(view(), kind)
    return any(values.values() if isinstance(values, Mapping) else values)


def reset() -> None:
    """Every slider to its default."""
    change(**AT_REST)


def _found(choice: GeneratorChoice, kind: str) -> None:
    values, dials = getattr(view(), kind), []
    for index, share in enumerate(shares_of(choice, kind)[: _count(kind)]):
        label = t("Direction {number} · {share} %", number=index + 1, share=f"{100 * share:.1f}")
        value = values[index] if index < len(values) else 0.0
        dials.append(Dial(f"{kind} {index}", label, value, shift_of(kind, index), **SHIFT))
    ranges(dials, f"{kind} dials")


def _count(kind: str) -> int:
    """Sliders of a kind: as many as are wanted, or more where the view uses them."""
    return max(st.session_state.setdefault("dials shown", FEW), len(getattr(view(), kind)))


def _more() -> None:
    st.session_state["dials shown"] += FEW


def shares_of(choice: GeneratorChoice, kind: str) -> list[float]:
    """The share each direction of a kind explains. Asked once for the same weights. Raises Problem."""
    known: dict = st.session_state.setdefault("shares", {})
    if (choice.weights.key, kind) not in known:
        if len(known) > 8:
            known.clear()
        known[choice.weights.key, kind] = supervisor.viewers.ask(Directions(kind=kind), choice.weights).shares
    return known[choice.weights.key, kind]


def _raw(latent_size: int) -> None:
    values = view().raw
    chosen = {*st.session_state.get("raw shown", FIRST_RAW), *values}
    numbers = st.multiselect(
        t("Components of z"),
        range(1, latent_size + 1),
        **bound(
            "raw shown",
            sorted(number for number in chosen if number <= latent_size),
            lambda numbers: st.session_state.update({"raw shown": numbers}),
        ),
    )
    labels = {number: t("z {number}", number=number) for number in numbers}
    dials = [
        Dial(f"raw {number}", label, values.get(number, 0.0), entry_of("raw", number), **SHIFT)
        for number, label in labels.items()
    ]
    ranges(dials, "raw dials")


def _saved(choice: GeneratorChoice) -> None:
    saved, values, dials = saved_with(choice), view().named, []
    if not saved:
        st.caption(t("Nothing saved yet: move sliders until you like what changes, then save the direction."))
    for name, direction in saved.items():
        about = t("found at step {step}", step=f"{direction.step:,}")
        value, write = values.get(name, 0.0), entry_of("named", name)
        dials.append(Dial(f"named {name}", name, value, write, **SHIFT, help=about))
    ranges(dials, "saved dials")
    files_popover(choice, saved)
