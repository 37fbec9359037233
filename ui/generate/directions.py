"""The sliders beside the pictures: truncation, and shifts along directions in latent space."""

import streamlit as st

from gan.control.questions import DirectionPoint, Directions
from gan.control.supervisor import supervisor
from gan.errors import Problem
from gan.i18n import t
from gan.latent.saved_directions import Direction, directions_in, forget, parse, save, to_file
from gan.latent.view import AT_REST, REACH, TRUNCATION
from ui.components.sliders import Dial, ranges
from ui.components.widgets import PERSISTENT
from ui.generate.choice import GeneratorChoice
from ui.generate.state import anew, bound, change, refusable, view, with_entry, with_shift

FEW = 6  # sliders until more are asked for
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


def dials(choice: GeneratorChoice) -> None:
    """All of them. What they are set to is in the view."""
    ranges([_truncation()], "truncation dial")
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
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if kind in ("pca", "svd") and _shown(kind) < len(shares_of(choice, kind)):
            st.button(t("More"), icon=":material/add:", type="tertiary", on_click=_more)
        st.button(
            t("Reset"),
            icon=":material/restart_alt:",
            type="tertiary",
            on_click=reset,
            disabled=not view().is_edited,
            help=t("Every slider to its default") if view().is_edited else t("All sliders are at default"),
        )
        with st.popover(t("Save direction"), icon=":material/bookmark_add:", type="tertiary"):
            _save(choice)
    others = [t(KINDS[one]) for one in KINDS if one != kind and any(_moved(one))]
    if others:
        st.caption(t("Also shifted: {kinds}.", kinds=", ".join(others)))
    st.caption(t(ABOUT[kind]))


def _moved(kind: str) -> list[float]:
    values = getattr(view(), kind)
    return list(values.values()) if isinstance(values, dict) else list(values)


def _truncation() -> Dial:
    def write(value: float) -> None:
        change(truncation=round(value, 2))

    scale = {"least": TRUNCATION.least, "most": TRUNCATION.most, "rest": TRUNCATION.default, "step": 0.05}
    label, about = t("Truncation"), t(TRUNCATION_HELP)
    return Dial("truncation", label, view().truncation, write, **scale, help=about)


SCALE = {"least": -REACH, "most": REACH, "step": 0.1, "unit": " σ"}


def reset() -> None:
    """Every slider to its default."""
    change(**AT_REST)


def _found(choice: GeneratorChoice, kind: str) -> None:
    shares, values = shares_of(choice, kind), getattr(view(), kind)
    shown = []
    for index, share in enumerate(shares[: _shown(kind)]):
        label = t("Direction {number} · {share} %", number=index + 1, share=f"{100 * share:.1f}")
        value = values[index] if index < len(values) else 0.0
        shown.append(Dial(f"{kind} {index}", label, value, with_shift(kind, index), **SCALE))
    ranges(shown, f"{kind} dials")


def _shown(kind: str) -> int:
    """Sliders of a kind: as many as were asked for, or more where the view uses them."""
    return max(st.session_state.setdefault("dials shown", FEW), len(getattr(view(), kind)))


def _more() -> None:
    st.session_state["dials shown"] += FEW


def shares_of(choice: GeneratorChoice, kind: str) -> list[float]:
    """The share each direction of a kind explains. Asked once for the same weights."""
    known: dict = st.session_state.setdefault("shares", {})
    if (choice.weights.key, kind) not in known:
        if len(known) > 8:
            known.clear()
        known[choice.weights.key, kind] = supervisor.viewers.ask(Directions(kind=kind), choice.weights).shares
    return known[choice.weights.key, kind]


def _raw(latent_size: int) -> None:
    numbers = st.multiselect(
        t("Components of z"),
        range(1, latent_size + 1),
        **bound(
            "raw shown",
            _raw_shown(latent_size),
            lambda choice: st.session_state.update({"raw shown": choice}),
        ),
    )
    values = view().raw
    ranges(
        [
            Dial(
                f"raw {one}",
                t("z {number}", number=one),
                values.get(one, 0.0),
                with_entry("raw", one),
                **SCALE,
            )
            for one in numbers
        ],
        "raw dials",
    )


def _raw_shown(latent_size: int) -> list[int]:
    choice = {*st.session_state.get("raw shown", [1, 2, 3]), *view().raw}
    return sorted(number for number in choice if number <= latent_size)


# --- saved ones --------------------------------------------------------------------------------------


def saved_with(choice: GeneratorChoice) -> dict[str, Direction]:
    """Directions saved with a generator, those that fit it. Raises Problem for a file that can't be read."""
    found = directions_in(choice.folder)
    return {name: one for name, one in found.items() if one.latent_size == choice.config.latent_size}


def _saved(choice: GeneratorChoice) -> None:
    saved = saved_with(choice)
    if not saved:
        st.caption(t("Nothing saved yet: move sliders until you like what changes, then save the direction."))
    values = view().named
    ranges(
        [
            Dial(
                f"named {name}",
                name,
                values.get(name, 0.0),
                with_entry("named", name),
                **SCALE,
                help=t("found at step {step}", step=f"{one.step:,}"),
            )
            for name, one in saved.items()
        ],
        "saved dials",
    )
    with st.popover(t("Export, import, forget"), icon=":material/folder_open:", type="tertiary"):
        st.download_button(
            t("Export all"),
            to_file(list(saved.values())),
            file_name=f"{choice.name}-directions.json",
            mime="application/json",
            icon=":material/download:",
            disabled=not saved,
            on_click="ignore",
        )
        file = st.file_uploader(
            t("Import directions"), type=["json"], key="directions file", max_upload_size=2
        )
        st.button(t("Import"), on_click=anew(_import, choice, file), disabled=file is None)
        name = st.selectbox(t("Forget"), list(saved), index=None, placeholder=t("a direction"))
        st.button(t("Forget it"), on_click=anew(_forget, choice, name), disabled=name is None)


@refusable
def _import(choice: GeneratorChoice, file) -> None:
    found = parse(file.getvalue(), file.name)
    for one in found:
        one.check(choice.config.latent_size)
    save(choice.folder, found)


@refusable
def _forget(choice: GeneratorChoice, name: str) -> None:
    change(named={one: value for one, value in view().named.items() if one != name})
    forget(choice.folder, name)


def _save(choice: GeneratorChoice) -> None:
    st.caption(t("Where the sliders stand now, without truncation, becomes one direction with a slider."))
    st.text_input(t("Name"), key="direction name", placeholder=t("bolder"), max_chars=40)
    still = not any(any(_moved(kind)) for kind in KINDS)
    why = t("Move a slider first") if still else None
    st.button(t("Save"), type="primary", on_click=anew(_keep, choice), disabled=still, help=why)


@refusable
def _keep(choice: GeneratorChoice) -> None:
    """Name the way the sliders point; the sliders go to 0, and the new one takes you as far."""
    name = st.session_state["direction name"].strip()
    answer = supervisor.viewers.ask(DirectionPoint(view=view(), named=points_of(choice)), choice.weights)
    about = {"latent_size": choice.config.latent_size, "step": choice.config.step}
    save(choice.folder, [_direction(name, answer.point, about)])
    far = round(max(-REACH, min(REACH, answer.length)), 2)
    change(pca=(), svd=(), raw={}, named={name: far})
    st.session_state["dial kind"] = "named"


def _direction(name: str, point: str, about: dict) -> Direction:
    try:
        return Direction(name=name, point=point, **about)
    except ValueError:
        message = "'{name}' can't be a direction's name: take letters, digits, spaces, - and _ (40 at most)."
        raise Problem(message, name=name[:60]) from None


def points_of(choice: GeneratorChoice) -> dict[str, str]:
    """The saved directions that the view uses, as the viewer wants them."""
    saved = saved_with(choice) if view().named else {}
    return {name: saved[name].point for name in view().named if name in saved}
